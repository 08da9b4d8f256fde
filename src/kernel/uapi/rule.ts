import type { Ipv4 } from "../../wire/address.ts";
import type { Actor, KernelResult, RouteProtocol } from "./types.ts";

/** What a rule does with a packet that it matches. Models: FR_ACT_* of include/uapi/linux/fib_rules.h. */
export type RuleAction = "lookup" | "goto" | "nop" | "blackhole" | "unreachable" | "prohibit";

/** An address and how many of its leading bits count. */
export interface RulePrefix<A> {
  readonly address: A;
  readonly length: number;
}

/** First and last port. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** RTM_NEWRULE; `A` is the family's kind of address. What is absent matches everything. */
export interface RuleSpec<A = Ipv4> {
  /** Absent: one less than that of the second rule. */
  readonly priority?: number;
  readonly action?: RuleAction;
  /** For "lookup"; 0 lets the kernel take the first table that does not exist. */
  readonly table?: number;
  /** For "goto": the priority of the rule to go on with. */
  readonly target?: number;
  /** The rule applies to what does not match. */
  readonly invert?: boolean;
  readonly src?: RulePrefix<A>;
  readonly dst?: RulePrefix<A>;
  readonly iif?: string;
  readonly oif?: string;
  readonly mark?: number;
  readonly mask?: number;
  readonly tos?: number;
  readonly ipProtocol?: number;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
  /** Results whose prefix is this long or shorter do not count. */
  readonly suppressPrefixLength?: number;
  /** Results that leave by a device of this group do not count. */
  readonly suppressGroup?: number;
  /** Who put it there, rtnetlink(7). */
  readonly protocol?: RouteProtocol;
}

export interface RuleInfo<A = Ipv4> extends RuleSpec<A> {
  /** Names the rule within its family and namespace. */
  readonly id: number;
  readonly priority: number;
  readonly action: RuleAction;
  readonly protocol: RouteProtocol;
  /** The device that `iif` or `oif` names does not exist. */
  readonly iifDetached: boolean;
  readonly oifDetached: boolean;
  /** No rule has the priority that a goto asks for. */
  readonly unresolved: boolean;
  readonly by: Actor;
}

export interface RuleApi<A = Ipv4> {
  /** In the order of trial. */
  list(): readonly RuleInfo<A>[];
  add(spec: RuleSpec<A>): KernelResult<void>;
  /** Deletes the first rule that agrees with all that the spec names. */
  delete(spec: RuleSpec<A>): KernelResult<void>;
}
