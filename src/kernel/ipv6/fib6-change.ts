import { err, ok } from "../../base/result.ts";
import { addTime, seconds } from "../../sim/time.ts";
import type { NetDevice } from "../device/device.ts";
import {
  type Actor,
  type IfIndex,
  type KernelResult,
  PROTO_BOOT,
  type RouteVerb,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "../uapi/index.ts";
import type { RoutePreference, Route6Type } from "../uapi/types6.ts";
import type { Entry6, Hop6 } from "./fib6.ts";
import type { Inet6 } from "./inet6.ts";
import { type Addr6, ANY6 } from "./intern.ts";
import { type Flow } from "../fib-rules.ts";

/** Metrics of routes that say none: typed ones, and those that follow from an address. Models: IP6_RT_PRIO_*. */
export const METRIC_USER = 1024;
export const METRIC_ADDRCONF = 256;

/** A route as asked for, with interned addresses. Models: struct fib6_config. */
export interface RouteRequest6 {
  readonly type?: Route6Type;
  readonly dst: Addr6;
  readonly length: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly metric?: number;
  readonly prefSrc?: Addr6;
  readonly nexthops: readonly {
    readonly dev?: IfIndex;
    readonly gateway?: Addr6;
    readonly onlink?: boolean;
    readonly weight?: number;
  }[];
  readonly mtu?: number;
  readonly advmss?: number;
  readonly hopLimit?: number;
  readonly preference?: RoutePreference;
  readonly expires?: number;
}

type HopRequest = RouteRequest6["nexthops"][number];

export const PREFERENCES: Readonly<Record<RoutePreference, number>> = { low: -1, medium: 0, high: 1 };

const REFUSING: readonly (Route6Type | undefined)[] = ["blackhole", "unreachable", "prohibit", "throw"];

/** RTM_NEWROUTE. Models: inet6_rtm_newroute, ip6_route_add, fib6_add_rt2node. */
export function addRoute6(ip6: Inet6, spec: RouteRequest6, verb: RouteVerb, by: Actor): KernelResult<void> {
  const built = build(ip6, spec, by);
  if (!built.ok) return built;
  const entry = built.value;
  const { fib } = ip6;
  const bucket = fib.tables.get(entry.table)?.bucket(entry.dst, entry.length) ?? [];
  const equals = bucket.filter((e) => e.metric === entry.metric);
  if (verb === "add" && equals.length > 0) return err({ errno: "EEXIST" });
  if (verb === "change" || verb === "replace") {
    const old = equals.find((e) => spreads(e) === spreads(entry)) ?? equals[0];
    if (old === undefined && verb === "change")
      return err({ errno: "ENOENT", extack: "Can not replace route - no match found" });
    if (old !== undefined) {
      const at = bucket.indexOf(old);
      fib.unlink(old, by);
      fib.link(entry, at);
      return ok();
    }
  }
  if (equals.some((e) => e.hops.some((h) => entry.hops.some((g) => sameHop(h, g)))))
    return err({ errno: "EEXIST" });
  const sibling = spreads(entry) ? equals.find(spreads) : undefined;
  if (sibling !== undefined) {
    join(ip6, sibling, entry, by);
    return ok();
  }
  let at = bucket.findIndex((e) => e.metric > entry.metric);
  if (at < 0) at = bucket.length;
  fib.link(entry, at);
  return ok();
}

/** The new gateways become siblings of an entry that stands. Models: fib6_siblings. */
function join(ip6: Inet6, entry: Entry6, more: Entry6, by: Actor): void {
  const bucket = ip6.fib.tables.get(entry.table)?.bucket(entry.dst, entry.length) ?? [];
  const at = bucket.indexOf(entry);
  ip6.fib.unlink(entry, by);
  const whole: Entry6 = { ...entry, hops: [] };
  whole.hops = [...entry.hops, ...more.hops].map((h) => ({ ...h, entry: whole }));
  ip6.fib.link(whole, at);
}

/** Only routes by a gateway can be siblings. Models: rt6_qualify_for_ecmp. */
function spreads(e: Entry6): boolean {
  return e.hops.length > 0 && e.hops.every((h) => h.gateway !== ANY6) && e.protocol !== 9;
}

function sameHop(a: Hop6, b: Hop6): boolean {
  return a.dev === b.dev && a.gateway === b.gateway;
}

/** RTM_DELROUTE. Without a gateway all siblings go. Models: ip6_route_del. */
export function deleteRoute6(
  ip6: Inet6,
  spec: Partial<RouteRequest6> & Pick<RouteRequest6, "dst" | "length">,
  by: Actor,
): KernelResult<void> {
  const table = spec.table ?? (isLocalType(spec.type) ? TABLE_LOCAL : TABLE_MAIN);
  const dst = ip6.book.masked(spec.dst, spec.length);
  const bucket = ip6.fib.tables.get(table)?.bucket(dst, spec.length) ?? [];
  const wanted = spec.nexthops ?? [];
  const meant = (h: Hop6, w: HopRequest | undefined): boolean =>
    (w?.dev === undefined || w.dev === h.dev.index) && (w?.gateway === undefined || w.gateway === h.gateway);
  for (const entry of bucket) {
    if (spec.metric !== undefined && spec.metric !== 0 && spec.metric !== entry.metric) continue;
    if (spec.type !== undefined && spec.type !== entry.type) continue;
    if (spec.protocol !== undefined && spec.protocol !== 0 && spec.protocol !== entry.protocol) continue;
    const hops = entry.hops.filter((h) => wanted.length === 0 || wanted.some((w) => meant(h, w)));
    if (hops.length === 0) continue;
    const some = wanted.some((w) => w.gateway !== undefined);
    if (some) for (const hop of hops) ip6.fib.unlinkHop(hop, by);
    else ip6.fib.unlink(entry, by);
    return ok();
  }
  return err({ errno: "ESRCH" });
}

function isLocalType(type: Route6Type | undefined): boolean {
  return type === "local" || type === "anycast";
}

/** Models: ip6_route_info_create. */
function build(ip6: Inet6, spec: RouteRequest6, by: Actor): KernelResult<Entry6> {
  if (spec.length > 128) return err({ errno: "EINVAL", extack: "Invalid prefix length" });
  const type = spec.type ?? "unicast";
  const { ns } = ip6;
  const entry: Entry6 = {
    id: ns.kernel.nextRouteId(),
    table: spec.table ?? (isLocalType(type) ? TABLE_LOCAL : TABLE_MAIN),
    type,
    dst: ip6.book.masked(spec.dst, spec.length),
    length: spec.length,
    metric: spec.metric === undefined || spec.metric === 0 ? METRIC_USER : spec.metric,
    protocol: spec.protocol ?? PROTO_BOOT,
    prefSrc: spec.prefSrc ?? ANY6,
    mtu: spec.mtu ?? 0,
    advmss: spec.advmss ?? 0,
    hopLimit: spec.hopLimit ?? 0,
    preference: PREFERENCES[spec.preference ?? "medium"],
    expires: spec.expires === undefined ? 0 : addTime(ns.kernel.queue.now, seconds(spec.expires)),
    hops: [],
    by,
  };
  if (by.name === "kernel" && isLocalType(type)) Object.assign(entry, { metric: spec.metric ?? 0 });
  if (REFUSING.includes(type)) {
    entry.hops = [hopOf(entry, ns.loopback, ANY6, false, 1)];
    return ok(entry);
  }
  for (const wanted of spec.nexthops.length === 0 ? [{}] : spec.nexthops) {
    const hop = checkHop(ip6, entry, wanted);
    if (!hop.ok) return hop;
    entry.hops.push(hop.value);
  }
  if (entry.prefSrc !== ANY6 && !isOwn(ip6, entry.prefSrc))
    return err({ errno: "EINVAL", extack: "Invalid source address" });
  return ok(entry);
}

function hopOf(entry: Entry6, dev: NetDevice, gateway: Addr6, onlink: boolean, weight: number): Hop6 {
  const linkdown = !dev.carrier && entry.type !== "local" && entry.type !== "anycast";
  return { entry, dev, gateway, onlink, weight, linkdown };
}

/** Models: fib6_nh_init. */
function checkHop(ip6: Inet6, entry: Entry6, wanted: HopRequest): KernelResult<Hop6> {
  const { ns } = ip6;
  let dev = wanted.dev === undefined ? undefined : ns.device(wanted.dev);
  if (wanted.dev !== undefined && dev === undefined) return err({ errno: "ENODEV" });
  const gateway = wanted.gateway ?? ANY6;
  if (gateway !== ANY6) {
    const found = checkGateway(ip6, gateway, dev, wanted.onlink === true);
    if (!found.ok) return found;
    dev = found.value;
  }
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (!dev.in6.enabled) return err({ errno: "EACCES", extack: "IPv6 is disabled on nexthop device" });
  if (!dev.up && !isLocalType(entry.type))
    return err({ errno: "ENETDOWN", extack: "Nexthop device is not up" });
  return ok(hopOf(entry, dev, gateway, wanted.onlink === true, wanted.weight ?? 1));
}

/** The device that a gateway is on the link of. Models: ip6_validate_gw. */
function checkGateway(
  ip6: Inet6,
  gateway: Addr6,
  dev: NetDevice | undefined,
  onlink: boolean,
): KernelResult<NetDevice> {
  const { book } = ip6;
  if (isOwn(ip6, gateway)) return err({ errno: "EINVAL", extack: "Gateway can not be a local address" });
  let out = dev;
  if (book.isMulticast(gateway)) return err({ errno: "EINVAL", extack: "Invalid gateway address" });
  if (!book.isLinkLocal(gateway)) {
    if (onlink) {
      if (dev === undefined) return err({ errno: "ENODEV", extack: "Nexthop device required for onlink" });
      return ok(dev);
    }
    const flow: Flow<Addr6> = {
      dst: gateway,
      src: ANY6,
      iif: ip6.ns.loopback.index,
      oif: dev?.index ?? 0,
      mark: 0,
      tos: 0,
      protocol: 0,
      sport: 0,
      dport: 0,
    };
    const found = ip6.fib.lookup(flow, false);
    if (typeof found === "string" || found.gateway !== ANY6 || (dev !== undefined && found.dev !== dev))
      return err({ errno: "EHOSTUNREACH" });
    out = found.dev;
  }
  if (out === undefined) return err({ errno: "EINVAL", extack: "Egress device not specified" });
  if (out.isLoopback)
    return err({ errno: "EINVAL", extack: "Egress device can not be loopback device for this route" });
  return ok(out);
}

/** An address of this host. Models: ipv6_chk_addr. */
export function isOwn(ip6: Inet6, address: Addr6): boolean {
  const holders = ip6.own.get(address);
  return holders !== undefined && holders.some((a) => !a.tentative);
}
