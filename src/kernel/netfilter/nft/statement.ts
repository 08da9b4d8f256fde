import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import type { Ipv6 } from "../../../wire/address6.ts";
import type {
  NftExpr,
  NftKey,
  NftReject,
  NftRight,
  NftScalar,
  NftStatement,
  NftType,
  NftVerdict,
} from "../../uapi/nft.ts";
import type { RejectWith } from "../../uapi/index.ts";
import { CT_UNTRACKED } from "../conntrack/entry.ts";
import { NF_ACCEPT, NF_DROP } from "../hooks.ts";
import { MANIP_DST, MANIP_SRC } from "../nat/range.ts";
import { flowHash, queueVerdict } from "../queue.ts";
import { natSetup } from "../nat/setup.ts";
import { logLine } from "../xtables/target/log.ts";
import { natFunction } from "../xtables/target/nat.ts";
import { rejecter } from "../xtables/target/reject.ts";
import { dscpChange, ttlChange } from "../xtables/target/mangle.ts";
import type { PacketView } from "../xtables/view.ts";
import type { NftChain } from "./chain.ts";
import { type Evaluator, evaluator, resolve, type Scope, single } from "./expression.ts";
import { isVerdict } from "./set.ts";
import { compare, type Interval, intervalOf, type Value, within } from "./value.ts";

/** Go on with the next statement; leave the rule, it does not apply; leave the chain. Other outcomes are verdicts. */
export const CONTINUE = -1;
export const BREAK = -2;
export const RETURN = -3;

/** A jump, taken by the walk. */
export interface Jump {
  readonly chain: NftChain;
  readonly goes: boolean;
}
export type Outcome = number | Jump;
export type Step = (v: PacketView) => Outcome;

/** Names of a table that statements refer to. */
export interface StatementScope extends Scope {
  chain(name: string): NftChain;
  counter(name: string): { packets: number; bytes: number };
}

export function verdictOutcome(scope: StatementScope, verdict: NftVerdict): Outcome {
  switch (verdict.kind) {
    case "accept":
      return NF_ACCEPT;
    case "drop":
      return NF_DROP;
    case "return":
      return RETURN;
    case "continue":
      return CONTINUE;
    case "jump":
    case "goto":
      return { chain: scope.chain(verdict.chain), goes: verdict.kind === "goto" };
  }
}

export function step(scope: StatementScope, s: NftStatement): Step {
  switch (s.kind) {
    case "match":
      return match(scope, s.left, s.op, s.right);
    case "verdict": {
      const outcome = verdictOutcome(scope, s.verdict);
      return () => outcome;
    }
    case "vmap":
      return verdictMap(scope, s);
    case "counter":
      throw new Error("bug: a rule's counter is the rule's");
    case "named-counter": {
      const counter = scope.counter(s.name);
      return (v) => count(counter, v);
    }
    case "set-meta":
      return setMeta(scope, s);
    case "set-ct":
      return setCt(scope, s);
    case "set-payload":
      return setPayload(s);
    case "nat":
      return nat(scope, s);
    case "reject": {
      const answer = reject(s.with);
      return (v) => answer(v);
    }
    case "log":
      return log(s);
    case "limit":
      return limit(s);
    case "update":
      return update(scope, s);
    case "queue":
      return queue(scope, s);
    case "notrack":
      return (v) => {
        if (v.skb.ct === null) v.skb.ctInfo = CT_UNTRACKED;
        return CONTINUE;
      };
  }
}

export function count(counter: { packets: number; bytes: number }, v: PacketView): Outcome {
  counter.packets++;
  counter.bytes += v.length;
  return CONTINUE;
}

/** Models: nft_queue_eval. Of a range, the flow's hash says which; with `fanout` the CPU, of which there is one. */
function queue(scope: StatementScope, s: Extract<NftStatement, { kind: "queue" }>): Step {
  const bypass = s.flags.includes("bypass");
  if (s.expression !== undefined) {
    const number = single(scope, s.expression);
    return (v) => {
      const value = number(v);
      return typeof value === "number" ? queueVerdict(value, bypass) : BREAK;
    };
  }
  const width = s.to - s.from + 1;
  if (width === 1 || s.flags.includes("fanout")) {
    const verdict = queueVerdict(s.from, bypass);
    return () => verdict;
  }
  return (v) => queueVerdict(s.from + (flowHash(v) % width), bypass);
}

type Op = Extract<NftStatement, { kind: "match" }>["op"];

function match(scope: StatementScope, left: NftExpr, op: Op, right: NftRight): Step {
  const of = evaluator(scope, left);
  const equal = op === "==";
  if (right.kind === "flags") {
    const { mask } = right;
    return (v) => {
      const value = of(v)?.[0];
      if (typeof value !== "number") return BREAK;
      return ((value & mask) !== 0) === equal ? CONTINUE : BREAK;
    };
  }
  // A label is a bit that a flow has or has not.
  const label = left.kind === "ct" && left.key === "label" ? right : undefined;
  if (label?.kind === "key") {
    const part = label.key[0];
    const bit = part?.kind === "value" ? part.value.value : undefined;
    return (v) => {
      if (v.skb.ct === null || typeof bit !== "number") return BREAK;
      return v.skb.ct.labels.has(bit) === equal ? CONTINUE : BREAK;
    };
  }
  if (right.kind === "set") {
    const set = resolve(scope, right.set);
    return (v) => {
      const values = of(v);
      if (values === null) return BREAK;
      return (set.find(values) !== null) === equal ? CONTINUE : BREAK;
    };
  }
  const { addresses } = scope.ns.kernel;
  const parts = right.key.map((part) => intervalOf(addresses, part));
  if (equal || op === "!=") {
    return (v) => {
      const values = of(v);
      if (values === null) return BREAK;
      return parts.every((part, i) => holds(scope, part, values[i]!)) === equal ? CONTINUE : BREAK;
    };
  }
  return ordered(scope, of, op, parts[0]!);
}

function holds(scope: Scope, part: Interval, value: Value): boolean {
  return part.low === part.high && part.low === value ? true : within(scope.ns.kernel.addresses, part, value);
}

function ordered(scope: StatementScope, of: Evaluator, op: Op, part: Interval): Step {
  const { addresses } = scope.ns.kernel;
  return (v) => {
    const value = of(v)?.[0];
    if (value === undefined) return BREAK;
    const order = compare(addresses, part.type, value, part.low);
    const held = op === "<" ? order < 0 : op === ">" ? order > 0 : op === "<=" ? order <= 0 : order >= 0;
    return held ? CONTINUE : BREAK;
  };
}

/** The verdict that the map has for the packet; none: the rule is over. */
function verdictMap(scope: StatementScope, s: Extract<NftStatement, { kind: "vmap" }>): Step {
  const key = evaluator(scope, s.key);
  const set = resolve(scope, s.data);
  const outcomes = new Map<NftVerdict, Outcome>();
  return (v) => {
    const values = key(v);
    const entry = values === null ? null : set.find(values);
    if (entry === null || !isVerdict(entry.data)) return BREAK;
    if (set.spec.counter === true) count(entry, v);
    let outcome = outcomes.get(entry.data);
    if (outcome === undefined) {
      outcome = verdictOutcome(scope, entry.data);
      outcomes.set(entry.data, outcome);
    }
    return outcome;
  };
}

function setMeta(scope: StatementScope, s: Extract<NftStatement, { kind: "set-meta" }>): Step {
  const value = single(scope, s.value);
  return (v) => {
    const wanted = value(v);
    if (typeof wanted !== "number") return BREAK;
    if (s.key === "mark") {
      if (wanted !== v.skb.mark) v.ns.kernel.trace?.rewrite(v.ns.id, v.skb.id, "mark", v.skb.mark, wanted);
      v.skb.mark = wanted;
    } else if (s.key === "nftrace") v.skb.nfTrace = wanted !== 0;
    return CONTINUE;
  };
}

function setCt(scope: StatementScope, s: Extract<NftStatement, { kind: "set-ct" }>): Step {
  const value = single(scope, s.value);
  return (v) => {
    const wanted = value(v);
    if (typeof wanted !== "number") return BREAK;
    const { ct } = v.skb;
    if (s.key === "label") ct?.labels.add(wanted);
    else if (s.key === "zone") {
      if (ct === null) v.skb.ctZone = wanted;
    } else if (ct !== null && ct.mark !== wanted)
      v.ns.netfilter.conntrack.changing(ct, () => {
        ct.mark = wanted;
      });
    return CONTINUE;
  };
}

/** Which header fields a rule may set here. */
export function settable(header: string, field: string, value: NftExpr): boolean {
  if (value.kind !== "value" || typeof value.value.value !== "number") return false;
  return ["ip ttl", "ip6 hoplimit", "ip dscp", "ip6 dscp"].includes(`${header} ${field}`);
}

function setPayload(s: Extract<NftStatement, { kind: "set-payload" }>): Step {
  const value = s.value.kind === "value" && typeof s.value.value.value === "number" ? s.value.value.value : 0;
  const v6 = s.header === "ip6";
  const change =
    s.field === "dscp" ? dscpChange(value) : ttlChange({ kind: v6 ? "HL" : "TTL", op: "set", value });
  return (v) => {
    if (v.v6 !== v6) return BREAK;
    change(v);
    return CONTINUE;
  };
}

type Nat = Extract<NftStatement, { kind: "nat" }>;

function nat(scope: StatementScope, s: Nat): Step {
  const flags = {
    random: s.flags.includes("random"),
    randomFully: s.flags.includes("fully-random"),
    persistent: s.flags.includes("persistent"),
  };
  const port = optional(scope, s.port);
  const portMax = optional(scope, s.portMax);
  if (s.type === "masquerade" || s.type === "redirect") {
    const kind = s.type === "masquerade" ? "MASQUERADE" : "REDIRECT";
    return (v) => {
      const minPort = port?.(v);
      const maxPort = portMax?.(v) ?? minPort;
      const ports = typeof minPort === "number" && typeof maxPort === "number" ? { minPort, maxPort } : {};
      return natFunction({ kind, range: { ...ports, ...flags } })(v);
    };
  }
  const address = s.address === undefined ? null : evaluator(scope, s.address);
  const addressMax = optional(scope, s.addressMax);
  const manip = s.type === "snat" ? MANIP_SRC : MANIP_DST;
  return (v) => {
    const { ct } = v.skb;
    if (ct === null) return NF_ACCEPT;
    const found = address === null ? [] : address(v);
    if (found === null) return BREAK;
    const [min, joined] = found;
    const max = addressMax === null ? min : addressMax(v);
    const minPort = s.concat === true ? joined : port?.(v);
    const maxPort = portMax?.(v) ?? minPort;
    return natSetup(
      v.ns,
      ct,
      {
        hasAddress: min !== undefined,
        minAddress: asNumber(min),
        maxAddress: asNumber(max),
        hasPort: minPort !== undefined,
        minPort: asNumber(minPort),
        maxPort: asNumber(maxPort),
        ...flags,
      },
      manip,
    );
  };
}

function optional(scope: Scope, expr: NftExpr | undefined): ReturnType<typeof single> | null {
  return expr === undefined ? null : single(scope, expr);
}

function asNumber(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

const ICMP_NAMES: Readonly<Record<number, RejectWith>> = {
  0: "icmp-net-unreachable",
  1: "icmp-host-unreachable",
  2: "icmp-proto-unreachable",
  3: "icmp-port-unreachable",
  9: "icmp-net-prohibited",
  10: "icmp-host-prohibited",
  13: "icmp-admin-prohibited",
};
const ICMPV6_NAMES: Readonly<Record<number, RejectWith>> = {
  0: "icmp6-no-route",
  1: "icmp6-adm-prohibited",
  3: "icmp6-addr-unreachable",
  4: "icmp6-port-unreachable",
};
/** icmpx codes for each family: no-route, port, host, admin. */
const ICMPX: readonly (readonly [RejectWith, RejectWith])[] = [
  ["icmp-net-unreachable", "icmp6-no-route"],
  ["icmp-port-unreachable", "icmp6-port-unreachable"],
  ["icmp-host-unreachable", "icmp6-addr-unreachable"],
  ["icmp-admin-prohibited", "icmp6-adm-prohibited"],
];

function reject(how: NftReject): (v: PacketView) => number {
  if (how.kind === "tcp-reset") return rejecter("tcp-reset");
  const [v4, v6] =
    how.kind === "icmpx"
      ? ICMPX[how.code]!
      : ([
          how.kind === "icmp" ? ICMP_NAMES[how.code]! : "icmp-port-unreachable",
          how.kind === "icmpv6" ? ICMPV6_NAMES[how.code]! : "icmp6-port-unreachable",
        ] as const);
  const [answer4, answer6] = [rejecter(v4), rejecter(v6)];
  return (v) => (v.v6 ? answer6(v) : answer4(v));
}

const LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];

function log(s: Extract<NftStatement, { kind: "log" }>): Step {
  const level = s.level === undefined ? 4 : LEVELS.indexOf(s.level);
  const target = { kind: "LOG", prefix: s.prefix ?? "", level, flags: 0 } as const;
  // Nobody listens to a group.
  if (s.group !== undefined) return () => CONTINUE;
  return (v) => {
    v.ns.kernel.nfLog(v.ns, logLine(v, target), level);
    return CONTINUE;
  };
}

const UNITS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;

/** A bucket of time that packets, or bytes, take their cost out of. Models: nft_limit_eval. */
function limit(s: Extract<NftStatement, { kind: "limit" }>): Step {
  const cost = Math.floor((UNITS[s.per] * NANOS_PER_SECOND) / s.rate);
  const full = s.bytes === true ? cost * (s.rate + s.burst) : cost * s.burst;
  let tokens = full;
  let last = -1;
  return (v) => {
    const { now } = v.ns.kernel.queue;
    if (last >= 0) tokens = Math.min(full, tokens + now - last);
    last = now;
    const price = s.bytes === true ? cost * v.length : cost;
    const enough = tokens >= price;
    if (enough) tokens -= price;
    return enough === s.over ? BREAK : CONTINUE;
  };
}

/** The types of a set's key, to put packet values in by. */
function scalars(scope: Scope, types: readonly NftType[], values: readonly Value[]): NftScalar[] {
  return values.map((value, i) => {
    const type = types[i] ?? "integer";
    if (type !== "ipv6_addr" || typeof value !== "number") return { type, value };
    return { type, value: scope.ns.kernel.addresses.groups(value) as readonly number[] as Ipv6 };
  });
}

function update(scope: StatementScope, s: Extract<NftStatement, { kind: "update" }>): Step {
  const set = scope.set(s.set);
  const key = evaluator(scope, s.key);
  const data = s.data === undefined ? null : evaluator(scope, s.data);
  return (v) => {
    const values = key(v);
    const more = data?.(v);
    if (values === null || more === null) return BREAK;
    const parts: NftKey = scalars(scope, set.spec.key, values).map((value) => ({ kind: "value", value }));
    const types = set.spec.data === "verdict" ? [] : (set.spec.data ?? []);
    const extra = more === undefined ? undefined : scalars(scope, types, more);
    return set.dynamic(s.op, parts, extra, s.timeout) ? CONTINUE : BREAK;
  };
}
