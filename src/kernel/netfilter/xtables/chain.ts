import type { XtMatch, XtRule, XtTarget } from "../../uapi/index.ts";
import type { Matcher } from "./header.ts";
import { ruleMatchers } from "./matches.ts";
import { chainNamed, type XtChain, type XtEntry } from "./table.ts";
import { type Action, actionOf, verdictText, XT_CONTINUE, XT_RETURN } from "./targets.ts";
import { NF_ACCEPT, NF_DROP } from "../hooks.ts";
import type { PacketView } from "./view.ts";

/** A rule made ready: it lives as long as its entry, and with it what its matches remember (tokens, counts). */
export interface CompiledRule {
  readonly entry: XtEntry;
  readonly matchers: readonly Matcher[];
  /** ACCEPT, DROP, XT_RETURN or XT_CONTINUE where the target is no more than that. */
  readonly verdict: number;
  readonly action: Action | null;
  /** The chain to jump or go to. */
  readonly chain: XtChain | null;
  readonly goes: boolean;
  readonly verdictText: string;
  /** What a packet must have for the rule to match: exactly this destination, source, port. Null: no such thing. */
  readonly dest: number | null;
  readonly source: number | null;
  readonly port: number | null;
}

export function compileRule(entry: XtEntry, chains: ReadonlyMap<string, XtChain>): CompiledRule {
  const { rule } = entry;
  const { target } = rule;
  const name = chainNamed(rule);
  return {
    entry,
    matchers: ruleMatchers(rule),
    verdict: plainVerdict(target),
    action: target === undefined ? null : actionOf(target),
    chain: name === undefined ? null : (chains.get(name) ?? null),
    goes: target?.kind === "goto",
    verdictText: verdictText(target),
    dest: exactAddress(rule.dest),
    source: exactAddress(rule.source),
    port: exactPort(rule),
  };
}

function plainVerdict(target: XtTarget | undefined): number {
  switch (target?.kind) {
    case "ACCEPT":
      return NF_ACCEPT;
    case "DROP":
      return NF_DROP;
    case "RETURN":
      return XT_RETURN;
    default:
      return XT_CONTINUE;
  }
}

/** By what a run of rules is indexed. */
const KEY_NONE = 0;
const KEY_DEST = 1;
const KEY_SOURCE = 2;
const KEY_PORT = 4;

/** A run of rules of a chain, from one index up to another. With a map, only those under the packet's key can match. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly key: number;
  /** Ascending indices of rules, by key; null: all rules are asked. */
  readonly index: ReadonlyMap<number, readonly number[]> | null;
}

export interface CompiledChain {
  readonly rules: readonly CompiledRule[];
  readonly runs: readonly Run[];
}

/** Shorter runs are asked rule by rule. */
const SHORTEST_RUN = 8;

const FULL = 0xffffffff;

/** The single destination (or source) that a rule asks for: IPv4, or for IPv6 a hash of it. */
function exactAddress(spec: XtRule["source"]): number | null {
  if (spec === undefined || spec.invert === true) return null;
  const { address, mask } = spec;
  if (typeof mask === "number") return mask >>> 0 === FULL && typeof address === "number" ? address : null;
  if (mask.some((group) => group !== 0xffff) || typeof address === "number") return null;
  const word = (i: number): number => (address[i]! << 16) | address[i + 1]!;
  return hash6(word(0), word(2), word(4), word(6));
}

function hash6(a: number, b: number, c: number, d: number): number {
  return (Math.imul(a, 31) + Math.imul(b, 37) + Math.imul(c, 41) + Math.imul(d, 43)) >>> 0;
}

/** Matches that change something even when a later one fails: nothing after them may be asked first. */
const STATEFUL: ReadonlySet<XtMatch["kind"]> = new Set([
  "statistic",
  "limit",
  "hashlimit",
  "recent",
  "connlimit",
  "set",
]);

/** protocol << 16 | port, when the rule asks for a single destination port before anything that remembers. */
function exactPort(rule: XtRule): number | null {
  const { protocol } = rule;
  if (protocol === undefined || protocol.invert === true) return null;
  for (const match of rule.matches) {
    if (STATEFUL.has(match.kind)) return null;
    if (match.kind !== "tcp" && match.kind !== "udp" && match.kind !== "sctp") continue;
    const { dports } = match;
    if (dports === undefined || dports.invert === true || dports.min !== dports.max) continue;
    return (protocol.number << 16) | dports.min;
  }
  return null;
}

function keysOf(rule: CompiledRule): number {
  return (
    (rule.dest === null ? 0 : KEY_DEST) |
    (rule.source === null ? 0 : KEY_SOURCE) |
    (rule.port === null ? 0 : KEY_PORT)
  );
}

function keyOf(rule: CompiledRule, kind: number): number {
  const key = kind === KEY_DEST ? rule.dest : kind === KEY_SOURCE ? rule.source : rule.port;
  return key ?? 0;
}

/** The packet's key of a kind. */
export function packetKey(v: PacketView, kind: number): number {
  if (kind === KEY_DEST) return v.v6 ? hash6(v.dst0, v.dst1, v.dst2, v.dst) : v.dst;
  if (kind === KEY_SOURCE) return v.v6 ? hash6(v.src0, v.src1, v.src2, v.src) : v.src;
  return v.dport < 0 ? -1 : (v.protocol << 16) | v.dport;
}

/** Sorts a chain's rules into runs with a common kind of key. */
export function compileChain(chain: XtChain, chains: ReadonlyMap<string, XtChain>): CompiledChain {
  const rules = chain.rules.map((entry) => (entry.compiled ??= compileRule(entry, chains)));
  const runs: Run[] = [];
  let from = 0;
  while (from < rules.length) {
    let common = keysOf(rules[from]!);
    let to = from + 1;
    if (common === KEY_NONE) {
      while (to < rules.length && keysOf(rules[to]!) === KEY_NONE) to++;
      runs.push({ from, to, key: KEY_NONE, index: null });
      from = to;
      continue;
    }
    for (; to < rules.length; to++) {
      const next = common & keysOf(rules[to]!);
      if (next === KEY_NONE) break;
      common = next;
    }
    const key = (common & KEY_DEST) !== 0 ? KEY_DEST : (common & KEY_SOURCE) !== 0 ? KEY_SOURCE : KEY_PORT;
    const short = to - from < SHORTEST_RUN;
    runs.push({ from, to, key, index: short ? null : indexRun(rules, from, to, key) });
    from = to;
  }
  return { rules, runs };
}

function indexRun(
  rules: readonly CompiledRule[],
  from: number,
  to: number,
  kind: number,
): Map<number, readonly number[]> {
  const index = new Map<number, number[]>();
  for (let i = from; i < to; i++) {
    const key = keyOf(rules[i]!, kind);
    const at = index.get(key);
    if (at === undefined) index.set(key, [i]);
    else at.push(i);
  }
  return index;
}
