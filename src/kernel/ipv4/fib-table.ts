import { type Ipv4, network } from "../../wire/address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Flow } from "../fib-rules.ts";
import { ROUTING_TOS } from "../fib-rules.ts";
import type { Netns } from "../netns.ts";
import { type Actor, type RouteType, SCOPE_LINK } from "../uapi/index.ts";

/** A next hop of an entry: what forwarding uses. Models: struct fib_nh. */
export interface FibHop {
  readonly entry: FibEntry;
  readonly dev: NetDevice | null;
  /** 0: the destination is on the link. */
  readonly gateway: Ipv4;
  readonly onlink: boolean;
  /** Share of the flows, 1 to 256, among the hops of a multipath route. */
  readonly weight: number;
  /** Scope of the next hop itself: link for a gateway, host for what is on the link. */
  readonly scope: number;
  dead: boolean;
  linkdown: boolean;
  /** Hashes up to this one are the hop's; -1: none. Drawn up when hops change, not when a sysctl does. Models: fib_nh_upper_bound. */
  upperBound: number;
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
  readonly mtuLocked: boolean;
  readonly advmss: number;
  readonly hops: readonly FibHop[];
  /** Which of several default routes was taken last, counted from this one; -1: none. Models: fa_default. */
  lastDefault: number;
  readonly by: Actor;
}

/** Why a lookup found nothing usable. */
export type FibError = "ENETUNREACH" | "EHOSTUNREACH" | "EACCES" | "EINVAL";

/** What the route types that refuse answer with; throw goes on to the next table. Models: fib_props. */
export const TYPE_ERROR: Partial<Record<RouteType, FibError>> = {
  blackhole: "EINVAL",
  unreachable: "EHOSTUNREACH",
  prohibit: "EACCES",
};

/** A gateway that is this host's own address is none: what is sent goes to its destination. Models: rt_set_nexthop. */
export function usesGateway(hop: FibHop): boolean {
  return hop.gateway !== 0 && hop.scope === SCOPE_LINK;
}

/** ignore_routes_with_linkdown, where the hop has lost its carrier. */
export function ignoresLinkdown(ns: Netns, hop: FibHop): boolean {
  if (!hop.linkdown || hop.dev === null) return false;
  return hop.dev.conf.ignore_routes_with_linkdown !== 0 || ns.confAll.ignore_routes_with_linkdown !== 0;
}

/** One table: for every prefix length in use, the entries by network address, best first. */
export class FibTable {
  readonly byLength = new Map<number, Map<number, FibEntry[]>>();
  /** Lengths in use, longest first. */
  lengths: number[] = [];
  private readonly ns: Netns;

  constructor(ns: Netns) {
    this.ns = ns;
  }

  /** Only entries of at least `scope`; `linkless`: the carrier does not matter. "throw": not here. Models: fib_table_lookup. */
  lookup(flow: Flow<Ipv4>, scope: number, linkless = false): FibHop | FibError | "throw" {
    const { dst, oif } = flow;
    for (const length of this.lengths) {
      const bucket = this.byLength.get(length)!.get(network(dst, length));
      if (bucket === undefined) continue;
      for (const entry of bucket) {
        if (entry.scope < scope) continue;
        if (entry.tos !== 0 && entry.tos !== (flow.tos & ROUTING_TOS)) continue;
        if (entry.type === "throw") return "throw";
        const error = TYPE_ERROR[entry.type];
        if (error !== undefined) return error;
        for (const hop of entry.hops) {
          if (hop.dead || (!linkless && ignoresLinkdown(this.ns, hop))) continue;
          if (oif !== 0 && hop.dev?.index !== oif) continue;
          return hop;
        }
      }
    }
    return "throw";
  }

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

/** Where a new entry goes among those of its prefix: by tos falling, metric rising; before its equals unless appended. */
export function placeOf(bucket: readonly FibEntry[], entry: FibEntry, behind: boolean): number {
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
