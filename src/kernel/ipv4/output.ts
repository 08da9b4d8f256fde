import { must } from "../../base/result.ts";
import { IPV4_BROADCAST, type Ipv4, isMulticast } from "../../wire/address.ts";
import { IPPROTO_ICMP, ipv4DontFragment, ipv4Dest, writeIpv4Header } from "../../wire/ipv4.ts";
import { micros } from "../../sim/time.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { nfHook, nfVerdict, refused, whenAccepted } from "../hooks.ts";
import { neighbour } from "../neigh/arp.ts";
import { CT_IS_REPLY, CT_UNTRACKED } from "../netfilter/conntrack/entry.ts";
import { NF_ACCEPT } from "../netfilter/hooks.ts";
import type { Netns } from "../netns.ts";
import { PACKET_LOOPBACK, type Skb } from "../skb.ts";
import { fragment } from "./fragment.ts";
import { icmpSend } from "./icmp-send.ts";
import { ipReceive } from "./input.ts";
import type { OutputRoute } from "./route.ts";

/** From here back to here. */
const LOOP_LATENCY = micros(2);

/** Header fields of a packet that starts here. */
export interface IpHeader {
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  readonly dontFragment: boolean;
}

/** Puts the IPv4 header before `skb.data`. */
export function pushHeader(ns: Netns, skb: Skb, source: Ipv4, dst: Ipv4, header: IpHeader): void {
  skb.ensureHeadroom(20 + 14);
  skb.push(20);
  skb.net = skb.data;
  skb.protocol = 0x0800;
  const { buf, net, length } = skb;
  const flags = header.dontFragment ? 0x4000 : 0;
  const { ttl, protocol, tos } = header;
  writeIpv4Header(buf, net, length, ns.nextIpId(), flags, ttl, protocol, source, dst, tos);
}

/**
 * Puts the IPv4 header before `skb.data` and sends the packet along its route. Models: ip_local_out.
 *
 * Until OUTPUT has accepted it, `skb.dev`, `skb.hop`, `skb.nexthop` and `skb.mtu` are its route, which a hook may replace.
 *
 *   OUTPUT ─ ip_output: POSTROUTING ─ (fragment) ─ neighbour ─ device
 */
export function ipLocalOut(ns: Netns, skb: Skb, route: OutputRoute, dst: Ipv4, header: IpHeader): XmitResult {
  pushHeader(ns, skb, route.source, dst, header);
  skb.hop = route.hop;
  skb.nexthop = route.nexthop;
  skb.mtu = route.mtu;
  skb.dev = route.dev;
  if (ns.xfrm !== null && !skb.transformed && !ns.xfrm.attach(skb, route)) {
    ns.kernel.drop(ns, route.dev, skb, "XFRM_POLICY", "xfrm_lookup");
    return "EPERM";
  }
  const verdict = nfVerdict(ns, "OUTPUT", skb, null, route.dev);
  if (verdict === NF_ACCEPT) return sentOut(ns, skb);
  whenAccepted(ns, skb, () => sentOut(ns, skb));
  return refused(verdict);
}

/** OUTPUT let it go. Models: dst_output. */
function sentOut(ns: Netns, skb: Skb): XmitResult {
  // OUTPUT may have sent it another way (routeMeHarder).
  const out = must(skb.dev, "device of a routed packet");
  skb.dev = null;
  if (skb.xfrm !== null && skb.xfrm.state === null) {
    ns.kernel.drop(ns, out, skb, "XFRM_OUT_NO_STATE", "dst_discard");
    return 0;
  }
  if (!out.isLoopback && isBroadcast(skb)) loopBack(ns, out, skb);
  return ipOutput(ns, out, skb);
}

function isBroadcast(skb: Skb): boolean {
  return skb.hop?.entry.type === "broadcast" || ipv4Dest(skb.buf, skb.net) === IPV4_BROADCAST;
}

/** This host is one of those that a broadcast is for: a copy comes in at once. Models: ip_mc_output, dev_loopback_xmit. */
function loopBack(ns: Netns, out: NetDevice, skb: Skb): void {
  const copy = ns.kernel.copy(ns, skb);
  copy.hop = skb.hop;
  if (!nfHook(ns, "POSTROUTING", copy, null, out)) return;
  ns.kernel.queue.after(LOOP_LATENCY, () => {
    copy.dev = out;
    copy.packetType = PACKET_LOOPBACK;
    copy.routed = true;
    ns.kernel.current = copy.id;
    ipReceive(out, copy);
    ns.kernel.current = 0;
  });
}

/** Models: ip_output. */
export function ipOutput(ns: Netns, out: NetDevice, skb: Skb): XmitResult {
  const input = skb.dev;
  skb.dev = out;
  const verdict = nfVerdict(ns, "POSTROUTING", skb, input, out);
  if (verdict === NF_ACCEPT) return postRouted(ns, out, skb, input !== null);
  whenAccepted(ns, skb, () => postRouted(ns, out, skb, input !== null));
  return refused(verdict);
}

/** POSTROUTING let it go: what a policy wants protected is; what has another source now is asked about anew. */
function postRouted(ns: Netns, out: NetDevice, skb: Skb, forwarded: boolean): XmitResult {
  if (ns.xfrm === null || skb.transformed) return finishIp(ns, out, skb);
  if (sourceChanged(skb) && !ns.xfrm.reconsider(skb, out)) {
    ns.kernel.drop(ns, out, skb, "XFRM_POLICY", "nf_xfrm_me_harder");
    return "EPERM";
  }
  if (skb.xfrm === null) return finishIp(ns, out, skb);
  return ns.xfrm.output(skb, skb.xfrm, forwarded);
}

/** Models: nf_nat_ipv4_out. */
function sourceChanged({ ct, ctInfo }: Skb): boolean {
  if (ct === null || ctInfo >= CT_UNTRACKED) return false;
  const [way, back] = ctInfo >= CT_IS_REPLY ? [ct.reply, ct.original] : [ct.original, ct.reply];
  return way.src !== back.dst || (ct.protocol !== IPPROTO_ICMP && way.sport !== back.dport);
}

/** Models: ip_finish_output. */
function finishIp(ns: Netns, out: NetDevice, skb: Skb): XmitResult {
  const limit = skb.mtu === 0 ? out.mtu : skb.mtu;
  // What conntrack put together goes on in pieces no longer than it came.
  const mtu = skb.fragMax !== 0 && skb.fragMax < limit ? skb.fragMax : limit;
  if (skb.length <= mtu) return finishOutput(out, skb);
  if (ipv4DontFragment(skb.buf, skb.net)) {
    icmpSend(ns, skb, 3, 4, mtu);
    ns.kernel.drop(ns, out, skb, "PKT_TOO_BIG", "ip_fragment");
    return "EMSGSIZE";
  }
  let result: XmitResult = 0;
  for (const part of fragment(ns, skb, mtu)) {
    const sent = finishOutput(out, part);
    if (result === 0) result = sent;
  }
  ns.kernel.consume(ns, skb, "ip_fragment");
  return result;
}

/** The neighbour takes over. Models: ip_finish_output2. */
function finishOutput(out: NetDevice, skb: Skb): XmitResult {
  skb.routed = out.isLoopback;
  const dst = ipv4Dest(skb.buf, skb.net);
  const next = isMulticast(dst) || dst === IPV4_BROADCAST ? dst : (skb.nexthop as Ipv4);
  const known = out.neighbours.get(out.isLoopback ? 0 : next);
  return (known ?? neighbour(out, next)).output(skb);
}
