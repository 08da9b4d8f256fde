import { type Ipv4, isLoopback, isMulticast, IPV4_BROADCAST, IPV4_LOOPBACK } from "../../wire/address.ts";
import type { RouteResult } from "../../trace/record.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { SCOPE_LINK } from "../uapi/index.ts";
import type { Skb } from "../skb.ts";
import type { XfrmWay } from "../xfrm/way.ts";
import type { Flow } from "../fib-rules.ts";
import { selectAddress } from "./address.ts";
import { LOOPBACK_INDEX, newFlow } from "./fib.ts";
import { type FibError, type FibHop, usesGateway } from "./fib-table.ts";
import { selectPath } from "./multipath.ts";

/** Where a packet of this host goes. Models: struct rtable as ip_route_output_key makes it. */
export interface OutputRoute {
  readonly type: "unicast" | "local" | "broadcast" | "multicast";
  readonly dev: NetDevice;
  /** Null when no entry was needed: a broadcast, or a device forced by the socket. */
  readonly hop: FibHop | null;
  readonly nexthop: Ipv4;
  readonly source: Ipv4;
  /** Path MTU: the route's, a learnt one, or the device's. */
  readonly mtu: number;
  /** The route's MTU is not for ICMP to change: packets go without DF (`mtu lock`, or a path below min_pmtu). */
  readonly mtuLocked: boolean;
  /** What IPsec's policies say, and of which generation they were; absent: nobody asked them. */
  readonly xfrm?: XfrmWay | null;
  readonly xfrmGeneration?: number;
}

/** Why there is no way; EPERM: an IPsec policy forbids it. */
export type RouteError = FibError | "EPERM";

export interface OutputKey {
  readonly dst: Ipv4;
  readonly src?: Ipv4 | undefined;
  readonly oif?: NetDevice | undefined;
  readonly tos?: number | undefined;
  readonly mark?: number | undefined;
  /** What rules and the multipath hash may ask for. */
  readonly protocol?: number | undefined;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  /** The source need not be ours (FLOWI_FLAG_ANYSRC). */
  readonly anySource?: boolean | undefined;
}

/** Finds the way out, and what IPsec does to packets of a known protocol on it. Models: ip_route_output_flow. */
export function routeOutput(ns: Netns, key: OutputKey): OutputRoute | RouteError {
  const found = routeKey(ns, key);
  if (ns.xfrm === null || typeof found === "string" || key.protocol === undefined) return found;
  return ns.xfrm.route(found, key);
}

/** Finds the way out. Models: ip_route_output_key_hash_rcu. */
export function routeKey(ns: Netns, key: OutputKey): OutputRoute | FibError {
  const { oif } = key;
  let { dst } = key;
  let source = key.src ?? (0 as Ipv4);
  const group = isMulticast(dst) || dst === IPV4_BROADCAST;
  if (source !== 0) {
    if (isMulticast(source) || source === IPV4_BROADCAST) return "EINVAL";
    if (oif === undefined && group) {
      const owner = ns.deviceOwning(source);
      return owner === undefined ? "EINVAL" : made(ns, owner, null, dst, source);
    }
    const own = key.anySource === true || ns.localAddresses.has(source);
    if (!own && ns.fib.addressType(source) !== "local") return "ENETUNREACH";
  }
  if (oif !== undefined) {
    if (!oif.up) return "ENETUNREACH";
    if (group) {
      if (source === 0) source = selectAddress(ns, oif, 0 as Ipv4, SCOPE_LINK);
      return made(ns, oif, null, dst, source);
    }
  }
  if (dst === 0) {
    dst = source === 0 ? IPV4_LOOPBACK : source;
    return made(ns, ns.loopback, null, dst, source === 0 ? dst : source, "local");
  }
  const found = oif === undefined && ns.fib.simple ? ns.fib.lookupDst(dst) : lookupPath(ns, key, dst, source);
  if (typeof found === "string") {
    if (oif === undefined) return found;
    // The caller names the device and no route fits: the destination is taken to be on its link.
    if (source === 0) source = selectAddress(ns, oif, 0 as Ipv4, SCOPE_LINK);
    return made(ns, oif, null, dst, source);
  }
  if (found.entry.type === "local") {
    if (source === 0) source = found.entry.prefSrc === 0 ? dst : found.entry.prefSrc;
    return made(ns, ns.loopback, found, dst, source, "local");
  }
  if (source === 0) source = ns.fib.preferredSource(found);
  return made(ns, found.dev!, found, dst, source);
}

/** The flow of the lookup under way: filled anew each time, so that lookups allocate nothing. */
const FLOW: Flow<Ipv4> = newFlow();

function lookupPath(ns: Netns, key: OutputKey, dst: Ipv4, source: Ipv4): FibHop | FibError {
  FLOW.dst = dst;
  FLOW.src = source;
  FLOW.iif = LOOPBACK_INDEX;
  FLOW.oif = key.oif?.index ?? 0;
  FLOW.mark = key.mark ?? 0;
  FLOW.tos = key.tos ?? 0;
  FLOW.protocol = key.protocol ?? 0;
  FLOW.sport = key.sport ?? 0;
  FLOW.dport = key.dport ?? 0;
  const found = ns.fib.lookup(FLOW);
  if (typeof found === "string" || FLOW.oif !== 0) return found;
  if (found.entry.hops.length > 1) return selectPath(ns, found, FLOW, null);
  return found.entry.length === 0 && found.entry.type === "unicast" ? ns.fib.selectDefault(found) : found;
}

function made(
  ns: Netns,
  dev: NetDevice,
  hop: FibHop | null,
  dst: Ipv4,
  source: Ipv4,
  type?: "local",
): OutputRoute | FibError {
  if (isLoopback(source) && !dev.isLoopback && !routesLocalnet(ns, dev)) return "EINVAL";
  const kind =
    type ??
    (dst === IPV4_BROADCAST || hop?.entry.type === "broadcast"
      ? "broadcast"
      : isMulticast(dst)
        ? "multicast"
        : "unicast");
  const learnt = ns.exceptions.size === 0 ? undefined : ns.exception(dst, hop);
  if (learnt !== undefined) learnt.used = true;
  const gateway = learnt?.gateway ?? (hop !== null && usesGateway(hop) ? hop.gateway : dst);
  const mtu = Math.min(hop !== null && hop.entry.mtu !== 0 ? hop.entry.mtu : dev.mtu, 65535);
  return {
    type: kind,
    dev,
    hop,
    nexthop: kind === "unicast" ? gateway : dst,
    source,
    mtu: learnt?.mtu !== undefined ? Math.min(learnt.mtu, mtu) : mtu,
    mtuLocked: hop?.entry.mtuLocked === true || learnt?.locked === true,
  };
}

/** route_localnet: 127.0.0.0/8 may appear on this device. */
export function routesLocalnet(ns: Netns, dev: NetDevice): boolean {
  return dev.conf.route_localnet !== 0 || ns.confAll.route_localnet !== 0;
}

/** How the trace names the outcome of an output lookup. */
export function traceOutput(ns: Netns, skb: Skb, dst: Ipv4, found: OutputRoute | RouteError): void {
  const { trace } = ns.kernel;
  if (trace === null) return;
  if (typeof found === "string") {
    trace.route(ns.id, false, skb.id, dst, 0, refusal(found), 0, 0, 0);
    return;
  }
  trace.route(
    ns.id,
    false,
    skb.id,
    dst,
    found.source,
    found.type,
    found.hop?.entry.id ?? 0,
    found.dev.index,
    found.nexthop,
  );
}

export function refusal(error: RouteError): RouteResult {
  switch (error) {
    case "ENETUNREACH":
      return "none";
    case "EHOSTUNREACH":
      return "unreachable";
    case "EACCES":
    case "EPERM":
      return "prohibit";
    case "EINVAL":
      return "blackhole";
  }
}
