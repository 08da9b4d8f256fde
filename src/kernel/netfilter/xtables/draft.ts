import { err, must, ok, type Result } from "../../../base/result.ts";
import type { Actor, Errno, XtCounters, XtOperation, XtRule } from "../../uapi/index.ts";
import { allowedHooks } from "./check.ts";
import { chainNamed, type Reach, XtChain, XtEntry } from "./table.ts";

/** A chain as the steps so far would leave it. */
export interface DraftChain {
  /** The chain that is there already, or will be. */
  readonly chain: XtChain;
  name: string;
  present: boolean;
  policy: "ACCEPT" | "DROP";
  counts: boolean;
  /** New counters of the policy; null leaves them. */
  counters: XtCounters | null;
  references: number;
  rules: readonly XtEntry[];
  /** `rules` once a step changed them: an array of the draft's own. */
  own: XtEntry[] | null;
  touched: boolean;
}

/** Entries whose counters start again when the draft is committed. */
export type ZeroedEntries = Set<XtEntry>;

/**
 * A change of one table on the way: nothing of it shows until it is taken over whole. Chains that no step names are not
 * looked at. Models: struct nft_trans, a list.
 */
export class Draft {
  /** Chains that steps named or that rules of steps lead to, by the name that they will have. */
  readonly changed = new Map<string, DraftChain>();
  /** Chains of the table that are there no more, by the name that they had. */
  readonly gone = new Map<string, XtChain>();
  /** Old names of renamed chains. */
  private readonly left = new Set<string>();
  readonly zeroed: ZeroedEntries = new Set();
  /** What validation found out anew about chains; `reachedAll`: about all of them. */
  readonly reach = new Map<XtChain, Reach>();
  reachedAll = false;
  private readonly base: ReadonlyMap<string, XtChain>;
  private readonly nextId: () => number;
  private readonly by: Actor;

  constructor(base: ReadonlyMap<string, XtChain>, nextId: () => number, by: Actor) {
    this.base = base;
    this.nextId = nextId;
    this.by = by;
  }

  /** A chain as it would be now; undefined when there is none of that name. */
  chain(name: string): DraftChain | undefined {
    const known = this.changed.get(name);
    if (known !== undefined) return known;
    const chain = this.base.get(name);
    if (chain === undefined || this.gone.has(name) || this.left.has(name)) return undefined;
    const draft = draftOf(chain);
    this.changed.set(name, draft);
    return draft;
  }

  /** The chain of that name, which is there. */
  peek(name: string): XtChain {
    return this.changed.get(name)?.chain ?? must(this.base.get(name), `chain ${name}`);
  }

  private has(name: string): boolean {
    return this.changed.has(name) || (this.base.has(name) && !this.gone.has(name) && !this.left.has(name));
  }

  /** All chains as they would be. */
  all(): ReadonlySet<DraftChain> {
    const found = new Set<DraftChain>();
    for (const name of this.base.keys()) {
      const draft = this.chain(name);
      if (draft !== undefined) found.add(draft);
    }
    for (const draft of this.changed.values()) found.add(draft);
    return found;
  }

  get renames(): boolean {
    return this.left.size > 0;
  }

  apply(step: XtOperation): Result<void, Errno> {
    switch (step.op) {
      case "new-chain":
        return this.newChain(step.chain);
      case "delete-chain":
        return this.deleteChain(step.chain);
      case "rename-chain":
        return this.renameChain(step.chain, step.to);
      case "policy":
        return this.setPolicy(step.chain, step.policy, step.counters);
      case "flush":
        return this.flush(step.chain);
      case "append":
      case "insert":
      case "replace":
      case "delete":
        return this.changeRule(step);
      case "zero":
        return this.zero(step.chain, step.number);
    }
  }

  private newChain(name: string): Result<void, Errno> {
    if (this.has(name)) return err("EEXIST");
    const draft = draftOf(new XtChain(name, null));
    draft.touched = true;
    this.changed.set(name, draft);
    return ok();
  }

  /** Only a chain without rules to which nothing leads goes. Models: nf_tables_delchain with NLM_F_NONREC. */
  private deleteChain(name: string): Result<void, Errno> {
    const chain = this.chain(name);
    if (chain === undefined) return err("ENOENT");
    if (chain.chain.hook !== null) return err("EOPNOTSUPP");
    if (chain.references > 0 || chain.rules.length > 0) return err("EBUSY");
    this.changed.delete(name);
    const own = this.base.get(chain.chain.name);
    if (own === chain.chain) this.gone.set(own.name, own);
    return ok();
  }

  private renameChain(name: string, to: string): Result<void, Errno> {
    const chain = this.chain(name);
    if (chain === undefined) return err("ENOENT");
    if (this.has(to)) return err("EEXIST");
    if (chain.chain.hook !== null) return err("EOPNOTSUPP");
    this.changed.delete(name);
    if (this.base.has(name)) this.left.add(name);
    this.left.delete(to);
    chain.name = to;
    chain.touched = true;
    this.changed.set(to, chain);
    if (chain.references > 0) for (const other of this.all()) this.redirect(other, name, to);
    return ok();
  }

  private redirect(chain: DraftChain, from: string, to: string): void {
    if (!chain.rules.some((entry) => chainNamed(entry.rule) === from)) return;
    const rules = this.own(chain);
    for (const [i, entry] of rules.entries()) {
      const { target } = entry.rule;
      if (target === undefined || (target.kind !== "jump" && target.kind !== "goto")) continue;
      if (target.chain !== from) continue;
      const rule: XtRule = { ...entry.rule, target: { kind: target.kind, chain: to } };
      rules[i] = new XtEntry(entry.id, rule, entry.by, entry.hooks, entry);
    }
  }

  private setPolicy(
    name: string,
    policy: "ACCEPT" | "DROP",
    counters: XtCounters | undefined,
  ): Result<void, Errno> {
    const chain = this.chain(name);
    if (chain === undefined) return err("ENOENT");
    if (chain.chain.hook === null) return err("EOPNOTSUPP");
    chain.policy = policy;
    chain.counts = true;
    chain.counters = counters ?? { packets: 0, bytes: 0 };
    chain.present = true;
    chain.touched = true;
    return ok();
  }

  private flush(name: string): Result<void, Errno> {
    const chain = this.chain(name);
    if (chain === undefined) return err("ENOENT");
    if (chain.rules.length === 0) return ok();
    for (const entry of chain.rules) this.refer(entry.rule, -1);
    chain.own = [];
    chain.rules = chain.own;
    chain.touched = true;
    return ok();
  }

  private changeRule(
    step: Extract<XtOperation, { op: "append" | "insert" | "replace" | "delete" }>,
  ): Result<void, Errno> {
    const chain = this.chain(step.chain);
    if (chain === undefined) return err("ENOENT");
    const at = step.op === "append" ? chain.rules.length : step.number - 1;
    const last = step.op === "append" || step.op === "insert" ? chain.rules.length : chain.rules.length - 1;
    if (at < 0 || at > last) return err("ENOENT");
    const rules = this.own(chain);
    const old = step.op === "replace" || step.op === "delete" ? rules[at] : undefined;
    if (old !== undefined) this.refer(old.rule, -1);
    if (step.op === "delete") {
      rules.splice(at, 1);
      return ok();
    }
    // Only a chain of the same table that a user made can be jumped to.
    const { target } = step.rule;
    if (target !== undefined && (target.kind === "jump" || target.kind === "goto")) {
      const to = this.chain(target.chain);
      if (to === undefined || to.chain.hook !== null) return err("ENOENT");
      to.references++;
    }
    const entry = new XtEntry(this.nextId(), step.rule, this.by, allowedHooks(step.rule), step.counters);
    rules.splice(at, old === undefined ? 0 : 1, entry);
    return ok();
  }

  private zero(name: string, number: number | undefined): Result<void, Errno> {
    const chain = this.chain(name);
    if (chain === undefined) return err("ENOENT");
    if (number === undefined) {
      for (const entry of chain.rules) this.zeroed.add(entry);
      if (chain.chain.hook === null || !chain.present) return ok();
      chain.counts = true;
      chain.counters = { packets: 0, bytes: 0 };
      return ok();
    }
    const entry = chain.rules[number - 1];
    if (entry === undefined) return err("ENOENT");
    this.zeroed.add(entry);
    return ok();
  }

  private refer(rule: XtRule, by: number): void {
    const name = chainNamed(rule);
    const to = name === undefined ? undefined : this.chain(name);
    if (to !== undefined) to.references += by;
  }

  /** The chain's rules as an array that this draft may change. */
  private own(chain: DraftChain): XtEntry[] {
    chain.present = true;
    chain.touched = true;
    chain.own ??= [...chain.rules];
    chain.rules = chain.own;
    return chain.own;
  }
}

function draftOf(chain: XtChain): DraftChain {
  return {
    chain,
    name: chain.name,
    present: chain.present,
    policy: chain.policy,
    counts: chain.counts,
    counters: null,
    references: chain.references,
    rules: chain.rules,
    own: null,
    touched: false,
  };
}
