import { must } from "../../base/result.ts";
import { ETH_P_IPV6, ETHERNET_HEADER } from "../../wire/ethernet.ts";
import { ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE } from "../../wire/icmpv6.ts";
import { IPV6_HEADER } from "../../wire/ipv6.ts";
import { setU16, setU32 } from "../../base/bytes.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { micros } from "../../sim/time.ts";
import { nfVerdict, refused, whenAccepted } from "../hooks.ts";
import { NF_ACCEPT, NF_IP6 } from "../netfilter/hooks.ts";
import type { Netns } from "../netns.ts";
import { PACKET_MULTICAST, type Skb } from "../skb.ts";
import { fragment6 } from "./fragment.ts";
import { icmpSend6, PKT_TOOBIG } from "./icmp-send.ts";
import { type Addr6, SCOPE6_NODE } from "./intern.ts";
import { listens } from "./mld.ts";
import { neighbour6 } from "./ndisc.ts";
import { ip6Receive } from "./input.ts";
import { leadsNowhere, type OutputRoute6 } from "./route.ts";

const LOOPBACK_LATENCY = micros(2);

/** Header fields of a packet that starts here. */
export interface Header6 {
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly trafficClass: number;
  readonly flowLabel: number;
}

/** Puts the header before `skb.data`; a checksum can be made then, the addresses stand at `skb.net + 8`. */
export function pushHeader6(ns: Netns, skb: Skb, source: Addr6, dst: Addr6, header: Header6): void {
  const length = skb.length;
  skb.ensureHeadroom(IPV6_HEADER + ETHERNET_HEADER);
  skb.push(IPV6_HEADER);
  skb.net = skb.data;
  skb.protocol = ETH_P_IPV6;
  const { buf, net } = skb;
  setU32(buf, net, (6 << 28) | (header.trafficClass << 20) | header.flowLabel);
  setU16(buf, net + 4, length);
  buf[net + 6] = header.nextHeader;
  buf[net + 7] = header.hopLimit;
  const { book } = ns.ip6;
  book.write(buf, net + 8, source);
  book.write(buf, net + 24, dst);
}

/**
 * Sends a packet of this host, header and all, along its route. Models: ip6_local_out.
 *
 *   OUTPUT ─ ip6_output: POSTROUTING ─ (fragment) ─ neighbour ─ device
 */
export function ip6LocalOut(ns: Netns, skb: Skb, route: OutputRoute6): XmitResult {
  skb.hop6 = route.hop;
  skb.nexthop = route.nexthop;
  skb.mtu = route.mtu;
  skb.dev = route.dev;
  const verdict = nfVerdict(ns, "OUTPUT", skb, null, route.dev, NF_IP6);
  if (verdict === NF_ACCEPT) return sentOut(ns, skb);
  whenAccepted(ns, skb, () => sentOut(ns, skb));
  return refused(verdict);
}

/** OUTPUT let it go. Models: dst_output. */
function sentOut(ns: Netns, skb: Skb): XmitResult {
  // OUTPUT may have sent it another way.
  const out = must(skb.dev, "device of a routed packet");
  skb.dev = null;
  if (skb.hop6 !== null && leadsNowhere(skb.hop6)) {
    icmpSend6(ns, skb, ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE, 0);
    ns.kernel.drop(ns, out, skb, "IP_OUTNOROUTES", "ip6_pkt_discard_out");
    return 0;
  }
  return ip6Output(ns, out, skb, true);
}

/** `own`: the packet starts here, and may be cut. Models: ip6_output, ip6_finish_output. */
export function ip6Output(ns: Netns, out: NetDevice, skb: Skb, own: boolean): XmitResult {
  const input = skb.dev;
  if (!out.in6.enabled) {
    ns.kernel.drop(ns, out, skb, "IPV6DISABLED", "ip6_output");
    return 0;
  }
  skb.dev = out;
  const verdict = nfVerdict(ns, "POSTROUTING", skb, input, out, NF_IP6);
  if (verdict === NF_ACCEPT) return finishIp6(ns, out, skb, own);
  whenAccepted(ns, skb, () => finishIp6(ns, out, skb, own));
  return refused(verdict);
}

/** Models: ip6_finish_output. */
function finishIp6(ns: Netns, out: NetDevice, skb: Skb, own: boolean): XmitResult {
  const mtu = skb.mtu === 0 ? out.in6.mtu : skb.mtu;
  if (skb.length <= mtu) return finishOutput(ns, out, skb);
  if (!own) {
    icmpSend6(ns, skb, PKT_TOOBIG, 0, mtu);
    ns.kernel.drop(ns, out, skb, "PKT_TOO_BIG", "ip6_fragment");
    return "EMSGSIZE";
  }
  let result: XmitResult = 0;
  for (const part of fragment6(ns, skb, mtu)) {
    const sent = finishOutput(ns, out, part);
    if (result === 0) result = sent;
  }
  ns.kernel.consume(ns, skb, "ip6_fragment");
  return result;
}

/** The neighbour takes over. Models: ip6_finish_output2. */
function finishOutput(ns: Netns, out: NetDevice, skb: Skb): XmitResult {
  const { book } = ns.ip6;
  const next = skb.nexthop as Addr6;
  if (book.isMulticast(next) && !out.isLoopback) {
    if (listens(out, next)) loopBack(ns, out, skb);
    if (book.scope(next) <= SCOPE6_NODE) {
      ns.kernel.consume(ns, skb, "ip6_finish_output2");
      return 0;
    }
  }
  return (out.in6.neighbours.get(next) ?? neighbour6(out, next)).output(skb);
}

/**
 * A group that this host is in hears it too: a copy comes in by the device it leaves by, past the device's counters and
 * captures. Models: dev_loopback_xmit.
 */
function loopBack(ns: Netns, out: NetDevice, skb: Skb): void {
  const { kernel } = ns;
  const copy = kernel.copy(ns, skb);
  copy.net = copy.data;
  copy.loopedBack = true;
  copy.packetType = PACKET_MULTICAST;
  kernel.queue.after(LOOPBACK_LATENCY, () => {
    kernel.current = copy.id;
    copy.dev = out;
    ip6Receive(out, copy);
    kernel.current = 0;
  });
}

/** A label for a flow: the same for all its packets. Models: ip6_make_flowlabel with net.ipv6.auto_flowlabels. */
export function flowLabel(ns: Netns, source: Addr6, dst: Addr6, protocol: number, ports: number): number {
  if (ns.ip6.settings.autoFlowLabels === 0) return 0;
  const { book } = ns.ip6;
  let h = Math.imul(protocol + 1, 0x9e3779b9) ^ ports;
  for (let i = 0; i < 4; i++) {
    h = Math.imul(h ^ book.word(source, i), 0x85ebca6b);
    h = Math.imul((h ^ (h >>> 13)) + book.word(dst, i), 0xc2b2ae35);
  }
  return (h >>> 12) & 0xfffff;
}
