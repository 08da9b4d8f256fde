import type { Actor, XtCounters, XtHook, XtRule } from "../../uapi/index.ts";
import type { CompiledChain, CompiledRule } from "./chain.ts";

/** A rule as it stands in a chain: what was asked for, who asked, and how often it matched. */
export class XtEntry {
  readonly id: number;
  readonly rule: XtRule;
  readonly by: Actor;
  /** Hooks at which it may stand, as bits. */
  readonly hooks: number;
  packets: number;
  bytes: number;
  /** The last change of its chain that it was part of; 0: not yet of any. */
  round = 0;
  /** What the walk uses, with what the rule's matches remember; made at the first packet. */
  compiled: CompiledRule | null = null;

  constructor(id: number, rule: XtRule, by: Actor, hooks: number, counters: XtCounters | undefined) {
    this.id = id;
    this.rule = rule;
    this.by = by;
    this.hooks = hooks;
    this.packets = counters?.packets ?? 0;
    this.bytes = counters?.bytes ?? 0;
  }
}

/** How built-in chains lead to a chain: by how many jumps at most (-1: not at all), and from which hooks (bits). */
export interface Reach {
  readonly level: number;
  readonly hooks: number;
}

export const UNREACHED: Reach = { level: -1, hooks: 0 };

/**
 * A chain. A built-in one has a hook and a policy; it is asked only once something named it (`present`), as iptables-nft
 * makes base chains one by one. Models: struct nft_chain, nft_base_chain.
 */
export class XtChain {
  name: string;
  readonly hook: XtHook | null;
  present: boolean;
  policy: "ACCEPT" | "DROP" = "ACCEPT";
  /** Packets that met the policy are counted only after something set the policy or zeroed the chain, as nf_tables does. */
  counts = false;
  packets = 0;
  bytes = 0;
  /** How many rules jump or go here. */
  references = 0;
  rules: readonly XtEntry[] = [];
  /** At most: a jump that went may still count until the next doubt. */
  reach: Reach = UNREACHED;
  /** What the walk uses; null after a change, until the next packet. */
  compiled: CompiledChain | null = null;

  constructor(name: string, hook: XtHook | null) {
    this.name = name;
    this.hook = hook;
    this.present = hook === null;
  }
}

/** The chain that a rule jumps or goes to, or undefined. */
export function chainNamed(rule: XtRule): string | undefined {
  const { target } = rule;
  return target !== undefined && (target.kind === "jump" || target.kind === "goto")
    ? target.chain
    : undefined;
}
