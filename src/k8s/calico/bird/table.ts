import type { Nanos } from "../../../sim/time.ts";
import { formatPrefix, inPrefix, type Ipv4, type Ipv4Prefix } from "../../../wire/address.ts";
import type { BgpPath } from "../../../wire/bgp-path.ts";

/** Where packets of a route go. */
export type Destination =
  | { readonly kind: "blackhole" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "device"; readonly dev: string }
  | { readonly kind: "gateway"; readonly via: Ipv4; readonly dev: string };

/** What a route learnt from a neighbour carries. */
export interface Learnt {
  readonly path: BgpPath;
  readonly internal: boolean;
  /** The session's protocol sends routes on to clients, or is one (`rr client`). */
  readonly client: boolean;
  readonly neighbor: Ipv4;
  readonly neighborId: Ipv4;
  /** Kept over the neighbour's restart. */
  readonly stale: boolean;
}

export interface Route {
  readonly net: Ipv4Prefix;
  /** The protocol that brought it. */
  readonly protocol: string;
  /** Of the neighbour, where additional paths were agreed upon; else 0. */
  readonly pathId: number;
  /** BIRD's: direct 240, static 200, BGP 100, kernel 10. */
  readonly preference: number;
  readonly source: "RTS_BGP" | "RTS_STATIC" | "RTS_DEVICE" | "RTS_INHERIT";
  readonly destination: Destination;
  readonly learnt: Learnt | undefined;
  readonly since: Nanos;
}

const ORIGIN_RANK = { igp: 0, egp: 1, incomplete: 2 } as const;

/** Up to where two BGP routes must be equal to be used together. Models: bgp_rte_mergable. */
function comparePaths(a: Learnt, b: Learnt): number {
  return (
    (b.path.localPref ?? 0) - (a.path.localPref ?? 0) ||
    a.path.asPath.length - b.path.asPath.length ||
    ORIGIN_RANK[a.path.origin] - ORIGIN_RANK[b.path.origin] ||
    (a.path.med ?? 0) - (b.path.med ?? 0) ||
    Number(a.internal) - Number(b.internal)
  );
}

const reachable = (route: Route): number => (route.destination.kind === "unreachable" ? 1 : 0);

/** RFC 4271 section 9.1.2.2 as BIRD walks it; negative when `a` is the better one. Models: bgp_rte_better. */
function compareRoutes(a: Route, b: Route): number {
  const byPreference = b.preference - a.preference;
  if (byPreference !== 0 || a.learnt === undefined || b.learnt === undefined) return byPreference;
  const [x, y] = [a.learnt, b.learnt];
  return (
    reachable(a) - reachable(b) ||
    Number(x.stale) - Number(y.stale) ||
    comparePaths(x, y) ||
    (x.path.originatorId ?? x.neighborId) - (y.path.originatorId ?? y.neighborId) ||
    x.path.clusterList.length - y.path.clusterList.length ||
    x.neighbor - y.neighbor
  );
}

/** Whether a route may share the traffic of the best one. */
export function mergeable(best: Route, other: Route): boolean {
  return (
    best.preference === other.preference &&
    best.learnt !== undefined &&
    other.learnt !== undefined &&
    other.destination.kind === "gateway" &&
    comparePaths(best.learnt, other.learnt) === 0
  );
}

/** The routes of all protocols by net, best first. */
export class RouteTable {
  /** Hears of every net whose routes changed. */
  onChange: ((net: string) => void) | null = null;
  private readonly nets = new Map<string, readonly Route[]>();

  /** In the order of addresses. (BIRD's is that of a hash table.) */
  keys(): readonly string[] {
    return [...this.nets.entries()]
      .toSorted(([, [a]], [, [b]]) => {
        const [x, y] = [a!.net, b!.net];
        return x.address - y.address || x.length - y.length;
      })
      .map(([key]) => key);
  }

  routes(net: string): readonly Route[] {
    return this.nets.get(net) ?? [];
  }

  of(protocol: string): readonly Route[] {
    return [...this.nets.values()].flat().filter((route) => route.protocol === protocol);
  }

  /** A protocol's route to a net: new, changed, or as it was. */
  set(route: Route): void {
    const key = formatPrefix(route.net);
    const others = this.routes(key).filter(
      (each) => each.protocol !== route.protocol || each.pathId !== route.pathId,
    );
    this.nets.set(key, [...others, route].toSorted(compareRoutes));
    this.onChange?.(key);
  }

  delete(protocol: string, net: Ipv4Prefix, pathId = 0): void {
    const key = formatPrefix(net);
    const before = this.routes(key);
    const left = before.filter((each) => each.protocol !== protocol || each.pathId !== pathId);
    if (left.length === before.length) return;
    if (left.length === 0) this.nets.delete(key);
    else this.nets.set(key, left);
    this.onChange?.(key);
  }

  /** Takes away a protocol's routes, all or those that `which` names. */
  flush(protocol: string, which: (route: Route) => boolean = () => true): void {
    for (const route of this.of(protocol)) if (which(route)) this.delete(protocol, route.net, route.pathId);
  }

  /** The longest match for an address among the routes that are not BGP's: how a next hop is reached. */
  lookUp(address: Ipv4): Route | undefined {
    let found: Route | undefined;
    for (const [best] of this.nets.values()) {
      if (best === undefined || best.source === "RTS_BGP") continue;
      const { address: base, length } = best.net;
      if (inPrefix(address, base, length) && length >= (found?.net.length ?? 0)) found = best;
    }
    return found;
  }
}
