import { type Ipv4, isMulticast } from "../../wire/address.ts";
import {
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_HEADER,
  icmpChecksumOk,
  icmpCode,
  icmpGateway,
  icmpMtu,
  icmpType,
  setIcmpChecksum,
} from "../../wire/icmp.ts";
import {
  IPPROTO_ESP,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
} from "../../wire/ipv4.ts";
import { espSpi } from "../../wire/esp.ts";
import { addTime, seconds } from "../../sim/time.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { neighbour } from "../neigh/arp.ts";
import { reportIcmpError } from "../socket/errors.ts";
import { KERNEL_SOCKET, type Skb } from "../skb.ts";
import { onLink } from "./fib.ts";
import { ipLocalOut } from "./output.ts";
import { type OutputKey, routeKey, routeOutput, traceOutput } from "./route.ts";

/** How long a redirect is followed (ip_rt_gc_timeout). */
const REDIRECT_LIFETIME = seconds(300);

/** An ICMP message for this host; `skb.data` is at its header. Models: icmp_rcv. */
export function icmpReceive(dev: NetDevice, skb: Skb, broadcast: boolean): void {
  const { ns } = dev;
  const { kernel } = ns;
  const { buf, data } = skb;
  if (skb.length < ICMP_HEADER) {
    kernel.drop(ns, dev, skb, "HDR_TRUNC", "icmp_rcv");
    return;
  }
  if (!icmpChecksumOk(buf, data, skb.end)) {
    kernel.drop(ns, dev, skb, "ICMP_CSUM", "icmp_rcv");
    return;
  }
  const type = icmpType(buf, data);
  const toGroup = broadcast || isMulticast(ipv4Dest(buf, skb.net));
  if (toGroup && type === ICMP_ECHO && ns.ipv4.icmpEchoIgnoreBroadcasts !== 0) {
    kernel.drop(ns, dev, skb, "INVALID_PROTO", "icmp_rcv");
    return;
  }
  switch (type) {
    case ICMP_ECHO:
      if (ns.ipv4.icmpEchoIgnoreAll === 0) echoReply(ns, skb, toGroup);
      kernel.consume(ns, skb, "icmp_echo");
      return;
    case 3:
    case 4:
    case 11:
    case 12:
      unreachable(ns, skb, type);
      kernel.consume(ns, skb, "icmp_unreach");
      return;
    case 5:
      redirect(dev, skb);
      kernel.consume(ns, skb, "icmp_redirect");
      return;
    default:
      kernel.consume(ns, skb, "icmp_rcv");
  }
}

/** Models: icmp_echo, icmp_reply. */
function echoReply(ns: Netns, request: Skb, toGroup: boolean): void {
  const from = ipv4Source(request.buf, request.net);
  const to = ipv4Dest(request.buf, request.net);
  const route = routeOutput(ns, {
    dst: from,
    src: toGroup ? undefined : to,
    tos: ipv4Tos(request.buf, request.net),
    protocol: IPPROTO_ICMP,
  });
  const length = request.end - request.data;
  const skb = ns.kernel.alloc(ns, length, "echo-reply");
  skb.end = skb.data + length;
  skb.buf.set(request.buf.subarray(request.data, request.end), skb.data);
  skb.buf[skb.data] = ICMP_ECHOREPLY;
  skb.socket = KERNEL_SOCKET;
  setIcmpChecksum(skb.buf, skb.data, skb.end);
  traceOutput(ns, skb, from, route);
  if (typeof route === "string") {
    ns.kernel.drop(ns, null, skb, "IP_OUTNOROUTES", "icmp_reply");
    return;
  }
  const tos = ipv4Tos(request.buf, request.net);
  ipLocalOut(ns, skb, route, from, {
    protocol: IPPROTO_ICMP,
    ttl: ns.ipv4.defaultTtl,
    tos,
    dontFragment: false,
  });
}

/** An error about a packet of ours: the path MTU is learnt, the socket is told. Models: icmp_unreach. */
function unreachable(ns: Netns, skb: Skb, type: number): void {
  const { buf, data } = skb;
  const quote = data + ICMP_HEADER;
  if (skb.end - quote < 20 || skb.end - quote < ipv4HeaderLength(buf, quote) + 8) return;
  const code = icmpCode(buf, data);
  let info = 0;
  if (type === 3 && code === 4) {
    // ip_no_pmtu_disc 1 does not believe the number, 2 and (for these protocols) 3 not the message.
    const mode = ns.ipv4.noPmtuDisc;
    if (mode === 2 || (mode === 3 && ipv4Protocol(buf, quote) !== IPPROTO_TCP)) return;
    if (mode !== 1) info = icmpMtu(buf, data);
  }
  const told = reportIcmpError(ns, skb, quote, type, code, info);
  const protocol = ipv4Protocol(buf, quote);
  const learns =
    told ||
    protocol === IPPROTO_ICMP ||
    ns.tunnels.outerError(skb, quote, protocol, type, code) ||
    (protocol === IPPROTO_ESP && ns.xfrm?.knows(ipv4Dest(buf, quote), espSpi(buf, quote + 20)) === true);
  if (type === 3 && code === 4 && learns) learnMtu(ns, ipv4Dest(buf, quote), info, quotedFlow(buf, quote));
}

/** How the packet that an error quotes was routed, as far as it shows. Models: __build_flow_key. */
function quotedFlow(buf: Uint8Array, quote: number): Partial<OutputKey> {
  const protocol = ipv4Protocol(buf, quote);
  return { src: ipv4Source(buf, quote), anySource: true, tos: ipv4Tos(buf, quote), protocol };
}

/** The path to `dst` carries packets up to `told` only (undefined: as many as its route does). Models: __ip_rt_update_pmtu. */
export function learnMtu(
  ns: Netns,
  dst: Ipv4,
  told: number | undefined,
  flow: Partial<OutputKey> = {},
): void {
  const route = routeKey(ns, { ...flow, dst });
  if (typeof route === "string") return;
  const mtu = told ?? route.mtu;
  if (route.mtu < mtu || route.mtuLocked) return;
  const old = ns.exception(dst, route.hop);
  // Noted already, and not long ago.
  if (old?.mtu === mtu && old.expires - ns.kernel.queue.now > ns.ipv4.mtuExpires / 2) return;
  const locked = mtu < ns.ipv4.minPmtu;
  ns.exceptions.set(dst, {
    hop: route.hop,
    mtu: locked ? Math.min(route.mtu, ns.ipv4.minPmtu) : mtu,
    gateway: old?.gateway,
    locked,
    expires: addTime(ns.kernel.queue.now, ns.ipv4.mtuExpires),
    used: old?.used ?? false,
  });
}

/** A router knows a better first hop on this link. Models: icmp_redirect, __ip_do_redirect. */
function redirect(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { buf, data } = skb;
  const quote = data + ICMP_HEADER;
  if (skb.end - quote < 28) return;
  const both = dev.conf.accept_redirects !== 0 && ns.confAll.accept_redirects !== 0;
  const either = dev.conf.accept_redirects !== 0 || ns.confAll.accept_redirects !== 0;
  if (!(dev.conf.forwarding !== 0 ? both : either)) return;
  const gateway = icmpGateway(buf, data);
  const dst = ipv4Dest(buf, quote);
  const route = routeKey(ns, { ...quotedFlow(buf, quote), dst });
  if (typeof route === "string" || route.dev !== dev) return;
  if (gateway === route.nexthop || gateway === 0 || isMulticast(gateway)) return;
  if (route.nexthop !== ipv4Source(buf, skb.net)) return;
  const shared = dev.conf.shared_media !== 0 || ns.confAll.shared_media !== 0;
  const secure = dev.conf.secure_redirects !== 0 || ns.confAll.secure_redirects !== 0;
  if (shared) {
    if (ns.fib.addressType(gateway) !== "unicast") return;
  } else if (!onLink(dev, gateway, route.nexthop) || (secure && !ns.fib.isGateway(gateway, dev))) return;
  const router = neighbour(dev, gateway);
  if (!router.valid) {
    // First see that it is there: the next redirect will count.
    router.poke();
    return;
  }
  const old = ns.exception(dst, route.hop);
  ns.exceptions.set(dst, {
    hop: route.hop,
    mtu: old?.mtu,
    gateway,
    locked: old?.locked ?? false,
    expires: addTime(ns.kernel.queue.now, REDIRECT_LIFETIME),
    used: old?.used ?? false,
  });
}
