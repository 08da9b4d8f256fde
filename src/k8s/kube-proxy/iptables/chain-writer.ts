import { ok, type Result } from "../../../base/result.ts";
import type { NetApi, XtHook, XtOperation, XtRule, XtTableName } from "../../../kernel/uapi/index.ts";
import type { ProxyFamily } from "../service-port.ts";

export type Chains = ReadonlyMap<string, readonly XtRule[]>;

/** A rule of a built-in chain that leads to one of kube-proxy's: at the top, or at the end. */
export interface StaticJump {
  readonly table: XtTableName;
  readonly from: XtHook;
  readonly rule: XtRule;
  readonly last?: boolean;
}

/** Keeps chains of one family as they are wanted: what iptables -N, -C, -I and iptables-restore --noflush do. */
export class ChainWriter {
  private readonly net: NetApi;
  private readonly family: ProxyFamily;
  /** What was written last, to write only what changed. */
  private readonly written = new Map<XtTableName, Chains>();

  constructor(net: NetApi, family: ProxyFamily) {
    this.net = net;
    this.family = family;
  }

  /** Nothing is known of the tables any more: everything is written anew. */
  forget(): void {
    this.written.clear();
  }

  chainsOf(table: XtTableName): ReadonlySet<string> {
    return new Set(this.net.xtables.chainNames(this.family, table));
  }

  /** The chains are there, and the jumps, each in its place unless it is there already. */
  ensure(table: XtTableName, chains: Iterable<string>, jumps: readonly StaticJump[]): Result<void, string> {
    const there = this.chainsOf(table);
    const steps: XtOperation[] = [...new Set(chains)]
      .filter((name) => !there.has(name))
      .map((chain) => ({ op: "new-chain", chain }));
    for (const { table: of, from, rule, last } of jumps) {
      if (of !== table || this.holds(table, from, rule)) continue;
      if (last === true) steps.push({ op: "append", chain: from, rule });
      else steps.push({ op: "insert", chain: from, number: 1, rule });
    }
    if (steps.length === 0) return ok();
    const result = this.net.xtables.commit(this.family, table, steps);
    return result.ok ? ok() : { ok: false, error: `${table}: ${result.error.errno}` };
  }

  /** iptables -C. */
  private holds(table: XtTableName, chain: string, rule: XtRule): boolean {
    const text = JSON.stringify(rule);
    const info = this.net.xtables.chain(this.family, table, chain);
    return info?.rules.some((r) => JSON.stringify(r.rule) === text) === true;
  }

  /** One iptables-restore: chains that changed are written anew, those that nobody needs any more go. */
  write(table: XtTableName, wanted: Chains): Result<void, string> {
    const written: Chains = this.written.get(table) ?? new Map<string, readonly XtRule[]>();
    const there = this.chainsOf(table);
    const steps: XtOperation[] = [];
    const fresh: [string, readonly XtRule[]][] = [];
    for (const [name, rules] of wanted) {
      if (!there.has(name)) steps.push({ op: "new-chain", chain: name });
      if (!sameRules(written.get(name), rules) || !there.has(name)) fresh.push([name, rules]);
    }
    for (const [chain] of fresh) if (there.has(chain)) steps.push({ op: "flush", chain });
    for (const [chain, rules] of fresh) for (const rule of rules) steps.push({ op: "append", chain, rule });
    const stale = [...written.keys()].filter((name) => !wanted.has(name) && there.has(name));
    for (const chain of stale) steps.push({ op: "flush", chain });
    for (const chain of stale) steps.push({ op: "delete-chain", chain });
    if (steps.length > 0) {
      const result = this.net.xtables.commit(this.family, table, steps);
      if (!result.ok)
        return { ok: false, error: `${table}: ${result.error.errno} in step ${result.error.step}` };
    }
    this.written.set(table, wanted);
    return ok();
  }
}

/** Rules of services that did not change are the same objects. */
function sameRules(a: readonly XtRule[] | undefined, b: readonly XtRule[]): boolean {
  if (a === undefined || a.length !== b.length) return false;
  return a === b || a.every((rule, i) => rule === b[i] || JSON.stringify(rule) === JSON.stringify(b[i]));
}
