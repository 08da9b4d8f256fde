import { type Ipv4, isLoopback, isMulticast, IPV4_BROADCAST } from "../../wire/address.ts";
import { ETH_P_ARP } from "../../wire/ethernet.ts";
import { ipv4Protocol, ipv4Tos } from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import type { Flow } from "../fib-rules.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { SCOPE_HOST } from "../uapi/index.ts";
import { LOOPBACK_INDEX, newFlow, onLink } from "./fib.ts";
import { type FibEntry, type FibError, type FibHop, usesGateway } from "./fib-table.ts";
import { portsOf, selectPath } from "./multipath.ts";
import { routesLocalnet } from "./route.ts";

/** What is to be done with a packet that came in. */
export type InputVerdict =
  | "local"
  | "broadcast"
  | "multicast"
  | "forward"
  /** No route, or one that refuses: answered with the ICMP error of `error`. */
  | { readonly error: FibError }
  | {
      readonly martian:
        "IP_LOCAL_SOURCE" | "IP_INVALID_SOURCE" | "IP_INVALID_DEST" | "IP_RPFILTER" | "IP_LOCALNET";
    };

const MARTIAN_SOURCE: InputVerdict = { martian: "IP_INVALID_SOURCE" };
const MARTIAN_DEST: InputVerdict = { martian: "IP_INVALID_DEST" };

/** The flow of the lookup under way, and of the lookup back to its source. */
const FLOW: Flow<Ipv4> = newFlow();
const BACK: Flow<Ipv4> = newFlow();

/**
 * Decides on a packet from outside; sets the skb's hop when it is forwarded. Its mark takes part; `skb.net` is at its
 * header, unless it is an ARP request that asks for the way. Models: ip_route_input_slow.
 */
export function routeInput(ns: Netns, dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4): InputVerdict {
  skb.hop = null;
  if (isMulticast(src) || src === IPV4_BROADCAST) return MARTIAN_SOURCE;
  const tos = skb.protocol === ETH_P_ARP ? 0 : ipv4Tos(skb.buf, skb.net);
  if (dst === IPV4_BROADCAST || (src === 0 && dst === 0)) return inputBroadcast(ns, dev, skb, src, tos);
  if (isMulticast(dst)) return inputMulticast(ns, dev, skb, src, dst, tos);
  if (src === 0) return MARTIAN_SOURCE;
  if (dst === 0) return MARTIAN_DEST;
  if ((isLoopback(dst) || isLoopback(src)) && !dev.isLoopback && !routesLocalnet(ns, dev))
    return { martian: "IP_LOCALNET" };
  const { fib } = ns;
  let found: FibHop | FibError;
  if (fib.simple) found = fib.lookupDst(dst);
  else {
    fill(ns, dev, skb, src, dst, tos);
    found = fib.lookup(FLOW);
  }
  if (typeof found === "string") return { error: dev.conf.forwarding === 0 ? "EHOSTUNREACH" : found };
  skb.hop = found;
  const { type } = found.entry;
  const forwards = dev.conf.forwarding !== 0;
  const directed = type === "broadcast" && forwardsBroadcast(ns, dev);
  if (type === "broadcast" && !directed) return inputBroadcast(ns, dev, skb, src, tos);
  if (type === "local") {
    const valid = validateSource(ns, dev, skb, src, dst, tos, null);
    return typeof valid === "number" ? "local" : valid;
  }
  if (!directed) {
    if (!forwards) return { error: "EHOSTUNREACH" };
    if (type !== "unicast") return MARTIAN_DEST;
  }
  if (found.entry.hops.length > 1) {
    const packet = skb.protocol === ETH_P_ARP ? null : skb;
    found = skb.hop = selectPath(ns, found, FLOW, packet);
  }
  return routeForward(ns, dev, skb, src, dst, tos, found);
}

function inputBroadcast(ns: Netns, dev: NetDevice, skb: Skb, src: Ipv4, tos: number): InputVerdict {
  if (src === 0) return "broadcast";
  const valid = validateSource(ns, dev, skb, src, 0 as Ipv4, tos, null);
  return typeof valid === "number" ? "broadcast" : valid;
}

/** The one group that every host is in. */
const ALL_HOSTS = 0xe0000001;

/** Models: ip_route_input_mc, ip_mc_validate_source. */
function inputMulticast(
  ns: Netns,
  dev: NetDevice,
  skb: Skb,
  src: Ipv4,
  dst: Ipv4,
  tos: number,
): InputVerdict {
  if (dst !== ALL_HOSTS && !dev.groups.has(dst)) return MARTIAN_DEST;
  if (isLoopback(src) && !dev.isLoopback && !routesLocalnet(ns, dev)) return MARTIAN_SOURCE;
  if (src === 0) return MARTIAN_SOURCE;
  const valid = validateSource(ns, dev, skb, src, 0 as Ipv4, tos, null);
  return typeof valid === "number" ? "multicast" : valid;
}

/** bc_forwarding, of the device and of `all`. */
function forwardsBroadcast(ns: Netns, dev: NetDevice): boolean {
  return dev.conf.bc_forwarding !== 0 && ns.confAll.bc_forwarding !== 0;
}

function fill(ns: Netns, dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4, tos: number): void {
  FLOW.dst = dst;
  FLOW.src = src;
  FLOW.iif = dev.index;
  FLOW.oif = 0;
  FLOW.mark = skb.mark;
  FLOW.tos = tos;
  dissect(ns, skb, FLOW, false);
}

/** Protocol and ports, if some rule asks for them. Models: fib4_rules_early_flow_dissect. */
function dissect(ns: Netns, skb: Skb, flow: Flow<Ipv4>, swapped: boolean): void {
  flow.protocol = flow.sport = flow.dport = 0;
  if (!ns.fib.rules.dissects || skb.protocol === ETH_P_ARP) return;
  flow.protocol = ipv4Protocol(skb.buf, skb.net);
  const ports = portsOf(skb, flow.protocol);
  flow.sport = swapped ? ports & 0xffff : ports >>> 16;
  flow.dport = swapped ? ports >>> 16 : ports & 0xffff;
}

/** Models: __mkroute_input. */
function routeForward(
  ns: Netns,
  dev: NetDevice,
  skb: Skb,
  src: Ipv4,
  dst: Ipv4,
  tos: number,
  hop: FibHop,
): InputVerdict {
  const out = hop.dev!;
  const valid = validateSource(ns, dev, skb, src, dst, tos, out);
  if (typeof valid !== "number") return valid;
  const learnt = ns.exceptions.size === 0 ? undefined : ns.exception(dst, hop);
  if (learnt !== undefined) learnt.used = true;
  skb.nexthop = learnt?.gateway ?? (usesGateway(hop) ? hop.gateway : dst);
  skb.redirect = false;
  if (out === dev && valid === 1 && sendsRedirects(ns, dev)) {
    const shared = dev.conf.shared_media !== 0 || ns.confAll.shared_media !== 0;
    skb.redirect = shared || onLink(dev, src, hop.gateway);
  }
  return "forward";
}

function sendsRedirects(ns: Netns, dev: NetDevice): boolean {
  return dev.conf.send_redirects !== 0 || ns.confAll.send_redirects !== 0;
}

/** Max of `all` and the device, as IN_DEV_RPFILTER takes it. */
function rpFilter(ns: Netns, dev: NetDevice): number {
  return Math.max(dev.conf.rp_filter, ns.confAll.rp_filter);
}

/**
 * May a packet from `src` come in by `dev`? 1: yes, and the source is on that link; 0: yes. Models: fib_validate_source.
 */
function validateSource(
  ns: Netns,
  dev: NetDevice,
  skb: Skb,
  src: Ipv4,
  dst: Ipv4,
  tos: number,
  out: NetDevice | null,
): number | InputVerdict {
  const { fib } = ns;
  const filter = rpFilter(ns, dev);
  const acceptLocal = dev.conf.accept_local !== 0 || ns.confAll.accept_local !== 0 || dev.isLoopback;
  if (filter === 0 && (out !== dev || !sendsRedirects(ns, dev))) {
    if (acceptLocal) return 0;
    if (!fib.customLocal && !fib.rules.custom)
      return ns.localAddresses.has(src) ? { martian: "IP_LOCAL_SOURCE" } : 0;
  }
  const back = fib.simple ? fib.lookupDst(src) : lookupBack(ns, dev, skb, src, dst, tos, out, 0);
  if (typeof back === "string") return filter === 0 ? 0 : { martian: "IP_RPFILTER" };
  const { type } = back.entry;
  if (type === "local" && !acceptLocal) return { martian: "IP_LOCAL_SOURCE" };
  if (type !== "unicast" && type !== "local") return MARTIAN_SOURCE;
  if (usesDevice(back.entry, dev)) return back.scope >= SCOPE_HOST ? 1 : 0;
  if (dev.addresses.length === 0) return filter === 0 ? 0 : { martian: "IP_RPFILTER" };
  if (filter === 1) return { martian: "IP_RPFILTER" };
  const near = lookupBack(ns, dev, skb, src, dst, tos, out, dev.index);
  if (typeof near === "string" || near.entry.type !== "unicast") return 0;
  return near.scope >= SCOPE_HOST ? 1 : 0;
}

/** Models: fib_info_nh_uses_dev. */
function usesDevice(entry: FibEntry, dev: NetDevice): boolean {
  for (const hop of entry.hops) if (hop.dev === dev) return true;
  return false;
}

/** The way to the source: as a packet of the other direction would be routed that came from `out`, or from here. */
function lookupBack(
  ns: Netns,
  dev: NetDevice,
  skb: Skb,
  src: Ipv4,
  dst: Ipv4,
  tos: number,
  out: NetDevice | null,
  oif: number,
): FibHop | FibError {
  const marked = dev.conf.src_valid_mark !== 0 || ns.confAll.src_valid_mark !== 0;
  BACK.dst = src;
  BACK.src = dst;
  BACK.iif = out === null ? LOOPBACK_INDEX : out.index;
  BACK.oif = oif;
  BACK.mark = marked ? skb.mark : 0;
  BACK.tos = tos;
  dissect(ns, skb, BACK, true);
  return ns.fib.lookup(BACK, 0, oif !== 0);
}
