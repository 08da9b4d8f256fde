import { expect, test } from "vitest";
import { seconds } from "../sim/time.ts";
import { ip, TestNet } from "../testkit/net.ts";

function pair(): TestNet {
  const net = new TestNet("a", "b");
  net.wire("a", "eth0", "02:00:00:00:00:01", "b", "eth0", "02:00:00:00:00:02");
  net.address("a", "eth0", "10.0.0.1/24");
  net.address("b", "eth0", "10.0.0.2/24");
  return net;
}

test("nobody answers: three questions a second apart, then FAILED and host unreachable from ourselves", () => {
  const net = pair();
  net.records();
  const socket = net.at("a").socket.icmp("ping", (type) => type !== 8);
  socket.send(new Uint8Array([8, 0, 0xf7, 0xff, 0, 0, 0, 0]), { address: ip("10.0.0.9"), port: 0 });
  net.settle(seconds(4));
  const records = net.records();
  expect(records.filter((r) => r.kind === "origin" && r.origin === "arp-request")).toHaveLength(3);
  expect(
    net
      .at("a")
      .neigh.list()
      .map((n) => n.state),
  ).toContain("FAILED");
  const got = socket.receive();
  expect(got.ok && got.value?.from.address).toBe(ip("10.0.0.1"));
});

test("who was asked knows the asker: STALE, DELAY with the answer, then probed by unicast and REACHABLE", () => {
  const net = pair();
  net.ping("a", "10.0.0.2");
  const state = (): string | undefined =>
    net
      .at("b")
      .neigh.list()
      .find((n) => n.dst === ip("10.0.0.1"))?.state;
  expect(state()).toBe("DELAY");
  net.settle(seconds(6));
  expect(state()).toBe("REACHABLE");
});

test("an address of our own is reached through lo", () => {
  const net = pair();
  expect(net.ping("a", "10.0.0.1").map((d) => d.ttl)).toEqual([64]);
});

test("a reachable neighbour that nobody uses goes stale, and time goes on", () => {
  const net = pair();
  net.ping("a", "10.0.0.2");
  net.settle(seconds(60));
  expect(
    net
      .at("a")
      .neigh.list()
      .map((n) => n.state),
  ).toContain("STALE");
});
