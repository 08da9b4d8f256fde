import { err, ok } from "../base/result.ts";
import { policyRow } from "./fib-rule-row.ts";
import type { Netns } from "./netns.ts";
import type { Actor, KernelResult, PortRange, RuleAction, RulePrefix, RuleSpec } from "./uapi/index.ts";

/** What a route is looked up for. One object serves many lookups. Models: struct flowi. */
export interface Flow<A> {
  dst: A;
  src: A;
  /** Interface index; lo's for what starts here. */
  iif: number;
  /** 0: any. */
  oif: number;
  mark: number;
  tos: number;
  protocol: number;
  sport: number;
  dport: number;
}

/** What differs between the address families. */
export interface RuleFamily<A> {
  readonly name: "inet" | "inet6";
  readonly bits: number;
  covers(prefix: RulePrefix<A>, address: A): boolean;
  sameAddress(a: A, b: A): boolean;
  text(address: A): string;
}

/** A rule of policy routing. Models: struct fib_rule. */
export interface FibRule<A> {
  readonly id: number;
  readonly priority: number;
  readonly action: RuleAction;
  /** 0 unless the action is "lookup". */
  readonly table: number;
  readonly target: number;
  readonly invert: boolean;
  /** Null for any address. */
  readonly src: RulePrefix<A> | null;
  readonly dst: RulePrefix<A> | null;
  readonly iifName: string;
  readonly oifName: string;
  readonly mark: number;
  readonly mask: number;
  readonly tos: number;
  readonly ipProtocol: number;
  readonly sourcePorts: PortRange | null;
  readonly destinationPorts: PortRange | null;
  /** -1: none is suppressed. */
  readonly suppressPrefixLength: number;
  readonly suppressGroup: number;
  readonly protocol: number;
  readonly by: Actor;
  /** Index of the device named, 0 when none is, -1 when it does not exist. */
  iif: number;
  oif: number;
  /** Where a goto goes on: a position in the list, -1 while no rule has that priority. */
  jump: number;
}

/** IPTOS_RT_MASK, less the two bits of ECN: what of the TOS takes part in routing. */
export const ROUTING_TOS = 0x1c;

/**
 * The rules of one family in one namespace, in the order of trial. Models: net/core/fib_rules.c.
 */
export class FibRules<A> {
  readonly list: FibRule<A>[] = [];
  /** Anybody changed the rules since the namespace was made: the merged table no longer serves. */
  custom = false;
  /** Some rule looks at protocol or ports. Models: fib_rules_require_fldissect. */
  dissects = false;
  private readonly ns: Netns;
  private readonly family: RuleFamily<A>;
  private readonly freeTable: () => number;
  private readonly defaults: readonly (readonly [priority: number, table: number])[];
  /** Hears of every rule that comes or goes. */
  tell: ((rule: FibRule<A>, gone: boolean) => void) | undefined = undefined;
  private lastId = 0;

  /** `freeTable` answers the number of a table that does not exist yet. */
  constructor(
    ns: Netns,
    family: RuleFamily<A>,
    defaults: readonly (readonly [priority: number, table: number])[],
    freeTable: () => number,
  ) {
    this.ns = ns;
    this.family = family;
    this.freeTable = freeTable;
    this.defaults = defaults;
    for (const [priority, table] of defaults)
      this.list.push(this.make({ priority, table, protocol: 2 }, priority, { name: "kernel" }));
  }

  /** Models: fib_rule_match with fib4_rule_match. */
  matches(rule: FibRule<A>, flow: Flow<A>): boolean {
    return this.agrees(rule, flow) !== rule.invert;
  }

  private agrees(rule: FibRule<A>, flow: Flow<A>): boolean {
    if (rule.iif !== 0 && rule.iif !== flow.iif) return false;
    if (rule.oif !== 0 && rule.oif !== flow.oif) return false;
    if (((rule.mark ^ flow.mark) & rule.mask) !== 0) return false;
    if (rule.src !== null && !this.family.covers(rule.src, flow.src)) return false;
    if (rule.dst !== null && !this.family.covers(rule.dst, flow.dst)) return false;
    if (rule.tos !== 0 && rule.tos !== (flow.tos & ROUTING_TOS)) return false;
    if (rule.ipProtocol !== 0 && rule.ipProtocol !== flow.protocol) return false;
    return within(rule.sourcePorts, flow.sport) && within(rule.destinationPorts, flow.dport);
  }

  /** RTM_NEWRULE. Models: fib_nl_newrule. */
  add(spec: RuleSpec<A>, by: Actor): KernelResult<void> {
    const fault = this.fault(spec);
    if (fault !== undefined) return err({ errno: "EINVAL", extack: fault });
    const priority = spec.priority ?? this.nextPriority();
    const action = spec.action ?? "lookup";
    if (action === "goto" && (spec.target ?? 0) <= priority)
      return err({ errno: "EINVAL", extack: "Backward goto not supported" });
    const rule = this.make(spec, priority, by);
    if (this.list.some((other) => this.twin(other, rule))) return err({ errno: "EEXIST" });
    let at = this.list.findIndex((other) => other.priority > priority);
    if (at < 0) at = this.list.length;
    this.list.splice(at, 0, rule);
    this.changed();
    this.journal(rule, false, by);
    this.tell?.(rule, false);
    return ok();
  }

  private fault(spec: RuleSpec<A>): string | undefined {
    if (spec.tos !== undefined) {
      if ((spec.tos & 3) !== 0) return "Invalid dsfield (tos): ECN bits must be 0";
      if ((spec.tos & ~ROUTING_TOS) !== 0) return "Invalid tos";
    }
    if (badRange(spec.sourcePorts)) return "Invalid sport range";
    if (badRange(spec.destinationPorts)) return "Invalid dport range";
    if (spec.action === "goto" && spec.target === undefined) return "Missing goto target for action goto";
    return undefined;
  }

  /** Models: fib_default_rule_pref. */
  private nextPriority(): number {
    const second = this.list[1]?.priority ?? 0;
    return second > 0 ? second - 1 : 0;
  }

  private make(spec: RuleSpec<A>, priority: number, by: Actor): FibRule<A> {
    const action = spec.action ?? "lookup";
    const wanted = spec.table ?? 0;
    const prefix = (p: RulePrefix<A> | undefined): RulePrefix<A> | null =>
      p === undefined || p.length === 0 ? null : p;
    return {
      id: ++this.lastId,
      priority,
      action,
      table: action !== "lookup" ? 0 : wanted === 0 ? this.freeTable() : wanted,
      target: spec.target ?? 0,
      invert: spec.invert ?? false,
      src: prefix(spec.src),
      dst: prefix(spec.dst),
      iifName: spec.iif ?? "",
      oifName: spec.oif ?? "",
      mark: spec.mark ?? 0,
      mask: spec.mask ?? ((spec.mark ?? 0) === 0 ? 0 : 0xffffffff),
      tos: spec.tos ?? 0,
      ipProtocol: spec.ipProtocol ?? 0,
      sourcePorts: spec.sourcePorts ?? null,
      destinationPorts: spec.destinationPorts ?? null,
      suppressPrefixLength: spec.suppressPrefixLength ?? -1,
      suppressGroup: spec.suppressGroup ?? -1,
      protocol: spec.protocol ?? 0,
      by,
      iif: this.resolve(spec.iif ?? ""),
      oif: this.resolve(spec.oif ?? ""),
      jump: -1,
    };
  }

  private resolve(name: string): number {
    return name === "" ? 0 : (this.ns.deviceByName(name)?.index ?? -1);
  }

  /** A rule that the kernel takes for the same: a wider new one counts as equal too. Models: rule_exists. */
  private twin(other: FibRule<A>, rule: FibRule<A>): boolean {
    return (
      other.action === rule.action &&
      other.table === rule.table &&
      other.priority === rule.priority &&
      other.iifName === rule.iifName &&
      other.oifName === rule.oifName &&
      other.mark === rule.mark &&
      other.mask === rule.mask &&
      other.suppressPrefixLength === rule.suppressPrefixLength &&
      other.suppressGroup === rule.suppressGroup &&
      other.ipProtocol === rule.ipProtocol &&
      other.protocol === rule.protocol &&
      sameRange(other.sourcePorts, rule.sourcePorts) &&
      sameRange(other.destinationPorts, rule.destinationPorts) &&
      this.covered(other, rule.src, rule.dst, rule.tos)
    );
  }

  /** Models: fib4_rule_compare: what is not asked for is not compared. */
  private covered(
    rule: FibRule<A>,
    src: RulePrefix<A> | null,
    dst: RulePrefix<A> | null,
    tos: number,
  ): boolean {
    const same = (own: RulePrefix<A> | null, asked: RulePrefix<A> | null): boolean =>
      asked === null ||
      (own !== null && own.length === asked.length && this.family.sameAddress(own.address, asked.address));
    return same(rule.src, src) && same(rule.dst, dst) && (tos === 0 || tos === rule.tos);
  }

  /** RTM_DELRULE. Models: fib_nl_delrule, rule_find. */
  delete(spec: RuleSpec<A>, by: Actor): KernelResult<void> {
    const at = this.list.findIndex((rule) => this.meant(rule, spec));
    const rule = this.list[at];
    if (rule === undefined) return err({ errno: "ENOENT" });
    this.list.splice(at, 1);
    this.changed();
    this.journal(rule, true, by);
    this.tell?.(rule, true);
    return ok();
  }

  /** As they were when the namespace was made. */
  reset(by: Actor): void {
    if (!this.custom) return;
    for (const rule of this.list.splice(0)) this.journal(rule, true, by);
    for (const [priority, table] of this.defaults) {
      const rule = this.make({ priority, table, protocol: 2 }, priority, by);
      this.list.push(rule);
      this.journal(rule, false, by);
    }
    this.changed();
    this.custom = false;
  }

  private meant(rule: FibRule<A>, spec: RuleSpec<A>): boolean {
    const same = <T>(own: T, asked: T | undefined, unasked: T): boolean =>
      asked === undefined || asked === unasked || asked === own;
    const range = (own: PortRange | null, asked: PortRange | undefined): boolean =>
      asked === undefined || sameRange(own, asked);
    const prefix = (p: RulePrefix<A> | undefined): RulePrefix<A> | null =>
      p === undefined || p.length === 0 ? null : p;
    const mask = spec.mask ?? ((spec.mark ?? 0) === 0 ? 0 : 0xffffffff);
    return (
      (spec.action === undefined || spec.action === rule.action) &&
      same(rule.table, spec.table, 0) &&
      (spec.priority === undefined || spec.priority === rule.priority) &&
      same(rule.iifName, spec.iif, "") &&
      same(rule.oifName, spec.oif, "") &&
      same(rule.mark, spec.mark, 0) &&
      same(rule.mask, mask, 0) &&
      same(rule.suppressPrefixLength, spec.suppressPrefixLength, -1) &&
      same(rule.suppressGroup, spec.suppressGroup, -1) &&
      same(rule.ipProtocol, spec.ipProtocol, 0) &&
      same(rule.protocol, spec.protocol, 0) &&
      range(rule.sourcePorts, spec.sourcePorts) &&
      range(rule.destinationPorts, spec.destinationPorts) &&
      this.covered(rule, prefix(spec.src), prefix(spec.dst), spec.tos ?? 0)
    );
  }

  private changed(): void {
    this.custom = true;
    this.dissects = this.list.some(
      (r) => r.ipProtocol !== 0 || r.sourcePorts !== null || r.destinationPorts !== null,
    );
    for (const rule of this.list)
      if (rule.action === "goto") rule.jump = this.list.findIndex((r) => r.priority === rule.target);
  }

  /** A device came, went or was renamed. Models: fib_rules_event. */
  devicesChanged(): void {
    if (!this.custom) return;
    for (const rule of this.list) {
      rule.iif = this.resolve(rule.iifName);
      rule.oif = this.resolve(rule.oifName);
    }
  }

  private journal(rule: FibRule<A>, gone: boolean, by: Actor): void {
    const row = policyRow(rule, this.family);
    this.ns.kernel.trace?.change(
      "rule",
      this.ns.id,
      `${this.family.name}/${rule.id}`,
      gone ? row : null,
      gone ? null : row,
      by.name,
      by.detail ?? "",
    );
  }
}

function within(range: PortRange | null, port: number): boolean {
  return range === null || (port >= range.first && port <= range.last);
}

function badRange(range: PortRange | undefined): boolean {
  return range !== undefined && (range.first === 0 || range.last > 65534 || range.first > range.last);
}

function sameRange(a: PortRange | null, b: PortRange | null): boolean {
  return a === b || (a !== null && b !== null && a.first === b.first && a.last === b.last);
}
