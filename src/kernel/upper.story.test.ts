import { describe, expect, test } from "vitest";
import { mac, TestNet } from "../testkit/net.ts";
import { must } from "../base/result.ts";
import type { FrameRecord } from "../trace/record.ts";
import type { LinkSpec } from "./uapi/index.ts";

/** A host with a wire to another, and two namespaces whose devices stand on the host's end of it. */
function onOneWire(spec: (i: number) => Partial<LinkSpec> & { kind: "macvlan" | "ipvlan" }): TestNet {
  const net = new TestNet("h", "far", "a", "b");
  net.wire("h", "eth0", "02:00:00:00:01:01", "far", "eth0", "02:00:00:00:01:02");
  net.address("h", "eth0", "10.0.0.1/24");
  net.address("far", "eth0", "10.0.0.2/24");
  for (const [i, name] of [
    [1, "a"],
    [2, "b"],
  ] as const) {
    const full = { name: `u${i}`, lower: net.dev("h", "eth0"), ...spec(i) } as LinkSpec;
    const added = net.at("h").link.add(full);
    if (!added.ok) throw new Error(added.error.errno);
    net.at("h").link.change(added.value, { netns: net.at(name).netns });
    net.up(name, `u${i}`);
    net.address(name, `u${i}`, `10.0.0.1${i}/24`);
  }
  net.settle();
  net.records();
  return net;
}

describe("macvlan in bridge mode", () => {
  const build = (): TestNet =>
    onOneWire((i) => ({ kind: "macvlan", mac: mac(`02:00:00:00:0a:0${i}`), macvlan: { mode: "bridge" } }));

  test("talks to the wire and to its sibling, and not to the host below", () => {
    const net = build();
    expect(net.ping("a", "10.0.0.2")).toHaveLength(1);
    expect(net.ping("a", "10.0.0.12")).toHaveLength(1);
    expect(net.ping("a", "10.0.0.1")).toHaveLength(0);
  });

  test("goes with its lower device", () => {
    const net = build();
    net.at("h").link.delete(net.dev("h", "eth0"));
    expect(net.at("a").link.byName("u1")).toBeUndefined();
  });
});

describe("ipvlan", () => {
  test("shares the lower device's address in mode l2", () => {
    const net = onOneWire(() => ({ kind: "ipvlan", ipvlan: { mode: "l2" } }));
    expect(net.ping("far", "10.0.0.12")).toHaveLength(1);
    expect(net.ping("a", "10.0.0.12")).toHaveLength(1);
    expect(net.at("a").link.byName("u1")?.mac).toBe(mac("02:00:00:00:01:01"));
  });

  test("is private by a flag that counts for all devices of the port", () => {
    const net = onOneWire((i) => ({
      kind: "ipvlan",
      ipvlan: { mode: "l2", flag: i === 2 ? "private" : "bridge" },
    }));
    expect(net.ping("a", "10.0.0.12")).toHaveLength(0);
    expect(net.ping("a", "10.0.0.2")).toHaveLength(1);
  });

  test("has the lower namespace route for it in mode l3, without ARP", () => {
    const net = onOneWire(() => ({ kind: "ipvlan", ipvlan: { mode: "l3" } }));
    net.forward("h");
    expect(net.at("a").link.byName("u1")?.noArp).toBe(true);
    expect(net.ping("a", "10.0.0.12")).toHaveLength(1);
  });
});

describe("a VLAN device", () => {
  test("tags its frames on the wire and follows the state of the lower device", () => {
    const net = new TestNet("a", "b");
    net.wire("a", "eth0", "02:00:00:00:aa:01", "b", "eth0", "02:00:00:00:aa:02");
    for (const [i, name] of ["a", "b"].entries()) {
      net.at(name).link.add({ kind: "vlan", name: "v10", lower: net.dev(name, "eth0"), vlan: { id: 10 } });
      net.up(name, "v10");
      net.address(name, "v10", `10.10.0.${i + 1}/24`);
    }
    expect(net.ping("a", "10.10.0.2")).toHaveLength(1);
    const wire = net
      .records()
      .filter((r): r is FrameRecord => r.kind === "frame" && r.dev === net.dev("a", "eth0"));
    expect(wire.every((f) => f.bytes[12] === 0x81 && f.bytes[15] === 10)).toBe(true);
    const eth0 = net.dev("a", "eth0");
    net.at("a").link.change(eth0, { up: false });
    expect(net.at("a").link.byName("v10")?.up).toBe(false);
    const opened = net.at("a").link.change(net.dev("a", "v10"), { up: true });
    expect(opened).toMatchObject({ ok: false, error: { errno: "ENETDOWN" } });
    net.at("a").link.change(eth0, { up: true });
    expect(net.at("a").link.byName("v10")?.up).toBe(true);
  });
});

test("a netem that loses everything drops without a word, a delay holds frames back", () => {
  const net = new TestNet("a", "b");
  net.wire("a", "eth0", "02:00:00:00:aa:01", "b", "eth0", "02:00:00:00:aa:02");
  net.address("a", "eth0", "10.0.0.1/24");
  net.address("b", "eth0", "10.0.0.2/24");
  const netem = {
    kind: "netem",
    limit: 1000,
    delay: 300_000,
    jitter: 0,
    loss: 0,
    duplicate: 0,
    rate: 0,
  } as const;
  const { qdisc } = net.at("a");
  const eth0 = net.dev("a", "eth0");
  qdisc.set(eth0, netem, "add");
  const before = net.queue.now;
  const [answer] = net.ping("a", "10.0.0.2");
  expect(must(answer, "answer").time - before).toBeGreaterThan(600_000_000);
  qdisc.set(eth0, { ...netem, loss: 100 }, "replace");
  expect(net.ping("a", "10.0.0.2")).toEqual([]);
  expect(qdisc.list().find((q) => q.dev === eth0)?.stats.drops).toBe(1);
});
