import { getU32 } from "../../base/bytes.ts";
import type { OriginName } from "../../trace/record.ts";
import { type Mac, writeMac } from "../../wire/address.ts";
import {
  ICMPV6_HEADER,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_OVERRIDE,
  NDISC_REDIRECT,
  NDISC_ROUTER,
  NDISC_ROUTER_SOLICITATION,
  NDISC_SOLICITED,
  setIcmpv6Checksum,
} from "../../wire/icmpv6.ts";
import { IPPROTO_ICMPV6 } from "../../wire/ipv4.ts";
import { ND_OPT_NONCE, ND_OPT_SOURCE_LL_ADDR, ND_OPT_TARGET_LL_ADDR } from "../../wire/ndisc-options.ts";
import type { NetDevice } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import { type Addr6, ALL_NODES6, ALL_ROUTERS6, ANY6 } from "./intern.ts";
import { linkLocal } from "./mld.ts";
import { ip6LocalOut, pushHeader6 } from "./output.ts";
import { routeOutput6 } from "./route.ts";
import { sourceFor } from "./select.ts";

/** Messages of neighbour discovery (RFC 4861, section 4). Models: ndisc_send_ns, _na, _rs, ndisc_send_redirect. */

const OPTION = 8;
const ND_OPT_REDIRECT_HDR = 4;

/** Only what came over this very link is believed, and a hop limit of 255 proves it (RFC 4861, section 7.1). */
export const ND_HOP_LIMIT = 255;

function start(dev: NetDevice, type: number, length: number, origin: OriginName): Skb {
  const skb = dev.ns.kernel.alloc(dev.ns, length, origin);
  skb.end = skb.data + length;
  skb.buf.fill(0, skb.data, skb.end);
  skb.buf[skb.data] = type;
  return skb;
}

function writeLinkOption(skb: Skb, at: number, type: number, mac: Mac): void {
  skb.buf[at] = type;
  skb.buf[at + 1] = 1;
  writeMac(skb.buf, at + 2, mac);
}

/** Models: ndisc_send_skb. */
function send(dev: NetDevice, skb: Skb, source: Addr6, dst: Addr6): void {
  const { ns } = dev;
  const at = skb.data;
  const trafficClass = dev.in6.conf.ndisc_tclass;
  const header = { nextHeader: IPPROTO_ICMPV6, hopLimit: ND_HOP_LIMIT, trafficClass, flowLabel: 0 };
  pushHeader6(ns, skb, source, dst, header);
  setIcmpv6Checksum(skb.buf, at, skb.end, skb.net + 8);
  const type = ns.ip6.book.isMulticast(dst) ? "multicast" : "unicast";
  ip6LocalOut(ns, skb, { type, dev, hop: null, nexthop: dst, source, mtu: dev.in6.mtu });
}

/** Asks for `target` at `dst`. A source of `::` is a search for duplicates, marked with `nonce` (RFC 7527). */
export function sendSolicitation(
  dev: NetDevice,
  target: Addr6,
  dst: Addr6,
  wanted: Addr6 | undefined,
  nonce: Uint8Array | null = null,
): void {
  const source = wanted ?? linkLocal(dev);
  if (wanted === undefined && source === ANY6) return;
  const hasLink = source !== ANY6 && !dev.noArp && dev.headerLength !== 0;
  const length = ICMPV6_HEADER + 16 + (hasLink ? OPTION : 0) + (nonce === null ? 0 : OPTION);
  const skb = start(dev, NDISC_NEIGHBOUR_SOLICITATION, length, "neighbour-solicitation");
  dev.ns.ip6.book.write(skb.buf, skb.data + 8, target);
  let at = skb.data + 24;
  if (hasLink) {
    writeLinkOption(skb, at, ND_OPT_SOURCE_LL_ADDR, dev.mac);
    at += OPTION;
  }
  if (nonce !== null) {
    skb.buf[at] = ND_OPT_NONCE;
    skb.buf[at + 1] = 1;
    skb.buf.set(nonce, at + 2);
  }
  send(dev, skb, source, dst);
}

/** `withLink`: the target's link-layer address goes along. */
export function sendAdvertisement(
  dev: NetDevice,
  dst: Addr6,
  target: Addr6,
  router: boolean,
  solicited: boolean,
  override: boolean,
  withLink: boolean,
): void {
  const { ip6 } = dev.ns;
  const own = dev.in6.address(target);
  const usable = own !== undefined && (!own.tentative || own.optimistic);
  const source = usable ? target : sourceFor(ip6, dev, dst);
  if (source === ANY6 && dst !== ALL_NODES6) return;
  const hasLink = (withLink || dev.in6.conf.force_tllao !== 0) && !dev.noArp && dev.headerLength !== 0;
  const length = ICMPV6_HEADER + 16 + (hasLink ? OPTION : 0);
  const skb = start(dev, NDISC_NEIGHBOUR_ADVERTISEMENT, length, "neighbour-advertisement");
  const mayOverride = override && (own === undefined || !own.optimistic);
  skb.buf[skb.data + 4] =
    (router ? NDISC_ROUTER : 0) | (solicited ? NDISC_SOLICITED : 0) | (mayOverride ? NDISC_OVERRIDE : 0);
  ip6.book.write(skb.buf, skb.data + 8, target);
  if (hasLink) writeLinkOption(skb, skb.data + 24, ND_OPT_TARGET_LL_ADDR, dev.mac);
  send(dev, skb, source, dst);
}

/** Asks the link's routers to speak up. */
export function sendRouterSolicitation(dev: NetDevice): void {
  const source = linkLocal(dev);
  const hasLink = source !== ANY6 && !dev.noArp && dev.headerLength !== 0;
  const skb = start(
    dev,
    NDISC_ROUTER_SOLICITATION,
    ICMPV6_HEADER + (hasLink ? OPTION : 0),
    "router-solicitation",
  );
  if (hasLink) writeLinkOption(skb, skb.data + ICMPV6_HEADER, ND_OPT_SOURCE_LL_ADDR, dev.mac);
  send(dev, skb, source, ALL_ROUTERS6);
}

/** Tells the sender of `about` that `target` is the better first hop for `dst` (RFC 4861, section 4.5). */
export function sendRedirect6(dev: NetDevice, about: Skb, target: Addr6, sender: Addr6, dst: Addr6): void {
  const { ns } = dev;
  const source = linkLocal(dev);
  if (source === ANY6) return;
  const route = routeOutput6(ns, { dst: sender, src: source, oif: dev, strict: true });
  if (typeof route === "string" || route.nexthop !== sender) return;
  const known = dev.in6.neighbours.get(target);
  const link = known !== undefined && known.valid ? known.mac : undefined;
  const head = 40 + (link === undefined ? 0 : OPTION);
  const room = 1280 - 40 - head - 8;
  const quoted = Math.min(about.end - about.net, room) & ~7;
  const skb = start(dev, NDISC_REDIRECT, head + 8 + quoted, "redirect");
  ns.ip6.book.write(skb.buf, skb.data + 8, target);
  ns.ip6.book.write(skb.buf, skb.data + 24, dst);
  if (link !== undefined) writeLinkOption(skb, skb.data + 40, ND_OPT_TARGET_LL_ADDR, link);
  const at = skb.data + head;
  skb.buf[at] = ND_OPT_REDIRECT_HDR;
  skb.buf[at + 1] = (8 + quoted) >>> 3;
  skb.buf.set(about.buf.subarray(about.net, about.net + quoted), at + 8);
  send(dev, skb, source, sender);
}

/** The second word of the header: flags, or reserved. */
export function ndFlags(b: Uint8Array, o: number): number {
  return getU32(b, o + 4) >>> 24;
}
