import { err, ok } from "../../base/result.ts";
import { formatIpv4, type Ipv4, type Ipv4Prefix, inPrefix, network } from "../../wire/address.ts";
import type { RouteRow } from "../../trace/rows.ts";
import type { NetDevice } from "../device/device.ts";
import { type FibRule, FibRules, type Flow, type RuleFamily } from "../fib-rules.ts";
import type { Netns } from "../netns.ts";
import {
  type Actor,
  type KernelResult,
  type RouteSpec,
  type RouteType,
  type RouteVerb,
  SCOPE_NOWHERE,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "../uapi/index.ts";
import { selectAddress } from "./address.ts";
import { selectDefault } from "./default-route.ts";
import { agrees, buildEntry, sameRoute } from "./fib-build.ts";
import { bequeath } from "./shared-next-hop.ts";
import { type FibEntry, type FibError, type FibHop, FibTable, placeOf } from "./fib-table.ts";
import { rebalance } from "./multipath.ts";

const INET: RuleFamily<Ipv4> = {
  name: "inet",
  bits: 32,
  covers: (prefix, address) => inPrefix(address, prefix.address, prefix.length),
  sameAddress: (a, b) => a === b,
  text: formatIpv4,
};

/** lo has this index in every namespace: what starts here came in by it, as the rules see it. */
export const LOOPBACK_INDEX = 1;

/** A flow to fill in and use again. */
export function newFlow(): Flow<Ipv4> {
  const any = 0 as Ipv4;
  return {
    dst: any,
    src: any,
    iif: LOOPBACK_INDEX,
    oif: 0,
    mark: 0,
    tos: 0,
    protocol: 0,
    sport: 0,
    dport: 0,
  };
}

/**
 * The routing tables and rules of one namespace. Until somebody touches the rules, local and main are one table, where
 * the longest prefix of both wins. Models: net/ipv4/fib_trie.c, fib_semantics.c, fib_frontend.c, fib_rules.c.
 */
export class Fib {
  private readonly ns: Netns;
  private readonly tables = new Map<number, FibTable>();
  /** Local and main as one, for as long as the rules are the default ones (fib_trie_unmerge). */
  private readonly merged: FibTable;
  readonly rules: FibRules<Ipv4>;
  /** Somebody added routes of type local: then sources are checked the slow way (fib_has_custom_local_routes). */
  customLocal = false;
  /** Some route has a TOS, is a multipath route, or one of several default routes: then a destination alone does not say where to go. */
  private particular = 0;
  private readonly plain = newFlow();

  constructor(ns: Netns) {
    this.ns = ns;
    this.merged = new FibTable(ns);
    const defaults = [
      [0, TABLE_LOCAL],
      [32766, TABLE_MAIN],
      [32767, TABLE_DEFAULT],
    ] as const;
    this.rules = new FibRules(ns, INET, defaults, () => this.freeTable());
    this.rules.tell = (rule, gone) => ns.monitor.tell({ kind: "rule", gone, rule });
  }

  /** Whether `lookupDst` says all: default rules, no TOS routes, no multipath. */
  get simple(): boolean {
    return this.particular === 0 && !this.rules.custom;
  }

  /** The best next hop, or why there is none. Of a multipath route it is the first; see `selectPath`. Models: fib_lookup. */
  lookup(flow: Flow<Ipv4>, scope = 0, linkless = false): FibHop | FibError {
    if (this.rules.custom) return this.lookupByRules(flow, scope, linkless);
    const found = this.merged.lookup(flow, scope, linkless);
    if (typeof found !== "string") return found;
    if (found !== "throw") return found;
    const last = this.tables.get(TABLE_DEFAULT)?.lookup(flow, scope, linkless) ?? "throw";
    return last === "throw" ? "ENETUNREACH" : last;
  }

  /** Models: fib_rules_lookup, fib4_rule_action, fib4_rule_suppress. */
  private lookupByRules(flow: Flow<Ipv4>, scope: number, linkless: boolean): FibHop | FibError {
    const { rules } = this;
    const { list } = rules;
    for (let i = 0; i < list.length; i++) {
      const rule = list[i]!;
      if (!rules.matches(rule, flow)) continue;
      switch (rule.action) {
        case "nop":
          continue;
        case "goto":
          if (rule.jump >= 0) i = rule.jump - 1;
          continue;
        case "blackhole":
          return "EINVAL";
        case "unreachable":
          return "ENETUNREACH";
        case "prohibit":
          return "EACCES";
        case "lookup": {
          const found = this.tables.get(rule.table)?.lookup(flow, scope, linkless) ?? "throw";
          if (found === "throw") continue;
          if (typeof found !== "string" && suppressed(rule, found)) continue;
          return found;
        }
      }
    }
    return "ENETUNREACH";
  }

  /** As `lookup` for a plain destination; quick when the tables are `simple`. */
  lookupDst(dst: Ipv4): FibHop | FibError {
    if (this.particular === 0 && !this.rules.custom) {
      const table = this.merged;
      const { lengths } = table;
      for (let i = 0; i < lengths.length; i++) {
        const length = lengths[i]!;
        const bucket = table.byLength.get(length)!.get(network(dst, length));
        if (bucket === undefined) continue;
        const hop = bucket[0]!.hops[0];
        if (hop !== undefined && !hop.dead && !hop.linkdown) return hop;
        break;
      }
    }
    const { plain } = this;
    plain.dst = dst;
    return this.lookup(plain);
  }

  /** How a gateway is reached, for a route being made: in its own table first. Models: fib_check_nh_v4_gw. */
  lookupGateway(gateway: Ipv4, dev: NetDevice | undefined, scope: number, table: number): FibHop | FibError {
    const flow = newFlow();
    flow.dst = gateway;
    flow.oif = dev?.index ?? 0;
    if (table !== 0 && table !== TABLE_MAIN) {
      const found = this.tables.get(table)?.lookup(flow, scope, true) ?? "throw";
      if (typeof found !== "string") return found;
    }
    return this.lookup(flow, scope, true);
  }

  /** Whether any route goes by this gateway. Models: ip_fib_check_default. */
  isGateway(gateway: Ipv4, dev: NetDevice): boolean {
    for (const table of this.tables.values())
      for (const entry of table.entries())
        if (entry.hops.some((h) => h.dev === dev && h.gateway === gateway && !h.dead)) return true;
    return false;
  }

  /** Of several default routes the one to take. */
  selectDefault(found: FibHop): FibHop {
    const bucket = this.tables.get(found.entry.table)?.bucket(0 as Ipv4, 0);
    return bucket === undefined || bucket.length < 2 ? found : selectDefault(found, bucket);
  }

  tableNumbers(): readonly number[] {
    return [...this.tables.keys()];
  }

  /** Models: fib_empty_table. */
  private freeTable(): number {
    let number = 1;
    while (this.tables.has(number)) number++;
    this.table(number);
    return number;
  }

  /** RTN_LOCAL, RTN_BROADCAST or RTN_UNICAST, of an address by the local table. Models: inet_addr_type. */
  addressType(address: Ipv4): "local" | "broadcast" | "multicast" | "unicast" {
    if (address >>> 28 === 14) return "multicast";
    if (address === 0 || address === 0xffffffff) return "broadcast";
    const table = this.tables.get(TABLE_LOCAL);
    if (table === undefined) return "unicast";
    const { plain } = this;
    plain.dst = address;
    const found = table.lookup(plain, 0);
    if (typeof found === "string") return "unicast";
    const { type } = found.entry;
    return type === "local" || type === "broadcast" ? type : "unicast";
  }

  /** The source that goes with a hop when the packet has none. Models: fib_result_prefsrc. */
  preferredSource(hop: FibHop): Ipv4 {
    if (hop.entry.prefSrc !== 0) return hop.entry.prefSrc;
    return selectAddress(this.ns, hop.dev, hop.gateway, hop.entry.scope);
  }

  /** RTM_NEWROUTE. Models: fib_table_insert, fib_create_info. */
  add(spec: RouteSpec, verb: RouteVerb, by: Actor): KernelResult<void> {
    const built = buildEntry(this.ns, spec, by);
    if (!built.ok) return built;
    const entry = built.value;
    if (entry.type === "local" && by.name !== "kernel") this.customLocal = true;
    const table = this.table(entry.table);
    const bucket = table.bucket(entry.dst, entry.length) ?? [];
    const same = bucket.filter((e) => e.tos === entry.tos && e.metric === entry.metric);
    const first = same[0];
    if (first === undefined) {
      if (verb === "change") return err({ errno: "ENOENT" });
    } else if (verb === "add") return err({ errno: "EEXIST" });
    else if (verb === "change" || verb === "replace") {
      const twin = same.find((e) => sameRoute(e, entry));
      if (twin !== undefined) return twin === first ? ok() : err({ errno: "EEXIST" });
      const at = bucket.indexOf(first);
      this.unlink(table, first, by);
      this.link(table, entry, at);
      this.tell(entry, false);
      return ok();
    } else if (same.some((e) => sameRoute(e, entry))) return err({ errno: "EEXIST" });
    this.link(table, entry, placeOf(bucket, entry, verb === "append"));
    this.tell(entry, false);
    return ok();
  }

  /** RTM_DELROUTE: the first entry that agrees with all that `spec` names. Models: fib_table_delete. */
  delete(spec: Partial<RouteSpec> & Pick<RouteSpec, "dst">, by: Actor): KernelResult<void> {
    const number =
      spec.table ?? (spec.type === "local" || spec.type === "broadcast" ? TABLE_LOCAL : TABLE_MAIN);
    const table = this.tables.get(number);
    const dst = network(spec.dst.address, spec.dst.length);
    if (dst !== spec.dst.address)
      return err({ errno: "EINVAL", extack: "Invalid prefix for given prefix length" });
    const bucket = table?.bucket(dst, spec.dst.length) ?? [];
    const entry = bucket.find((e) => agrees(this.ns, e, spec));
    if (table === undefined) return err({ errno: "ESRCH", extack: "FIB table does not exist" });
    if (entry === undefined) return err({ errno: "ESRCH" });
    this.unlink(table, entry, by);
    this.tell(entry, true);
    return ok();
  }

  private tell(entry: FibEntry, gone: boolean): void {
    this.ns.monitor.tell({ kind: "route", gone, entry });
  }

  /** Takes out the routes that the kernel itself made for an address. */
  removeOwn(
    number: number,
    type: RouteType,
    dst: Ipv4,
    length: number,
    dev: NetDevice,
    prefSrc: Ipv4 | undefined,
  ): void {
    const table = this.tables.get(number);
    const entry = table
      ?.bucket(dst, length)
      ?.find(
        (e) =>
          e.type === type &&
          e.hops[0]?.dev === dev &&
          e.by.name === "kernel" &&
          (prefSrc === undefined || e.prefSrc === prefSrc),
      );
    if (table === undefined || entry === undefined) return;
    this.unlink(table, entry, { name: "kernel", detail: "the address is gone" });
    this.tell(entry, true);
  }

  /** Routes that prefer a source that is no more go too. Models: fib_sync_down_addr. */
  removePreferring(address: Ipv4): void {
    this.removeWhere((e) => e.prefSrc === address, "the preferred source is gone");
  }

  /**
   * Routes by a device: when it goes down all but those to its own addresses; all when it lost its last address or is
   * gone. A multipath route lives on with its other hops, unless the device is gone. Models: fib_sync_down_dev, fib_flush.
   */
  removeDevice(dev: NetDevice, event: "down" | "bare" | "gone" = "down"): void {
    const gone = event === "gone";
    const hit = (h: FibHop): boolean => h.dev === dev && (event !== "down" || h.scope !== SCOPE_NOWHERE);
    const why = {
      down: `${dev.name} went down`,
      bare: `${dev.name} has no address`,
      gone: `${dev.name} is gone`,
    }[event];
    for (const table of this.tables.values()) {
      for (const entry of table.entries()) {
        if (entry.hops.length < 2 || !entry.hops.some(hit)) continue;
        const before = this.row(entry);
        for (const hop of entry.hops) if (hit(hop)) hop.dead = hop.linkdown = true;
        rebalance(this.ns, entry);
        this.journal(entry, before, this.row(entry), { name: "kernel", detail: why });
      }
    }
    this.removeWhere((e) => e.hops.some(hit) && (gone || e.hops.every((h) => h.dead || hit(h))), why);
  }

  /** Hops of multipath routes come back with their device. Models: fib_sync_up. */
  reviveDevice(dev: NetDevice): void {
    for (const table of this.tables.values()) {
      for (const entry of table.entries()) {
        if (!entry.hops.some((h) => h.dev === dev && h.dead)) continue;
        const before = this.row(entry);
        for (const hop of entry.hops) reviveHop(dev, hop);
        rebalance(this.ns, entry);
        this.journal(entry, before, this.row(entry), { name: "kernel", detail: `${dev.name} came up` });
      }
    }
  }

  /** Marks the routes by a device, but those to its own addresses, as the carrier comes and goes. Models: fib_sync_down_dev. */
  setLinkdown(dev: NetDevice, linkdown: boolean): void {
    for (const table of this.tables.values()) {
      for (const entry of table.entries()) {
        for (const hop of entry.hops) {
          if (hop.dev !== dev || hop.linkdown === linkdown || hop.scope === SCOPE_NOWHERE) continue;
          const before = this.row(entry);
          hop.linkdown = linkdown;
          rebalance(this.ns, entry);
          this.journal(entry, before, this.row(entry), { name: "kernel", detail: "carrier" });
        }
      }
    }
  }

  private removeWhere(condemned: (e: FibEntry) => boolean, why: string): void {
    for (const table of this.tables.values()) {
      for (const entry of [...table.entries()]) {
        if (condemned(entry)) this.unlink(table, entry, { name: "kernel", detail: why });
      }
    }
  }

  /**
   * Everything in the order of a dump: tables by the slot of their hash, in a slot the newest first; in each by address,
   * longest prefix first.
   */
  list(to?: Ipv4Prefix): FibEntry[] {
    const all: FibEntry[] = [];
    const numbers = [...this.tables.keys()].reverse();
    for (const number of numbers.sort((a, b) => (a & 255) - (b & 255))) {
      if (to !== undefined) {
        all.push(...(this.tables.get(number)!.bucket(to.address, to.length) ?? []));
        continue;
      }
      const buckets: FibEntry[][] = [];
      for (const level of this.tables.get(number)!.byLength.values()) buckets.push(...level.values());
      buckets.sort((x, y) => x[0]!.dst - y[0]!.dst || y[0]!.length - x[0]!.length);
      for (const bucket of buckets) all.push(...bucket);
    }
    return all;
  }

  private table(number: number): FibTable {
    let table = this.tables.get(number);
    if (table === undefined) {
      table = new FibTable(this.ns);
      this.tables.set(number, table);
    }
    return table;
  }

  private link(table: FibTable, entry: FibEntry, at: number): void {
    table.insert(entry, at);
    if (entry.table === TABLE_LOCAL) this.merged.insert(entry, at);
    else if (entry.table === TABLE_MAIN) {
      const local = this.tables.get(TABLE_LOCAL)?.bucket(entry.dst, entry.length)?.length ?? 0;
      this.merged.insert(entry, local + at);
    }
    if (isParticular(entry)) this.particular++;
    if (entry.length === 0 && table.bucket(entry.dst, 0)!.length > 1) this.particular++;
    rebalance(this.ns, entry);
    this.journal(entry, null, this.row(entry), entry.by);
  }

  private unlink(table: FibTable, entry: FibEntry, by: Actor): void {
    if (entry.length === 0 && table.bucket(entry.dst, 0)!.length > 1) this.particular--;
    table.remove(entry);
    if (entry.table === TABLE_LOCAL || entry.table === TABLE_MAIN) this.merged.remove(entry);
    if (isParticular(entry)) this.particular--;
    bequeath(this.ns, entry);
    this.journal(entry, this.row(entry), null, by);
  }

  row(e: FibEntry): RouteRow {
    const hop = e.hops[0];
    return {
      id: e.id,
      table: e.table,
      type: e.type,
      dst: e.length === 0 ? "default" : `${formatIpv4(e.dst)}/${e.length}`,
      ...(hop !== undefined && hop.gateway !== 0 ? { gateway: formatIpv4(hop.gateway) } : {}),
      ...(hop?.dev != null ? { dev: hop.dev.index } : {}),
      protocol: e.protocol,
      scope: e.scope,
      metric: e.metric,
      ...(e.prefSrc === 0 ? {} : { prefSrc: formatIpv4(e.prefSrc) }),
      ...(hop?.onlink === true ? { onlink: true } : {}),
      ...(e.tos === 0 ? {} : { tos: e.tos }),
      ...(e.mtu === 0 ? {} : { mtu: e.mtu }),
      ...(e.mtuLocked ? { mtuLocked: true } : {}),
      ...(e.advmss === 0 ? {} : { advmss: e.advmss }),
      ...(e.hops.length > 1 ? { hops: e.hops.map(hopRow) } : {}),
      dead: hop?.dead ?? false,
      linkdown: hop?.linkdown ?? false,
    };
  }

  private journal(e: FibEntry, before: RouteRow | null, after: RouteRow | null, by: Actor): void {
    this.ns.kernel.trace?.change("route", this.ns.id, String(e.id), before, after, by.name, by.detail ?? "");
  }
}

function hopRow({ gateway, dev, weight }: FibHop): NonNullable<RouteRow["hops"]>[number] {
  return {
    ...(gateway === 0 ? {} : { gateway: formatIpv4(gateway) }),
    ...(dev === null ? {} : { dev: dev.index }),
    weight,
  };
}

function reviveHop(dev: NetDevice, hop: FibHop): void {
  if (hop.dev !== dev) return;
  hop.dead = false;
  if (dev.running) hop.linkdown = false;
}

/** Models: fib4_rule_suppress. */
function suppressed(rule: FibRule<Ipv4>, hop: FibHop): boolean {
  if (hop.entry.length <= rule.suppressPrefixLength) return true;
  return rule.suppressGroup >= 0 && hop.dev?.group === rule.suppressGroup;
}

/** A route that does not follow from the destination alone. */
function isParticular(entry: FibEntry): boolean {
  return entry.tos !== 0 || entry.hops.length > 1;
}

/** Whether an address lies in a prefix that a device is connected to. Models: inet_addr_onlink. */
export function onLink(dev: NetDevice, a: Ipv4, b: Ipv4): boolean {
  return dev.addresses.some(
    (x) => !x.secondary && inPrefix(a, x.peer, x.length) && (b === 0 || inPrefix(b, x.peer, x.length)),
  );
}
