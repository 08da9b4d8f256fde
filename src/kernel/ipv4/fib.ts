import { err, ok } from "../../base/result.ts";
import { formatIpv4, type Ipv4, inPrefix, network } from "../../wire/address.ts";
import type { RouteRow } from "../../trace/rows.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import {
  type Actor,
  type KernelResult,
  PROTO_BOOT,
  type RouteSpec,
  type RouteType,
  type RouteVerb,
  SCOPE_HOST,
  SCOPE_NOWHERE,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "../uapi/index.ts";
import { selectAddress } from "./address.ts";
import { checkHop, defaultRouteScope } from "./fib-check.ts";

/** A next hop of an entry: what forwarding uses. Models: struct fib_nh. */
export interface FibHop {
  readonly entry: FibEntry;
  readonly dev: NetDevice | null;
  /** 0: the destination is on the link. */
  readonly gateway: Ipv4;
  readonly onlink: boolean;
  /** Scope of the next hop itself: link for a gateway, host for what is on the link. */
  readonly scope: number;
  dead: boolean;
  linkdown: boolean;
}

/** A route. Models: struct fib_alias with its fib_info. */
export interface FibEntry {
  readonly id: number;
  readonly table: number;
  readonly type: RouteType;
  readonly dst: Ipv4;
  readonly length: number;
  readonly tos: number;
  readonly metric: number;
  readonly protocol: number;
  readonly scope: number;
  /** 0 when none was asked for. */
  readonly prefSrc: Ipv4;
  readonly mtu: number;
  readonly advmss: number;
  readonly hops: readonly FibHop[];
  readonly by: Actor;
}

/** Why a lookup found nothing usable. */
export type FibError = "ENETUNREACH" | "EHOSTUNREACH" | "EACCES" | "EINVAL";

/** What the route types that refuse answer with; throw goes on to the next table. Models: fib_props. */
const TYPE_ERROR: Partial<Record<RouteType, FibError>> = {
  blackhole: "EINVAL",
  unreachable: "EHOSTUNREACH",
  prohibit: "EACCES",
};

export interface FibKey {
  readonly dst: Ipv4;
  /** Only next hops by this device. */
  readonly oif?: NetDevice | undefined;
  /** Only entries whose scope is at least this narrow. */
  readonly scope?: number;
  readonly tos?: number;
}

/** One table: for every prefix length in use, the entries by network address, best first. */
class FibTable {
  readonly byLength = new Map<number, Map<number, FibEntry[]>>();
  /** Lengths in use, longest first. */
  lengths: number[] = [];

  bucket(dst: Ipv4, length: number): FibEntry[] | undefined {
    return this.byLength.get(length)?.get(dst);
  }

  insert(entry: FibEntry, at: number): void {
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

  remove(entry: FibEntry): void {
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

  *entries(): Generator<FibEntry> {
    for (const level of this.byLength.values()) for (const bucket of level.values()) yield* bucket;
  }
}

/**
 * The routing tables of one namespace, asked in the order of the default rules: local, main, default.
 * Models: net/ipv4/fib_trie.c, fib_semantics.c, fib_frontend.c.
 */
export class Fib {
  private readonly ns: Netns;
  private readonly tables = new Map<number, FibTable>();
  private order: FibTable[] = [];
  /** Somebody added routes of type local: then sources are checked the slow way (fib_has_custom_local_routes). */
  customLocal = false;

  constructor(ns: Netns) {
    this.ns = ns;
  }

  /** The best next hop for a destination, or why there is none. Models: fib_lookup, fib_table_lookup. */
  lookup(key: FibKey): FibHop | FibError {
    for (const table of this.order) {
      const found = this.lookupIn(table, key);
      if (found !== "throw") return found;
    }
    return "ENETUNREACH";
  }

  /** As `lookup` for a plain destination, without the key object. */
  lookupDst(dst: Ipv4): FibHop | FibError {
    for (const table of this.order) {
      for (const length of table.lengths) {
        const bucket = table.byLength.get(length)!.get(network(dst, length));
        if (bucket === undefined) continue;
        if (bucket.length === 1 && TYPE_ERROR[bucket[0]!.type] === undefined) {
          const hop = bucket[0]!.hops[0];
          if (hop !== undefined && !hop.dead && !this.ignoresLinkdown(hop)) return hop;
        }
        const found = this.lookupIn(table, { dst });
        if (found !== "throw") return found;
        break;
      }
    }
    return "ENETUNREACH";
  }

  private lookupIn(table: FibTable, key: FibKey): FibHop | FibError | "throw" {
    for (const length of table.lengths) {
      const bucket = table.byLength.get(length)!.get(network(key.dst, length));
      if (bucket === undefined) continue;
      for (const entry of bucket) {
        if (key.scope !== undefined && entry.scope < key.scope) continue;
        if (entry.tos !== 0 && entry.tos !== (key.tos ?? 0)) continue;
        if (entry.type === "throw") return "throw";
        const error = TYPE_ERROR[entry.type];
        if (error !== undefined) return error;
        for (const hop of entry.hops) {
          if (hop.dead || this.ignoresLinkdown(hop)) continue;
          if (key.oif !== undefined && key.oif !== hop.dev) continue;
          return hop;
        }
      }
    }
    return "throw";
  }

  private ignoresLinkdown(hop: FibHop): boolean {
    if (!hop.linkdown || hop.dev === null) return false;
    return (
      hop.dev.conf.ignore_routes_with_linkdown !== 0 || this.ns.confAll.ignore_routes_with_linkdown !== 0
    );
  }

  /** RTN_LOCAL, RTN_BROADCAST or RTN_UNICAST, of an address by the local table. Models: inet_addr_type. */
  addressType(address: Ipv4): "local" | "broadcast" | "multicast" | "unicast" {
    if (address >>> 28 === 14) return "multicast";
    if (address === 0 || address === 0xffffffff) return "broadcast";
    const table = this.tables.get(TABLE_LOCAL);
    if (table === undefined) return "unicast";
    const found = this.lookupIn(table, { dst: address });
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
    const built = this.build(spec, by);
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
      return ok();
    } else if (same.some((e) => sameRoute(e, entry))) return err({ errno: "EEXIST" });
    this.link(table, entry, place(bucket, entry, verb === "append"));
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
    const entry = bucket.find((e) => this.agrees(e, spec));
    if (table === undefined || entry === undefined) return err({ errno: "ESRCH" });
    this.unlink(table, entry, by);
    return ok();
  }

  private agrees(e: FibEntry, spec: Partial<RouteSpec>): boolean {
    const hop = spec.nexthops?.[0];
    const own = e.hops[0];
    return (
      (spec.type === undefined || spec.type === e.type) &&
      (spec.tos ?? 0) === e.tos &&
      (spec.metric === undefined || spec.metric === 0 || spec.metric === e.metric) &&
      (spec.scope === undefined || spec.scope === SCOPE_NOWHERE || spec.scope === e.scope) &&
      (spec.protocol === undefined || spec.protocol === 0 || spec.protocol === e.protocol) &&
      (spec.prefSrc === undefined || spec.prefSrc === e.prefSrc) &&
      (hop?.dev === undefined || (own?.dev != null && hop.dev === this.ns.indexOf(own.dev))) &&
      (hop?.gateway === undefined || hop.gateway === own?.gateway)
    );
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
    if (table !== undefined && entry !== undefined)
      this.unlink(table, entry, { name: "kernel", detail: "the address is gone" });
  }

  /** Routes that prefer a source that is no more go too. Models: fib_sync_down_addr. */
  removePreferring(address: Ipv4): void {
    this.removeWhere((e) => e.prefSrc === address, "the preferred source is gone");
  }

  /** Routes by a device: when it goes down all but those to its own addresses, when it is gone all. Models: fib_sync_down_dev, fib_flush. */
  removeDevice(dev: NetDevice, gone = false): void {
    const condemned = (h: FibHop): boolean => h.dev === dev && (gone || h.scope !== SCOPE_NOWHERE);
    this.removeWhere((e) => e.hops.some(condemned), gone ? `${dev.name} is gone` : `${dev.name} went down`);
  }

  /** Marks the routes by a device as the carrier comes and goes. */
  setLinkdown(dev: NetDevice, linkdown: boolean): void {
    for (const table of this.tables.values()) {
      for (const entry of table.entries()) {
        for (const hop of entry.hops) {
          if (
            hop.dev !== dev ||
            hop.linkdown === linkdown ||
            entry.type === "local" ||
            entry.type === "broadcast"
          )
            continue;
          const before = this.row(entry);
          hop.linkdown = linkdown;
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

  /** Everything, by table number as `ip route show table all` has it, in each by address, longest prefix first. */
  list(): FibEntry[] {
    const all: FibEntry[] = [];
    for (const number of [...this.tables.keys()].sort((a, b) => a - b)) {
      const entries = [...this.tables.get(number)!.entries()];
      all.push(
        ...entries.sort(
          (a, b) => a.dst - b.dst || b.length - a.length || a.tos - b.tos || a.metric - b.metric,
        ),
      );
    }
    return all;
  }

  private table(number: number): FibTable {
    let table = this.tables.get(number);
    if (table === undefined) {
      table = new FibTable();
      this.tables.set(number, table);
      this.order = [TABLE_LOCAL, TABLE_MAIN, TABLE_DEFAULT].flatMap((n) => this.tables.get(n) ?? []);
    }
    return table;
  }

  private build(spec: RouteSpec, by: Actor): KernelResult<FibEntry> {
    const { ns } = this;
    const type = spec.type ?? "unicast";
    const { address, length } = spec.dst;
    if (network(address, length) !== address) {
      return err({ errno: "EINVAL", extack: "Invalid prefix for given prefix length" });
    }
    if (spec.nexthops.length > 1)
      return err({ errno: "EOPNOTSUPP", extack: "flannelgraph: multipath routes are not modelled yet" });
    const nexthop = spec.nexthops[0];
    const scope = spec.scope ?? defaultRouteScope(type, nexthop);
    const prefSrc = spec.prefSrc ?? (0 as Ipv4);
    const hops: FibHop[] = [];
    const entry: FibEntry = {
      id: ns.kernel.nextRouteId(),
      table: spec.table ?? (type === "local" || type === "broadcast" ? TABLE_LOCAL : TABLE_MAIN),
      type,
      dst: address,
      length,
      tos: spec.tos ?? 0,
      metric: spec.metric ?? 0,
      protocol: spec.protocol ?? PROTO_BOOT,
      scope,
      prefSrc,
      mtu: spec.mtu ?? 0,
      advmss: spec.advmss ?? 0,
      hops,
      by,
    };
    if (type === "blackhole" || type === "unreachable" || type === "prohibit" || type === "throw") {
      if (nexthop?.dev !== undefined || nexthop?.gateway !== undefined) {
        return err({ errno: "EINVAL", extack: "Route with type 'unreachable' cannot have a nexthop" });
      }
      return ok(entry);
    }
    if (scope > SCOPE_HOST) return err({ errno: "EINVAL", extack: "Invalid scope" });
    const hop = checkHop(ns, entry, nexthop ?? {});
    if (!hop.ok) return hop;
    hops.push(hop.value);
    const ownSource = type === "local" && prefSrc === address;
    if (prefSrc !== 0 && !ownSource && this.addressType(prefSrc) !== "local") {
      return err({ errno: "EINVAL", extack: "Invalid prefsrc address" });
    }
    return ok(entry);
  }

  private link(table: FibTable, entry: FibEntry, at: number): void {
    table.insert(entry, at);
    this.ns.routesChanged();
    this.journal(entry, null, this.row(entry), entry.by);
  }

  private unlink(table: FibTable, entry: FibEntry, by: Actor): void {
    table.remove(entry);
    this.ns.routesChanged();
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
      dead: hop?.dead ?? false,
      linkdown: hop?.linkdown ?? false,
    };
  }

  private journal(e: FibEntry, before: RouteRow | null, after: RouteRow | null, by: Actor): void {
    this.ns.kernel.trace?.change("route", this.ns.id, String(e.id), before, after, by.name, by.detail ?? "");
  }
}

/** Where a new entry goes among those of its prefix: by tos falling, metric rising; before its equals unless appended. */
function place(bucket: readonly FibEntry[], entry: FibEntry, behind: boolean): number {
  let at = 0;
  for (const e of bucket) {
    const earlier =
      e.tos > entry.tos ||
      (e.tos === entry.tos && (e.metric < entry.metric || (behind && e.metric === entry.metric)));
    if (!earlier) break;
    at++;
  }
  return at;
}

function sameRoute(a: FibEntry, b: FibEntry): boolean {
  const [x, y] = [a.hops[0], b.hops[0]];
  return (
    a.type === b.type &&
    a.scope === b.scope &&
    a.protocol === b.protocol &&
    a.prefSrc === b.prefSrc &&
    a.mtu === b.mtu &&
    x?.dev === y?.dev &&
    x?.gateway === y?.gateway &&
    x?.onlink === y?.onlink
  );
}

/** Whether an address lies in a prefix that a device is connected to. Models: inet_addr_onlink. */
export function onLink(dev: NetDevice, a: Ipv4, b: Ipv4): boolean {
  return dev.addresses.some(
    (x) => !x.secondary && inPrefix(a, x.peer, x.length) && (b === 0 || inPrefix(b, x.peer, x.length)),
  );
}
