import { expect, it } from "vitest";
import { TraceReader } from "../../../trace/reader.ts";
import { Cast } from "../cast.ts";
import { findable, search } from "../find.ts";
import { Health } from "../health.ts";
import { largeJournal, largePod, nodeNetns } from "../testing/large.ts";
import { survey } from "../topology.ts";
import { WorldState } from "../world.ts";
import { layoutLarge } from "./large.ts";
import { LARGE_LAYOUT, layout } from "./layout.ts";
import { spot } from "./scene.ts";

const NODES = 120;

LARGE_LAYOUT.provide(layoutLarge);

function cluster() {
  const writer = largeJournal({ nodes: NODES, podsPerNode: 10, zones: 3, brokenEvery: 100, down: [7] });
  const reader = new TraceReader();
  reader.append(writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  return { writer, reader, world };
}

it("puts every node of a large cluster into its zone, and draws the inside of none", () => {
  const { world } = cluster();
  const scene = layout(survey(world), world, new Set());
  const districts = scene.far?.districts ?? [];
  expect(districts.map(({ name, tiles }) => `${name} ${tiles.length}`)).toEqual([
    "zone-a 40",
    "zone-b 40",
    "zone-c 40",
  ]);
  expect(scene.boxes.map(({ type }) => type)).toEqual(["fabric"]);
  // About the shape of a screen.
  expect(scene.width / scene.height).toBeGreaterThan(1);
  expect(scene.width / scene.height).toBeLessThan(2.6);
});

it("lets no two nodes overlap", () => {
  const { world } = cluster();
  const tiles = layout(survey(world), world, new Set()).far?.districts.flatMap((each) => each.tiles) ?? [];
  const overlaps = tiles.filter((a, i) =>
    tiles
      .slice(i + 1)
      .some(
        (b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
      ),
  );
  expect(tiles).toHaveLength(NODES);
  expect(overlaps).toEqual([]);
});

it("draws what is in a node that is looked at from near, at the node's place", () => {
  const { world } = cluster();
  const topology = survey(world);
  const near = nodeNetns(61);
  const scene = layout(topology, world, new Set(), new Set([near]));
  const tile = scene.far?.districts.flatMap((each) => each.tiles).find(({ room }) => room.netns === near);
  const room = scene.boxes.find(({ id }) => id === `room/${near}`);
  expect(room).toMatchObject({ x: tile?.x, y: tile?.y, width: tile?.width, height: tile?.height });
  expect(scene.boxes.filter(({ type }) => type === "pod")).toHaveLength(10);
  // Everything stays where it was.
  const before = layout(topology, world, new Set());
  expect([scene.width, scene.height]).toEqual([before.width, before.height]);
});

it("stands a packet's nodes side by side on their switch, the others small below", () => {
  const { world } = cluster();
  const [a, b] = [nodeNetns(3), nodeNetns(90)];
  const scene = layout(survey(world), world, new Set([a, b]));
  const rooms = scene.boxes.filter(({ type }) => type === "room");
  const focus = scene.far?.focus;
  expect(rooms.map(({ id }) => id)).toEqual([`room/${a}`, `room/${b}`]);
  expect(focus?.height).toBeGreaterThan(rooms[0]?.height ?? 0);
  const others = scene.far?.districts.flatMap((each) => each.tiles) ?? [];
  expect(others).toHaveLength(NODES - 2);
  expect(others.every(({ y }) => y > (focus?.height ?? Infinity))).toBe(true);
  // From NIC to NIC over the switch, without a leap across boxes.
  const way = scene.wires.way(spot.device(a, 2), spot.device(b, 2));
  expect(scene.wires.reaches(spot.device(a, 2), spot.device(b, 2))).toBe(true);
  expect(way.every((p, i) => i === 0 || p.x === way[i - 1]?.x || p.y === way[i - 1]?.y)).toBe(true);
});

it("knows a place and a way for packets of nodes that are drawn as tiles", () => {
  const { world } = cluster();
  const topology = survey(world);
  const { wires } = layout(topology, world, new Set());
  const [one, other] = [topology.rooms[4]?.floors[0]?.pods[2], topology.rooms[100]?.floors[0]?.pods[1]];
  const [from, to] = [spot.device(one?.netns ?? 0, 2), spot.device(other?.netns ?? 0, 2)];
  expect(wires.at(from)).toEqual(wires.at(spot.device(topology.rooms[4]?.netns ?? 0, 4)));
  expect(wires.reaches(from, to)).toBe(true);
});

it("counts what is ready, and sees a pod that has become so", () => {
  const { world, writer, reader } = cluster();
  const count = () => {
    const { rooms } = survey(world);
    const health = new Health(world);
    const all = rooms.map((room) => health.of(room));
    return {
      down: all.filter(({ isReady }) => !isReady).length,
      pods: all.reduce((sum, { marks }) => sum + marks.length, 0),
      waiting: all.reduce((sum, { marks, ready }) => sum + marks.length - ready, 0),
    };
  };
  expect(count()).toEqual({ down: 1, pods: 1200, waiting: 12 });
  largePod(writer, 9, 9, true);
  largePod(writer, 9, 10, true);
  reader.append(writer.take());
  world.moveToEnd();
  expect(count()).toEqual({ down: 1, pods: 1201, waiting: 11 });
});

it("tells a node whose pods only the API knows", () => {
  const { world, writer, reader } = cluster();
  const pod = {
    kind: "Pod",
    namespace: "default",
    name: "ghost",
    object: {
      spec: { nodeName: "ghost-node" },
      status: { podIP: "10.240.9.9", conditions: [{ type: "Ready", status: "True" }] },
    },
  };
  writer.change("object", 0, "Pod/default/ghost", null, pod, "api", "");
  writer.change("netns", 9000, "9000", null, { label: "ghost-node" }, "docker", "");
  reader.append(writer.take());
  world.moveToEnd();
  const topology = survey(world);
  const ghost = topology.rooms.find(({ name }) => name === "ghost-node");
  const health = ghost && new Health(world).of(ghost);
  expect(health).toMatchObject({ isHollow: true, ready: 1, marks: [{ name: "ghost", netns: undefined }] });
});

it("finds by name, node and address, the exact one first", () => {
  const { world } = cluster();
  const cast = new Cast(survey(world));
  const all = findable(cast, new Health(world));
  expect(all).toHaveLength(NODES + 1 + 1200);
  expect(search(all, "kind-worker11")[0]).toMatchObject({ kind: "node", name: "kind-worker11" });
  const pod = search(all, "10.240.11.3")[0];
  expect(pod).toMatchObject({ kind: "pod", on: "kind-worker11", address: "10.240.11.3" });
  expect(search(all, "worker11 10.240.11.3").map(({ netns }) => netns)).toEqual([pod?.netns]);
  expect(search(all, "nobody")).toEqual([]);
});
