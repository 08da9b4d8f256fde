import { ETH_P_IPV6, ETHERNET_HEADER, writeEthernet } from "../../wire/ethernet.ts";
import { type Mac, MAC_ZERO, readMac } from "../../wire/address.ts";
import {
  ICMPV6_ADDR_UNREACH,
  ICMPV6_DEST_UNREACH,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_OVERRIDE,
  NDISC_REDIRECT,
  NDISC_ROUTER,
  NDISC_ROUTER_ADVERTISEMENT,
  NDISC_ROUTER_SOLICITATION,
  NDISC_SOLICITED,
} from "../../wire/icmpv6.ts";
import { ND_OPT_NONCE, ND_OPT_SOURCE_LL_ADDR, ND_OPT_TARGET_LL_ADDR } from "../../wire/ndisc-options.ts";
import type { Nanos } from "../../sim/time.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { devQueueXmit } from "../device/receive.ts";
import { type NeighFamily, Neighbour } from "../neigh/neighbour.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import type { Actor } from "../uapi/index.ts";
import { dadFailure } from "./dad.ts";
import { icmpSend6 } from "./icmp-send.ts";
import { isOwn } from "./fib6-change.ts";
import { type Addr6, ALL_NODES6, ANY6 } from "./intern.ts";
import { joinGroup, leaveGroup } from "./mld.ts";
import { ND_HOP_LIMIT, ndFlags, sendAdvertisement, sendSolicitation } from "./ndisc-send.ts";
import { routeOutput6 } from "./route.ts";
import { receiveAdvertisement as receiveRouterAdvertisement } from "./router-discovery.ts";

/** Neighbour discovery: RFC 4861. Models: net/ipv6/ndisc.c. */

const LEARNT: Actor = { name: "kernel", detail: "learnt by neighbour discovery" };

/** A redirect is followed until routes change. */
const FOREVER = Number.MAX_SAFE_INTEGER as Nanos;

/** Models: nd_tbl. */
const NDISC: NeighFamily<Addr6> = {
  params: (dev) => dev.in6.neighParams,
  reachableTime: (dev) => dev.in6.reachableTime,
  output,
  failed,
  solicit,
  text: (n) => n.dev.ns.ip6.book.text(n.address),
  queued: (n, skb) => trace(n, skb, "queued", MAC_ZERO),
};

function trace(n: Neighbour<Addr6>, skb: Skb, result: Parameters<TraceNeigh>[4], mac: Mac): void {
  const { ns } = n.dev;
  const { trace: writer } = ns.kernel;
  if (writer === null) return;
  writer.neigh6(ns.id, n.dev.index, skb.id, ns.kernel.text6(n.address), result, mac);
}

type TraceNeigh = NonNullable<NetDevice["ns"]["kernel"]["trace"]>["neigh"];

/** The neighbour entry for an address on a link, made when there is none. Models: ndisc_constructor. */
export function neighbour6(dev: NetDevice, address: Addr6): Neighbour<Addr6> {
  let entry = dev.in6.neighbours.get(address);
  if (entry !== undefined) return entry;
  const { book } = dev.ns.ip6;
  entry = new Neighbour(NDISC, dev, address, LEARNT);
  dev.in6.neighbours.set(address, entry);
  if (book.isMulticast(address) && !dev.noArp && !dev.isLoopback) {
    entry.state = "NOARP";
    entry.mac = (0x3333_0000_0000 + book.word(address, 3)) as Mac;
  } else if (dev.noArp || dev.isLoopback || dev.headerLength === 0) {
    entry.state = "NOARP";
    entry.mac = dev.isLoopback ? MAC_ZERO : dev.mac;
  }
  return entry;
}

/** Puts the Ethernet header on and sends. Models: neigh_connected_output. */
function output(n: Neighbour<Addr6>, skb: Skb): XmitResult {
  const { dev } = n;
  if (dev.ns.kernel.trace !== null) trace(n, skb, n.state === "NOARP" ? "noarp" : "resolved", n.mac);
  if (dev.headerLength !== 0) {
    skb.ensureHeadroom(ETHERNET_HEADER);
    skb.push(ETHERNET_HEADER);
    writeEthernet(skb.buf, skb.data, n.mac, dev.mac, ETH_P_IPV6);
  }
  return devQueueXmit(dev, skb);
}

/** A packet whose neighbour did not answer: its sender hears "address unreachable". Models: ndisc_error_report. */
function failed(n: Neighbour<Addr6>, skb: Skb): void {
  const { ns } = n.dev;
  trace(n, skb, "failed", MAC_ZERO);
  ns.kernel.current = skb.id;
  icmpSend6(ns, skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
  ns.kernel.current = 0;
  ns.kernel.drop(ns, n.dev, skb, "NEIGH_FAILED", "ndisc_error_report");
}

/** Models: ndisc_solicit. */
function solicit(n: Neighbour<Addr6>, skb: Skb | null, tried: number): void {
  const { dev } = n;
  const { ns } = dev;
  let source: Addr6 | undefined;
  if (skb !== null) {
    const wanted = ns.ip6.book.read(skb.buf, skb.net + 8);
    if (dev.in6.address(wanted)?.tentative === false) source = wanted;
  }
  const { unicastProbes, appProbes } = dev.in6.neighParams;
  const cause = ns.kernel.current;
  if (skb !== null) ns.kernel.current = skb.id;
  if (tried < unicastProbes && n.valid) sendSolicitation(dev, n.address, n.address, source);
  else if (tried >= unicastProbes + appProbes || tried < unicastProbes)
    sendSolicitation(dev, n.address, ns.ip6.book.solicitedNode(n.address), source);
  ns.kernel.current = cause;
}

/** An ND message for this host; `skb.data` is at its ICMPv6 header. The skb stays the caller's. Models: ndisc_rcv. */
export function ndiscReceive(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6): void {
  const { ns } = dev;
  const { kernel } = ns;
  const { buf, data } = skb;
  if (buf[skb.net + 7] !== ND_HOP_LIMIT) {
    kernel.drop(ns, dev, skb, "IPV6_NDISC_HOP_LIMIT", "ndisc_rcv");
    return;
  }
  if (buf[data + 1] !== 0) {
    kernel.drop(ns, dev, skb, "IPV6_NDISC_BAD_CODE", "ndisc_rcv");
    return;
  }
  const type = buf[data]!;
  const fixed =
    type === NDISC_ROUTER_ADVERTISEMENT
      ? 16
      : type === NDISC_ROUTER_SOLICITATION
        ? 8
        : type === NDISC_REDIRECT
          ? 40
          : 24;
  if (skb.length < fixed) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "ndisc_rcv");
    return;
  }
  if (!optionsFit(skb, data + fixed)) {
    kernel.drop(ns, dev, skb, "IPV6_NDISC_BAD_OPTIONS", "ndisc_rcv");
    return;
  }
  if (type === NDISC_NEIGHBOUR_SOLICITATION) receiveSolicitation(dev, skb, src, dst);
  else if (type === NDISC_NEIGHBOUR_ADVERTISEMENT) receiveAdvertisement(dev, skb, dst);
  else if (type === NDISC_ROUTER_ADVERTISEMENT) receiveRouterAdvertisement(dev, skb, src);
  else if (type === NDISC_REDIRECT) receiveRedirect(dev, skb, src);
  kernel.consume(ns, skb, "ndisc_rcv");
}

/** Models: ndisc_parse_options. */
function optionsFit(skb: Skb, from: number): boolean {
  for (let o = from; o < skb.end;) {
    const length = o + 1 < skb.end ? skb.buf[o + 1]! << 3 : 0;
    if (length === 0 || o + length > skb.end) return false;
    o += length;
  }
  return true;
}

/** Offset of the first option of a type, or -1. */
export function findOption(skb: Skb, from: number, type: number): number {
  for (let o = from; o < skb.end; o += skb.buf[o + 1]! << 3) if (skb.buf[o] === type) return o;
  return -1;
}

/** The Ethernet address of an option, or null. */
export function linkOption(skb: Skb, from: number, type: number): Mac | null {
  const at = findOption(skb, from, type);
  return at < 0 ? null : readMac(skb.buf, at + 2);
}

/** Somebody asks for one of our addresses. Models: ndisc_recv_ns. */
function receiveSolicitation(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6): void {
  const { ns, in6 } = dev;
  const { book } = ns.ip6;
  const target = book.read(skb.buf, skb.data + 8);
  if (book.isMulticast(target)) return;
  const probing = src === ANY6;
  if (probing && book.solicitedNode(target) !== dst) return;
  const lladdr = linkOption(skb, skb.data + 24, ND_OPT_SOURCE_LL_ADDR);
  if (probing && lladdr !== null) return;
  const own = in6.address(target);
  if (own !== undefined && own.tentative) {
    if (probing) rival(skb, own);
    if (!own.optimistic) return;
  }
  if (own === undefined && !standsIn(dev, target)) return;
  const answer = (): void => answerSolicitation(dev, src, dst, target, lladdr);
  if (own !== undefined || in6.anycast.has(target)) answer();
  else afterProxyDelay(dev, skb, answer);
}

function answerSolicitation(dev: NetDevice, src: Addr6, dst: Addr6, target: Addr6, lladdr: Mac | null): void {
  const { in6 } = dev;
  const own = in6.address(target) !== undefined;
  // A proxy does not say that the host it stands for forwards.
  const proxied = !own && !in6.anycast.has(target);
  const router = !proxied && in6.conf.forwarding !== 0;
  if (src === ANY6) {
    sendAdvertisement(dev, ALL_NODES6, target, router, false, own, true);
    return;
  }
  const toGroup = dev.ns.ip6.book.isMulticast(dst);
  let entry = in6.neighbours.get(src);
  if (entry === undefined && (lladdr !== null || !toGroup)) entry = neighbour6(dev, src);
  if (entry === undefined) return;
  entry.update(lladdr, "STALE", { weakOverride: true, override: true }, LEARNT);
  sendAdvertisement(dev, src, target, router, true, own && toGroup, toGroup);
}

/** A proxy leaves the first word to others: a random wait of at most proxy_delay. Models: pneigh_enqueue. */
function afterProxyDelay(dev: NetDevice, skb: Skb, answer: () => void): void {
  const { kernel } = dev.ns;
  const delay = dev.in6.neighParams.proxyDelay;
  if (skb.packetType === PACKET_HOST || delay === 0) {
    answer();
    return;
  }
  const cause = skb.id;
  kernel.queue.after(Math.floor(kernel.random.unit() * delay) as Nanos, () => {
    kernel.current = cause;
    if (dev.up) answer();
    kernel.current = 0;
  });
}

/** `ip -6 neigh add proxy`: the device has to hear the questions for it. Models: pndisc_constructor. */
export function addProxy6(dev: NetDevice, address: Addr6): void {
  if (dev.in6.proxies.has(address)) return;
  dev.in6.proxies.add(address);
  joinGroup(dev, dev.ns.ip6.book.solicitedNode(address));
}

export function removeProxy6(dev: NetDevice, address: Addr6): boolean {
  if (!dev.in6.proxies.delete(address)) return false;
  leaveGroup(dev, dev.ns.ip6.book.solicitedNode(address));
  return true;
}

/** Another host looks for duplicates of an address that we look at ourselves; the nonce tells our own echo. */
function rival(skb: Skb, own: NonNullable<ReturnType<NetDevice["in6"]["address"]>>): void {
  const at = findOption(skb, skb.data + 24, ND_OPT_NONCE);
  const echo = at >= 0 && own.nonce !== null && own.nonce.every((byte, i) => skb.buf[at + 2 + i] === byte);
  if (!echo && !skb.loopedBack) dadFailure(own);
}

/** An anycast address of ours, or one that we are a proxy for. Models: ipv6_chk_acast_addr, pndisc_is_router. */
function standsIn(dev: NetDevice, target: Addr6): boolean {
  if (dev.in6.anycast.has(target)) return true;
  const proxy = dev.in6.conf.proxy_ndp !== 0 || dev.ns.ip6.confAll.proxy_ndp !== 0;
  return proxy && dev.in6.conf.forwarding !== 0 && dev.in6.proxies.has(target);
}

/** Models: ndisc_recv_na. */
function receiveAdvertisement(dev: NetDevice, skb: Skb, dst: Addr6): void {
  const { ns, in6 } = dev;
  const { book } = ns.ip6;
  const target = book.read(skb.buf, skb.data + 8);
  const flags = ndFlags(skb.buf, skb.data);
  const solicited = (flags & NDISC_SOLICITED) !== 0;
  if (book.isMulticast(target) || (book.isMulticast(dst) && solicited)) return;
  if (!solicited && (in6.conf.drop_unsolicited_na !== 0 || ns.ip6.confAll.drop_unsolicited_na !== 0)) return;
  const own = in6.address(target);
  if (own !== undefined) {
    if (own.tentative && !skb.loopedBack) dadFailure(own);
    return;
  }
  const entry = in6.neighbours.get(target);
  if (entry === undefined || entry.state === "FAILED" || entry.state === "NONE") return;
  const router = (flags & NDISC_ROUTER) !== 0;
  const lladdr = linkOption(skb, skb.data + 24, ND_OPT_TARGET_LL_ADDR);
  const taken = entry.update(
    lladdr,
    solicited ? "REACHABLE" : "STALE",
    { weakOverride: true, override: (flags & NDISC_OVERRIDE) !== 0 },
    LEARNT,
  );
  if (taken) entry.router = router;
}

/** A router knows a better first hop on this link. Models: ndisc_redirect_rcv, rt6_do_redirect. */
function receiveRedirect(dev: NetDevice, skb: Skb, src: Addr6): void {
  const { ns, in6 } = dev;
  const { ip6 } = ns;
  const { book } = ip6;
  if (!book.isLinkLocal(src) || in6.conf.forwarding !== 0 || in6.conf.accept_redirects === 0) return;
  const target = book.read(skb.buf, skb.data + 8);
  const dst = book.read(skb.buf, skb.data + 24);
  if (book.isMulticast(dst) || (target !== dst && !book.isLinkLocal(target)) || isOwn(ip6, target)) return;
  const route = routeOutput6(ns, { dst, oif: dev });
  if (typeof route === "string" || route.dev !== dev || route.nexthop !== src) return;
  const lladdr = linkOption(skb, skb.data + 40, ND_OPT_TARGET_LL_ADDR);
  const entry = neighbour6(dev, target);
  entry.update(lladdr, "STALE", { weakOverride: true, override: true }, LEARNT);
  ip6.exceptions.set(dst, {
    mtu: ip6.exception(dst)?.mtu,
    gateway: target,
    dev,
    expires: FOREVER,
  });
}

/** Empties a device's table. `keep` spares permanent entries. */
export function flushNeighbours6(dev: NetDevice, keepPermanent: boolean, why: string): void {
  const by: Actor = { name: "kernel", detail: why };
  for (const entry of [...dev.in6.neighbours.values()]) {
    if (keepPermanent && entry.state === "PERMANENT") continue;
    removeNeighbour6(entry, by);
  }
}

export function removeNeighbour6(entry: Neighbour<Addr6>, by: Actor): void {
  entry.dev.in6.neighbours.delete(entry.address);
  entry.destroy();
  if (entry.state !== "NOARP" || entry.by !== LEARNT) entry.journal(entry.row(), null, by);
}
