import { err, ok } from "../../base/result.ts";
import type { RouteRow } from "../../trace/rows.ts";
import type { NetDevice } from "../device/device.ts";
import { type Flow, FibRules, type FibRule } from "../fib-rules.ts";
import { type Actor, type KernelResult, TABLE_LOCAL, TABLE_MAIN } from "../uapi/index.ts";
import type { Route6Type } from "../uapi/types6.ts";
import type { Inet6 } from "./inet6.ts";
import type { Addr6 } from "./intern.ts";

/** A next hop of an entry: what forwarding uses. Models: struct fib6_nh. */
export interface Hop6 {
  readonly entry: Entry6;
  readonly dev: NetDevice;
  /** 0: the destination is on the link. */
  readonly gateway: Addr6;
  readonly onlink: boolean;
  readonly weight: number;
  linkdown: boolean;
}

/** A route; several hops are siblings among which flows are spread. Models: struct fib6_info. */
export interface Entry6 {
  readonly id: number;
  readonly table: number;
  readonly type: Route6Type;
  readonly dst: Addr6;
  readonly length: number;
  readonly metric: number;
  readonly protocol: number;
  /** 0 when none was asked for. */
  readonly prefSrc: Addr6;
  readonly mtu: number;
  readonly advmss: number;
  readonly hopLimit: number;
  /** RFC 4191: 0 medium, 1 high, -1 low. */
  readonly preference: number;
  /** Virtual time of its end, 0 for none. */
  readonly expires: number;
  hops: Hop6[];
  readonly by: Actor;
}

/** Why a lookup found nothing usable. */
export type Fib6Error = "ENETUNREACH" | "EHOSTUNREACH" | "EACCES" | "EINVAL";

/** What the route types that refuse answer with. Models: fib6_prop. */
const TYPE_ERROR: Partial<Record<Route6Type, Fib6Error>> = {
  blackhole: "EINVAL",
  unreachable: "EHOSTUNREACH",
  prohibit: "EACCES",
};

/** One table: for every prefix length in use, the entries by network address, smallest metric first. */
export class Table6 {
  readonly byLength = new Map<number, Map<Addr6, Entry6[]>>();
  /** Lengths in use, longest first. */
  lengths: number[] = [];

  bucket(dst: Addr6, length: number): Entry6[] | undefined {
    return this.byLength.get(length)?.get(dst);
  }

  insert(entry: Entry6, at: number): void {
    let level = this.byLength.get(entry.length);
    if (level === undefined) {
      level = new Map();
      this.byLength.set(entry.length, level);
      this.lengths = [...this.byLength.keys()].sort((a, b) => b - a);
    }
    const bucket = level.get(entry.dst);
    if (bucket === undefined) level.set(entry.dst, [entry]);
    else bucket.splice(at, 0, entry);
  }

  remove(entry: Entry6): void {
    const level = this.byLength.get(entry.length);
    const bucket = level?.get(entry.dst);
    if (level === undefined || bucket === undefined) return;
    bucket.splice(bucket.indexOf(entry), 1);
    if (bucket.length > 0) return;
    level.delete(entry.dst);
    if (level.size > 0) return;
    this.byLength.delete(entry.length);
    this.lengths = [...this.byLength.keys()].sort((a, b) => b - a);
  }

  *entries(): Generator<Entry6> {
    for (const level of this.byLength.values()) for (const bucket of level.values()) yield* bucket;
  }
}

/**
 * The routing tables of IPv6 in one namespace, asked as the rules say: local, then main.
 * Models: net/ipv6/ip6_fib.c, fib6_rules.c, and rt6_select of route.c.
 */
export class Fib6 {
  readonly tables = new Map<number, Table6>();
  private readonly ip6: Inet6;
  private ownRules: FibRules<Addr6> | undefined;
  private local: Table6 | undefined;
  private main: Table6 | undefined;

  constructor(ip6: Inet6) {
    this.ip6 = ip6;
  }

  /** Made when somebody asks: `ip -6 rule`. */
  get rules(): FibRules<Addr6> {
    this.ownRules ??= new FibRules<Addr6>(
      this.ip6.ns,
      {
        name: "inet6",
        bits: 128,
        covers: (prefix, address) => this.ip6.book.inPrefix(address, prefix.address, prefix.length),
        sameAddress: (a, b) => a === b,
        text: (address) => this.ip6.book.text(address),
      },
      [
        [0, TABLE_LOCAL],
        [32766, TABLE_MAIN],
      ],
      () => this.freeTable(),
    );
    return this.ownRules;
  }

  private freeTable(): number {
    for (let n = 1; ; n++) if (!this.tables.has(n)) return n;
  }

  devicesChanged(): void {
    this.ownRules?.devicesChanged();
  }

  /**
   * The best next hop, or why there is none. `strict`: only by the device `flow.oif`, which is otherwise preferred.
   * Models: fib6_rule_lookup, ip6_pol_route.
   */
  lookup(flow: Flow<Addr6>, strict: boolean): Hop6 | Fib6Error {
    if (this.ownRules !== undefined && this.ownRules.custom) return this.byRules(this.ownRules, flow, strict);
    if (this.local !== undefined) {
      const found = this.within(this.local, flow, strict);
      if (found !== null) return found;
    }
    if (this.main !== undefined) {
      const found = this.within(this.main, flow, strict);
      if (found !== null) return found;
    }
    return "ENETUNREACH";
  }

  /** Models: fib_rules_lookup with fib6_rule_action and fib6_rule_suppress. */
  private byRules(rules: FibRules<Addr6>, flow: Flow<Addr6>, strict: boolean): Hop6 | Fib6Error {
    const { list } = rules;
    for (let i = 0; i < list.length; i++) {
      const rule = list[i]!;
      if (!rules.matches(rule, flow)) continue;
      if (rule.action === "goto") {
        if (rule.jump >= 0) i = rule.jump - 1;
        continue;
      }
      if (rule.action === "nop") continue;
      if (rule.action !== "lookup") return TYPE_ERROR[rule.action]!;
      const table = this.tables.get(rule.table);
      if (table === undefined) continue;
      const found = this.within(table, flow, strict);
      if (found === null || (typeof found !== "string" && suppressed(rule, found))) continue;
      return found;
    }
    return "ENETUNREACH";
  }

  /** Null: nothing here, go on with the next table. */
  private within(table: Table6, flow: Flow<Addr6>, strict: boolean): Hop6 | Fib6Error | null {
    const { book } = this.ip6;
    for (const length of table.lengths) {
      const key = length === 128 ? flow.dst : length === 0 ? 0 : book.findMasked(flow.dst, length);
      if (key < 0) continue;
      const bucket = table.byLength.get(length)!.get(key as Addr6);
      if (bucket === undefined) continue;
      const hop = this.select(bucket, flow, strict);
      if (hop === null) continue;
      const { type } = hop.entry;
      if (type === "throw") return null;
      return TYPE_ERROR[type] ?? hop;
    }
    return null;
  }

  /** Among the usable entries of the best metric the one whose device fits. Models: rt6_select, find_rr_leaf. */
  private select(bucket: readonly Entry6[], flow: Flow<Addr6>, strict: boolean): Hop6 | null {
    let best: Hop6 | null = null;
    let bestScore = -1;
    for (const entry of bucket) {
      if (best !== null && entry.metric !== best.entry.metric) break;
      if (entry.expires !== 0 && entry.expires <= this.ip6.ns.kernel.queue.now) continue;
      const hop = entry.hops.length === 1 ? entry.hops[0]! : this.spread(entry, flow, strict);
      if (hop === null) continue;
      const points = this.score(hop, flow.oif, strict);
      if (points > bestScore) {
        best = hop;
        bestScore = points;
      }
    }
    return best;
  }

  /** Below 0: not usable. Models: rt6_score_route. */
  private score(hop: Hop6, oif: number, strict: boolean): number {
    if (hop.linkdown && this.ignoresLinkdown(hop)) return -1;
    const fits = oif === 0 || hop.dev.index === oif;
    if (!fits && strict) return -1;
    return (fits ? 2 : 0) + (hop.entry.preference + 1) * 4;
  }

  private ignoresLinkdown(hop: Hop6): boolean {
    return hop.dev.in6.conf.ignore_routes_with_linkdown !== 0;
  }

  /** Which of several next hops a flow takes, by a hash of its addresses. Models: fib6_select_path, hash policy 0. */
  private spread(entry: Entry6, flow: Flow<Addr6>, strict: boolean): Hop6 | null {
    let total = 0;
    for (const hop of entry.hops) if (this.score(hop, flow.oif, strict) >= 0) total += hop.weight;
    if (total === 0) return null;
    const { book } = this.ip6;
    let h = Math.imul(flow.protocol + 1, 0x9e3779b9);
    for (let i = 0; i < 4; i++) {
      h = Math.imul(h ^ book.word(flow.src, i), 0x85ebca6b);
      h = Math.imul((h ^ (h >>> 13)) + book.word(flow.dst, i), 0xc2b2ae35);
    }
    let at = ((h ^ (h >>> 16)) >>> 0) % total;
    for (const hop of entry.hops) {
      if (this.score(hop, flow.oif, strict) < 0) continue;
      at -= hop.weight;
      if (at < 0) return hop;
    }
    return null;
  }

  table(number: number): Table6 {
    let table = this.tables.get(number);
    if (table === undefined) {
      table = new Table6();
      this.tables.set(number, table);
      this.local = this.tables.get(TABLE_LOCAL);
      this.main = this.tables.get(TABLE_MAIN);
    }
    return table;
  }

  /** Everything, by table number; within a table what is inside a prefix comes before it. Models: fib6_walk. */
  list(): Entry6[] {
    const { book } = this.ip6;
    const all: Entry6[] = [];
    for (const number of [...this.tables.keys()].sort((a, b) => a - b)) {
      const entries = [...this.tables.get(number)!.entries()];
      all.push(
        ...entries.sort((a, b) => {
          if (a.length > b.length && book.inPrefix(a.dst, b.dst, b.length)) return -1;
          if (b.length > a.length && book.inPrefix(b.dst, a.dst, a.length)) return 1;
          return book.compare(a.dst, b.dst) || a.metric - b.metric;
        }),
      );
    }
    return all;
  }

  link(entry: Entry6, at: number): void {
    this.table(entry.table).insert(entry, at);
    this.ip6.routesChanged();
    this.journal(entry, null, this.row(entry), entry.by);
  }

  unlink(entry: Entry6, by: Actor): void {
    this.tables.get(entry.table)?.remove(entry);
    this.ip6.routesChanged();
    this.journal(entry, this.row(entry), null, by);
  }

  /** One sibling goes, or the whole entry with the last. */
  unlinkHop(hop: Hop6, by: Actor): void {
    const { entry } = hop;
    if (entry.hops.length === 1) {
      this.unlink(entry, by);
      return;
    }
    const before = this.row(entry);
    entry.hops = entry.hops.filter((h) => h !== hop);
    this.ip6.routesChanged();
    this.journal(entry, before, this.row(entry), by);
  }

  /** The kernel takes back a route of its own making. */
  removeOwn(table: number, dst: Addr6, length: number, dev: NetDevice): KernelResult<void> {
    const entry = this.tables
      .get(table)
      ?.bucket(dst, length)
      ?.find((e) => e.by.name === "kernel" && e.hops[0]?.dev === dev);
    if (entry === undefined) return err({ errno: "ESRCH" });
    this.unlink(entry, { name: "kernel", detail: "the address is gone" });
    return ok();
  }

  /** Routes by a device go when it does. Models: fib6_ifdown, rt6_disable_ip. */
  removeDevice(dev: NetDevice, why: string): void {
    const by: Actor = { name: "kernel", detail: why };
    for (const entry of this.every())
      for (const hop of entry.hops) if (hop.dev === dev && entry.hops.includes(hop)) this.unlinkHop(hop, by);
  }

  /** Routes that prefer a source that is no more do without. Models: rt6_remove_prefsrc. */
  removePreferring(address: Addr6): void {
    for (const entry of this.every())
      if (entry.prefSrc === address) Object.assign(entry, { prefSrc: 0 as Addr6 });
  }

  /** Marks the routes by a device as the carrier comes and goes. */
  setLinkdown(dev: NetDevice, linkdown: boolean): void {
    for (const entry of this.every()) {
      if (entry.type === "local" || entry.type === "anycast") continue;
      for (const hop of entry.hops) {
        if (hop.dev !== dev || hop.linkdown === linkdown) continue;
        const before = this.row(entry);
        hop.linkdown = linkdown;
        this.journal(entry, before, this.row(entry), { name: "kernel", detail: "carrier" });
      }
    }
  }

  private every(): Entry6[] {
    return [...this.tables.values()].flatMap((table) => [...table.entries()]);
  }

  row(e: Entry6): RouteRow {
    const { book } = this.ip6;
    const hop = e.hops[0];
    return {
      id: e.id,
      table: e.table,
      type: e.type,
      dst: e.length === 0 ? "default" : `${book.text(e.dst)}/${e.length}`,
      ...(hop !== undefined && hop.gateway !== 0 ? { gateway: book.text(hop.gateway) } : {}),
      ...(hop === undefined ? {} : { dev: hop.dev.index }),
      protocol: e.protocol,
      scope: 0,
      metric: e.metric,
      ...(e.prefSrc === 0 ? {} : { prefSrc: book.text(e.prefSrc) }),
      ...(hop?.onlink === true ? { onlink: true } : {}),
      ...(e.mtu === 0 ? {} : { mtu: e.mtu }),
      ...(e.advmss === 0 ? {} : { advmss: e.advmss }),
      ...(e.hops.length > 1
        ? {
            hops: e.hops.map(({ gateway, dev, weight }) => ({
              ...(gateway === 0 ? {} : { gateway: book.text(gateway) }),
              dev: dev.index,
              weight,
            })),
          }
        : {}),
      dead: false,
      linkdown: hop?.linkdown ?? false,
    };
  }

  private journal(e: Entry6, before: RouteRow | null, after: RouteRow | null, by: Actor): void {
    const { ns } = this.ip6;
    ns.kernel.trace?.change("route", ns.id, String(e.id), before, after, by.name, by.detail ?? "");
  }
}

/** Models: fib6_rule_suppress. */
function suppressed(rule: FibRule<Addr6>, hop: Hop6): boolean {
  if (rule.suppressPrefixLength >= 0 && hop.entry.length <= rule.suppressPrefixLength) return true;
  return rule.suppressGroup >= 0 && hop.dev.group === rule.suppressGroup;
}
