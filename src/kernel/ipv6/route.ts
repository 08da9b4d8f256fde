import type { RouteResult } from "../../trace/record.ts";
import type { NetDevice } from "../device/device.ts";
import type { Flow } from "../fib-rules.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Fib6Error, Hop6 } from "./fib6.ts";
import { isOwn } from "./fib6-change.ts";
import { type Addr6, ANY6, LOOPBACK6 } from "./intern.ts";
import { sourceFor } from "./select.ts";

/** Where a packet of this host goes. Models: struct rt6_info as ip6_route_output makes it. */
export interface OutputRoute6 {
  readonly type: "unicast" | "local" | "multicast" | "anycast";
  readonly dev: NetDevice;
  /** Null when the caller named the way itself. */
  readonly hop: Hop6 | null;
  readonly nexthop: Addr6;
  readonly source: Addr6;
  /** Path MTU: the route's, a learnt one, or the device's. */
  readonly mtu: number;
}

export interface OutputKey6 {
  readonly dst: Addr6;
  readonly src?: Addr6 | undefined;
  readonly oif?: NetDevice | undefined;
  readonly mark?: number | undefined;
  readonly tos?: number | undefined;
  readonly protocol?: number | undefined;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  /** The socket is bound to `oif`: no other device will do. */
  readonly strict?: boolean | undefined;
}

/** One object serves all lookups: they do not nest. */
const FLOW: Flow<Addr6> = {
  dst: ANY6,
  src: ANY6,
  iif: 0,
  oif: 0,
  mark: 0,
  tos: 0,
  protocol: 0,
  sport: 0,
  dport: 0,
};

/** Finds the way out. Models: ip6_route_output_flags, ip6_dst_lookup_tail. */
export function routeOutput6(ns: Netns, key: OutputKey6): OutputRoute6 | Fib6Error {
  const { ip6 } = ns;
  const src = key.src ?? ANY6;
  const dst = key.dst === ANY6 ? LOOPBACK6 : key.dst;
  const { oif } = key;
  FLOW.dst = dst;
  FLOW.src = src;
  FLOW.iif = ns.loopback.index;
  FLOW.oif = oif === undefined ? 0 : oif.index;
  FLOW.mark = key.mark ?? 0;
  FLOW.tos = key.tos ?? 0;
  FLOW.protocol = key.protocol ?? 0;
  FLOW.sport = key.sport ?? 0;
  FLOW.dport = key.dport ?? 0;
  const strict = oif !== undefined && (key.strict === true || src === ANY6 || ip6.book.needsDevice(dst));
  const hop = ip6.fib.lookup(FLOW, strict);
  if (typeof hop === "string") return hop;
  const { entry } = hop;
  const { type } = entry;
  const local = type === "local" || type === "anycast";
  const dev = local ? ns.loopback : hop.dev;
  let source = src;
  if (source === ANY6) {
    // A local destination is reached from itself; otherwise the source follows from the device of the route.
    source = entry.prefSrc === ANY6 ? sourceFor(ip6, hop.dev, dst) : entry.prefSrc;
    if (source === ANY6) source = sourceFor(ip6, null, dst);
  }
  const learnt = ip6.exceptions.size === 0 ? undefined : ip6.exception(dst);
  const own = Math.min(entry.mtu === 0 ? dev.in6.mtu : entry.mtu, 65575);
  return {
    type: local ? type : ip6.book.isMulticast(dst) ? "multicast" : "unicast",
    dev,
    hop,
    nexthop: learnt?.gateway ?? (hop.gateway === ANY6 || local ? dst : hop.gateway),
    source,
    mtu: learnt?.mtu === undefined ? own : Math.min(own, learnt.mtu),
  };
}

/** Whether a packet may leave from `source`: the address is ours, or nobody cares. */
export function mayBeSource(ns: Netns, source: Addr6): boolean {
  return source === ANY6 || isOwn(ns.ip6, source);
}

/** What is to be done with a packet that came in. */
export type InputVerdict6 = "local" | "multicast" | "forward" | { readonly error: Fib6Error };

const ERRORS: Readonly<Record<Fib6Error, InputVerdict6>> = {
  ENETUNREACH: { error: "ENETUNREACH" },
  EHOSTUNREACH: { error: "EHOSTUNREACH" },
  EACCES: { error: "EACCES" },
  EINVAL: { error: "EINVAL" },
};

/**
 * Decides on a packet from outside; sets the skb's hop. Addresses that only mean something on their link are looked up
 * on the link that the packet came by. Models: ip6_route_input.
 */
export function routeInput6(ns: Netns, dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6): InputVerdict6 {
  const { ip6 } = ns;
  FLOW.dst = dst;
  FLOW.src = src;
  FLOW.iif = dev.index;
  const strict = ip6.book.needsDevice(dst) && !dev.isLoopback;
  FLOW.oif = strict ? dev.index : 0;
  FLOW.mark = skb.mark;
  FLOW.tos = ((skb.buf[skb.net]! & 15) << 4) | (skb.buf[skb.net + 1]! >>> 4);
  FLOW.protocol = skb.buf[skb.net + 6]!;
  FLOW.sport = 0;
  FLOW.dport = 0;
  const hop = ip6.fib.lookup(FLOW, strict);
  if (typeof hop === "string") {
    skb.hop6 = null;
    return ERRORS[hop];
  }
  skb.hop6 = hop;
  const { type } = hop.entry;
  if (type === "local" || type === "anycast") return "local";
  if (leadsNowhere(hop)) return ERRORS.ENETUNREACH;
  if (ip6.book.isMulticast(dst)) return "multicast";
  const learnt = ip6.exceptions.size === 0 ? undefined : ip6.exception(dst);
  skb.nexthop = learnt?.gateway ?? (hop.gateway === ANY6 ? dst : hop.gateway);
  return "forward";
}

/** A route by lo that is no route to this host would turn packets round for ever: it refuses. Models: fib6_is_reject. */
export function leadsNowhere(hop: Hop6): boolean {
  return hop.dev.isLoopback && hop.entry.type === "unicast";
}

/** How the trace names the outcome of an output lookup. */
export function traceOutput6(ns: Netns, skb: Skb, dst: Addr6, found: OutputRoute6 | Fib6Error): void {
  const { trace } = ns.kernel;
  if (trace === null) return;
  const text = (a: Addr6): number => ns.kernel.text6(a);
  if (typeof found === "string") {
    trace.route6(ns.id, false, skb.id, text(dst), 0, refusal6(found), 0, 0, 0);
    return;
  }
  const type = found.type === "anycast" ? "local" : found.type;
  const entry = found.hop?.entry.id ?? 0;
  trace.route6(
    ns.id,
    false,
    skb.id,
    text(dst),
    text(found.source),
    type,
    entry,
    found.dev.index,
    text(found.nexthop),
  );
}

export function refusal6(error: Fib6Error): RouteResult {
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
