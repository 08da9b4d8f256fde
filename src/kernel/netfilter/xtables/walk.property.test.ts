import "../../uapi/index.ts"; // first: the door loads the kernel's modules in the order that they need
import fc from "fast-check";
import { expect, test } from "vitest";
import { must } from "../../../base/result.ts";
import { setU16 } from "../../../base/bytes.ts";
import { EventQueue } from "../../../sim/queue.ts";
import { Random } from "../../../sim/random.ts";
import { TraceReader } from "../../../trace/reader.ts";
import { TraceWriter } from "../../../trace/writer.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import { writeIpv4Header } from "../../../wire/ipv4.ts";
import { Kernel } from "../../kernel.ts";
import { IpTunnels } from "../../device/ip-tunnels.ts";
import { VxlanSockets } from "../../device/vxlan-sockets.ts";
import { FragmentQueues } from "../../ipv4/fragment.ts";
import { Netns } from "../../netns.ts";
import { SocketTable } from "../../socket/table.ts";
import type { Skb } from "../../skb.ts";
import type { NetnsId, XtMatch, XtRule, XtTarget } from "../../uapi/index.ts";
import { HOOK_INPUT, type HookState, NF_IP } from "../hooks.ts";

/** The compiled chains do what a rule-by-rule reading of the same rules does: verdict, mark, counters, rules matched. */

interface Packet {
  readonly src: number;
  readonly dst: number;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
  readonly mark: number;
}

interface Rules {
  readonly [chain: string]: readonly XtRule[];
}

const FULL = 0xffffffff as Ipv4;
const CHAINS = ["INPUT", "one", "two", "three"] as const;

/** A reader that knows nothing of indices: one rule after the other. */
class Naive {
  readonly matched: string[] = [];
  readonly counts = new Map<XtRule, number>();
  private readonly nth = new Map<XtMatch, number>();
  private readonly rules: Rules;
  mark = 0;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  verdict(packet: Packet, policy: string): string {
    this.mark = packet.mark;
    const found = this.chain("INPUT", packet);
    if (found !== undefined) return found;
    this.matched.push(`INPUT 0 ${policy}`);
    return policy;
  }

  private chain(name: string, packet: Packet): string | undefined {
    for (const [i, rule] of this.rules[name]!.entries()) {
      if (!this.matches(rule, packet)) continue;
      this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1);
      const { target } = rule;
      const kind = target?.kind ?? "CONTINUE";
      const to = target?.kind === "jump" || target?.kind === "goto" ? target.chain : "";
      this.matched.push(`${name} ${i + 1} ${to === "" ? kind : `${kind.toUpperCase()}:${to}`}`);
      if (kind === "ACCEPT" || kind === "DROP") return kind;
      if (kind === "RETURN") return undefined;
      if (kind === "goto") return this.chain(to, packet);
      if (kind === "jump") {
        const inner = this.chain(to, packet);
        if (inner !== undefined) return inner;
      }
      if (target?.kind === "MARK") this.mark = ((this.mark & ~target.mask) ^ target.value) >>> 0;
    }
    return undefined;
  }

  private matches(rule: XtRule, p: Packet): boolean {
    const address = (spec: XtRule["source"], value: number): boolean => {
      if (spec === undefined) return true;
      const [a, m] = [Number(spec.address), Number(spec.mask)];
      return (((value ^ a) & m) === 0) !== (spec.invert ?? false);
    };
    if (
      rule.protocol !== undefined &&
      (rule.protocol.number === p.protocol) === (rule.protocol.invert ?? false)
    )
      return false;
    if (!address(rule.source, p.src) || !address(rule.dest, p.dst)) return false;
    return rule.matches.every((match) => this.holds(match, p));
  }

  private holds(match: XtMatch, p: Packet): boolean {
    switch (match.kind) {
      case "tcp":
      case "udp": {
        const { dports } = match;
        if (dports === undefined) return true;
        return (p.dport >= dports.min && p.dport <= dports.max) !== (dports.invert ?? false);
      }
      case "mark":
        return (((this.mark ^ match.mark) & match.mask) === 0) !== (match.invert ?? false);
      case "statistic": {
        if (match.mode !== "nth") throw new Error("not here");
        const count = (this.nth.get(match) ?? 0) + 1;
        this.nth.set(match, count);
        return (count - 1) % match.every === match.packet;
      }
      default:
        return true;
    }
  }
}

const address = fc.integer({ min: 0x0a000000, max: 0x0a000005 }).map((n) => n as Ipv4);
const port = fc.integer({ min: 78, max: 82 });
const protocol = fc.constantFrom(6, 17, 1);

const addressMatch = fc.record({
  address,
  mask: fc.constantFrom(FULL, FULL, FULL, 0xfffffffe as Ipv4),
  invert: fc.constantFrom(false, false, false, true),
});

const target = (deeper: readonly string[]): fc.Arbitrary<XtTarget | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    fc.constantFrom<XtTarget>({ kind: "ACCEPT" }, { kind: "DROP" }, { kind: "RETURN" }),
    fc.record({ kind: fc.constant("MARK" as const), value: fc.nat(3), mask: fc.nat(3) }),
    ...(deeper.length === 0
      ? []
      : [
          fc.record({
            kind: fc.constantFrom("jump" as const, "goto" as const),
            chain: fc.constantFrom(...deeper),
          }),
        ]),
  );

const matchesOf = (proto: number): fc.Arbitrary<XtMatch[]> => {
  const ports = fc.record({
    kind: fc.constant(proto === 6 ? ("tcp" as const) : ("udp" as const)),
    dports: fc.tuple(port, fc.constantFrom(0, 0, 0, 1), fc.boolean()).map(([min, more, invert]) => ({
      min,
      max: min + more,
      invert: invert && more === 1,
    })),
  });
  const mark = fc.record({ kind: fc.constant("mark" as const), mark: fc.nat(3), mask: fc.constant(3) });
  const nth = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2))
    .map(([every, n]) => ({ kind: "statistic", mode: "nth", every, packet: n % every }) as const);
  const any: fc.Arbitrary<XtMatch> =
    proto === 1 ? fc.oneof(mark, nth) : fc.oneof(ports, ports, ports, mark, nth);
  return fc.array(any, { maxLength: 2 });
};

const ruleOf = (deeper: readonly string[]): fc.Arbitrary<XtRule> =>
  protocol.chain((number) =>
    fc.record(
      {
        source: addressMatch,
        dest: addressMatch,
        protocol: fc.constant({ number }),
        matches: matchesOf(number),
        target: target(deeper),
      },
      { requiredKeys: ["matches", "protocol"] },
    ),
  );

/** Long runs of one kind of key, as kube-proxy writes them, and whatever else. */
const rulesOf = (deeper: readonly string[]): fc.Arbitrary<XtRule[]> => {
  const services = fc.array(
    fc.record({
      dest: address.map((a) => ({ address: a, mask: FULL })),
      matches: fc.constant([]),
      target: target(deeper),
    }),
    { minLength: 8, maxLength: 14 },
  );
  return fc
    .tuple(fc.array(ruleOf(deeper), { maxLength: 12 }), services, fc.array(ruleOf(deeper), { maxLength: 4 }))
    .map(([a, b, c]) => [...a, ...b, ...c]);
};

const ruleSet: fc.Arbitrary<Rules> = fc
  .tuple(rulesOf(["one", "two", "three"]), rulesOf(["two", "three"]), rulesOf(["three"]), rulesOf([]))
  .map(([a, b, c, d]) => ({ INPUT: a, one: b, two: c, three: d }));

const packets = fc.array(
  fc.record({ src: address, dst: address, protocol, sport: port, dport: port, mark: fc.nat(3) }),
  { minLength: 1, maxLength: 12 },
);

function write(skb: Skb, p: Packet): void {
  const length = 40;
  skb.end = skb.data + length;
  skb.net = skb.data;
  writeIpv4Header(skb.buf, skb.net, length, 1, 0, 64, p.protocol, p.src as Ipv4, p.dst as Ipv4);
  setU16(skb.buf, skb.net + 20, p.sport);
  setU16(skb.buf, skb.net + 22, p.dport);
  skb.mark = p.mark;
}

function namespace(kernel: Kernel): Netns {
  return new Netns(kernel, 1 as NetnsId, "r", (self) => ({
    sockets: new SocketTable(self),
    vxlan: new VxlanSockets(self),
    tunnels: new IpTunnels(),
    fragments: new FragmentQueues(self),
  }));
}

test("compiled chains do what reading rule by rule does", () => {
  fc.assert(
    fc.property(
      ruleSet,
      packets,
      fc.constantFrom("ACCEPT" as const, "DROP" as const),
      (rules, all, policy) => {
        const queue = new EventQueue();
        const trace = new TraceWriter(queue);
        const kernel = new Kernel(queue, new Random(1), trace);
        const ns = namespace(kernel);
        const made = ns.xtables.commit(
          "ip",
          "filter",
          [
            ...CHAINS.slice(1).map((chain) => ({ op: "new-chain", chain }) as const),
            { op: "policy", chain: "INPUT", policy },
            ...CHAINS.flatMap((chain) =>
              rules[chain]!.map((rule) => ({ op: "append", chain, rule }) as const),
            ),
          ],
          { name: "test" },
        );
        expect(made).toEqual({ ok: true, value: undefined });
        const { texts } = trace.take();
        const table = must(ns.xtables.find("ip", "filter"), "table");
        const state: HookState = { ns, family: NF_IP, hook: HOOK_INPUT, in: null, out: null };
        const naive = new Naive(rules);
        for (const packet of all) {
          const skb = kernel.pool.alloc(64);
          write(skb, packet);
          const verdict = table.walk.run(state, skb, must(table.chains.get("INPUT"), "INPUT"));
          expect(verdict === 1 ? "ACCEPT" : "DROP").toBe(naive.verdict(packet, policy));
          expect(skb.mark).toBe(naive.mark);
          kernel.pool.release(skb);
        }
        const reader = new TraceReader();
        const chunk = trace.take();
        reader.append({ ...chunk, first: 0, firstText: 0, texts: [...texts, ...chunk.texts] });
        const matched = [...reader].flatMap((r) =>
          r.kind === "rule" ? [`${r.chain} ${r.number} ${r.verdict}`] : [],
        );
        expect(matched).toEqual(naive.matched);
        for (const chain of CHAINS)
          for (const [i, rule] of rules[chain]!.entries())
            expect(table.chains.get(chain)!.rules[i]!.packets).toBe(naive.counts.get(rule) ?? 0);
      },
    ),
    { numRuns: 300 },
  );
});
