import { err, ok, type Result } from "../../../../base/result.ts";
import { ruleOf } from "../../../../container/iptables.ts";
import { compareText } from "../../../../formats/json.ts";
import type { XtChainInfo, XtHook, XtOperation, XtRule } from "../../../../kernel/uapi/index.ts";
import { CHAIN_PREFIX } from "../rules/names.ts";
import type { FelixTable, WantedTable } from "../rules/render.ts";
import { type Chain, hashed, type HashedRule } from "../rules/rule.ts";
import type { Door } from "./door.ts";

const RESTORE = "iptables-nft-restore --noflush";
/** A rule that leads to a chain of Felix's but does not say which it is. */
const UNNAMED = "?";

/** What a rule's comment says it is; empty for the rules of others. Models: readHashesAndRulesFrom. */
function hashOf({ matches, target }: XtRule): string {
  for (const match of matches)
    if (match.kind === "comment" && match.text.startsWith("cali:")) return match.text.slice("cali:".length);
  return target?.kind === "jump" && target.chain.startsWith(CHAIN_PREFIX) ? UNNAMED : "";
}

interface Step {
  readonly owner: string;
  readonly operation: XtOperation;
}

const known = new WeakMap<Chain, readonly HashedRule[]>();

function hashedChain(chain: Chain): readonly HashedRule[] {
  let rules = known.get(chain);
  if (rules === undefined) known.set(chain, (rules = hashed(chain.name, chain.rules)));
  return rules;
}

/**
 * One table of the kernel, brought to what is wanted: each rule is known by the hash in its comment, so that rules
 * which are right stay, with their counters, and what somebody else broke is seen. Chains that differ in any rule are
 * written anew as a whole, as under iptables-nft.
 *
 * Models: felix/iptables Table.
 */
export class Table {
  private readonly door: Door;
  private readonly name: FelixTable;
  private readonly append: boolean;

  /** `append`: ChainInsertMode. */
  constructor(door: Door, name: FelixTable, append: boolean) {
    this.door = door;
    this.name = name;
    this.append = append;
  }

  /** The error names the step that the kernel refused. What was done before it stays: it is tried again. */
  apply(wanted: WantedTable): Result<boolean, string> {
    const there = new Map(
      (this.door.look.xtables.table("ip", this.name)?.chains ?? []).map((chain) => [chain.name, chain]),
    );
    const steps = [...this.chainSteps(wanted, there), ...this.hookSteps(wanted, there)];
    const stale = [...there.values()].filter(
      ({ name, policy }) => policy === null && name.startsWith(CHAIN_PREFIX) && !wanted.chains.has(name),
    );
    const plain = (operation: XtOperation): Step => ({ owner: RESTORE, operation });
    const all = [
      ...stale.map(({ name }) => plain({ op: "flush", chain: name })),
      ...steps,
      ...stale.map(({ name }) => plain({ op: "delete-chain", chain: name })),
    ];
    return this.commit(all);
  }

  private append_(chain: string, { rule, spec }: HashedRule): Step {
    const operation: XtOperation = { op: "append", chain, rule: ruleOf("ip", this.name, spec) };
    return { owner: rule.owner ?? RESTORE, operation };
  }

  /** New chains, and those of which a rule differs. */
  private chainSteps(wanted: WantedTable, there: ReadonlyMap<string, XtChainInfo>): readonly Step[] {
    const made: Step[] = [];
    const rules: Step[] = [];
    for (const chain of [...wanted.chains.values()].sort((a, b) => compareText(a.name, b.name))) {
      const { name } = chain;
      const old = there.get(name);
      const should = hashedChain(chain);
      const same =
        old?.rules.length === should.length &&
        old.rules.every(({ rule }, i) => hashOf(rule) === should[i]?.hash);
      if (same) continue;
      const operation: XtOperation = { op: old === undefined ? "new-chain" : "flush", chain: name };
      if (old === undefined || old.rules.length > 0) made.push({ owner: RESTORE, operation });
      rules.push(...should.map((rule) => this.append_(name, rule)));
    }
    return [...made, ...rules];
  }

  /** Felix's rules in the built-in chains, in their places: all of them anew when one is missing or out of place. */
  private hookSteps(wanted: WantedTable, there: ReadonlyMap<string, XtChainInfo>): readonly Step[] {
    const hooks = new Set<XtHook>([...wanted.inserts.keys(), ...wanted.appends.keys()]);
    return [...hooks].flatMap((hook) => {
      const now = (there.get(hook)?.rules ?? []).map(({ rule }) => hashOf(rule));
      const inserts = hashed(hook, wanted.inserts.get(hook) ?? []);
      const appends = hashed(`${hook}*appends*`, wanted.appends.get(hook) ?? []);
      const foreign = now.filter((hash) => hash === "");
      const names = (rules: readonly HashedRule[]): readonly string[] => rules.map(({ hash }) => hash);
      const [first, second] = this.append ? [foreign, names(inserts)] : [names(inserts), foreign];
      const should = [...first, ...second, ...names(appends)];
      if (should.length === now.length && should.every((hash, i) => hash === now[i])) return [];
      return [...this.removal(hook, now), ...this.addition(hook, inserts, appends)];
    });
  }

  private removal(chain: XtHook, now: readonly string[]): readonly Step[] {
    const places = now.flatMap((hash, i) => (hash === "" ? [] : [i + 1])).reverse();
    return places.map((number) => ({ owner: RESTORE, operation: { op: "delete", chain, number } }));
  }

  private addition(
    chain: XtHook,
    inserts: readonly HashedRule[],
    appends: readonly HashedRule[],
  ): readonly Step[] {
    const first = this.append
      ? inserts.map((rule) => this.append_(chain, rule))
      : [...inserts].reverse().map(({ spec }): Step => ({
          owner: RESTORE,
          operation: { op: "insert", chain, number: 1, rule: ruleOf("ip", this.name, spec) },
        }));
    return [...first, ...appends.map((rule) => this.append_(chain, rule))];
  }

  /** In one moment; rules of one owner that follow each other are one commit, so that each is signed for whom it is. */
  private commit(steps: readonly Step[]): Result<boolean, string> {
    for (let from = 0; from < steps.length;) {
      const owner = steps[from]?.owner ?? RESTORE;
      let to = from;
      while (steps[to]?.owner === owner) to++;
      const operations = steps.slice(from, to).map(({ operation }) => operation);
      const done = this.door.as(owner).xtables.commit("ip", this.name, operations);
      if (!done.ok)
        return err(`${this.name}: line ${from + done.error.step + 1} failed: ${done.error.errno}`);
      from = to;
    }
    return ok(steps.length > 0);
  }
}
