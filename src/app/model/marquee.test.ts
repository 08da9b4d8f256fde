import { expect, it } from "vitest";
import { must } from "../../base/result.ts";
import { TraceReader } from "../../trace/reader.ts";
import { LARGE_LAYOUT, layout } from "./layout/layout.ts";
import { layoutLarge } from "./layout/large.ts";
import type { Box, Scene } from "./layout/scene.ts";
import { allBoxes, between, inFrame } from "./marquee.ts";
import { FixtureCluster } from "./testing/cluster.ts";
import { largeJournal, nodeNetns } from "./testing/large.ts";
import { survey } from "./topology.ts";
import { WorldState } from "./world.ts";

LARGE_LAYOUT.provide(layoutLarge);

function sceneOf(writer: FixtureCluster["writer"]): Scene {
  const reader = new TraceReader();
  reader.append(writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  return layout(survey(world), world, new Set());
}

const grown = ({ x, y, width, height }: Box, by: number) => ({
  ...{ x: x - by, y: y - by },
  ...{ width: width + 2 * by, height: height + 2 * by },
});

it("means the rooms that lie wholly in the frame, not their pods beside them", () => {
  const scene = sceneOf(new FixtureCluster().writer);
  const [first, second] = scene.boxes.filter((box) => box.type === "room");
  const [one, other] = [must(first, "a room"), must(second, "a second room")];
  expect(inFrame(scene, grown(one, 4))).toEqual([one.room.netns]);
  const both = between(
    { x: one.x - 4, y: one.y - 4 },
    { x: other.x + other.width + 4, y: one.y + one.height + 4 },
  );
  expect(inFrame(scene, both)).toEqual([one.room.netns, other.room.netns]);
  // Half of the second room only: not chosen.
  expect(inFrame(scene, { ...both, width: both.width - 60 })).toEqual([one.room.netns]);
});

it("means the pods that it touches, inside a room", () => {
  const scene = sceneOf(new FixtureCluster().writer);
  const pods = scene.boxes.filter((box) => box.type === "pod");
  const pod = must(pods[0], "a pod");
  expect(inFrame(scene, { x: pod.x + 5, y: pod.y + 5, width: 10, height: 10 })).toEqual([pod.pod.netns]);
  expect(inFrame(scene, { x: -500, y: -500, width: 20, height: 20 })).toEqual([]);
});

it("works from far away as from near", () => {
  const scene = sceneOf(largeJournal({ nodes: 60, podsPerNode: 5, zones: 0 }));
  const tiles = must(scene.far, "far").districts.flatMap((district) => district.tiles);
  const [a, b] = [must(tiles[0], "a tile"), must(tiles[1], "a tile")];
  const frame = between({ x: a.x - 1, y: a.y - 1 }, { x: b.x + b.width + 1, y: b.y + b.height + 1 });
  expect(inFrame(scene, frame)).toEqual([nodeNetns(0), nodeNetns(1)]);
  expect(allBoxes(scene)).toHaveLength(61);
});

it("spans a rectangle in whatever direction the hand goes", () => {
  const rect = { x: 2, y: 3, width: 8, height: 4 };
  expect(between({ x: 10, y: 3 }, { x: 2, y: 7 })).toEqual(rect);
  expect(between({ x: 2, y: 7 }, { x: 10, y: 3 })).toEqual(rect);
});
