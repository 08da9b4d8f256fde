import { type Ipv4, isLoopback, isMulticast, IPV4_BROADCAST, IPV4_LOOPBACK } from "../../wire/address.ts";
import type { RouteResult } from "../../trace/record.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { SCOPE_HOST, SCOPE_LINK } from "../uapi/index.ts";
import type { Skb } from "../skb.ts";
import { selectAddress } from "./address.ts";
import { type FibError, type FibHop, onLink } from "./fib.ts";

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
}

export interface OutputKey {
  readonly dst: Ipv4;
  readonly src?: Ipv4 | undefined;
  readonly oif?: NetDevice | undefined;
  readonly tos?: number | undefined;
  readonly mark?: number | undefined;
}

/** Finds the way out. Models: ip_route_output_key_hash_rcu. */
export function routeOutput(ns: Netns, key: OutputKey): OutputRoute | FibError {
  const { oif } = key;
  let dst = key.dst;
  let source = key.src ?? (0 as Ipv4);
  if (source !== 0 && (isMulticast(source) || source === IPV4_BROADCAST)) return "EINVAL";
  if (source !== 0 && !ns.localAddresses.has(source) && ns.fib.addressType(source) !== "local")
    return "ENETUNREACH";
  if (oif !== undefined) {
    if (!oif.up) return "ENETUNREACH";
    if (isMulticast(dst) || dst === IPV4_BROADCAST) {
      if (source === 0) source = selectAddress(ns, oif, 0 as Ipv4, SCOPE_LINK);
      return made(ns, oif, null, dst, source);
    }
  } else if (source !== 0 && (isMulticast(dst) || dst === IPV4_BROADCAST)) {
    const owner = ns.deviceOwning(source);
    return owner === undefined ? "EINVAL" : made(ns, owner, null, dst, source);
  }
  if (dst === 0) {
    dst = source === 0 ? IPV4_LOOPBACK : source;
    return made(ns, ns.loopback, null, dst, source === 0 ? dst : source, "local");
  }
  const found = oif === undefined && key.tos === undefined ? ns.fib.lookupDst(dst) : ns.fib.lookup(key);
  if (typeof found === "string") {
    if (oif === undefined || found !== "ENETUNREACH") return found;
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

function made(
  ns: Netns,
  dev: NetDevice,
  hop: FibHop | null,
  dst: Ipv4,
  source: Ipv4,
  type?: "local",
): OutputRoute {
  const kind =
    type ??
    (dst === IPV4_BROADCAST || hop?.entry.type === "broadcast"
      ? "broadcast"
      : isMulticast(dst)
        ? "multicast"
        : "unicast");
  const learnt = ns.exceptions.size === 0 ? undefined : ns.exception(dst);
  const gateway = learnt?.gateway ?? (hop !== null && hop.gateway !== 0 ? hop.gateway : dst);
  const mtu = Math.min(hop !== null && hop.entry.mtu !== 0 ? hop.entry.mtu : dev.mtu, 65535);
  return {
    type: kind,
    dev,
    hop,
    nexthop: kind === "unicast" ? gateway : dst,
    source,
    mtu: learnt?.mtu !== undefined ? Math.min(learnt.mtu, mtu) : mtu,
  };
}

/** What is to be done with a packet that came in. */
export type InputVerdict =
  | "local"
  | "broadcast"
  | "forward"
  /** No route, or one that refuses: answered with the ICMP error of `error`. */
  | { readonly error: FibError }
  | {
      readonly martian:
        "IP_LOCAL_SOURCE" | "IP_INVALID_SOURCE" | "IP_INVALID_DEST" | "IP_RPFILTER" | "IP_LOCALNET";
    };

const MARTIAN_SOURCE: InputVerdict = { martian: "IP_INVALID_SOURCE" };
const MARTIAN_DEST: InputVerdict = { martian: "IP_INVALID_DEST" };

/** Decides on a packet from outside; sets the skb's hop when it is forwarded. Models: ip_route_input_slow. */
export function routeInput(ns: Netns, dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4): InputVerdict {
  skb.hop = null;
  if (isMulticast(src) || src === IPV4_BROADCAST) return MARTIAN_SOURCE;
  if (dst === IPV4_BROADCAST || (src === 0 && dst === 0)) return "broadcast";
  if (src >>> 24 === 0) return MARTIAN_SOURCE;
  if (dst >>> 24 === 0) return MARTIAN_DEST;
  const localnet = dev.conf.route_localnet !== 0 || ns.confAll.route_localnet !== 0 || dev.isLoopback;
  if (isLoopback(dst) && !localnet) return { martian: "IP_LOCALNET" };
  if (isLoopback(src) && !localnet) return { martian: "IP_LOCALNET" };
  const found = ns.fib.lookupDst(dst);
  if (typeof found === "string") {
    return { error: dev.conf.forwarding === 0 ? "EHOSTUNREACH" : found };
  }
  skb.hop = found;
  const { type } = found.entry;
  if (type === "broadcast") {
    const valid = validateSource(ns, dev, src, null);
    return typeof valid === "number" ? "broadcast" : valid;
  }
  if (type === "local") {
    const valid = validateSource(ns, dev, src, null);
    return typeof valid === "number" ? "local" : valid;
  }
  if (dev.conf.forwarding === 0) return { error: "EHOSTUNREACH" };
  if (type !== "unicast") return MARTIAN_DEST;
  return routeForward(ns, dev, skb, src, dst, found);
}

/** Models: __mkroute_input. */
function routeForward(ns: Netns, dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4, hop: FibHop): InputVerdict {
  const out = hop.dev!;
  const valid = validateSource(ns, dev, src, out);
  if (typeof valid !== "number") return valid;
  const learnt = ns.exceptions.size === 0 ? undefined : ns.exception(dst);
  skb.nexthop = learnt?.gateway ?? (hop.gateway !== 0 ? hop.gateway : dst);
  const sends = dev.conf.send_redirects !== 0 || ns.confAll.send_redirects !== 0;
  skb.redirect = false;
  if (out === dev && valid === 1 && sends) {
    const shared = dev.conf.shared_media !== 0 || ns.confAll.shared_media !== 0;
    skb.redirect = shared || onLink(dev, src, hop.gateway);
  }
  return "forward";
}

/** Max of `all` and the device, as IN_DEV_RPFILTER takes it. */
function rpFilter(ns: Netns, dev: NetDevice): number {
  return Math.max(dev.conf.rp_filter, ns.confAll.rp_filter);
}

/**
 * May a packet from `src` come in by `dev`? 1: yes, and the source is on that link; 0: yes. Models: fib_validate_source.
 */
function validateSource(ns: Netns, dev: NetDevice, src: Ipv4, out: NetDevice | null): number | InputVerdict {
  const filter = rpFilter(ns, dev);
  const acceptLocal = dev.conf.accept_local !== 0 || ns.confAll.accept_local !== 0 || dev.isLoopback;
  if (filter === 0 && out !== dev && !ns.fib.customLocal) {
    if (acceptLocal || !ns.localAddresses.has(src)) return 0;
    return { martian: "IP_LOCAL_SOURCE" };
  }
  const back = ns.fib.lookupDst(src);
  if (typeof back === "string") return filter === 0 ? 0 : { martian: "IP_RPFILTER" };
  if (back.entry.type !== "unicast" && !(back.entry.type === "local" && acceptLocal))
    return { martian: "IP_LOCAL_SOURCE" };
  if (back.dev === dev) return back.scope >= SCOPE_HOST ? 1 : 0;
  if (filter === 1) return { martian: "IP_RPFILTER" };
  return 0;
}

/** How the trace names the outcome of an output lookup. */
export function traceOutput(ns: Netns, skb: Skb, dst: Ipv4, found: OutputRoute | FibError): void {
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

export function refusal(error: FibError): RouteResult {
  switch (error) {
    case "ENETUNREACH":
      return "none";
    case "EHOSTUNREACH":
      return "unreachable";
    case "EACCES":
      return "prohibit";
    case "EINVAL":
      return "blackhole";
  }
}
