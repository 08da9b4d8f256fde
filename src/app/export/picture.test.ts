import fc from "fast-check";
import { expect, it } from "vitest";
import { TraceReader } from "../../trace/reader.ts";
import { layout } from "../model/layout/layout.ts";
import { FixtureCluster } from "../model/testing/cluster.ts";
import { survey } from "../model/topology.ts";
import { WorldState } from "../model/world.ts";
import { drawBoard, escapeXml } from "./picture.ts";

const colours = (name: string): string => `var(${name})`;

function scene() {
  const cluster = new FixtureCluster();
  const reader = new TraceReader();
  reader.append(cluster.writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  return layout(survey(world), world, new Set());
}

it("draws every node, pod and device of the board, within its edges", () => {
  const board = scene();
  const { svg, width, height } = drawBoard(board, "A cluster", colours);
  for (const name of ["kind-worker", "kind-worker2", "cni0", "flannel.1"]) expect(svg).toContain(`>${name}<`);
  const numbers = [...svg.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)"/g)];
  expect(numbers.length).toBeGreaterThan(board.boxes.length / 2);
  for (const [, x = "", , w = ""] of numbers) expect(Number(x) + Number(w)).toBeLessThanOrEqual(width);
  expect(height).toBeGreaterThan(board.height);
});

it("is well-formed XML whatever a name holds", () => {
  const board = scene();
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (title) => {
      const { svg } = drawBoard(board, title, colours);
      expect(svg.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
      expect(svg.match(/<script|<image|<foreignObject|href=/)).toBeNull();
    }),
    { numRuns: 100 },
  );
  expect(escapeXml(`<b onload="x">'&\u0000`)).toBe("&lt;b onload=&quot;x&quot;&gt;&apos;&amp;");
});
