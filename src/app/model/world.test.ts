import { expect, it } from "vitest";
import { TraceReader } from "../../trace/reader.ts";
import { TraceWriter } from "../../trace/writer.ts";
import { FixtureCluster } from "./testing/cluster.ts";
import { survey } from "./topology.ts";
import { WorldState } from "./world.ts";

function recorded(write: (writer: TraceWriter) => void): WorldState {
  const writer = new TraceWriter({ now: 0 });
  write(writer);
  const reader = new TraceReader();
  reader.append(writer.take());
  return new WorldState(reader);
}

const neigh = (state: string) => ({ dev: 2, dst: "10.0.0.1", state, proxy: false });

it("applies and undoes changes, additions and removals alike", () => {
  const world = recorded((writer) => {
    writer.change("neigh", 1, "2/10.0.0.1", null, neigh("INCOMPLETE"), "kernel", "");
    writer.change("neigh", 1, "2/10.0.0.1", neigh("INCOMPLETE"), neigh("REACHABLE"), "kernel", "");
    writer.change("neigh", 1, "2/10.0.0.1", neigh("REACHABLE"), null, "ip", "neigh del");
  });
  const state = () => world.rows("neigh", 1).map(({ row, actor }) => `${row.state} by ${actor}`);
  const at = (index: number) => {
    world.moveTo(index);
    return state();
  };
  expect([0, 1, 2, 3].map(at)).toEqual([[], ["INCOMPLETE by kernel"], ["REACHABLE by kernel"], []]);
  expect([2, 1, 0].map(at)).toEqual([["REACHABLE by kernel"], ["INCOMPLETE by kernel"], []]);
});

it("passes over a row that is not what its table holds", () => {
  const world = recorded((writer) => writer.change("neigh", 1, "k", null, { dev: "two" }, "kernel", ""));
  world.moveToEnd();
  expect(world.rows("neigh", 1)).toEqual([]);
});

it("has the same drawing number for the same devices", () => {
  const world = recorded((writer) => {
    writer.change("netns", 1, "1", null, { label: "a" }, "ip", "");
    writer.change("netns", 2, "2", null, { label: "b" }, "ip", "");
  });
  world.moveTo(1);
  const one = world.drawing;
  world.moveToEnd();
  expect(world.drawing).not.toBe(one);
  world.moveTo(1);
  expect(world.drawing).toBe(one);
});

it("finds rooms, pods and the switch by their devices", () => {
  const cluster = new FixtureCluster();
  const reader = new TraceReader();
  reader.append(cluster.writer.take());
  const world = new WorldState(reader);
  world.moveToEnd();
  const { rooms, fabrics } = survey(world);
  expect(rooms.map(({ name }) => name)).toEqual(["kind-control-plane", "kind-worker", "kind-worker2"]);
  expect(rooms.map(({ floors }) => floors.flatMap(({ pods }) => pods).length)).toEqual([0, 3, 3]);
  expect(fabrics.map(({ bridge, ports }) => [bridge.link.name, ports.length])).toEqual([["br-5f3a1c", 3]]);
  expect(rooms[1]?.shelf).toEqual(["flanneld", "kube-proxy"]);
  expect(rooms[1]?.floors[0]?.pods[0]?.containers.map(({ name }) => name)).toEqual(["pause", "php-redis"]);
});
