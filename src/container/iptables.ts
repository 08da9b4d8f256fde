import { parseCommand } from "../formats/iptables/command.ts";
import { splitWords } from "../formats/iptables/words.ts";
import type { NetApi, XtFamily, XtOperation, XtRule, XtTableName } from "../kernel/uapi/index.ts";

/** A rule from its text, as it would be typed after `-A CHAIN`. The text is the caller's own: a mistake in it is a bug. */
export function ruleOf(family: XtFamily, table: XtTableName, spec: string): XtRule {
  const parsed = parseCommand(["-t", table, "-A", "FORWARD", ...splitWords(spec)], { family });
  const rule = parsed.ok ? parsed.value.rules[0] : undefined;
  if (rule === undefined) throw new Error(`bug: rule ${spec}`);
  return rule;
}

/** What Go programs do with iptables: chains ensured, rules kept once. Models: github.com/coreos/go-iptables. */
export class GoIptables {
  private readonly net: NetApi;
  private readonly family: XtFamily;

  constructor(net: NetApi, family: XtFamily = "ip") {
    this.net = net;
    this.family = family;
  }

  private commit(table: XtTableName, ...steps: XtOperation[]): boolean {
    return this.net.xtables.commit(this.family, table, steps).ok;
  }

  private rules(table: XtTableName, chain: string): readonly string[] | undefined {
    const info = this.net.xtables.chain(this.family, table, chain);
    return info?.rules.map(({ rule }) => JSON.stringify(rule));
  }

  chainExists(table: XtTableName, chain: string): boolean {
    return this.net.xtables.chain(this.family, table, chain) !== undefined;
  }

  /** A new chain, or an old one without its rules. */
  clearChain(table: XtTableName, chain: string): void {
    this.commit(table, this.chainExists(table, chain) ? { op: "flush", chain } : { op: "new-chain", chain });
  }

  newChain(table: XtTableName, chain: string): void {
    if (!this.chainExists(table, chain)) this.commit(table, { op: "new-chain", chain });
  }

  deleteChain(table: XtTableName, chain: string): void {
    if (this.chainExists(table, chain))
      this.commit(table, { op: "flush", chain }, { op: "delete-chain", chain });
  }

  exists(table: XtTableName, chain: string, spec: string): boolean {
    return this.rules(table, chain)?.includes(JSON.stringify(ruleOf(this.family, table, spec))) === true;
  }

  append(table: XtTableName, chain: string, ...specs: readonly string[]): boolean {
    const steps = specs.map((spec): XtOperation => ({
      op: "append",
      chain,
      rule: ruleOf(this.family, table, spec),
    }));
    return this.commit(table, ...steps);
  }

  appendUnique(table: XtTableName, chain: string, spec: string): void {
    if (!this.exists(table, chain, spec)) this.append(table, chain, spec);
  }

  insertUnique(table: XtTableName, chain: string, spec: string): void {
    if (this.exists(table, chain, spec)) return;
    this.commit(table, { op: "insert", chain, number: 1, rule: ruleOf(this.family, table, spec) });
  }

  deleteIfExists(table: XtTableName, chain: string, spec: string): void {
    const at = this.rules(table, chain)?.indexOf(JSON.stringify(ruleOf(this.family, table, spec))) ?? -1;
    if (at >= 0) this.commit(table, { op: "delete", chain, number: at + 1 });
  }

  /** Every rule of a chain that leads to another one. */
  deleteJumps(table: XtTableName, chain: string, to: string): void {
    const rules = this.net.xtables.chain(this.family, table, chain)?.rules ?? [];
    for (let i = rules.length; i > 0; i--) {
      const { target } = rules[i - 1]!.rule;
      if (target?.kind === "jump" && target.chain === to)
        this.commit(table, { op: "delete", chain, number: i });
    }
  }
}
