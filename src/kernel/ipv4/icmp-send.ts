import { isMulticast, type Ipv4, IPV4_BROADCAST } from "../../wire/address.ts";
import { icmpIsError, setIcmpChecksum, writeIcmpHeader } from "../../wire/icmp.ts";
import {
  IPPROTO_ICMP,
  ipv4Dest,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
} from "../../wire/ipv4.ts";
import { type Nanos, NANOS_PER_MILLI, NANOS_PER_SECOND } from "../../sim/time.ts";
import { attachFlow } from "../netfilter/attach.ts";
import type { Netns, Peer } from "../netns.ts";
import { KERNEL_SOCKET, PACKET_HOST, type Skb } from "../skb.ts";
import { selectAddress } from "./address.ts";
import { ipLocalOut } from "./output.ts";
import { routeOutput, traceOutput } from "./route.ts";
import { SCOPE_LINK } from "../uapi/index.ts";

/** RFC 1812, section 4.3.2.3: an error fits into what every host must be able to take. */
const MAX_ERROR = 576;
const IPTOS_PREC_INTERNETCONTROL = 0xc0;
/** Burst of the token bucket of icmp_ratelimit. Models: XRLIM_BURST_FACTOR. */
const BURST_FACTOR = 6;
/** ip_error's own bucket: one a second, five at once. Models: ip_rt_error_cost, ip_rt_error_burst. */
const ERROR_COST = NANOS_PER_SECOND;
const ERROR_BURST = 5 * NANOS_PER_SECOND;

/** The memory of a correspondent, made with a full bucket. Models: inet_getpeer_v4. */
export function peerOf(ns: Netns, address: Ipv4): Peer {
  let peer = ns.peers.get(address);
  if (peer === undefined) {
    peer = {
      tokens: 0,
      last: (ns.kernel.queue.now - 60 * NANOS_PER_SECOND) as Nanos,
      redirects: 0,
      redirectLast: 0 as Nanos,
    };
    ns.peers.set(address, peer);
  }
  return peer;
}

/** Whether ip_error may speak to this sender now. The bucket is the same one that icmp_ratelimit drains. */
export function errorAllowed(ns: Netns, sender: Ipv4): boolean {
  const peer = peerOf(ns, sender);
  const { now } = ns.kernel.queue;
  peer.tokens = Math.min(peer.tokens + now - peer.last, ERROR_BURST);
  peer.last = now;
  if (peer.tokens < ERROR_COST) return false;
  peer.tokens -= ERROR_COST;
  return true;
}

/** Models: icmpv4_xrlim_allow, inet_peer_xrlim_allow. */
function rateAllowed(ns: Netns, to: Ipv4, type: number, code: number, viaLoopback: boolean): boolean {
  if (type === 3 && code === 4) return true;
  if ((ns.ipv4.icmpRateMask & (1 << type)) === 0 || viaLoopback) return true;
  const timeout = ns.ipv4.icmpRateLimitMs * NANOS_PER_MILLI;
  const peer = peerOf(ns, to);
  const { now } = ns.kernel.queue;
  // Within one instant the bucket is left as it is: so ip_error's own tokens survive what it sends.
  let { tokens } = peer;
  if (now !== peer.last) tokens = Math.min(tokens + now - peer.last, BURST_FACTOR * timeout);
  peer.last = now;
  const allowed = tokens >= timeout;
  if (allowed) tokens -= timeout;
  peer.tokens = tokens;
  return allowed;
}

/**
 * Answers the packet in `about` with an ICMP error, unless the rules of RFC 1122, section 3.2.2 forbid it. `rest` is the
 * second word of the header (MTU, gateway). `about` stays the caller's. Models: icmp_send.
 */
export function icmpSend(ns: Netns, about: Skb, type: number, code: number, rest: number): void {
  const { buf, net } = about;
  const source = ipv4Source(buf, net);
  const dst = ipv4Dest(buf, net);
  if (about.packetType !== PACKET_HOST || isMulticast(dst) || dst === IPV4_BROADCAST || source === 0) return;
  if (about.hop?.entry.type === "broadcast" || ipv4FragmentOffset(buf, net) !== 0) return;
  const header = ipv4HeaderLength(buf, net);
  if (ipv4Protocol(buf, net) === IPPROTO_ICMP && icmpTypeIsError(buf[net + header])) return;
  if (isMulticast(source) || source === IPV4_BROADCAST) return;

  const ours = ns.localAddresses.has(dst) || ns.fib.addressType(dst) === "local";
  let from = ours ? dst : (0 as Ipv4);
  if (from === 0 && ns.ipv4.icmpErrorsUseInboundIfaddr !== 0 && about.dev !== null) {
    from = selectAddress(ns, about.dev, source, SCOPE_LINK);
  }
  const route = routeOutput(ns, {
    dst: source,
    src: from === 0 ? undefined : from,
    tos: ipv4Tos(buf, net),
    protocol: IPPROTO_ICMP,
    sport: type,
    dport: code,
  });
  if (typeof route === "string") return;
  if (!rateAllowed(ns, source, type, code, route.dev.isLoopback)) return;
  const room = Math.min(route.mtu, MAX_ERROR) - 20 - 8;
  const quoted = Math.min(about.end - net, room);
  const skb = ns.kernel.alloc(ns, 8 + quoted, "icmp-error", "", about.id);
  skb.end = skb.data + 8 + quoted;
  writeIcmpHeader(skb.buf, skb.data, type, code, rest);
  skb.buf.set(buf.subarray(net, net + quoted), skb.data + 8);
  setIcmpChecksum(skb.buf, skb.data, skb.end);
  attachFlow(skb, about);
  skb.socket = KERNEL_SOCKET;
  traceOutput(ns, skb, source, route);
  const tos = type === 5 ? ipv4Tos(buf, net) : (ipv4Tos(buf, net) & 0x1e) | IPTOS_PREC_INTERNETCONTROL;
  ipLocalOut(ns, skb, route, source, {
    protocol: IPPROTO_ICMP,
    ttl: ns.ipv4.defaultTtl,
    tos,
    dontFragment: false,
  });
}

function icmpTypeIsError(type: number | undefined): boolean {
  return type === undefined || icmpIsError(type);
}
