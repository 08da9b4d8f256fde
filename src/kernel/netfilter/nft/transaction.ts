import { err, ok, type Result } from "../../../base/result.ts";
import type { Netns } from "../../netns.ts";
import type { Actor, Errno } from "../../uapi/index.ts";
import type { NftError, NftPlace, NftStep } from "../../uapi/nft.ts";
import { NftChain, NftRule } from "./chain.ts";
import type { NftRow } from "../../../trace/rows.ts";
import { rowOf } from "./journal.ts";
import { makesLoop } from "./loops.ts";
import { knowsField } from "./expression.ts";
import { nothing, ofElement, referencesOf } from "./references.ts";
import { type Entry, NftSet } from "./set.ts";
import { settable } from "./statement.ts";
import { NftCounter, NftTable } from "./table.ts";

/** A step was refused. */
interface Refusal {
  readonly errno: Errno;
  readonly extack?: string;
}

interface Touched {
  readonly table: NftTable;
  readonly kind: "chain" | "set";
  readonly name: string;
  readonly before: NftRow | null;
}

type In<Op extends NftStep["op"]> = Extract<NftStep, { op: Op }>;

/** Carries steps out one by one, remembering how to take each back. Models: nf_tables_commit, nf_tables_abort. */
export class Transaction {
  private readonly ns: Netns;
  private readonly by: Actor;
  private readonly undo: (() => void)[] = [];
  private readonly handles: number[] = [];
  /** Chains and sets that were touched, with their rows from before. */
  private readonly touched = new Map<string, Touched>();

  constructor(ns: Netns, by: Actor) {
    this.ns = ns;
    this.by = by;
  }

  run(steps: readonly NftStep[]): Result<readonly number[], NftError> {
    for (const [i, step] of steps.entries()) {
      const refusal = this.step(step);
      if (refusal === null) continue;
      for (const back of this.undo.reverse()) back();
      return err({ step: i, ...refusal });
    }
    return ok(this.handles);
  }

  private get tables(): Map<string, NftTable> {
    return this.ns.nft.tables;
  }

  private step(s: NftStep): Refusal | null {
    if (s.op === "flush-ruleset") {
      for (const table of [...this.tables.values()])
        if (s.family === undefined || s.family === table.family) this.dropTable(table);
      return null;
    }
    if (s.op === "add-table") return this.addTable(s);
    const table = this.tables.get(`${s.family} ${s.table}`);
    if (table === undefined) {
      const forgiven = s.op === "delete-table" && s.missingOk === true;
      return forgiven ? null : { errno: "ENOENT" };
    }
    switch (s.op) {
      case "delete-table":
        this.dropTable(table);
        return null;
      case "add-chain":
      case "delete-chain":
      case "rename-chain":
      case "flush-chain":
        return this.chainStep(table, s);
      case "add-rule":
        return this.addRule(table, s);
      case "delete-rule":
        return this.deleteRule(table, s);
      case "add-set":
      case "delete-set":
      case "flush-set":
        return this.setStep(table, s);
      case "add-elements":
        return this.addElements(table, s);
      case "delete-elements":
        return this.deleteElements(table, s);
      case "add-counter":
      case "delete-counter":
      case "reset-counter":
        return this.counterStep(table, s);
    }
  }

  private addTable(s: In<"add-table">): Refusal | null {
    const key = `${s.family} ${s.table}`;
    const old = this.tables.get(key);
    if (old !== undefined) return s.exclusive === true ? { errno: "EEXIST" } : null;
    const table = new NftTable(this.ns, s.family, s.table, this.ns.nft.nextHandle(), s.comment, this.by);
    table.dormant = s.dormant === true;
    this.tables.set(key, table);
    this.undo.push(() => this.tables.delete(key));
    return null;
  }

  private dropTable(table: NftTable): void {
    const key = `${table.family} ${table.name}`;
    const before = [...this.tables];
    const detach = (): void => {
      for (const chain of table.chains.values()) {
        table.unhook(chain);
        for (const rule of chain.rules) table.refer(rule, -1);
      }
    };
    detach();
    for (const name of table.chains.keys()) this.touch(table, "chain", name);
    for (const name of table.sets.keys()) this.touch(table, "set", name);
    this.tables.delete(key);
    this.undo.push(() => {
      this.tables.clear();
      for (const [name, old] of before) this.tables.set(name, old);
      for (const chain of table.chains.values()) {
        for (const rule of chain.rules) table.refer(rule, 1);
        table.hook(chain);
      }
    });
  }

  private touch(table: NftTable, kind: "chain" | "set", name: string): void {
    if (this.ns.kernel.trace === null) return;
    const key = `${table.family} ${table.name} ${kind} ${name}`;
    if (!this.touched.has(key))
      this.touched.set(key, { table, kind, name, before: rowOf(table, kind, name) });
  }

  /** Writes down what became of everything that was touched. */
  journal(): void {
    const { trace } = this.ns.kernel;
    for (const [key, { table, kind, name, before }] of this.touched) {
      const now = this.tables.get(`${table.family} ${table.name}`);
      const after = rowOf(now, kind, name);
      if (JSON.stringify(before) === JSON.stringify(after)) continue;
      trace?.change("nft", this.ns.id, key, before, after, this.by.name, this.by.detail ?? "");
    }
  }

  private chainStep(
    table: NftTable,
    s: In<"add-chain"> | In<"delete-chain"> | In<"rename-chain"> | In<"flush-chain">,
  ): Refusal | null {
    switch (s.op) {
      case "add-chain":
        return this.addChain(table, s);
      case "flush-chain": {
        const chosen = s.chain === undefined ? [...table.chains.values()] : [table.chains.get(s.chain)];
        for (const chain of chosen) {
          if (chain === undefined) return { errno: "ENOENT" };
          this.setRules(table, chain, []);
        }
        return null;
      }
      case "delete-chain": {
        const chain = table.chains.get(s.chain);
        if (chain === undefined) return s.missingOk === true ? null : { errno: "ENOENT" };
        this.setRules(table, chain, []);
        if (chain.uses > 0) return { errno: "EBUSY" };
        this.touch(table, "chain", s.chain);
        table.unhook(chain);
        this.replaceEntry(table.chains, s.chain, undefined);
        this.undo.push(() => table.hook(chain));
        return null;
      }
      case "rename-chain": {
        const chain = table.chains.get(s.chain);
        if (chain === undefined) return { errno: "ENOENT" };
        if (table.chains.has(s.to)) return { errno: "EEXIST" };
        if (chain.uses > 0) return { errno: "EBUSY", extack: "renaming a chain that is referred to" };
        this.touch(table, "chain", s.chain);
        this.touch(table, "chain", s.to);
        this.replaceEntry(table.chains, s.chain, undefined);
        this.replaceEntry(table.chains, s.to, chain);
        chain.name = s.to;
        this.undo.push(() => {
          chain.name = s.chain;
        });
        return null;
      }
    }
  }

  private addChain(table: NftTable, s: In<"add-chain">): Refusal | null {
    this.touch(table, "chain", s.chain);
    const old = table.chains.get(s.chain);
    if (old !== undefined) {
      if (s.exclusive === true) return { errno: "EEXIST" };
      if (s.base === undefined) return null;
      const { base } = old;
      if (base === undefined) return { errno: "EOPNOTSUPP" };
      if (base.type !== s.base.type || base.hook !== s.base.hook || base.priority !== s.base.priority)
        return { errno: "EOPNOTSUPP" };
      old.base = { ...base, policy: s.base.policy };
      this.undo.push(() => {
        old.base = base;
      });
      return null;
    }
    if (s.base?.type === "nat" && s.base.hook === "forward") return { errno: "EOPNOTSUPP" };
    if (s.base?.type === "route" && s.base.hook !== "output") return { errno: "EOPNOTSUPP" };
    const chain = new NftChain(s.chain, table.nextHandle(), s.base, s.comment);
    this.replaceEntry(table.chains, s.chain, chain);
    table.hook(chain);
    this.undo.push(() => table.unhook(chain));
    return null;
  }

  private replaceEntry<T>(map: Map<string, T>, key: string, value: T | undefined): void {
    const before = [...map];
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    this.undo.push(() => {
      map.clear();
      for (const [name, old] of before) map.set(name, old);
    });
  }

  private setRules(table: NftTable, chain: NftChain, rules: NftRule[]): void {
    const before = chain.rules;
    this.touch(table, "chain", chain.name);
    const swap = (from: readonly NftRule[], to: NftRule[]): void => {
      const kept = new Set(to);
      const had = new Set(from);
      for (const rule of to) if (!had.has(rule)) table.refer(rule, 1);
      for (const rule of from) if (!kept.has(rule)) table.refer(rule, -1);
      chain.rules = to;
    };
    swap(before, rules);
    this.undo.push(() => swap(chain.rules, before));
  }

  private addRule(table: NftTable, s: In<"add-rule">): Refusal | null {
    const chain = table.chains.get(s.chain);
    if (chain === undefined) return { errno: "ENOENT" };
    const at = placeOf(chain, s.place);
    if (at === null) return { errno: "ENOENT" };
    const refusal = this.checkRule(table, chain, s);
    if (refusal !== null) {
      // The number of a rule that is refused is lost; the kernel tries a loop of jumps twice.
      table.nextHandle();
      if (refusal.errno === "EMLINK") table.nextHandle();
      return refusal;
    }
    // Each set of the rule's own has a number, given before the rule's.
    for (let i = referencesOf(s.rule.statements).anonymous; i > 0; i--) table.nextHandle();
    const rule = new NftRule(s.rule, table.nextHandle(), this.ns.nft.nextRule(), this.by);
    const rules = [...chain.rules];
    rules.splice(at.index, at.replaced, rule);
    this.setRules(table, chain, rules);
    this.handles.push(rule.handle);
    return null;
  }

  private checkRule(table: NftTable, chain: NftChain, s: In<"add-rule">): Refusal | null {
    const refs = referencesOf(s.rule.statements);
    if (refs.unknown !== undefined) return { errno: "EOPNOTSUPP", extack: `${refs.unknown} is not modelled` };
    if (!table.has(refs)) return { errno: "ENOENT" };
    if (makesLoop(table, chain, refs.chains)) return { errno: "EMLINK" };
    for (const one of s.rule.statements) {
      if (one.kind === "match" && one.left.kind === "payload" && !knowsField(one.left.header, one.left.field))
        return { errno: "EOPNOTSUPP", extack: `${one.left.header} ${one.left.field} is not modelled` };
      if (one.kind === "set-payload" && !settable(one.header, one.field, one.value))
        return { errno: "EOPNOTSUPP", extack: `setting ${one.header} ${one.field} is not modelled` };
      if (one.kind === "nat" && chain.base !== undefined && chain.base.type !== "nat")
        return { errno: "EOPNOTSUPP" };
    }
    return null;
  }

  private deleteRule(table: NftTable, s: In<"delete-rule">): Refusal | null {
    const chain = table.chains.get(s.chain);
    const rules = chain?.rules.filter((rule) => rule.handle !== s.handle);
    if (chain === undefined || rules === undefined || rules.length === chain.rules.length)
      return s.missingOk === true ? null : { errno: "ENOENT" };
    this.setRules(table, chain, rules);
    return null;
  }

  private setStep(table: NftTable, s: In<"add-set"> | In<"delete-set"> | In<"flush-set">): Refusal | null {
    if (s.op === "add-set") {
      this.touch(table, "set", s.set.name);
      const old = table.sets.get(s.set.name);
      if (old !== undefined) return s.exclusive === true ? { errno: "EEXIST" } : null;
      const set = new NftSet(this.ns, s.set);
      set.handle = table.nextHandle();
      this.replaceEntry(table.sets, s.set.name, set);
      return null;
    }
    const set = table.sets.get(s.set);
    if (set === undefined) return s.op === "delete-set" && s.missingOk === true ? null : { errno: "ENOENT" };
    this.touch(table, "set", s.set);
    if (s.op === "delete-set" && set.uses > 0) return { errno: "EBUSY" };
    this.restoring(table, set, set.clear());
    if (s.op === "delete-set") this.replaceEntry(table.sets, s.set, undefined);
    return null;
  }

  private restoring(table: NftTable, set: NftSet, gone: readonly Entry[]): void {
    for (const entry of gone) table.referElement(entry.element, -1);
    this.undo.push(() => {
      set.restore(gone);
      for (const entry of gone) table.referElement(entry.element, 1);
    });
  }

  private addElements(table: NftTable, s: In<"add-elements">): Refusal | null {
    const set = table.sets.get(s.set);
    if (set === undefined) return { errno: "ENOENT" };
    this.touch(table, "set", s.set);
    for (const element of s.elements) {
      const refs = nothing();
      ofElement(element, refs);
      if (!table.has(refs)) return { errno: "ENOENT" };
      if (set.spec.size !== undefined && set.size >= set.spec.size) return { errno: "ENFILE" };
      const outcome = set.add(element);
      if (outcome === "clash" || (outcome === "same" && s.exclusive === true)) return { errno: "EEXIST" };
      if (outcome === "same") continue;
      table.referElement(element, 1);
      this.undo.push(() => {
        set.remove(element);
        table.referElement(element, -1);
      });
    }
    return null;
  }

  private deleteElements(table: NftTable, s: In<"delete-elements">): Refusal | null {
    const set = table.sets.get(s.set);
    if (set === undefined) return { errno: "ENOENT" };
    this.touch(table, "set", s.set);
    for (const element of s.elements) {
      const gone = set.remove(element);
      if (gone === null) return { errno: "ENOENT" };
      this.restoring(table, set, [gone]);
    }
    return null;
  }

  private counterStep(
    table: NftTable,
    s: In<"add-counter"> | In<"delete-counter"> | In<"reset-counter">,
  ): Refusal | null {
    const old = table.counters.get(s.counter);
    if (s.op === "add-counter") {
      if (old !== undefined) return s.exclusive === true ? { errno: "EEXIST" } : null;
      const made = new NftCounter(s.counter, table.nextHandle(), s.comment, s.packets ?? 0, s.bytes ?? 0);
      this.replaceEntry(table.counters, s.counter, made);
      return null;
    }
    if (old === undefined)
      return s.op === "delete-counter" && s.missingOk === true ? null : { errno: "ENOENT" };
    if (s.op === "reset-counter") {
      old.packets = 0;
      old.bytes = 0;
      return null;
    }
    if (old.uses > 0) return { errno: "EBUSY" };
    this.replaceEntry(table.counters, s.counter, undefined);
    return null;
  }
}

function placeOf(chain: NftChain, place: NftPlace): { index: number; replaced: number } | null {
  if (place.at === "end") return { index: chain.rules.length, replaced: 0 };
  if (!("handle" in place)) return { index: 0, replaced: 0 };
  const at = chain.rules.findIndex((rule) => rule.handle === place.handle);
  if (at < 0) return null;
  if (place.at === "replace") return { index: at, replaced: 1 };
  return { index: place.at === "after" ? at + 1 : at, replaced: 0 };
}
