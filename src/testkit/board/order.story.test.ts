import { beforeAll, expect, it } from "vitest";
import { layout } from "../../app/model/layout/layout.ts";
import type { Box } from "../../app/model/layout/scene.ts";
import { survey } from "../../app/model/topology.ts";
import { must } from "../../base/result.ts";
import { parts } from "../../lab/more.ts";
import { provideUserland } from "../../lab/programs.ts";
import { userland } from "../../lab/userland.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import { fetchCode } from "../gallery.ts";
import { Board } from "./board.ts";

beforeAll(async () => {
  await fetchCode();
  provideUserland(userland, parts);
}, 60_000);

async function drawn(id: string): Promise<readonly Box[]> {
  const { world } = new Board(await must(galleryEntry(id), id).load());
  return layout(survey(world), world, new Set()).boxes;
}

const rooms = (boxes: readonly Box[]): readonly string[] =>
  boxes
    .filter((box) => box.type === "room")
    .toSorted((a, b) => a.x - b.x)
    .map(({ room }) => room.name);

it("puts a router between the networks that it joins", async () => {
  expect(rooms(await drawn("router-and-nat"))).toEqual(["laptop", "router", "internet"]);
  expect(rooms(await drawn("host-gw"))).toEqual(["node1", "node2", "router", "node3"]);
});

it("draws a switch under its own rooms only, so that no cable crosses another switch", async () => {
  const bars = (await drawn("host-gw")).filter((box) => box.type === "fabric");
  const [left, right] = bars.toSorted((a, b) => a.x - b.x);
  expect(left?.y).toBe(right?.y);
  expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
});

it("takes a namespace that somebody has made on a machine, and joined to it by a cable, for one of its pods", async () => {
  const boxes = await drawn("vxlan-by-hand");
  expect(rooms(boxes)).toEqual(["node1", "node2"]);
  expect(boxes.filter((box) => box.type === "pod")).toHaveLength(2);
});
