import { type HookState, NF_ACCEPT, NF_DROP, type NfVerdict } from "../hooks.ts";
import type { Skb } from "../../skb.ts";
import { compileChain, type CompiledRule, packetKey } from "./chain.ts";
import type { XtChain } from "./table.ts";
import type { XtTable } from "./tables.ts";
import { XT_CONTINUE, XT_RETURN } from "./targets.ts";
import { PacketView } from "./view.ts";

/** The chain goes over to another one, which `Walk.goTo` names. */
const XT_GOTO = -3;

/** Views of walks within walks: a rule that answers a packet has the answer walked before it goes on itself. */
const views: PacketView[] = [];
let depth = 0;

/** One packet's way through one table at one hook. Models: nft_do_chain. */
export class Walk {
  private readonly table: XtTable;
  private goTo: XtChain | null = null;

  constructor(table: XtTable) {
    this.table = table;
  }

  run(state: HookState, skb: Skb, base: XtChain): NfVerdict {
    const view = (views[depth] ??= new PacketView());
    depth++;
    view.look(state, skb);
    const verdict = this.chain(base, view);
    depth--;
    if (verdict >= 0) return verdict;
    const { trace } = state.ns.kernel;
    if (trace !== null)
      trace.rule(state.ns.id, skb.id, state.family, this.table.name, base.name, 0, 0, base.policy);
    if (base.counts) {
      base.packets++;
      base.bytes += view.length;
    }
    return base.policy === "ACCEPT" ? NF_ACCEPT : NF_DROP;
  }

  /** A verdict, or below 0 when the chain came to its end. */
  private chain(first: XtChain, v: PacketView): number {
    let chain = first;
    for (;;) {
      const outcome = this.rules(chain, v);
      if (outcome !== XT_GOTO) return outcome;
      chain = this.goTo!;
    }
  }

  private rules(chain: XtChain, v: PacketView): number {
    const { rules, runs } = (chain.compiled ??= compileChain(chain, this.table.chains));
    for (let r = 0; r < runs.length; r++) {
      const run = runs[r]!;
      const { index } = run;
      if (index === null) {
        for (let i = run.from; i < run.to; i++) {
          const outcome = this.rule(chain, i, rules[i]!, v);
          if (outcome !== XT_CONTINUE) return outcome;
        }
        continue;
      }
      const found = index.get(packetKey(v, run.key));
      if (found === undefined) continue;
      for (let k = 0; k < found.length; k++) {
        const i = found[k]!;
        const outcome = this.rule(chain, i, rules[i]!, v);
        if (outcome !== XT_CONTINUE) return outcome;
      }
    }
    return XT_RETURN;
  }

  private rule(chain: XtChain, index: number, rule: CompiledRule, v: PacketView): number {
    const { matchers, entry } = rule;
    for (let m = 0; m < matchers.length; m++) if (!matchers[m]!(v)) return XT_CONTINUE;
    entry.packets++;
    entry.bytes += v.length;
    const { ns } = v;
    const { trace } = ns.kernel;
    if (trace !== null) {
      const { family } = v.state;
      const { name } = this.table;
      trace.rule(ns.id, v.skb.id, family, name, chain.name, index + 1, entry.id, rule.verdictText);
    }
    if (rule.action !== null) return rule.action(v);
    if (rule.chain === null) return rule.verdict;
    if (rule.goes) {
      this.goTo = rule.chain;
      return XT_GOTO;
    }
    const outcome = this.chain(rule.chain, v);
    return outcome >= 0 ? outcome : XT_CONTINUE;
  }
}
