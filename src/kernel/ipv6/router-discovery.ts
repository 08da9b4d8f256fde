import { getU16, getU32 } from "../../base/bytes.ts";
import { type Nanos, NANOS_PER_SECOND } from "../../sim/time.ts";
import { linkLocalOf } from "../../wire/address6.ts";
import type { NetDevice } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import { type Actor, PROTO_KERNEL, TABLE_MAIN } from "../uapi/index.ts";
import { addAddress6, scheduleLifetime } from "./address.ts";
import { addRoute6, deleteRoute6, METRIC_ADDRCONF } from "./fib6-change.ts";
import type { Addr6 } from "./intern.ts";
import { sendRouterSolicitation } from "./ndisc-send.ts";

/** A host's part of router discovery and stateless autoconfiguration (RFC 4861, section 6.3; RFC 4862, section 5.5). */

const RA: Actor = { name: "kernel", detail: "router advertisement" };
const PROTO_RA = 9;
const ND_OPT_PREFIX_INFO = 3;
const ND_OPT_MTU = 5;
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;
const INFINITE = 0xffffffff;

/** Models: ipv6_accept_ra. */
function accepts(dev: NetDevice): boolean {
  const { conf } = dev.in6;
  return conf.forwarding !== 0 ? conf.accept_ra === 2 : conf.accept_ra !== 0;
}

/**
 * Asks for routers, ever more rarely (RFC 7559). Linux never stops; here the device is silent once the longest interval
 * is reached, after more than an hour, or no world would ever come to rest. Models: addrconf_rs_timer.
 */
export function startSolicitations(dev: NetDevice): void {
  const { conf } = dev.in6;
  if (!accepts(dev) || conf.router_solicitations === 0 || dev.isLoopback || dev.headerLength === 0) return;
  sendRouterSolicitation(dev);
  again(dev, 1, conf.router_solicitation_interval * NANOS_PER_SECOND);
}

function again(dev: NetDevice, sent: number, interval: number): void {
  const { in6 } = dev;
  const { kernel } = dev.ns;
  const most = in6.conf.router_solicitation_max_interval * NANOS_PER_SECOND;
  in6.solicitations?.cancel();
  const spread = (0.9 + 0.2 * kernel.random.unit()) * interval;
  in6.solicitations = kernel.queue.after(Math.round(Math.min(spread, most)) as Nanos, () => {
    in6.solicitations = null;
    const limit = in6.conf.router_solicitations;
    if (!dev.up || !accepts(dev) || (limit >= 0 && sent >= limit)) return;
    sendRouterSolicitation(dev);
    if (interval < most) again(dev, sent + 1, Math.min(interval * 2, most));
  });
}

/** A router speaks. Models: ndisc_router_discovery. */
export function receiveAdvertisement(dev: NetDevice, skb: Skb, src: Addr6): void {
  const { in6, ns } = dev;
  const { buf, data } = skb;
  if (!ns.ip6.book.isLinkLocal(src) || !accepts(dev)) return;
  in6.solicitations?.cancel();
  in6.solicitations = null;
  const hopLimit = buf[data + 4]!;
  if (hopLimit !== 0 && hopLimit >= in6.conf.accept_ra_min_hop_limit)
    in6.conf = { ...in6.conf, hop_limit: hopLimit };
  if (in6.conf.accept_ra_defrtr !== 0) defaultRouter(dev, src, getU16(buf, data + 6));
  for (let o = data + 16; o < skb.end; o += buf[o + 1]! << 3) {
    if (buf[o] === ND_OPT_PREFIX_INFO && buf[o + 1] === 4 && in6.conf.accept_ra_pinfo !== 0)
      prefix(dev, skb, o);
    if (buf[o] === ND_OPT_MTU && in6.conf.accept_ra_mtu !== 0) {
      const mtu = getU32(buf, o + 4);
      if (mtu >= 1280 && mtu <= dev.mtu) in6.lowered = mtu;
    }
  }
}

/** Seconds; 0: the router is no default router (any more). */
function defaultRouter(dev: NetDevice, router: Addr6, lifetime: number): void {
  const { ip6 } = dev.ns;
  const route = {
    dst: 0 as Addr6,
    length: 0,
    table: TABLE_MAIN,
    protocol: PROTO_RA,
    metric: dev.in6.conf.ra_defrtr_metric,
    nexthops: [{ dev: dev.ns.indexOf(dev), gateway: router }],
  };
  deleteRoute6(ip6, route, RA);
  if (lifetime > 0) addRoute6(ip6, { ...route, expires: lifetime }, "append", RA);
}

/** Models: addrconf_prefix_rcv. */
function prefix(dev: NetDevice, skb: Skb, at: number): void {
  const { ip6 } = dev.ns;
  const { book } = ip6;
  const { buf } = skb;
  const length = buf[at + 2]!;
  const flags = buf[at + 3]!;
  const valid = getU32(buf, at + 4);
  const preferred = getU32(buf, at + 8);
  const base = book.read(buf, at + 16);
  if (book.isLinkLocal(base) || book.isMulticast(base) || preferred > valid || length > 128) return;
  const life = valid === INFINITE ? undefined : valid;
  if ((flags & ON_LINK) !== 0) {
    const route = {
      dst: base,
      length,
      table: TABLE_MAIN,
      protocol: PROTO_KERNEL,
      metric: METRIC_ADDRCONF,
      nexthops: [{ dev: dev.ns.indexOf(dev) }],
    };
    deleteRoute6(ip6, route, RA);
    if (valid > 0)
      addRoute6(ip6, { ...route, ...(life === undefined ? {} : { expires: life }) }, "append", RA);
  }
  if ((flags & AUTONOMOUS) === 0 || dev.in6.conf.autoconf === 0 || length !== 64) return;
  const host = book.of(linkLocalOf(dev.mac));
  const address = book.intern(book.word(base, 0), book.word(base, 1), book.word(host, 2), book.word(host, 3));
  const wanted = preferred === INFINITE ? undefined : preferred;
  const known = dev.in6.address(address);
  if (known !== undefined) {
    known.validLifetime = life;
    known.preferredLifetime = wanted;
    known.updated = dev.ns.kernel.queue.now;
    scheduleLifetime(known);
  } else if (valid > 0)
    addAddress6(dev, {
      address,
      length,
      managed: true,
      noPrefixRoute: true,
      validLifetime: life,
      preferredLifetime: wanted,
      by: RA,
    });
}
