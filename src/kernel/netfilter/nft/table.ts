import type { Netns } from "../../netns.ts";
import type { Actor } from "../../uapi/index.ts";
import type { NftElement, NftFamily } from "../../uapi/nft.ts";
import { familiesOf, type NftChain, hooksOf, NftWalk, type NftRule } from "./chain.ts";
import type { StatementScope } from "./statement.ts";
import type { NftSet } from "./set.ts";
import { nothing, ofElement, type References, referencesOf } from "./references.ts";

export class NftCounter {
  readonly name: string;
  readonly handle: number;
  readonly comment: string | undefined;
  packets: number;
  bytes: number;
  uses = 0;

  constructor(name: string, handle: number, comment: string | undefined, packets: number, bytes: number) {
    this.name = name;
    this.handle = handle;
    this.comment = comment;
    this.packets = packets;
    this.bytes = bytes;
  }
}

/** A table of nf_tables with everything in it. */
export class NftTable {
  readonly ns: Netns;
  readonly family: NftFamily;
  readonly name: string;
  readonly handle: number;
  readonly comment: string | undefined;
  readonly by: Actor;
  dormant = false;
  readonly chains = new Map<string, NftChain>();
  readonly sets = new Map<string, NftSet>();
  readonly counters = new Map<string, NftCounter>();
  readonly walk: NftWalk;
  private lastHandle = 0;

  constructor(
    ns: Netns,
    family: NftFamily,
    name: string,
    handle: number,
    comment: string | undefined,
    by: Actor,
  ) {
    this.ns = ns;
    this.family = family;
    this.name = name;
    this.handle = handle;
    this.comment = comment;
    this.by = by;
    const found = <T>(kind: string, table: ReadonlyMap<string, T>, wanted: string): T => {
      const value = table.get(wanted);
      if (value === undefined) throw new Error(`bug: ${kind} ${wanted} is referred to, but gone`);
      return value;
    };
    const scope: StatementScope = {
      ns,
      set: (wanted) => found("set", this.sets, wanted),
      chain: (wanted) => found("chain", this.chains, wanted),
      counter: (wanted) => found("counter", this.counters, wanted),
    };
    this.walk = new NftWalk(scope, family, name);
  }

  nextHandle(): number {
    return ++this.lastHandle;
  }

  /** Puts a base chain at its hook; nat chains wait to be asked for new flows. */
  hook(chain: NftChain): void {
    const { base } = chain;
    if (base === undefined || this.dormant || chain.hooks.length > 0) return;
    chain.hooks = hooksOf(this.walk, this.family, this.name, chain, base);
    const { netfilter } = this.ns;
    for (const ops of chain.hooks) {
      if (base.type === "nat") netfilter.registerNatLookup(ops);
      else netfilter.hooks.register(ops);
    }
    if (base.type === "nat") for (const family of familiesOf(this.family)) netfilter.holdNat(family);
  }

  unhook(chain: NftChain): void {
    const { base } = chain;
    if (base === undefined || chain.hooks.length === 0) return;
    const { netfilter } = this.ns;
    for (const ops of chain.hooks) {
      if (base.type === "nat") netfilter.unregisterNatLookup(ops);
      else netfilter.hooks.unregister(ops);
    }
    chain.hooks = [];
    if (base.type === "nat") for (const family of familiesOf(this.family)) netfilter.releaseNat(family);
  }

  /** A rule comes (1) or goes (-1): what it refers to is held, and conntrack if it asks it. */
  refer(rule: NftRule, by: 1 | -1): void {
    const refs = referencesOf(rule.spec.statements);
    this.useAll(refs, by);
    if (!refs.conntrack) return;
    for (const family of familiesOf(this.family)) {
      if (by > 0) this.ns.netfilter.holdConntrack(family);
      else this.ns.netfilter.releaseConntrack(family);
    }
  }

  /** The same for an element of a verdict map. */
  referElement(element: NftElement, by: 1 | -1): void {
    const refs = nothing();
    ofElement(element, refs);
    this.useAll(refs, by);
  }

  private useAll(refs: References, by: number): void {
    const use = (of: { uses: number } | undefined): void => {
      if (of !== undefined) of.uses += by;
    };
    for (const name of refs.chains) use(this.chains.get(name));
    for (const name of refs.sets) use(this.sets.get(name));
    for (const name of refs.counters) use(this.counters.get(name));
  }

  /** Whether everything that is referred to is there. */
  has(refs: References): boolean {
    return (
      refs.chains.every((name) => this.chains.has(name)) &&
      refs.sets.every((name) => this.sets.has(name)) &&
      refs.counters.every((name) => this.counters.has(name))
    );
  }
}
