import { setU16, setU32 } from "../../base/bytes.ts";
import { type Nanos, NANOS_PER_MILLI, NANOS_PER_SECOND } from "../../sim/time.ts";
import { ICMPV6_HEADER, ICMPV6_PARAMPROB, ICMPV6_PKT_TOOBIG, setIcmpv6Checksum } from "../../wire/icmpv6.ts";
import { IPPROTO_ICMPV6 } from "../../wire/ipv4.ts";
import { IPPROTO_FRAGMENT, ipv6ExtensionLength, isIpv6Extension } from "../../wire/ipv6.ts";
import { attachFlow } from "../netfilter/attach.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import { isOwn } from "./fib6-change.ts";
import { type Addr6, ANY6 } from "./intern.ts";
import { flowLabel, ip6LocalOut, pushHeader6 } from "./output.ts";
import { type OutputRoute6, routeOutput6, traceOutput6 } from "./route.ts";

export const PKT_TOOBIG: number = ICMPV6_PKT_TOOBIG;

/** RFC 4443, section 2.4 (c): an error fits into what every link must carry. */
const MIN_MTU = 1280;
/** Burst of the token bucket of net.ipv6.icmp.ratelimit. Models: XRLIM_BURST_FACTOR. */
const BURST_FACTOR = 6;
/** Of "parameter problem": an option is not known; the only one that answers a group. */
const UNKNOWN_OPTION = 2;

/** Where the transport header stands behind `net`, and its protocol; -1 when the packet is a later fragment or cut short. */
export function transportOf(skb: Skb): { readonly at: number; readonly protocol: number } {
  const { buf, net, end } = skb;
  let protocol = buf[net + 6]!;
  let at = net + 40;
  while (isIpv6Extension(protocol)) {
    if (at + 8 > end) return { at: -1, protocol };
    const kind = protocol;
    protocol = buf[at]!;
    if (kind === IPPROTO_FRAGMENT && (((buf[at + 2]! << 8) | buf[at + 3]!) & 0xfff8) !== 0)
      return { at: -1, protocol };
    at += ipv6ExtensionLength(buf, at, kind);
  }
  return { at, protocol };
}

/** Answering an error with an error would never end (RFC 4443, section 2.4 (e)). Models: is_ineligible. */
function isError(skb: Skb): boolean {
  const { at, protocol } = transportOf(skb);
  if (protocol !== IPPROTO_ICMPV6) return false;
  if (at < 0 || at >= skb.end) return at < 0;
  const type = skb.buf[at]!;
  return type < 128 || type === 137;
}

/**
 * Answers the packet in `about` with an ICMPv6 error, unless RFC 4443, section 2.4 forbids it. `rest` is the second word
 * of the header (MTU, pointer). `about` stays the caller's. Models: icmp6_send.
 */
export function icmpSend6(ns: Netns, about: Skb, type: number, code: number, rest: number): void {
  const { ip6, kernel } = ns;
  const { book } = ip6;
  const { buf, net } = about;
  if (about.end - net < 40) return;
  const source = book.read(buf, net + 8);
  const dst = book.read(buf, net + 24);
  const group = book.isMulticast(dst) || about.packetType !== PACKET_HOST;
  const mayAnswerGroup = type === ICMPV6_PKT_TOOBIG || (type === ICMPV6_PARAMPROB && code === UNKNOWN_OPTION);
  if (group && !mayAnswerGroup) return;
  if (source === ANY6 || book.isMulticast(source) || isError(about)) return;
  const from = isOwn(ip6, dst) ? dst : ANY6;
  const oif = book.needsDevice(source) ? (about.iif ?? about.dev ?? undefined) : undefined;
  const route = routeOutput6(ns, { dst: source, src: from, oif, protocol: IPPROTO_ICMPV6 });
  if (typeof route === "string") return;
  if (!rateAllowed(ns, source, type, route)) return;
  const quoted = Math.min(about.end - net, MIN_MTU - 40 - ICMPV6_HEADER);
  const skb = kernel.alloc(ns, ICMPV6_HEADER + quoted, "icmp-error", "", about.id);
  skb.end = skb.data + ICMPV6_HEADER + quoted;
  const at = skb.data;
  skb.buf[at] = type;
  skb.buf[at + 1] = code;
  setU16(skb.buf, at + 2, 0);
  setU32(skb.buf, at + 4, rest);
  skb.buf.set(buf.subarray(net, net + quoted), at + ICMPV6_HEADER);
  attachFlow(skb, about);
  traceOutput6(ns, skb, source, route);
  pushHeader6(ns, skb, route.source, source, {
    nextHeader: IPPROTO_ICMPV6,
    hopLimit: hopLimitOf(route),
    trafficClass: 0,
    flowLabel: flowLabel(ns, route.source, source, IPPROTO_ICMPV6, 0),
  });
  setIcmpv6Checksum(skb.buf, at, skb.end, skb.net + 8);
  ip6LocalOut(ns, skb, route);
}

/** Models: ip6_dst_hoplimit. */
export function hopLimitOf(route: OutputRoute6): number {
  const own = route.hop?.entry.hopLimit ?? 0;
  if (own !== 0) return own;
  return (route.hop?.dev ?? route.dev).in6.conf.hop_limit;
}

/** Types of error that net.ipv6.icmp.ratemask holds back. */
function limited(mask: string, type: number): boolean {
  return mask.split(",").some((range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return type >= first && type <= last;
  });
}

/** Models: icmpv6_xrlim_allow: the wider the route, the more errors it may carry. */
function rateAllowed(ns: Netns, to: Addr6, type: number, route: OutputRoute6): boolean {
  const { settings, peers } = ns.ip6;
  if (route.dev.isLoopback || !limited(settings.icmpRateMask, type)) return true;
  const plain = settings.icmpRateLimitMs * NANOS_PER_MILLI;
  const length = route.hop?.entry.length ?? 128;
  const cost = length < 128 ? plain / 2 ** ((128 - length) >> 5) : plain;
  const { now } = ns.kernel.queue;
  let peer = peers.get(to);
  if (peer === undefined) {
    peer = { tokens: 0, last: (now - 60 * NANOS_PER_SECOND) as Nanos };
    peers.set(to, peer);
  }
  let { tokens } = peer;
  if (now !== peer.last) tokens = Math.min(tokens + now - peer.last, BURST_FACTOR * cost);
  peer.last = now;
  const allowed = tokens >= cost;
  peer.tokens = allowed ? tokens - cost : tokens;
  return allowed;
}
