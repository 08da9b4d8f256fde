import { IPV4_ANY, type Ipv4 } from "../../wire/address.ts";
import { ipv4Dest, ipv4DontFragment, ipv4Source, ipv4Ttl, setIpv4Ttl } from "../../wire/ipv4.ts";
import { must } from "../../base/result.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import type { NetDevice } from "../device/device.ts";
import { nfHook, whenAccepted } from "../hooks.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import type { FibHop } from "./fib-table.ts";
import { icmpSend, peerOf } from "./icmp-send.ts";
import { ipOutput } from "./output.ts";

/** Redirects to one peer: this many, each after twice the time of the one before. Models: ip_rt_redirect_number, _load. */
const REDIRECT_NUMBER = 9;
const REDIRECT_LOAD = millis(20);
const REDIRECT_SILENCE = (REDIRECT_LOAD * 1024) as Nanos;

/** Passes a packet on. The TTL falls before FORWARD sees the packet. Models: ip_forward. */
export function ipForward(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  if (skb.packetType !== PACKET_HOST) {
    kernel.drop(ns, dev, skb, "OTHERHOST", "ip_forward");
    return;
  }
  if (ns.xfrm !== null && !ns.xfrm.allows("fwd", dev, skb)) {
    kernel.drop(ns, dev, skb, "XFRM_POLICY", "xfrm_policy_check");
    return;
  }
  const hop = must(skb.hop, "route of a forwarded packet");
  const out = must(hop.dev, "device of a unicast route");
  const ttl = ipv4Ttl(skb.buf, skb.net);
  if (ttl <= 1) {
    icmpSend(ns, skb, 11, 0, 0);
    kernel.drop(ns, dev, skb, "TTL_EXCEEDED", "ip_forward");
    return;
  }
  const own = forwardMtu(dev, out, hop, ipv4Dest(skb.buf, skb.net));
  const refused = ns.xfrm?.forward(skb, out, own);
  if (refused !== undefined) {
    kernel.drop(ns, dev, skb, refused, "ip_forward");
    return;
  }
  const mtu = skb.xfrm === null ? own : skb.xfrm.mtu;
  if (skb.length > mtu && ipv4DontFragment(skb.buf, skb.net)) {
    icmpSend(ns, skb, 3, 4, mtu);
    kernel.drop(ns, dev, skb, "PKT_TOO_BIG", "ip_forward");
    return;
  }
  setIpv4Ttl(skb.buf, skb.net, ttl - 1);
  if (kernel.trace !== null) kernel.trace.ttl(ns.id, skb.id, ttl, ttl - 1);
  if (skb.redirect && skb.secpath === null) sendRedirect(dev, skb);
  if (nfHook(ns, "FORWARD", skb, dev, out)) forwarded(out, skb, mtu);
  else whenAccepted(ns, skb, () => forwarded(out, skb, mtu));
}

/** Models: ip_forward_finish. */
function forwarded(out: NetDevice, skb: Skb, mtu: number): void {
  skb.mtu = mtu;
  ipOutput(out.ns, out, skb);
}

/** Models: ip_dst_mtu_maybe_forward: what ICMP taught does not count unless ip_forward_use_pmtu. */
function forwardMtu(dev: NetDevice, out: NetDevice, hop: FibHop, dst: Ipv4): number {
  const { ns } = dev;
  const own = hop.entry.mtu !== 0 ? hop.entry.mtu : out.mtu;
  if (ns.ipv4.forwardUsePmtu === 0) return own;
  return Math.min(own, ns.exception(dst, hop)?.mtu ?? own);
}

/** Tells the sender of a better first hop, now and then. Models: ip_rt_send_redirect. */
function sendRedirect(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { now } = ns.kernel.queue;
  const peer = peerOf(ns, ipv4Source(skb.buf, skb.net));
  if (now > peer.redirectLast + REDIRECT_SILENCE) peer.redirects = 0;
  if (peer.redirects >= REDIRECT_NUMBER) {
    peer.redirectLast = now;
    return;
  }
  if (peer.redirects !== 0 && now <= peer.redirectLast + REDIRECT_LOAD * 2 ** peer.redirects) return;
  icmpSend(ns, skb, 5, 1, skb.nexthop === 0 ? IPV4_ANY : skb.nexthop);
  peer.redirectLast = now;
  peer.redirects++;
}
