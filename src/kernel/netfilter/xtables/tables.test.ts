import { expect, test } from "vitest";
import { TestNet } from "../../../testkit/net.ts";
import type { XtOperation, XtRule, XtTarget } from "../../uapi/index.ts";

/** The kernel's answers to changes, as iptables-nft 1.8.9 showed them on Linux 6.18. */

function rule(target?: XtTarget, more: Partial<XtRule> = {}): XtRule {
  return { matches: [], ...more, ...(target === undefined ? {} : { target }) };
}

function jump(chain: string): XtTarget {
  return { kind: "jump", chain };
}

const net = (): TestNet => new TestNet("r");

function commit(world: TestNet, ...steps: XtOperation[]): string {
  const done = world.at("r").xtables.commit("ip", "filter", steps);
  return done.ok ? "ok" : `${done.error.errno} at ${done.error.step}`;
}

const append = (chain: string, what: XtRule): XtOperation => ({ op: "append", chain, rule: what });

test("a table comes to be with its built-in chains; all steps count or none", () => {
  const world = net();
  const api = world.at("r").xtables;
  expect(api.table("ip", "filter")).toBeUndefined();
  expect(commit(world, { op: "new-chain", chain: "a" }, { op: "new-chain", chain: "a" })).toBe("EEXIST at 1");
  expect(api.table("ip", "filter")).toBeUndefined();
  expect(commit(world, { op: "new-chain", chain: "a" }, append("INPUT", rule(jump("a"))))).toBe("ok");
  const table = api.table("ip", "filter")!;
  expect(table.chains.map((c) => c.name)).toEqual(["INPUT", "FORWARD", "OUTPUT", "a"]);
  expect(table.chains.map((c) => c.references)).toEqual([0, 0, 0, 1]);
  api.drop("ip", "filter");
  expect(api.table("ip", "filter")).toBeUndefined();
});

test("what is not there is ENOENT, what is used is EBUSY, and built-in chains stay", () => {
  const world = net();
  const a: XtOperation = { op: "new-chain", chain: "a" };
  expect(commit(world, append("nope", rule()))).toBe("ENOENT at 0");
  expect(commit(world, append("INPUT", rule(jump("nope"))))).toBe("ENOENT at 0");
  expect(commit(world, append("INPUT", rule(jump("FORWARD"))))).toBe("ENOENT at 0");
  expect(commit(world, { op: "delete", chain: "INPUT", number: 1 })).toBe("ENOENT at 0");
  expect(commit(world, { op: "insert", chain: "INPUT", number: 2, rule: rule() })).toBe("ENOENT at 0");
  expect(commit(world, a, append("INPUT", rule(jump("a"))))).toBe("ok");
  expect(commit(world, { op: "delete-chain", chain: "a" })).toBe("EBUSY at 0");
  expect(commit(world, { op: "delete-chain", chain: "INPUT" })).toBe("EOPNOTSUPP at 0");
  expect(commit(world, { op: "flush", chain: "INPUT" }, append("a", rule()))).toBe("ok");
  expect(commit(world, { op: "delete-chain", chain: "a" })).toBe("EBUSY at 0");
  expect(commit(world, { op: "flush", chain: "a" }, { op: "delete-chain", chain: "a" })).toBe("ok");
});

test("a circle is refused where a built-in chain leads to it, and nowhere else", () => {
  const world = net();
  commit(world, { op: "new-chain", chain: "x" }, { op: "new-chain", chain: "y" });
  expect(commit(world, append("x", rule(jump("y"))), append("y", rule({ kind: "goto", chain: "x" })))).toBe(
    "ok",
  );
  expect(commit(world, append("INPUT", rule()), append("INPUT", rule(jump("x"))))).toBe("EMLINK at 1");
  expect(world.at("r").xtables.table("ip", "filter")!.chains[0]!.rules).toEqual([]);
});

test("fifteen jumps below a built-in chain are the most", () => {
  const world = net();
  const names = Array.from({ length: 20 }, (_, i) => `c${i + 1}`);
  commit(world, ...names.map((chain): XtOperation => ({ op: "new-chain", chain })));
  commit(world, ...names.slice(0, -1).map((chain, i) => append(chain, rule(jump(names[i + 1]!)))));
  expect(commit(world, append("INPUT", rule(jump("c5"))))).toBe("EMLINK at 0");
  expect(commit(world, append("INPUT", rule(jump("c6"))))).toBe("ok");
});

test("a target belongs to tables and hooks, also by way of chains", () => {
  const world = net();
  const api = world.at("r").xtables;
  const masquerade = rule({ kind: "MASQUERADE", range: {} });
  const errno = (...steps: XtOperation[]): string => {
    const done = api.commit("ip", "nat", steps);
    return done.ok ? "ok" : done.error.errno;
  };
  expect(commit(world, append("INPUT", masquerade))).toBe("EINVAL at 0");
  expect(errno(append("OUTPUT", masquerade))).toBe("EINVAL");
  expect(errno({ op: "new-chain", chain: "u" }, append("u", masquerade))).toBe("ok");
  expect(errno(append("PREROUTING", rule(jump("u"))))).toBe("EINVAL");
  expect(errno(append("POSTROUTING", rule(jump("u"))))).toBe("ok");
  expect(commit(world, append("INPUT", rule(undefined, { matches: [{ kind: "owner" }] })))).toBe(
    "EINVAL at 0",
  );
  expect(commit(world, append("INPUT", rule({ kind: "REJECT", with: "tcp-reset" })))).toBe("EINVAL at 0");
  const missing = rule(undefined, { matches: [{ kind: "set", name: "nope", dims: ["src"] }] });
  expect(commit(world, append("INPUT", missing))).toBe("ENOENT at 0");
});

test("a renamed chain keeps its place, its rules and those that lead to it", () => {
  const world = net();
  commit(world, { op: "new-chain", chain: "a" }, { op: "new-chain", chain: "b" });
  commit(world, append("INPUT", rule(jump("a"))), append("a", rule({ kind: "DROP" })));
  expect(commit(world, { op: "rename-chain", chain: "a", to: "b" })).toBe("EEXIST at 0");
  expect(commit(world, { op: "rename-chain", chain: "a", to: "c" })).toBe("ok");
  const chains = world.at("r").xtables.table("ip", "filter")!.chains;
  expect(chains.map((c) => c.name)).toEqual(["INPUT", "FORWARD", "OUTPUT", "c", "b"]);
  expect(chains[0]!.rules[0]!.rule.target).toEqual(jump("c"));
  expect(chains[3]!.references).toBe(1);
});

test("a changed chain is journalled whole, with the ids of its rules", () => {
  const world = net();
  world.records();
  commit(world, append("INPUT", rule({ kind: "DROP" })), append("FORWARD", rule({ kind: "ACCEPT" })));
  const changes = world.records().flatMap((r) => (r.kind === "change" && r.table === "xtables" ? [r] : []));
  expect(changes.map((c) => c.key)).toEqual(["ip/filter/INPUT", "ip/filter/FORWARD"]);
  const [row] = changes;
  expect(JSON.parse(row!.after!)).toEqual({
    policy: "ACCEPT",
    rules: [{ id: 1, rule: { matches: [], target: { kind: "DROP" } } }],
  });
});
