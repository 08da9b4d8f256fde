import { getU32 } from "../../base/bytes.ts";
import { addTime } from "../../sim/time.ts";
import {
  ICMPV6_DEST_UNREACH,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_HEADER,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
  icmpv6ChecksumOk,
  NDISC_REDIRECT,
  NDISC_ROUTER_SOLICITATION,
  setIcmpv6Checksum,
} from "../../wire/icmpv6.ts";
import { IPPROTO_ICMPV6 } from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { reportIcmpError6 } from "../socket/errors6.ts";
import type { Skb } from "../skb.ts";
import { hopLimitOf } from "./icmp-send.ts";
import { type Addr6, ANY6 } from "./intern.ts";
import { ndiscReceive } from "./ndisc.ts";
import { flowLabel, ip6LocalOut, pushHeader6 } from "./output.ts";
import { routeOutput6, traceOutput6 } from "./route.ts";

/** An ICMPv6 message for this host; `skb.data` is at its header. Models: icmpv6_rcv. */
export function icmpReceive6(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  const { buf, data } = skb;
  if (skb.length < ICMPV6_HEADER) {
    kernel.drop(ns, dev, skb, "HDR_TRUNC", "icmpv6_rcv");
    return;
  }
  if (!icmpv6ChecksumOk(buf, data, skb.end, skb.net + 8)) {
    kernel.drop(ns, dev, skb, "ICMP_CSUM", "icmpv6_rcv");
    return;
  }
  const src = ns.ip6.book.read(buf, skb.net + 8);
  const dst = ns.ip6.book.read(buf, skb.net + 24);
  const type = buf[data]!;
  if (type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT) {
    ndiscReceive(dev, skb, src, dst);
    return;
  }
  switch (type) {
    case ICMPV6_ECHO_REQUEST:
      if (mayReply(dev, dst)) echoReply(dev, skb, src, dst);
      kernel.consume(ns, skb, "icmpv6_echo_reply");
      return;
    case ICMPV6_PKT_TOOBIG:
    case ICMPV6_DEST_UNREACH:
    case ICMPV6_TIME_EXCEED:
    case ICMPV6_PARAMPROB:
      notify(ns, skb, type);
      kernel.consume(ns, skb, "icmpv6_notify");
      return;
    default:
      kernel.consume(ns, skb, "icmpv6_rcv");
  }
}

function mayReply(dev: NetDevice, dst: Addr6): boolean {
  const { settings, book } = dev.ns.ip6;
  if (settings.echoIgnoreAll !== 0) return false;
  if (settings.echoIgnoreMulticast !== 0 && book.isMulticast(dst)) return false;
  return settings.echoIgnoreAnycast === 0 || !dev.in6.anycast.has(dst);
}

/** Models: icmpv6_echo_reply. */
function echoReply(dev: NetDevice, request: Skb, from: Addr6, to: Addr6): void {
  const { ns } = dev;
  const { ip6 } = ns;
  const unicast = !ip6.book.isMulticast(to) && !dev.in6.anycast.has(to);
  const oif = request.iif ?? dev;
  const route = routeOutput6(ns, {
    dst: from,
    src: unicast ? to : ANY6,
    oif: oif.isLoopback ? undefined : oif,
    protocol: IPPROTO_ICMPV6,
  });
  const length = request.end - request.data;
  const skb = ns.kernel.alloc(ns, length, "echo-reply");
  skb.end = skb.data + length;
  const at = skb.data;
  skb.buf.set(request.buf.subarray(request.data, request.end), at);
  skb.buf[at] = ICMPV6_ECHO_REPLY;
  traceOutput6(ns, skb, from, route);
  if (typeof route === "string") {
    ns.kernel.drop(ns, null, skb, "IP_OUTNOROUTES", "icmpv6_echo_reply");
    return;
  }
  const trafficClass = ((request.buf[request.net]! & 15) << 4) | (request.buf[request.net + 1]! >>> 4);
  pushHeader6(ns, skb, route.source, from, {
    nextHeader: IPPROTO_ICMPV6,
    hopLimit: hopLimitOf(route),
    trafficClass,
    flowLabel: flowLabel(ns, route.source, from, IPPROTO_ICMPV6, 0),
  });
  setIcmpv6Checksum(skb.buf, at, skb.end, skb.net + 8);
  ip6LocalOut(ns, skb, route);
}

/** An error about a packet of ours: the path MTU is learnt, the socket is told. Models: icmpv6_notify. */
function notify(ns: Netns, skb: Skb, type: number): void {
  const { buf, data } = skb;
  const quote = data + ICMPV6_HEADER;
  if (skb.end - quote < 40) return;
  const code = buf[data + 1]!;
  const info = getU32(buf, data + 4);
  const told = reportIcmpError6(ns, skb, quote, type, code, info);
  const learns = told || buf[quote + 6] === IPPROTO_ICMPV6;
  if (type === ICMPV6_PKT_TOOBIG && learns) learnMtu6(ns, ns.ip6.book.read(buf, quote + 24), info);
}

/** Models: __ip6_rt_update_pmtu. */
export function learnMtu6(ns: Netns, dst: Addr6, mtu: number): void {
  const route = routeOutput6(ns, { dst });
  const wanted = Math.max(mtu, 1280);
  if (typeof route === "string" || route.type !== "unicast" || wanted >= route.mtu) return;
  const old = ns.ip6.exception(dst);
  ns.ip6.exceptions.set(dst, {
    mtu: wanted,
    gateway: old?.gateway,
    dev: route.dev,
    expires: addTime(ns.kernel.queue.now, ns.ip6.settings.mtuExpires),
  });
}
