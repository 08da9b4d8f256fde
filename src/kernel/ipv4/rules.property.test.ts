import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TestNet } from "../../testkit/net.ts";
import { formatIpv4, inPrefix, type Ipv4, network } from "../../wire/address.ts";
import type { NetApi, RouteSpec, RuleSpec } from "../uapi/index.ts";

/**
 * The tables and rules of the kernel against a list of everything that was added, looked through from the front: rules by
 * priority, in each table the longest prefix, then the highest TOS, then the least metric.
 */

const TYPES = ["unicast", "unicast", "unicast", "blackhole", "unreachable", "prohibit", "throw"] as const;
const TABLES = [254, 255, 253, 7, 100] as const;

/** Few addresses with much in common, so that prefixes overlap. */
const address = fc.integer({ min: 0, max: 63 }).map((n) => (0x0a000000 + n * 0x00040000) as Ipv4);
const prefix = fc
  .tuple(address, fc.constantFrom(0, 6, 8, 12, 14, 15, 16, 32))
  .map(([a, length]) => ({ address: network(a, length), length }));
const tos = fc.constantFrom(0, 0, 0, 4, 8, 16);

interface Route {
  readonly spec: RouteSpec & { readonly type: (typeof TYPES)[number]; readonly table: number };
  readonly gateway: Ipv4;
}

const route: fc.Arbitrary<Route> = fc
  .record({
    dst: prefix,
    type: fc.constantFrom(...TYPES),
    table: fc.constantFrom(...TABLES),
    metric: fc.integer({ min: 0, max: 2 }),
    tos,
    gateway: fc.integer({ min: 2, max: 250 }).map((n) => (0xc0a80000 + n) as Ipv4),
  })
  .map(({ gateway, ...spec }) => ({ spec: { ...spec, nexthops: [] }, gateway }));

const rule: fc.Arbitrary<RuleSpec & { readonly priority: number }> = fc.record(
  {
    priority: fc.integer({ min: 1, max: 12 }),
    action: fc.constantFrom(
      "lookup",
      "lookup",
      "lookup",
      "goto",
      "nop",
      "blackhole",
      "prohibit",
      "unreachable",
    ),
    table: fc.constantFrom(...TABLES),
    target: fc.integer({ min: 2, max: 20 }),
    invert: fc.boolean(),
    src: prefix,
    dst: prefix,
    mark: fc.integer({ min: 0, max: 3 }),
    mask: fc.constantFrom(0, 1, 2, 3, 0xffffffff),
    tos: fc.constantFrom(0, 4, 8, 16),
    suppressPrefixLength: fc.constantFrom(0, 8, 14),
  },
  { requiredKeys: ["priority", "action", "table"] },
);

interface Question {
  readonly dst: Ipv4;
  readonly src: Ipv4;
  readonly mark: number;
  readonly tos: number;
}

const question = fc.record({ dst: address, src: address, mark: fc.integer({ min: 0, max: 3 }), tos });

type Outcome = string;

/** What the naive model keeps. */
class Model {
  readonly routes: Route[] = [];
  readonly rules: (RuleSpec & { readonly priority: number })[] = [];
  touched = false;

  /** The order of a table's entries of one prefix: a new entry goes before those that are no better. */
  add(route: Route): void {
    const better = (a: Route): boolean => {
      const [s, o] = [a.spec, route.spec];
      return (s.tos ?? 0) > (o.tos ?? 0) || (s.tos === o.tos && (s.metric ?? 0) < (o.metric ?? 0));
    };
    const at = this.routes.findIndex((a) => !better(a));
    this.routes.splice(at < 0 ? this.routes.length : at, 0, route);
  }

  lookup(q: Question): Outcome {
    if (!this.touched) {
      const found = this.table([255, 254], q);
      return (found === undefined ? this.table([253], q) : found)?.outcome ?? "ENETUNREACH";
    }
    const all = [...this.rules, { priority: 32766, table: 254 }, { priority: 32767, table: 253 }];
    all.sort((a, b) => a.priority - b.priority);
    const list: readonly RuleSpec[] = [{ priority: 0, table: 255 }, ...all];
    for (let i = 0; i < list.length; i++) {
      const r = list[i]!;
      if (!applies(r, q)) continue;
      const action = r.action ?? "lookup";
      if (action === "nop") continue;
      if (action === "goto") {
        const to = list.findIndex((other) => other.priority === r.target);
        if (to >= 0) i = to - 1;
        continue;
      }
      if (action !== "lookup")
        return { blackhole: "EINVAL", prohibit: "EACCES", unreachable: "ENETUNREACH" }[action];
      const found = this.table([r.table ?? 254], q);
      if (found === undefined) continue;
      if (found.hop && found.length <= (r.suppressPrefixLength ?? -1)) continue;
      return found.outcome;
    }
    return "ENETUNREACH";
  }

  private table(
    numbers: readonly number[],
    q: Question,
  ): { outcome: Outcome; length: number; hop: boolean } | undefined {
    const fits = this.routes.filter(
      ({ spec }) =>
        numbers.includes(spec.table) &&
        inPrefix(q.dst, spec.dst.address, spec.dst.length) &&
        (spec.tos === 0 || spec.tos === (q.tos & 0x1c)),
    );
    const longest = Math.max(-1, ...fits.map(({ spec }) => spec.dst.length));
    const near = fits.filter(({ spec }) => spec.dst.length === longest);
    const best = near.find(({ spec }) => spec.table === 255) ?? near[0];
    if (best === undefined || best.spec.type === "throw") return undefined;
    const { type } = best.spec;
    if (type === "unicast") return { outcome: formatIpv4(best.gateway), length: longest, hop: true };
    const outcome = { blackhole: "EINVAL", unreachable: "EHOSTUNREACH", prohibit: "EACCES" }[type];
    return { outcome, length: longest, hop: false };
  }
}

function applies(r: RuleSpec, q: Question): boolean {
  const mark = r.mark ?? 0;
  const mask = r.mask ?? (mark === 0 ? 0 : 0xffffffff);
  const fits =
    ((mark ^ q.mark) & mask) === 0 &&
    (r.src === undefined || inPrefix(q.src, r.src.address, r.src.length)) &&
    (r.dst === undefined || inPrefix(q.dst, r.dst.address, r.dst.length)) &&
    ((r.tos ?? 0) === 0 || r.tos === (q.tos & 0x1c));
  return fits !== (r.invert ?? false);
}

/** A host whose only device reaches 192.168.0.0/24 and that forwards, asked as if packets came in by it. */
function host(): { net: NetApi; iif: RouteSpec["nexthops"][number]["dev"] } {
  const world = new TestNet("a", "b");
  world.wire("a", "in", "02:00:00:00:00:01", "b", "e", "02:00:00:00:00:02");
  world.wire("a", "out", "02:00:00:00:00:03", "b", "f", "02:00:00:00:00:04");
  world.address("a", "out", "192.168.0.1/24");
  world.forward("a");
  return { net: world.at("a"), iif: world.dev("a", "in") };
}

describe("rules and tables, against a naive model", () => {
  it("find the same next hop, or fail alike, whatever was added", () => {
    fc.assert(
      fc.property(
        fc.array(route, { maxLength: 30 }),
        fc.array(rule, { maxLength: 8 }),
        fc.array(question, { minLength: 1, maxLength: 20 }),
        (routes, rules, questions) => {
          const { net, iif } = host();
          const dev = net.link.byName("out")!.index;
          const model = new Model();
          for (const r of routes) {
            const nexthops = r.spec.type === "unicast" ? [{ dev, gateway: r.gateway, onlink: true }] : [];
            if (net.route.add({ ...r.spec, nexthops }, "add").ok) model.add(r);
          }
          for (const r of rules) {
            if (!net.rule.add(r).ok) continue;
            model.touched = true;
            model.rules.push(r);
          }
          for (const q of questions) {
            const got = net.route.get({ ...q, ...(iif !== undefined && { iif }) });
            const outcome = got.ok ? formatIpv4(got.value.gateway ?? (0 as Ipv4)) : got.error.errno;
            expect(outcome).toBe(model.lookup(q));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("are listed by priority, the later of equals behind", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 12 }), (rules) => {
        const { net } = host();
        const added = rules.filter((r) => net.rule.add(r).ok);
        const expected = [...added].sort((a, b) => a.priority - b.priority).map((r) => r.priority);
        expect(net.rule.list().map((r) => r.priority)).toEqual([0, ...expected, 32766, 32767]);
        for (const r of net.rule.list()) expect(net.rule.delete(r).ok).toBe(true);
        expect(net.rule.list()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
