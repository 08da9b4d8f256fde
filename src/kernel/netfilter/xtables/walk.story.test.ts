import { expect, test } from "vitest";
import { ip, TestNet } from "../../../testkit/net.ts";
import { seconds } from "../../../sim/time.ts";
import { icmpCode, icmpType } from "../../../wire/icmp.ts";
import type { XtOperation, XtRule, XtTableName } from "../../uapi/index.ts";

/**
 *   a 10.1.0.2 ── 10.1.0.1 r 10.2.0.1 ── 10.2.0.2 b
 *
 * r has the rules.
 */
function world(): TestNet {
  const net = new TestNet("a", "r", "b");
  net.wire("a", "eth0", "02:00:00:00:0a:01", "r", "ra", "02:00:00:00:0a:02");
  net.wire("b", "eth0", "02:00:00:00:0b:01", "r", "rb", "02:00:00:00:0b:02");
  net.address("a", "eth0", "10.1.0.2/24");
  net.address("r", "ra", "10.1.0.1/24");
  net.address("r", "rb", "10.2.0.1/24");
  net.address("b", "eth0", "10.2.0.2/24");
  net.route("a", "default", "10.1.0.1");
  net.route("b", "default", "10.2.0.1");
  net.forward("r");
  return net;
}

function change(net: TestNet, table: XtTableName, ...steps: XtOperation[]): void {
  const done = net.at("r").xtables.commit("ip", table, steps);
  if (!done.ok) throw new Error(`${done.error.errno} at step ${done.error.step}`);
}

function append(net: TestNet, table: XtTableName, chain: string, rule: Partial<XtRule>): void {
  change(net, table, { op: "append", chain, rule: { matches: [], ...rule } });
}

/** `packets:bytes` of the rules of a chain, then of its policy. */
function counts(net: TestNet, table: XtTableName, chain: string): string {
  const found = net
    .at("r")
    .xtables.table("ip", table)!
    .chains.find((c) => c.name === chain)!;
  const all = [...found.rules.map((r) => r.counters), found.counters];
  return all.map((c) => `${c.packets}:${c.bytes}`).join(" ");
}

/** type/code of what came back. */
function answers(net: TestNet, to: string): string {
  return net
    .ping("a", to)
    .map((d) => `${icmpType(d.bytes, 20)}/${icmpCode(d.bytes, 20)}`)
    .join(" ");
}

function rules(net: TestNet): string[] {
  return net
    .records()
    .flatMap((r) => (r.kind === "rule" ? [`${r.table} ${r.chain} ${r.number} ${r.verdict}`] : []));
}

const ICMP = { number: 1 };

test("rules count what they match; the policy counts once somebody set it", () => {
  const net = world();
  append(net, "filter", "FORWARD", { protocol: ICMP });
  expect(answers(net, "10.2.0.2")).toBe("0/0");
  expect(counts(net, "filter", "FORWARD")).toBe("2:168 0:0");
  change(net, "filter", { op: "policy", chain: "FORWARD", policy: "DROP" });
  expect(answers(net, "10.2.0.2")).toBe("");
  expect(counts(net, "filter", "FORWARD")).toBe("3:252 1:84");
  change(net, "filter", { op: "zero", chain: "FORWARD" });
  expect(counts(net, "filter", "FORWARD")).toBe("0:0 0:0");
});

test("the records of a packet are those of xtables-monitor: every rule that matched, and the policy", () => {
  const net = world();
  change(net, "filter", { op: "new-chain", chain: "sub" }, { op: "new-chain", chain: "empty" });
  append(net, "filter", "FORWARD", { target: { kind: "jump", chain: "sub" } });
  append(net, "filter", "sub", { protocol: ICMP, target: { kind: "RETURN" } });
  append(net, "filter", "sub", { target: { kind: "DROP" } });
  append(net, "filter", "FORWARD", { protocol: { number: 17 }, target: { kind: "DROP" } });
  append(net, "filter", "FORWARD", { protocol: ICMP });
  append(net, "filter", "FORWARD", {
    in: { name: "ra", wildcard: false },
    target: { kind: "goto", chain: "empty" },
  });
  append(net, "filter", "FORWARD", { target: { kind: "ACCEPT" } });
  append(net, "mangle", "FORWARD", { target: { kind: "MARK", value: 7, mask: 0xffffffff } });
  net.records();
  expect(answers(net, "10.2.0.2")).toBe("0/0");
  expect(rules(net)).toEqual([
    "mangle FORWARD 1 MARK",
    "mangle FORWARD 0 ACCEPT",
    "filter FORWARD 1 JUMP:sub",
    "filter sub 1 RETURN",
    "filter FORWARD 3 CONTINUE",
    "filter FORWARD 4 GOTO:empty",
    "filter FORWARD 0 ACCEPT",
    "mangle FORWARD 1 MARK",
    "mangle FORWARD 0 ACCEPT",
    "filter FORWARD 1 JUMP:sub",
    "filter sub 1 RETURN",
    "filter FORWARD 3 CONTINUE",
    "filter FORWARD 5 ACCEPT",
  ]);
});

test("REJECT answers with the error that it names; DROP with nothing", () => {
  const net = world();
  append(net, "filter", "FORWARD", {
    dest: { address: ip("10.2.0.2"), mask: ip("255.255.255.255") },
    target: { kind: "REJECT", with: "icmp-admin-prohibited" },
  });
  expect(answers(net, "10.2.0.2")).toBe("3/13");
  append(net, "filter", "INPUT", { target: { kind: "REJECT", with: "icmp-port-unreachable" } });
  expect(answers(net, "10.1.0.1")).toBe("3/3");
  append(net, "filter", "OUTPUT", { target: { kind: "DROP" } });
  expect(answers(net, "10.1.0.1")).toBe("");
});

test("a rule with limit lets its burst through, then one at a time", () => {
  const net = world();
  append(net, "filter", "FORWARD", {
    in: { name: "ra", wildcard: false },
    matches: [{ kind: "limit", rate: 6, per: "minute", burst: 2 }],
    target: { kind: "ACCEPT" },
  });
  append(net, "filter", "FORWARD", {
    in: { name: "r", wildcard: true, invert: true },
    target: { kind: "ACCEPT" },
  });
  append(net, "filter", "FORWARD", { out: { name: "ra", wildcard: false }, target: { kind: "ACCEPT" } });
  change(net, "filter", { op: "policy", chain: "FORWARD", policy: "DROP" });
  const got = (): number => net.ping("a", "10.2.0.2").length;
  expect([got(), got(), got(), got()]).toEqual([1, 1, 0, 0]);
  net.settle(seconds(7));
  expect([got(), got()]).toEqual([1, 0]);
});

test("statistic takes every third, or by chance", () => {
  const net = world();
  append(net, "filter", "INPUT", {
    matches: [{ kind: "statistic", mode: "nth", every: 3, packet: 1 }],
    target: { kind: "DROP" },
  });
  const got = Array.from({ length: 6 }, () => net.ping("a", "10.1.0.1").length);
  expect(got).toEqual([1, 0, 1, 1, 0, 1]);
});

test("recent remembers who knocked", () => {
  const net = world();
  const recent = { kind: "recent", name: "KNOCK", side: "source" } as const;
  append(net, "filter", "INPUT", {
    matches: [{ ...recent, action: "rcheck", seconds: 60, hitcount: 3 }],
    target: { kind: "DROP" },
  });
  append(net, "filter", "INPUT", { matches: [{ ...recent, action: "set" }] });
  const got = Array.from({ length: 5 }, () => net.ping("a", "10.1.0.1").length);
  expect(got).toEqual([1, 1, 1, 0, 0]);
  net.settle(seconds(60));
  expect(net.ping("a", "10.1.0.1").length).toBe(1);
});

test("a set decides for its members; its counters tell", () => {
  const net = world();
  const { ipset } = net.at("r");
  ipset.create({ name: "s", type: "hash:net", counters: true });
  ipset.add("s", { parts: [{ kind: "net", address: ip("10.1.0.0"), length: 24 }] });
  ipset.add("s", { parts: [{ kind: "net", address: ip("10.1.0.2"), length: 32 }], nomatch: true });
  const match = { kind: "set", name: "s", dims: ["src"] } as const;
  append(net, "filter", "INPUT", { matches: [match], target: { kind: "DROP" } });
  expect(ipset.destroy("s")).toMatchObject({ ok: false, error: { errno: "EBUSY" } });
  expect(net.ping("a", "10.1.0.1").length).toBe(1);
  ipset.delete("s", { parts: [{ kind: "net", address: ip("10.1.0.2"), length: 32 }] });
  expect(net.ping("a", "10.1.0.1").length).toBe(0);
  expect(ipset.get("s")!.elements).toMatchObject([{ packets: 1, bytes: 84 }]);
  change(net, "filter", { op: "flush", chain: "INPUT" });
  expect(ipset.destroy("s").ok).toBe(true);
});

test("TTL is rewritten before forwarding takes one off", () => {
  const net = world();
  append(net, "mangle", "PREROUTING", {
    in: { name: "ra", wildcard: false },
    target: { kind: "TTL", op: "set", value: 1 },
  });
  expect(answers(net, "10.2.0.2")).toBe("11/0");
});

test("conntrack: an answer is ESTABLISHED; nothing NEW may come back", () => {
  const net = world();
  append(net, "filter", "FORWARD", {
    matches: [{ kind: "conntrack", state: { states: ["ESTABLISHED", "RELATED"] } }],
    target: { kind: "ACCEPT" },
  });
  append(net, "filter", "FORWARD", { in: { name: "ra", wildcard: false }, target: { kind: "ACCEPT" } });
  change(net, "filter", { op: "policy", chain: "FORWARD", policy: "DROP" });
  expect(answers(net, "10.2.0.2")).toBe("0/0");
  expect(net.ping("b", "10.1.0.2").length).toBe(0);
  expect(counts(net, "filter", "FORWARD")).toBe("1:84 1:84 1:84");
});

test("DNAT and MASQUERADE: the flow is bound once, the table is asked for its first packet only", () => {
  const net = world();
  append(net, "nat", "PREROUTING", {
    dest: { address: ip("10.96.0.1"), mask: ip("255.255.255.255") },
    target: { kind: "DNAT", range: { minAddress: ip("10.2.0.2") } },
  });
  append(net, "nat", "POSTROUTING", {
    out: { name: "rb", wildcard: false },
    target: { kind: "MASQUERADE", range: {} },
  });
  expect(answers(net, "10.96.0.1")).toBe("0/0");
  expect(counts(net, "nat", "PREROUTING")).toBe("1:84 0:0");
  expect(counts(net, "nat", "POSTROUTING")).toBe("1:84 0:0");
});
