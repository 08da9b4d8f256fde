import { err, ok, type Result } from "../../../base/result.ts";
import type { XtablesRow } from "../../../trace/rows.ts";
import type { Netns } from "../../netns.ts";
import {
  type Actor,
  type KernelError,
  XT_CHAINS,
  type XtChainInfo,
  type XtError,
  type XtFamily,
  type XtHook,
  type XtOperation,
  type XtRule,
  type XtTableInfo,
  type XtTableName,
} from "../../uapi/index.ts";
import { checkRule, needsValidation, validate } from "./check.ts";
import { Draft, type DraftChain } from "./draft.ts";
import { hold, release, setsOf } from "./needs.ts";
import { familyNumber, hookOf, registerChain, unregisterChain } from "./register.ts";
import { RecentTables } from "./match/recent.ts";
import { UNREACHED, XtChain } from "./table.ts";
import { Walk } from "./walk.ts";
import type { HookOps } from "../hooks.ts";

/** One table of one family: its chains in the order in which they are listed. Models: struct nft_table. */
export class XtTable {
  readonly family: XtFamily;
  readonly name: XtTableName;
  chains: Map<string, XtChain>;
  readonly walk: Walk = new Walk(this);
  /** Of the built-in chains that are asked. */
  readonly hooks = new Map<XtChain, HookOps>();

  constructor(family: XtFamily, name: XtTableName) {
    this.family = family;
    this.name = name;
    this.chains = new Map(XT_CHAINS[name].map((hook) => [hook, new XtChain(hook, hook)]));
  }
}

/** The iptables tables of a namespace, for both families. */
export class XtTables {
  private readonly ns: Netns;
  private readonly tables = new Map<string, XtTable>();
  /** Numbers the changes of chains, so that a change knows which rules it left out. */
  private rounds = 0;
  /** Lists of `-m recent`. */
  readonly recent: RecentTables = new RecentTables();

  constructor(ns: Netns) {
    this.ns = ns;
  }

  find(family: XtFamily, name: XtTableName): XtTable | undefined {
    return this.tables.get(`${family} ${name}`);
  }

  info(family: XtFamily, name: XtTableName): XtTableInfo | undefined {
    const table = this.find(family, name);
    if (table === undefined) return undefined;
    return { table: name, chains: [...table.chains.values()].map(chainInfo) };
  }

  chain(family: XtFamily, table: XtTableName, name: string): XtChainInfo | undefined {
    const chain = this.find(family, table)?.chains.get(name);
    return chain === undefined ? undefined : chainInfo(chain);
  }

  chainNames(family: XtFamily, table: XtTableName): readonly string[] {
    return [...(this.find(family, table)?.chains.keys() ?? [])];
  }

  /** All steps or none. Models: nf_tables_commit, with nft_table_validate. */
  commit(
    family: XtFamily,
    name: XtTableName,
    steps: readonly XtOperation[],
    by: Actor,
  ): Result<void, XtError> {
    const table = this.find(family, name) ?? new XtTable(family, name);
    const first = this.draft(table, steps, by, false);
    if (!first.ok) {
      if (first.error.step >= 0) return first;
      // Some step made the table invalid: which one shows when all is checked after each.
      const again = this.draft(table, steps, by, true);
      return again.ok ? first : again;
    }
    if (steps.length === 0) return ok();
    this.tables.set(`${family} ${name}`, table);
    this.take(table, first.value, by);
    return ok();
  }

  drop(family: XtFamily, name: XtTableName, by: Actor): void {
    const table = this.find(family, name);
    if (table === undefined) return;
    this.tables.delete(`${family} ${name}`);
    for (const ops of table.hooks.values()) unregisterChain(this.ns, name, ops);
    if (name === "nat" && table.hooks.size > 0) this.ns.netfilter.releaseNat(familyNumber(family));
    for (const chain of table.chains.values()) {
      this.journal(table, chain.name, chain, null, by);
      for (const { rule } of chain.rules) release(this.ns, family, rule);
    }
  }

  private draft(
    table: XtTable,
    steps: readonly XtOperation[],
    by: Actor,
    validateEach: boolean,
  ): Result<Draft, XtError> {
    const draft = new Draft(table.chains, () => this.ns.kernel.nextRuleId(), by);
    let doubtful = false;
    for (const [i, step] of steps.entries()) {
      if (step.op === "append" || step.op === "insert" || step.op === "replace") {
        const hook = draft.chain(step.chain)?.chain.hook ?? null;
        const checked = checkRule(table.name, hook, step.rule);
        if (!checked.ok) return err({ errno: checked.error, step: i });
        const refused = this.refusal(table.family, step.rule);
        if (refused !== null) return err({ ...refused, step: i });
        doubtful ||= needsValidation(step.rule);
      }
      const done = draft.apply(step);
      if (!done.ok) return err({ errno: done.error, step: i });
      if (!validateEach) continue;
      const valid = validate(draft);
      if (!valid.ok) return err({ errno: valid.error, step: i });
    }
    if (!doubtful) return ok(draft);
    const valid = validate(draft);
    return valid.ok ? ok(draft) : err({ errno: valid.error, step: -1 });
  }

  /** What this namespace lacks for a rule. */
  private refusal(family: XtFamily, rule: XtRule): KernelError | null {
    if (setsOf(rule).some((set) => this.ns.ipset.find(set) === undefined)) return { errno: "ENOENT" };
    if (family === "ip6" && rule.matches.some((m) => m.kind === "socket"))
      return { errno: "EOPNOTSUPP", extack: "flannelgraph: socket of ip6tables is not modelled yet" };
    return null;
  }

  /** Makes a draft the table's state. */
  private take(table: XtTable, draft: Draft, by: Actor): void {
    for (const entry of draft.zeroed) {
      entry.packets = 0;
      entry.bytes = 0;
    }
    for (const [name, chain] of draft.gone) {
      table.chains.delete(name);
      for (const { rule } of chain.rules) release(this.ns, table.family, rule);
      this.journal(table, name, chain, null, by);
    }
    const made: XtChain[] = [];
    for (const drafted of draft.changed.values()) {
      const { chain } = drafted;
      if (table.chains.get(chain.name) !== chain) made.push(chain);
      if (drafted.own !== null) this.holdRules(table.family, drafted);
      this.settle(table, drafted, made.at(-1) === chain, by);
    }
    // A renamed chain keeps its place.
    if (draft.renames) table.chains = new Map([...table.chains.values()].map((c) => [c.name, c]));
    for (const chain of made) table.chains.set(chain.name, chain);
    if (draft.reachedAll) for (const chain of table.chains.values()) chain.reach = UNREACHED;
    for (const [chain, reach] of draft.reach) chain.reach = reach;
  }

  private settle(table: XtTable, drafted: DraftChain, made: boolean, by: Actor): void {
    const { chain } = drafted;
    const { trace } = this.ns.kernel;
    const before = trace === null || made || !drafted.touched ? null : rowOf(chain);
    const oldName = chain.name;
    settle(drafted);
    if (chain.present && chain.hook !== null && !table.hooks.has(chain))
      this.attach(table, chain, chain.hook);
    if (trace === null || !drafted.touched) return;
    if (oldName !== chain.name) {
      this.write(table, oldName, before, null, by);
      this.write(table, chain.name, null, rowOf(chain), by);
    } else this.write(table, chain.name, before, rowOf(chain), by);
  }

  /** New rules take hold of what they need before old ones let go of it. */
  private holdRules(family: XtFamily, drafted: DraftChain): void {
    const round = ++this.rounds;
    for (const entry of drafted.rules) {
      if (entry.round === 0) hold(this.ns, family, entry.rule);
      entry.round = round;
    }
    for (const entry of drafted.chain.rules) if (entry.round !== round) release(this.ns, family, entry.rule);
  }

  private attach(table: XtTable, chain: XtChain, hook: XtHook): void {
    if (table.name === "nat" && table.hooks.size === 0) this.ns.netfilter.holdNat(familyNumber(table.family));
    const ops = hookOf(table.family, table.name, chain, hook, table.walk);
    table.hooks.set(chain, ops);
    registerChain(this.ns, table.name, ops);
  }

  private journal(
    table: XtTable,
    name: string,
    before: XtChain | null,
    after: XtChain | null,
    by: Actor,
  ): void {
    if (this.ns.kernel.trace === null) return;
    this.write(table, name, before === null ? null : rowOf(before), after === null ? null : rowOf(after), by);
  }

  private write(
    table: XtTable,
    chain: string,
    before: XtablesRow | null,
    after: XtablesRow | null,
    by: Actor,
  ): void {
    const key = `${table.family}/${table.name}/${chain}`;
    this.ns.kernel.trace?.change("xtables", this.ns.id, key, before, after, by.name, by.detail ?? "");
  }
}

function settle(drafted: DraftChain): void {
  const { chain } = drafted;
  chain.name = drafted.name;
  chain.present = drafted.present;
  chain.policy = drafted.policy;
  chain.counts = drafted.counts;
  chain.references = drafted.references;
  if (drafted.counters !== null) {
    chain.packets = drafted.counters.packets;
    chain.bytes = drafted.counters.bytes;
  }
  if (drafted.own === null) return;
  chain.rules = drafted.own;
  chain.compiled = null;
}

function rowOf(chain: XtChain): XtablesRow {
  return {
    policy: chain.hook === null ? null : chain.policy,
    rules: chain.rules.map((entry) => ({ id: entry.id, rule: entry.rule })),
  };
}

function chainInfo(chain: XtChain): XtChainInfo {
  const { rules } = chain;
  return {
    name: chain.name,
    policy: chain.hook === null ? null : chain.policy,
    ...(chain.hook !== null && !chain.present && { absent: true }),
    counters: { packets: chain.packets, bytes: chain.bytes },
    references: chain.references,
    // Made when somebody looks: a table may have thousands of chains.
    get rules() {
      return rules.map((entry) => ({
        rule: entry.rule,
        counters: { packets: entry.packets, bytes: entry.bytes },
        id: entry.id,
        by: entry.by,
      }));
    },
  };
}
