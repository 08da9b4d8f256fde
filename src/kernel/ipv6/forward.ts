import { must } from "../../base/result.ts";
import { type Nanos, NANOS_PER_SECOND } from "../../sim/time.ts";
import { ICMPV6_DEST_UNREACH, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from "../../wire/icmpv6.ts";
import type { NetDevice } from "../device/device.ts";
import { nfHook, whenAccepted } from "../hooks.ts";
import { NF_IP6 } from "../netfilter/hooks.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import { icmpSend6 } from "./icmp-send.ts";
import { type Addr6, ANY6, LOOPBACK6 } from "./intern.ts";
import { sendRedirect6 } from "./ndisc-send.ts";
import { ip6Output } from "./output.ts";

/** Code of "destination unreachable": the source's scope ends here (RFC 4443, section 3.1). */
const BEYOND_SCOPE = 2;

/** Passes a packet on. The hop limit falls before FORWARD sees the packet. Models: ip6_forward. */
export function ip6Forward(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6): void {
  const { ns } = dev;
  const { kernel, ip6 } = ns;
  if (!ip6.forwards && dev.in6.conf.force_forwarding === 0) {
    kernel.drop(ns, dev, skb, "FORWARDING_OFF", "ip6_forward");
    return;
  }
  if (skb.packetType !== PACKET_HOST) {
    kernel.drop(ns, dev, skb, "OTHERHOST", "ip6_forward");
    return;
  }
  const hop = must(skb.hop6, "route of a forwarded packet");
  const out = hop.dev;
  const limit = skb.buf[skb.net + 7]!;
  if (limit <= 1) {
    icmpSend6(ns, skb, ICMPV6_TIME_EXCEED, 0, 0);
    kernel.drop(ns, dev, skb, "TTL_EXCEEDED", "ip6_forward");
    return;
  }
  if (out === dev) redirect(dev, skb, src, dst, hop.gateway);
  else if (src === ANY6 || src === LOOPBACK6 || ip6.book.isMulticast(src)) {
    kernel.drop(ns, dev, skb, "IP_INADDRERRORS", "ip6_forward");
    return;
  } else if (ip6.book.isLinkLocal(src)) {
    icmpSend6(ns, skb, ICMPV6_DEST_UNREACH, BEYOND_SCOPE, 0);
    kernel.drop(ns, dev, skb, "IP_INADDRERRORS", "ip6_forward");
    return;
  }
  const mtu = Math.max(hop.entry.mtu === 0 ? out.in6.mtu : hop.entry.mtu, 1280);
  if (skb.length > mtu) {
    icmpSend6(ns, skb, ICMPV6_PKT_TOOBIG, 0, mtu);
    kernel.drop(ns, dev, skb, "PKT_TOO_BIG", "ip6_forward");
    return;
  }
  skb.buf[skb.net + 7] = limit - 1;
  if (kernel.trace !== null) kernel.trace.ttl(ns.id, skb.id, limit, limit - 1);
  if (nfHook(ns, "FORWARD", skb, dev, out, NF_IP6)) forwarded(out, skb, mtu);
  else whenAccepted(ns, skb, () => forwarded(out, skb, mtu));
}

/** Models: ip6_forward_finish. */
function forwarded(out: NetDevice, skb: Skb, mtu: number): void {
  skb.mtu = mtu;
  ip6Output(out.ns, out, skb, false);
}

/** The packet goes back by the link it came from: its sender could have sent it to the next hop itself. */
function redirect(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6, gateway: Addr6): void {
  const { ip6, kernel } = dev.ns;
  const { now } = kernel.queue;
  let peer = ip6.peers.get(src);
  if (peer === undefined) {
    peer = { tokens: 0, last: (now - 60 * NANOS_PER_SECOND) as Nanos };
    ip6.peers.set(src, peer);
  }
  // inet_peer_xrlim_allow with one second, six at once.
  if (now !== peer.last) peer.tokens = Math.min(peer.tokens + now - peer.last, 6 * NANOS_PER_SECOND);
  peer.last = now;
  if (peer.tokens < NANOS_PER_SECOND) return;
  peer.tokens -= NANOS_PER_SECOND;
  sendRedirect6(dev, skb, gateway === ANY6 ? dst : gateway, src, dst);
}
