import {
  HOOK_NUMBER,
  type HookOps,
  type HookState,
  NF_ACCEPT,
  NF_DROP,
  NF_IP,
  NF_IP6,
  type NfFamily,
  type NfVerdict,
} from "../hooks.ts";
import { isQueue } from "../queue.ts";
import type { Skb } from "../../skb.ts";
import type { Actor } from "../../uapi/index.ts";
import type { NftBase, NftFamily, NftHook, NftRuleSpec } from "../../uapi/nft.ts";
import { reroute } from "../nat/hooks.ts";
import { PacketView } from "../xtables/view.ts";
import {
  BREAK,
  CONTINUE,
  count,
  RETURN,
  type Outcome,
  step,
  type StatementScope,
  type Step,
} from "./statement.ts";
import { HOOK_OUTPUT } from "../hooks.ts";
import { getU32 } from "../../../base/bytes.ts";

export class NftRule {
  readonly spec: NftRuleSpec;
  readonly handle: number;
  readonly id: number;
  readonly by: Actor;
  /** Of its counter statements, in order. */
  readonly counters: { packets: number; bytes: number }[];
  steps: readonly Step[] | null = null;

  constructor(spec: NftRuleSpec, handle: number, id: number, by: Actor) {
    this.spec = spec;
    this.handle = handle;
    this.id = id;
    this.by = by;
    this.counters = spec.statements
      .filter((s) => s.kind === "counter")
      .map(({ packets, bytes }) => ({ packets, bytes }));
  }

  compile(scope: StatementScope): readonly Step[] {
    let counter = 0;
    this.steps = this.spec.statements.map((s) => {
      if (s.kind !== "counter") return step(scope, s);
      const own = this.counters[counter++]!;
      return (v) => count(own, v);
    });
    return this.steps;
  }
}

export class NftChain {
  name: string;
  readonly handle: number;
  base: NftBase | undefined;
  readonly comment: string | undefined;
  rules: NftRule[] = [];
  /** Rules and elements that lead here. */
  uses = 0;
  hooks: HookOps[] = [];

  constructor(name: string, handle: number, base: NftBase | undefined, comment: string | undefined) {
    this.name = name;
    this.handle = handle;
    this.base = base;
    this.comment = comment;
  }
}

/** Deepest nesting of jumps. Models: NFT_JUMP_STACK_SIZE. */
const DEEPEST = 16;

const views: PacketView[] = [];
let depth = 0;

/** One packet's way through one base chain. Models: nft_do_chain. */
export class NftWalk {
  private readonly scope: StatementScope;
  private readonly label: string;

  constructor(scope: StatementScope, family: NftFamily, table: string) {
    this.scope = scope;
    this.label = `nft ${family} ${table}`;
  }

  run(state: HookState, skb: Skb, base: NftChain): NfVerdict {
    const view = (views[depth] ??= new PacketView());
    depth++;
    view.look(state, skb);
    const outcome = this.chain(base, view, 0);
    depth--;
    if (outcome === NF_ACCEPT || outcome === NF_DROP || isQueue(outcome)) return outcome;
    const policy = base.base?.policy ?? "accept";
    this.trace(view, base, 0, 0, policy.toUpperCase());
    return policy === "accept" ? NF_ACCEPT : NF_DROP;
  }

  /** A verdict, or RETURN when it came to its end. */
  private chain(first: NftChain, v: PacketView, level: number): number {
    let chain = first;
    for (;;) {
      const outcome = this.rules(chain, v, level);
      if (typeof outcome === "number") return outcome;
      chain = outcome.chain;
    }
  }

  private rules(chain: NftChain, v: PacketView, level: number): Outcome {
    const { rules } = chain;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      const outcome = this.rule(chain, rule, i, v);
      if (outcome === BREAK || outcome === CONTINUE) continue;
      if (typeof outcome === "number" || outcome.goes) return outcome;
      if (level + 1 >= DEEPEST) return NF_DROP;
      const inner = this.chain(outcome.chain, v, level + 1);
      if (inner !== RETURN) return inner;
    }
    return RETURN;
  }

  private rule(chain: NftChain, rule: NftRule, index: number, v: PacketView): Outcome {
    const steps = rule.steps ?? rule.compile(this.scope);
    let outcome: Outcome = CONTINUE;
    for (const one of steps) {
      outcome = one(v);
      if (outcome !== CONTINUE) break;
    }
    if (outcome !== BREAK) this.trace(v, chain, index + 1, rule.id, outcomeText(outcome));
    return outcome;
  }

  private trace(v: PacketView, chain: NftChain, number: number, id: number, text: string): void {
    const { ns } = v;
    ns.kernel.trace?.rule(ns.id, v.skb.id, v.state.family, this.label, chain.name, number, id, text);
  }
}

function outcomeText(outcome: Outcome): string {
  if (typeof outcome !== "number") return `${outcome.goes ? "GOTO" : "JUMP"}:${outcome.chain.name}`;
  if (outcome === NF_ACCEPT) return "ACCEPT";
  if (outcome === NF_DROP) return "DROP";
  if (isQueue(outcome)) return "QUEUE";
  return outcome === RETURN ? "RETURN" : "CONTINUE";
}

export function familiesOf(family: NftFamily): readonly (typeof NF_IP | typeof NF_IP6)[] {
  return family === "inet" ? [NF_IP, NF_IP6] : [family === "ip" ? NF_IP : NF_IP6];
}

const HOOKS: Readonly<Record<NftHook, keyof typeof HOOK_NUMBER>> = {
  prerouting: "PREROUTING",
  input: "INPUT",
  forward: "FORWARD",
  output: "OUTPUT",
  postrouting: "POSTROUTING",
};

/** The hook functions of a base chain, one for each family. */
export function hooksOf(
  walk: NftWalk,
  family: NftFamily,
  table: string,
  chain: NftChain,
  base: NftBase,
): HookOps[] {
  const hook = HOOK_NUMBER[HOOKS[base.hook]];
  const routes = base.type === "route" && hook === HOOK_OUTPUT;
  return familiesOf(family).map((number: NfFamily) => ({
    family: number,
    hook,
    priority: base.priority,
    name: `nft ${family} ${table} ${chain.name}`,
    run: routes
      ? (state, skb) => rerouting(state, skb, walk, chain)
      : (state, skb) => walk.run(state, skb, chain),
  }));
}

/** A chain of type route: a local packet whose mark or addresses changed is routed again. Models: nf_route_table_hook4. */
function rerouting(state: HookState, skb: Skb, walk: NftWalk, chain: NftChain): NfVerdict {
  const { mark } = skb;
  const at = skb.net + (state.family === NF_IP ? 12 : 8);
  const words = state.family === NF_IP ? 2 : 8;
  const before = Array.from({ length: words }, (_, i) => getU32(skb.buf, at + 4 * i));
  const verdict = walk.run(state, skb, chain);
  if (verdict !== NF_ACCEPT) return verdict;
  const same = skb.mark === mark && before.every((word, i) => getU32(skb.buf, at + 4 * i) === word);
  return same || reroute(state, skb) ? NF_ACCEPT : NF_DROP;
}
