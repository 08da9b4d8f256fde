import { err, ok } from "../../base/result.ts";
import type { AddressRow } from "../../trace/rows.ts";
import type { Timer } from "../../sim/queue.ts";
import { addTime, type Nanos, NANOS_PER_SECOND, seconds } from "../../sim/time.ts";
import type { NetDevice } from "../device/device.ts";
import {
  type Actor,
  type KernelError,
  type KernelResult,
  PROTO_KERNEL,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_SITE,
  SCOPE_UNIVERSE,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "../uapi/index.ts";
import { joinAnycast, leaveAnycast } from "./anycast.ts";
import { dadStart } from "./dad.ts";
import { addRoute6, METRIC_ADDRCONF } from "./fib6-change.ts";
import { type Addr6, ANY6, LOOPBACK6, SCOPE6_LINK, SCOPE6_SITE } from "./intern.ts";
import { leaveGroup } from "./mld.ts";

/** An IPv6 address of a device. Models: struct inet6_ifaddr. */
export interface Inet6Address {
  readonly dev: NetDevice;
  readonly address: Addr6;
  readonly length: number;
  /** The far end of a point-to-point link, or `::`. */
  readonly peer: Addr6;
  /** Not yet known to be ours alone (RFC 4862, section 5.4): it is no source and no destination. */
  tentative: boolean;
  /** Somebody else has it. */
  dadFailed: boolean;
  /** RFC 4429: usable while tentative. */
  optimistic: boolean;
  readonly noDad: boolean;
  noPrefixRoute: boolean;
  /** From a router advertisement. */
  readonly managed: boolean;
  /** Seconds from `updated`; undefined is for ever. */
  validLifetime: number | undefined;
  preferredLifetime: number | undefined;
  updated: Nanos;
  metric: number;
  readonly protocol: number;
  by: Actor;
  /** Next step of the search for duplicates, and how many questions are left. */
  dadTimer: Timer | null;
  probesLeft: number;
  nonce: Uint8Array | null;
  /** Its solicited-node group is joined. */
  joined: boolean;
  lifeTimer: Timer | null;
}

export type NewAddress6 = Partial<Inet6Address> & Pick<Inet6Address, "address" | "length" | "by">;

const AUTO: Actor = { name: "kernel", detail: "follows from an address" };

/** Scope as rtnetlink(7) numbers it. Models: rt_scope. */
export function scopeOf(dev: NetDevice, address: Addr6): number {
  if (address === LOOPBACK6) return SCOPE_HOST;
  const scope = dev.ns.ip6.book.scope(address);
  return scope === SCOPE6_LINK ? SCOPE_LINK : scope === SCOPE6_SITE ? SCOPE_SITE : SCOPE_UNIVERSE;
}

/** Order within a device: by scope, widest first. Models: ipv6_addr_src_scope. */
function rank(dev: NetDevice, address: Addr6): number {
  return address === LOOPBACK6 ? 1 : dev.ns.ip6.book.scope(address);
}

/** Puts an address on a device and begins to make sure that nobody else has it. Models: inet6_addr_add, ipv6_add_addr. */
export function addAddress6(dev: NetDevice, wanted: NewAddress6): KernelResult<Inet6Address> {
  const { in6, ns } = dev;
  const { address } = wanted;
  const fault = addressFault(dev, address);
  if (fault !== undefined) return err(fault);
  const a: Inet6Address = {
    dev,
    peer: ANY6,
    tentative: true,
    dadFailed: false,
    optimistic: false,
    noDad: false,
    noPrefixRoute: false,
    managed: false,
    validLifetime: undefined,
    preferredLifetime: undefined,
    updated: ns.kernel.queue.now,
    metric: 0,
    protocol: 0,
    dadTimer: null,
    probesLeft: 0,
    nonce: null,
    joined: false,
    lifeTimer: null,
    ...wanted,
  };
  const own = rank(dev, address);
  let at = in6.addresses.findIndex((other) => rank(dev, other.address) <= own);
  if (at < 0) at = in6.addresses.length;
  in6.addresses.splice(at, 0, a);
  ns.ip6.own.set(address, [...(ns.ip6.own.get(address) ?? []), a]);
  writeJournal(a, null, addressRow6(a), a.by);
  addPrefixRoute(a);
  dadStart(a);
  scheduleLifetime(a);
  return ok(a);
}

/** Models: the refusals of ipv6_add_addr and their messages. */
function addressFault(dev: NetDevice, address: Addr6): KernelError | undefined {
  const { in6, ns } = dev;
  if (!in6.enabled) return { errno: "EACCES", extack: "ipv6: IPv6 is disabled on this device" };
  if (ns.ip6.book.isMulticast(address))
    return {
      errno: "EINVAL",
      extack: 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag',
    };
  if (address === ANY6) return { errno: "EADDRNOTAVAIL" };
  if (address === LOOPBACK6 && !dev.isLoopback)
    return { errno: "EADDRNOTAVAIL", extack: "ipv6: Cannot assign loopback address on this device" };
  if (in6.address(address) !== undefined)
    return { errno: "EEXIST", extack: "ipv6: address already assigned" };
  return undefined;
}

/** The network that an address says to be on its link. Models: addrconf_prefix_route. */
export function addPrefixRoute(a: Inet6Address): void {
  const { dev } = a;
  if (a.noPrefixRoute || !dev.up || a.address === LOOPBACK6) return;
  const own = (dst: Addr6, length: number): void => prefixRoute(a, dst, length);
  if (a.peer === ANY6) own(a.address, a.length);
  else {
    own(a.address, 128);
    own(a.peer, a.length);
  }
}

function prefixRoute(a: Inet6Address, dst: Addr6, length: number): void {
  const { dev } = a;
  addRoute6(
    dev.ns.ip6,
    {
      dst,
      length,
      table: TABLE_MAIN,
      protocol: PROTO_KERNEL,
      metric: a.metric === 0 ? METRIC_ADDRCONF : a.metric,
      nexthops: [{ dev: dev.ns.indexOf(dev) }],
      ...(a.validLifetime === undefined ? {} : { expires: a.validLifetime }),
    },
    "append",
    AUTO,
  );
}

/** The address takes packets from now on. Models: __ipv6_ifa_notify(RTM_NEWADDR). */
export function addLocalRoute(a: Inet6Address): void {
  const { dev } = a;
  const { ip6 } = dev.ns;
  const known = ip6.fib.tables
    .get(TABLE_LOCAL)
    ?.bucket(a.address, 128)
    ?.some((e) => e.hops[0]?.dev === dev && e.type === "local");
  if (known !== true)
    addRoute6(
      ip6,
      {
        type: "local",
        dst: a.address,
        length: 128,
        table: TABLE_LOCAL,
        protocol: PROTO_KERNEL,
        metric: 0,
        nexthops: [{ dev: dev.ns.indexOf(dev) }],
      },
      "append",
      AUTO,
    );
  if (dev.in6.conf.forwarding !== 0) joinSubnetAnycast(a);
}

/** Routers answer to the lowest address of every subnet (RFC 4291, section 2.6.1). Models: addrconf_join_anycast. */
export function joinSubnetAnycast(a: Inet6Address): void {
  if (a.length >= 127) return;
  joinAnycast(a.dev, a.dev.ns.ip6.book.masked(a.address, a.length));
}

export function leaveSubnetAnycast(a: Inet6Address): void {
  if (a.length >= 127) return;
  leaveAnycast(a.dev, a.dev.ns.ip6.book.masked(a.address, a.length));
}

/** Takes an address away with all that hangs on it. Models: ipv6_del_addr. */
export function deleteAddress6(a: Inet6Address, by: Actor): void {
  const { dev } = a;
  const { ip6 } = dev.ns;
  stopTimers(a);
  const row = addressRow6(a);
  dev.in6.addresses.splice(dev.in6.addresses.indexOf(a), 1);
  const left = (ip6.own.get(a.address) ?? []).filter((other) => other !== a);
  if (left.length === 0) ip6.own.delete(a.address);
  else ip6.own.set(a.address, left);
  writeJournal(a, row, null, by);
  removeRoutes(a);
  if (a.joined) leaveGroup(dev, ip6.book.solicitedNode(a.address));
  if (left.length === 0) ip6.fib.removePreferring(a.address);
}

export function removeRoutes(a: Inet6Address): void {
  const { dev } = a;
  const { ip6 } = dev.ns;
  ip6.fib.removeOwn(TABLE_LOCAL, a.address, 128, dev);
  if (dev.in6.conf.forwarding !== 0 && !a.tentative) leaveSubnetAnycast(a);
  if (a.peer !== ANY6 && !a.noPrefixRoute) ip6.fib.removeOwn(TABLE_MAIN, a.address, 128, dev);
  const base = a.peer === ANY6 ? a.address : a.peer;
  const shared = dev.in6.addresses.some(
    (o) =>
      o !== a && o.length === a.length && !o.noPrefixRoute && ip6.book.inPrefix(o.address, base, a.length),
  );
  if (!shared && !a.noPrefixRoute)
    ip6.fib.removeOwn(TABLE_MAIN, ip6.book.masked(base, a.length), a.length, dev);
}

export function stopTimers(a: Inet6Address): void {
  a.dadTimer?.cancel();
  a.dadTimer = null;
  a.lifeTimer?.cancel();
  a.lifeTimer = null;
}

/** Seconds of a lifetime that are left. */
export function lifeLeft(a: Inet6Address, lifetime: number | undefined): number | undefined {
  if (lifetime === undefined) return undefined;
  const age = Math.floor((a.dev.ns.kernel.queue.now - a.updated) / NANOS_PER_SECOND);
  return Math.max(0, lifetime - age);
}

/** Not to be chosen as a source any more (RFC 4862, section 5.5.4). */
export function isDeprecated(a: Inet6Address): boolean {
  return lifeLeft(a, a.preferredLifetime) === 0;
}

/** Models: addrconf_verify. */
export function scheduleLifetime(a: Inet6Address): void {
  a.lifeTimer?.cancel();
  a.lifeTimer = null;
  if (a.validLifetime === undefined) return;
  const { queue } = a.dev.ns.kernel;
  a.lifeTimer = queue.at(addTime(a.updated, seconds(a.validLifetime)), () => {
    a.lifeTimer = null;
    deleteAddress6(a, { name: "kernel", detail: "its lifetime is over" });
  });
}

export function addressRow6(a: Inet6Address): AddressRow {
  return {
    dev: a.dev.index,
    local: a.dev.ns.ip6.book.text(a.address),
    length: a.length,
    scope: scopeOf(a.dev, a.address),
    secondary: false,
    ...(a.tentative ? { tentative: true } : {}),
  };
}

export function writeJournal(
  a: Inet6Address,
  before: AddressRow | null,
  after: AddressRow | null,
  by: Actor,
): void {
  const { ns } = a.dev;
  const row = before ?? after;
  const key = `${a.dev.index}/${row?.local ?? ""}/${a.length}`;
  ns.kernel.trace?.change("address", ns.id, key, before, after, by.name, by.detail ?? "");
}
