import { expect, it } from "vitest";
import { TraceReader } from "../../trace/reader.ts";
import { align, distribute, layered, placesOf, shift } from "./arrange.ts";
import { layout } from "./layout/layout.ts";
import { movable, normalPlaces } from "./layout/free.ts";
import { type Rect, spot } from "./layout/scene.ts";
import { FixtureCluster, nodeNetns } from "./testing/cluster.ts";
import { survey } from "./topology.ts";
import { WorldState } from "./world.ts";

function board() {
  const reader = new TraceReader();
  reader.append(new FixtureCluster().writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  const topology = survey(world);
  return { world, topology, scene: layout(topology, world, new Set()) };
}

const RECTS: ReadonlyMap<string, Rect> = new Map([
  ["a", { x: 0, y: 0, width: 100, height: 50 }],
  ["b", { x: 130, y: 80, width: 40, height: 20 }],
  ["c", { x: 400, y: 10, width: 100, height: 40 }],
]);

it("aligns edges and middles with the outermost", () => {
  expect(align(RECTS, ["a", "b"], "top")).toMatchObject({
    a: { x: 0, y: 0 },
    b: { x: 130, y: 0 },
    c: { y: 10 },
  });
  expect(align(RECTS, ["a", "b"], "right")).toMatchObject({ a: { x: 70 }, b: { x: 130 } });
  expect(align(RECTS, ["a", "b", "c"], "middle")).toMatchObject({ a: { y: 25 }, b: { y: 40 }, c: { y: 30 } });
});

it("distributes even gaps and leaves the ends where they are", () => {
  const places = distribute(RECTS, ["c", "a", "b"], "across");
  expect(places).toMatchObject({ a: { x: 0 }, b: { x: 230 }, c: { x: 400 } });
});

it("shifts what is chosen, keeps the rest, and puts the corner back", () => {
  const places = normalPlaces(shift(RECTS, ["a"], -30, -8));
  expect(places).toEqual({ a: { x: 0, y: 0 }, b: { x: 160, y: 88 }, c: { x: 430, y: 18 } });
});

it("draws every box where it was put, with its cables on the wires", () => {
  const { world, topology, scene } = board();
  const rects = movable(scene);
  expect([...rects.keys()]).toEqual(["kind-control-plane", "kind-worker", "kind-worker2", "br-5f3a1c"]);
  const places = shift(rects, ["kind-worker2"], 0, 1500);
  const moved = layout(topology, world, new Set(), new Set(), places);
  expect(movable(moved).get("kind-worker2")).toMatchObject(places["kind-worker2"] ?? {});
  expect(movable(moved).get("kind-worker")).toMatchObject(places["kind-worker"] ?? {});
  // Above a switch a cable goes straight down; below one it goes around its own node.
  for (const node of [1, 2]) {
    const nic = spot.device(nodeNetns(node), 2);
    const way = moved.wires.way(nic, spot.device(1, 2));
    expect(moved.wires.reaches(nic, spot.device(1, 2))).toBe(true);
    expect(way.every((p, i) => i === 0 || p.x === way[i - 1]?.x || p.y === way[i - 1]?.y)).toBe(true);
  }
  expect(moved.height).toBeGreaterThan(scene.height + 500);
});

it("lays a board out in rows: what hangs on the switch above it, nothing on top of anything", () => {
  const { world, topology, scene } = board();
  const places = layered(topology, movable(scene));
  const rects = [...movable(layout(topology, world, new Set(), new Set(), places))];
  const bar = rects.find(([key]) => key === "br-5f3a1c")?.[1];
  const rooms = rects.filter(([key]) => key.startsWith("kind"));
  expect(rooms.every(([, rect]) => rect.y + rect.height < (bar?.y ?? 0))).toBe(true);
  const overlaps = rects.filter(([, a], i) =>
    rects
      .slice(i + 1)
      .some(
        ([, b]) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
      ),
  );
  expect(overlaps).toEqual([]);
  expect(Object.keys(places).sort()).toEqual(Object.keys(placesOf(movable(scene))).sort());
});
