import { getU16 } from "../../base/bytes.ts";
import {
  ICMPV6_ADM_PROHIBITED,
  ICMPV6_DEST_UNREACH,
  ICMPV6_NOROUTE,
  ICMPV6_PARAMPROB,
} from "../../wire/icmpv6.ts";
import { IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import {
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_NONE,
  IPPROTO_ROUTING,
  ipv6ExtensionLength,
} from "../../wire/ipv6.ts";
import type { NetDevice } from "../device/device.ts";
import { nfHook, whenAccepted } from "../hooks.ts";
import { NF_IP6 } from "../netfilter/hooks.ts";
import { PACKET_BROADCAST, PACKET_MULTICAST, PACKET_OTHERHOST, type Skb } from "../skb.ts";
import { deliverRaw6 } from "../socket/raw6.ts";
import { udpReceive6 } from "../socket/udp6.ts";
import type { Fib6Error } from "./fib6.ts";
import { ip6Forward } from "./forward.ts";
import { icmpReceive6 } from "./icmp.ts";
import { icmpSend6 } from "./icmp-send.ts";
import { type Addr6, LOOPBACK6, SCOPE6_NODE } from "./intern.ts";
import { listens } from "./mld.ts";
import { parseOptions } from "./options.ts";
import { tcpReceive } from "../tcp/receive.ts";
import { type InputVerdict6, refusal6, routeInput6 } from "./route.ts";

/** Codes of "parameter problem" (RFC 4443, section 3.4). */
const BAD_FIELD = 0;
const UNKNOWN_NEXT_HEADER = 1;

/**
 * An IPv6 packet came in; `skb.data` is at its header. Models: ipv6_rcv, ip6_rcv_finish.
 *
 *   ipv6_rcv ─ PREROUTING ─ route ─┬─ local: ip6_input ─ INPUT ─ extension headers ─ raw, ICMPv6, UDP, TCP
 *                                  ├─ group: ip6_mc_input, if we listen to it
 *                                  ├─ forward: ip6_forward
 *                                  └─ none: ip6_pkt_discard
 */
export function ip6Receive(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  if (!dev.in6.enabled) {
    kernel.drop(ns, dev, skb, "IPV6DISABLED", "ip6_rcv_core");
    return;
  }
  if (skb.packetType === PACKET_OTHERHOST) {
    kernel.drop(ns, dev, skb, "OTHERHOST", "ip6_rcv_core");
    return;
  }
  const { buf, data } = skb;
  if (skb.length < 40) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "ip6_rcv_core");
    return;
  }
  const total = 40 + getU16(buf, data + 4);
  if (buf[data]! >> 4 !== 6 || total > skb.length) {
    kernel.drop(ns, dev, skb, "IP_INHDR", "ip6_rcv_core");
    return;
  }
  skb.net = data;
  const src = ns.ip6.book.read(buf, data + 8);
  const dst = ns.ip6.book.read(buf, data + 24);
  if (!addressesFit(dev, skb, src, dst)) {
    kernel.drop(ns, dev, skb, "IP_INADDRERRORS", "ip6_rcv_core");
    return;
  }
  skb.end = data + total;
  skb.iif = dev;
  if (buf[data + 6] === IPPROTO_HOPOPTS && !parseOptions(dev, skb, data + 40)) return;
  if (nfHook(ns, "PREROUTING", skb, dev, null, NF_IP6)) finish(dev, skb);
  else whenAccepted(ns, skb, () => finish(dev, skb));
}

/** What may not come over a wire (RFC 4291, sections 2.5.3 and 2.7). */
function addressesFit(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6): boolean {
  const { book } = dev.ns.ip6;
  if (!dev.isLoopback && (src === LOOPBACK6 || dst === LOOPBACK6)) return false;
  if (book.isMulticast(src)) return false;
  if (!book.isMulticast(dst)) {
    const group = skb.packetType === PACKET_BROADCAST || skb.packetType === PACKET_MULTICAST;
    return !group || skb.loopedBack || dev.in6.conf.drop_unicast_in_l2_multicast === 0;
  }
  return (book.scope(dst) > SCOPE6_NODE || dev.isLoopback || skb.loopedBack) && book.scope(dst) !== 0;
}

/** The addresses are read again: PREROUTING may have changed them. */
function finish(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { book } = ns.ip6;
  const src = book.read(skb.buf, skb.net + 8);
  const dst = book.read(skb.buf, skb.net + 24);
  const verdict = routeInput6(ns, dev, skb, src, dst);
  if (ns.kernel.trace !== null) traceInput(dev, skb, src, dst, verdict);
  if (verdict === "local") {
    // What this host sends to an address of its own crosses lo, but belongs to the address's device.
    if (dev.isLoopback && skb.hop6 !== null) skb.iif = skb.hop6.dev;
    ip6LocalDeliver(dev, skb);
  } else if (verdict === "multicast") {
    if (listens(dev, dst)) ip6LocalDeliver(dev, skb);
    else ns.kernel.drop(ns, dev, skb, "IP_INADDRERRORS", "ip6_mc_input");
  } else if (verdict === "forward") ip6Forward(dev, skb, src, dst);
  else discard(dev, skb, verdict.error);
}

function traceInput(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6, verdict: InputVerdict6): void {
  const { ns } = dev;
  const { trace } = ns.kernel;
  if (trace === null) return;
  const text = (a: Addr6): number => ns.kernel.text6(a);
  const result =
    typeof verdict !== "string" ? refusal6(verdict.error) : verdict === "forward" ? "unicast" : verdict;
  const { hop6 } = skb;
  const next = verdict === "forward" ? text(skb.nexthop as Addr6) : 0;
  trace.route6(
    ns.id,
    true,
    skb.id,
    text(dst),
    text(src),
    result,
    hop6?.entry.id ?? 0,
    hop6?.dev.index ?? 0,
    next,
  );
}

/** No way onwards: tells the sender, forwarding or not. Models: ip6_pkt_drop. */
function discard(dev: NetDevice, skb: Skb, error: Fib6Error): void {
  const { ns } = dev;
  const code = error === "EACCES" ? ICMPV6_ADM_PROHIBITED : ICMPV6_NOROUTE;
  if (error !== "EINVAL") icmpSend6(ns, skb, ICMPV6_DEST_UNREACH, code, 0);
  const reason =
    error === "EINVAL"
      ? "BLACKHOLE_ROUTE"
      : error === "EACCES"
        ? "PROHIBIT_ROUTE"
        : error === "EHOSTUNREACH"
          ? "UNREACHABLE_ROUTE"
          : "IP_INNOROUTES";
  ns.kernel.drop(ns, dev, skb, reason, "ip6_pkt_drop");
}

/** The packet is for this host. Models: ip6_input. */
export function ip6LocalDeliver(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  if (nfHook(ns, "INPUT", skb, dev, null, NF_IP6)) deliver(dev, skb, skb.net + 6, skb.net + 40);
  else whenAccepted(ns, skb, () => deliver(dev, skb, skb.net + 6, skb.net + 40));
}

/** `next` is where the number of the protocol at `at` stands. Models: ip6_protocol_deliver_rcu. */
function deliver(dev: NetDevice, skb: Skb, next: number, at: number): void {
  const { ns } = dev;
  const { kernel } = ns;
  const { buf } = skb;
  const protocol = buf[next]!;
  if (protocol === IPPROTO_FRAGMENT) {
    defragment(dev, skb, at);
    return;
  }
  if (protocol === IPPROTO_DSTOPTS || protocol === IPPROTO_ROUTING || protocol === IPPROTO_HOPOPTS) {
    if (at + 8 > skb.end || at + ipv6ExtensionLength(buf, at, protocol) > skb.end) {
      kernel.drop(ns, dev, skb, "IPV6_BAD_EXTHDR", "ipv6_destopt_rcv");
      return;
    }
    if (protocol === IPPROTO_DSTOPTS && !parseOptions(dev, skb, at)) return;
    if (protocol === IPPROTO_ROUTING && buf[at + 3] !== 0) {
      // A routing header with segments left is a way that is not modelled; RFC 5095 refuses type 0.
      icmpSend6(ns, skb, ICMPV6_PARAMPROB, BAD_FIELD, at + 2 - skb.net);
      kernel.drop(ns, dev, skb, "IPV6_BAD_EXTHDR", "ipv6_rthdr_rcv");
      return;
    }
    deliver(dev, skb, at, at + ipv6ExtensionLength(buf, at, protocol));
    return;
  }
  skb.data = at;
  const heard = deliverRaw6(dev, skb, protocol);
  switch (protocol) {
    case IPPROTO_ICMPV6:
      icmpReceive6(dev, skb);
      return;
    case IPPROTO_UDP:
      udpReceive6(dev, skb);
      return;
    case IPPROTO_TCP:
      tcpReceive(ns.sockets.tcp.v6, dev, skb);
      return;
    default:
      if (!heard && protocol !== IPPROTO_NONE) {
        icmpSend6(ns, skb, ICMPV6_PARAMPROB, UNKNOWN_NEXT_HEADER, next - skb.net);
        kernel.drop(ns, dev, skb, "IP_NOPROTO", "ip6_protocol_deliver_rcu");
      } else kernel.consume(ns, skb, "ip6_protocol_deliver_rcu");
  }
}

function defragment(dev: NetDevice, skb: Skb, at: number): void {
  const { ns } = dev;
  if (at + 8 > skb.end) {
    ns.kernel.drop(ns, dev, skb, "IP_INHDR", "ipv6_frag_rcv");
    return;
  }
  const whole = ns.ip6.fragments.add(dev, skb, at);
  if (whole === null) return;
  deliver(dev, whole, markerOf(whole), at - skb.net + whole.net);
}

/** Where the number of the header stands that followed the fragment header, in a packet put together again. */
function markerOf(skb: Skb): number {
  const { buf, net } = skb;
  let next = net + 6;
  let at = net + 40;
  for (;;) {
    const kind = buf[next]!;
    if (kind !== IPPROTO_HOPOPTS && kind !== IPPROTO_ROUTING) return next;
    next = at;
    at += ipv6ExtensionLength(buf, at, kind);
  }
}
