import { beforeEach, describe, expect, it } from "vitest";
import { ip, TestNet } from "../../testkit/net.ts";
import type { RuleSpec } from "../uapi/index.ts";

/**
 *   a ── lan ── r ── one ── b      10.9.0.1 lives on b and on c
 *               └── two ── c
 */
function twoWays(): TestNet {
  const net = new TestNet("a", "r", "b", "c");
  net.wire("a", "eth0", "02:00:00:00:01:01", "r", "lan", "02:00:00:00:02:01");
  net.wire("r", "one", "02:00:00:00:02:02", "b", "eth0", "02:00:00:00:03:01");
  net.wire("r", "two", "02:00:00:00:02:03", "c", "eth0", "02:00:00:00:04:01");
  net.forward("r");
  net.address("a", "eth0", "10.1.0.2/24");
  net.address("r", "lan", "10.1.0.1/24");
  net.address("r", "one", "10.2.0.1/24");
  net.address("r", "two", "10.3.0.1/24");
  net.address("b", "eth0", "10.2.0.2/24");
  net.address("c", "eth0", "10.3.0.2/24");
  for (const node of ["b", "c"]) net.address(node, "lo", "10.9.0.1/32");
  net.route("a", "default", "10.1.0.1");
  net.route("b", "default", "10.2.0.1");
  net.route("c", "default", "10.3.0.1");
  return net;
}

describe("a router with two ways to a destination", () => {
  let net: TestNet;
  beforeEach(() => {
    net = twoWays();
    net.route("r", "10.9.0.0/16", "10.2.0.2");
  });

  const rule = (spec: RuleSpec): void =>
    expect(net.at("r").rule.add(spec)).toEqual({ ok: true, value: undefined });
  const viaTwo = (table: number): void => {
    const dst = { address: ip("10.9.0.0"), length: 16 };
    net.at("r").route.add({ dst, table, nexthops: [{ gateway: ip("10.3.0.2") }] }, "add");
  };
  /** By which device r sent the request on. */
  const way = (): string => {
    const sent = { one: 0, two: 0 };
    const stops = (["one", "two"] as const).map((d) =>
      net.at("r").capture(net.dev("r", d), "out", (f) => (f.bytes[23] === 1 ? sent[d]++ : 0)),
    );
    net.ping("a", "10.9.0.1");
    for (const stop of stops) stop();
    return sent.one > 0 ? "one" : sent.two > 0 ? "two" : "none";
  };

  it("takes the way of main until a rule says otherwise", () => {
    expect(way()).toBe("one");
    viaTwo(100);
    rule({ iif: "lan", table: 100 });
    expect(way()).toBe("two");
  });

  it("lets a rule by source, and the reverse of it, choose the table", () => {
    viaTwo(100);
    rule({ src: { address: ip("10.1.0.2"), length: 32 }, invert: true, table: 100 });
    expect(way()).toBe("one");
    rule({ src: { address: ip("10.1.0.0"), length: 24 }, table: 100 });
    expect(way()).toBe("two");
  });

  it("goes on with main where the table of the rule knows no way, and stops where it refuses", () => {
    rule({ iif: "lan", table: 100 });
    expect(way()).toBe("one");
    const dst = { address: ip("10.9.0.0"), length: 16 };
    net.at("r").route.add({ dst, table: 100, type: "prohibit", nexthops: [] }, "add");
    expect(way()).toBe("none");
  });

  it("no longer matches a rule for a device that is gone, until one of that name is back", () => {
    viaTwo(100);
    rule({ iif: "lan", table: 100 });
    net.at("r").link.change(net.dev("r", "lan"), { up: false });
    net.at("r").link.change(net.dev("r", "lan"), { name: "other", up: true });
    expect(
      net
        .at("r")
        .rule.list()
        .find((r) => r.iif === "lan")?.iifDetached,
    ).toBe(true);
    expect(way()).toBe("one");
  });
});

describe("a multipath route", () => {
  const spread = (weights: readonly [number, number]): number => {
    const net = twoWays();
    const dst = { address: ip("10.64.0.0"), length: 10 };
    const hops = [
      { gateway: ip("10.2.0.2"), weight: weights[0] },
      { gateway: ip("10.3.0.2"), weight: weights[1] },
    ];
    expect(net.at("r").route.add({ dst, nexthops: hops }, "add").ok).toBe(true);
    let first = 0;
    for (let i = 0; i < 1000; i++) {
      const got = net
        .at("r")
        .route.get({ dst: ip(`10.64.${i >> 8}.${i & 255}`), src: ip("10.1.0.2"), iif: net.dev("r", "lan") });
      if (got.ok && got.value.gateway === ip("10.2.0.2")) first++;
    }
    return first;
  };

  it("shares flows out by weight", () => {
    expect(spread([1, 1])).toBeGreaterThan(430);
    expect(spread([1, 1])).toBeLessThan(570);
    expect(spread([1, 3])).toBeGreaterThan(190);
    expect(spread([1, 3])).toBeLessThan(310);
  });

  it("gives one world's flow the same hop every time", () => {
    expect(spread([1, 2])).toBe(spread([1, 2]));
  });

  it("leaves out a hop whose device went down, and takes it in again", () => {
    const net = twoWays();
    const dst = { address: ip("10.9.0.0"), length: 16 };
    const hops = [{ gateway: ip("10.2.0.2") }, { gateway: ip("10.3.0.2") }];
    net.at("r").route.add({ dst, nexthops: hops }, "add");
    const flags = (): readonly boolean[] =>
      net
        .at("r")
        .route.list()
        .find((r) => r.dst.length === 16)
        ?.nexthops.map((h) => h.dead) ?? [];
    expect(flags()).toEqual([false, false]);
    net.at("r").link.change(net.dev("r", "one"), { up: false });
    expect(flags()).toEqual([true, false]);
    expect(net.ping("a", "10.9.0.1").length).toBe(1);
    net.up("r", "one");
    expect(flags()).toEqual([false, false]);
    net.at("r").link.change(net.dev("r", "one"), { up: false });
    net.at("r").link.change(net.dev("r", "two"), { up: false });
    expect(flags()).toEqual([]);
  });
});
