import { err, ok, type Result } from "../../base/result.ts";
import type { IptablesCommand } from "../../formats/iptables/command.ts";
import { saveRule } from "../../formats/iptables/save.ts";
import {
  type NetApi,
  XT_CHAINS,
  type XtChainInfo,
  type XtCounters,
  type XtFamily,
  type XtOperation,
  type XtRule,
  type XtTableName,
} from "../../kernel/uapi/index.ts";

/** Why a command cannot be carried out, in the words of nft_strerror. */
export const REASONS = {
  noChain: "No chain/target/match by that name",
  badRule: "Bad rule (does a matching rule exist in that chain?)",
  exists: "Chain already exists",
  fileExists: "File exists",
  insertion: "Index of insertion too big",
  replacement: "Index of replacement too big",
  deletion: "Index of deletion too big",
  badBuiltin: "Bad built-in chain name",
  badPolicy: "Bad policy name",
} as const;
export type Reason = keyof typeof REASONS;

/** A chain that a rule leads to and that is not there: found out late, and said differently. */
export interface MissingTarget {
  readonly missing: string;
}

export type Refusal = Reason | MissingTarget;

interface EditedChain {
  readonly builtin: boolean;
  /** False for a built-in chain that nothing has needed yet. */
  made: boolean;
  policy: "ACCEPT" | "DROP" | null;
  counters: XtCounters;
  rules: XtRule[];
}

/** A step for the kernel, with where it came from. */
export interface Step {
  readonly operation: XtOperation;
  /** What the kernel's refusal is called: `RULE_APPEND`, and what it was about. */
  readonly label: string;
  readonly about: string;
  readonly line: number;
}

const NO_COUNTERS: XtCounters = { packets: 0, bytes: 0 };

/** The chains of a table as listings have them: the built-in ones, then the users' by name. */
export function chainsOf(net: NetApi, family: XtFamily, table: XtTableName): readonly XtChainInfo[] {
  const info = net.xtables.table(family, table);
  const builtin = XT_CHAINS[table].map(
    (name): XtChainInfo =>
      info?.chains.find((chain) => chain.name === name) ?? {
        name,
        policy: "ACCEPT",
        absent: true,
        counters: NO_COUNTERS,
        references: 0,
        rules: [],
      },
  );
  const users = (info?.chains ?? []).filter((chain) => chain.policy === null);
  return [...builtin, ...users.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}

const texts = new WeakMap<XtRule, string>();

/** What a rule prints; `-D` and `-C` take two rules for one when that is the same. Rules do not change, so it is kept. */
export function ruleText(rule: XtRule): string {
  let text = texts.get(rule);
  if (text === undefined) {
    text = saveRule(rule);
    texts.set(rule, text);
  }
  return text;
}

/**
 * A table while commands change it: each is checked against what those before it left, and adds its steps to one
 * transaction. Models: nft_prepare, which checks in its cache and hands everything to the kernel at once.
 */
export class TableEdit {
  readonly steps: Step[] = [];
  private readonly chains = new Map<string, EditedChain>();

  constructor(net: NetApi, family: XtFamily, table: XtTableName) {
    for (const chain of chainsOf(net, family, table))
      this.chains.set(chain.name, {
        builtin: chain.policy !== null,
        made: chain.absent !== true,
        policy: chain.policy,
        counters: chain.counters,
        rules: chain.rules.map(({ rule }) => rule),
      });
  }

  /** Chain names, the users' sorted. */
  names(which: "all" | "users"): readonly string[] {
    const all = [...this.chains];
    const builtin = which === "all" ? all.filter(([, chain]) => chain.builtin).map(([name]) => name) : [];
    const users = all.filter(([, chain]) => !chain.builtin).map(([name]) => name);
    return [...builtin, ...users.sort()];
  }

  has(name: string): boolean {
    return this.chains.has(name);
  }

  private add(operation: XtOperation, label: string, about: string, line: number): void {
    this.steps.push({ operation, label, about, line });
  }

  /** Carries a command out here and notes the steps for the kernel; its listings are not done here. */
  apply(command: IptablesCommand, line = 0): Result<void, Refusal> {
    for (const op of command.ops) {
      const done = this.applyOne(command, op, line);
      if (!done.ok) return done;
    }
    return ok();
  }

  private applyOne(
    command: IptablesCommand,
    op: IptablesCommand["ops"][number],
    line: number,
  ): Result<void, Refusal> {
    const chain = command.chain ?? "";
    switch (op) {
      case "append":
      case "insert":
      case "replace":
        return this.put(op, command, chain, line);
      case "check":
      case "delete":
        return this.remove(op === "delete", command, chain, line);
      case "delete-number":
        return this.removeNumber(chain, command.number ?? 1, line);
      case "flush":
        return this.flush(command.chain, line);
      case "zero":
        return this.zero(command.chain, line);
      case "zero-number":
        return this.zeroNumber(chain, command.number ?? 1, line);
      case "new-chain":
        return this.newChain(chain, line);
      case "delete-chain":
        return this.deleteChain(command.chain, line);
      case "rename-chain":
        return this.rename(chain, command.newName ?? "", line);
      case "policy":
        return this.setPolicy(chain, command.policy ?? "", command.counters, line);
      case "list":
      case "list-rules":
        return ok();
    }
  }

  private put(
    op: "append" | "insert" | "replace",
    command: IptablesCommand,
    name: string,
    line: number,
  ): Result<void, Refusal> {
    const { jumpsTo, counters } = command;
    const chain = this.chains.get(name);
    if (jumpsTo !== undefined && !this.chains.has(jumpsTo)) return err({ missing: jumpsTo });
    if (chain === undefined || (op === "replace" && !chain.made)) return err("noChain");
    const number = command.number ?? 1;
    if (op === "insert" && number > chain.rules.length + 1) return err("insertion");
    if (op === "replace" && number > chain.rules.length) return err("replacement");
    for (const rule of command.rules) {
      const common = { chain: name, rule, ...(counters !== undefined && { counters }) };
      if (op === "append") {
        chain.rules.push(rule);
        this.add({ op, ...common }, "RULE_APPEND", `rule in chain ${name}`, line);
      } else {
        chain.rules.splice(number - 1, op === "replace" ? 1 : 0, rule);
        const label = op === "insert" ? "RULE_INSERT" : "RULE_REPLACE";
        this.add({ op, number, ...common }, label, `rule in chain ${name}`, line);
      }
    }
    chain.made = true;
    return ok();
  }

  private remove(
    deletes: boolean,
    command: IptablesCommand,
    name: string,
    line: number,
  ): Result<void, Refusal> {
    const chain = this.chains.get(name);
    const { jumpsTo } = command;
    if (deletes && jumpsTo !== undefined && !this.chains.has(jumpsTo)) return err({ missing: jumpsTo });
    for (const wanted of command.rules) {
      const text = ruleText(wanted);
      const at = chain?.rules.findIndex((rule) => ruleText(rule) === text) ?? -1;
      if (chain === undefined || at < 0) return err("badRule");
      if (!deletes) continue;
      chain.rules.splice(at, 1);
      const operation = { op: "delete", chain: name, number: at + 1 } as const;
      this.add(operation, "RULE_DELETE", `rule in chain ${name}`, line);
    }
    return ok();
  }

  private removeNumber(name: string, number: number, line: number): Result<void, Refusal> {
    const chain = this.chains.get(name);
    if (chain === undefined || !chain.made) return err("noChain");
    if (number > chain.rules.length) return err("deletion");
    chain.rules.splice(number - 1, 1);
    this.add({ op: "delete", chain: name, number }, "RULE_DELETE", `rule in chain ${name}`, line);
    return ok();
  }

  /** Removes the rules of one chain, or of all. */
  flush(name: string | undefined, line: number): Result<void, Refusal> {
    for (const one of name === undefined ? this.names("all") : [name]) {
      const chain = this.chains.get(one);
      if (chain === undefined) return err("noChain");
      chain.rules = [];
      this.add({ op: "flush", chain: one }, "RULE_FLUSH", `rule in chain ${one}`, line);
    }
    return ok();
  }

  private zero(name: string | undefined, line: number): Result<void, Refusal> {
    for (const one of name === undefined ? this.names("all") : [name]) {
      const chain = this.chains.get(one);
      if (chain === undefined || (name !== undefined && !chain.made && this.isMade())) return err("noChain");
      this.add({ op: "zero", chain: one }, "CHAIN_ZERO", `chain ${one}`, line);
    }
    return ok();
  }

  /** Whether some chain of the table has been needed: only then are the others known not to be there. */
  private isMade(): boolean {
    return [...this.chains.values()].some((chain) => chain.made);
  }

  private zeroNumber(name: string, number: number, line: number): Result<void, Refusal> {
    const chain = this.chains.get(name);
    if (chain === undefined) return err("noChain");
    // A number behind the last rule is taken without a word.
    if (number <= chain.rules.length)
      this.add({ op: "zero", chain: name, number }, "RULE_ZERO", `rule in chain ${name}`, line);
    return ok();
  }

  newChain(name: string, line: number): Result<void, Refusal> {
    if (this.chains.has(name)) return err("exists");
    this.chains.set(name, { builtin: false, made: true, policy: null, counters: NO_COUNTERS, rules: [] });
    this.add({ op: "new-chain", chain: name }, "CHAIN_USER_ADD", `chain ${name}`, line);
    return ok();
  }

  private deleteChain(name: string | undefined, line: number): Result<void, Refusal> {
    for (const one of name === undefined ? this.names("users") : [name]) {
      const chain = this.chains.get(one);
      if (chain === undefined || chain.builtin) return err("noChain");
      this.chains.delete(one);
      this.add({ op: "delete-chain", chain: one }, "CHAIN_DEL", `chain ${one}`, line);
    }
    return ok();
  }

  private rename(name: string, to: string, line: number): Result<void, Refusal> {
    if (this.chains.has(to)) return err("fileExists");
    const chain = this.chains.get(name);
    if (chain === undefined || chain.builtin) return err("noChain");
    this.chains.delete(name);
    this.chains.set(to, chain);
    this.add({ op: "rename-chain", chain: name, to }, "CHAIN_RENAME", `chain ${name}`, line);
    return ok();
  }

  setPolicy(
    name: string,
    policy: string,
    counters: XtCounters | undefined,
    line: number,
  ): Result<void, Refusal> {
    if (policy !== "ACCEPT" && policy !== "DROP") return err("badPolicy");
    const chain = this.chains.get(name);
    if (chain === undefined || !chain.builtin) return err("badBuiltin");
    chain.policy = policy;
    chain.made = true;
    const operation = {
      op: "policy",
      chain: name,
      policy,
      ...(counters !== undefined && { counters }),
    } as const;
    this.add(operation, "CHAIN_UPDATE", `chain ${name}`, line);
    return ok();
  }

  /** Empties the table, as restoring one does: no rules, no chains of users, policies ACCEPT. */
  clear(line: number): void {
    for (const [name, chain] of this.chains) {
      chain.rules = [];
      this.add({ op: "flush", chain: name }, "RULE_FLUSH", `rule in chain ${name}`, line);
      if (!chain.builtin) continue;
      const { packets, bytes } = chain.counters;
      if (chain.policy === "ACCEPT" && packets === 0 && bytes === 0) continue;
      this.setPolicy(name, "ACCEPT", undefined, line);
    }
    this.deleteChain(undefined, line);
  }

  policyOf(name: string): "ACCEPT" | "DROP" | null | undefined {
    return this.chains.get(name)?.policy;
  }
}
