import { err, ok } from "../../base/result.ts";
import { NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { NetDevice } from "../device/device.ts";
import type { Entry6 } from "../ipv6/fib6.ts";
import {
  addAddress6,
  addressRow6,
  deleteAddress6,
  type Inet6Address,
  isDeprecated,
  lifeLeft,
  scheduleLifetime,
  scopeOf,
  writeJournal,
} from "../ipv6/address.ts";
import { addRoute6, deleteRoute6, type RouteRequest6 } from "../ipv6/fib6-change.ts";
import { type Addr6, ANY6 } from "../ipv6/intern.ts";
import { addProxy6, neighbour6, removeNeighbour6, removeProxy6 } from "../ipv6/ndisc.ts";
import { routeInput6, routeOutput6 } from "../ipv6/route.ts";
import { sourceFor } from "../ipv6/select.ts";
import type { Neighbour } from "../neigh/neighbour.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST } from "../skb.ts";
import type { RuleApi, RuleSpec } from "./rule.ts";
import { ruleApi } from "./rules.ts";
import type {
  Address6Api,
  Address6Info,
  Address6Spec,
  Group6Info,
  Ipv6Api,
  Neigh6Api,
  Neigh6Info,
  Neigh6Spec,
  Route6Answer,
  Route6Api,
  Route6Info,
  Route6Query,
  Route6Spec,
} from "./types6.ts";
import type { Actor, KernelResult } from "./types.ts";

/** The IPv6 half of netlink. Models: net/ipv6: addrconf.c, route.c, ndisc.c, fib6_rules.c. */
export function ipv6Api(ns: Netns, by: Actor): Ipv6Api {
  return {
    address: address6Api(ns, by),
    route: route6Api(ns, by),
    neigh: neigh6Api(ns, by),
    rule: rule6Api(ns, by),
  };
}

/** Models: inet6_rtm_newaddr, inet6_rtm_deladdr, inet6_dump_addr. */
function address6Api(ns: Netns, by: Actor): Address6Api {
  return {
    list: () => ns.devices().flatMap((dev) => dev.in6.addresses.map((a) => addressInfo(ns, a))),
    add: (spec, replace) => addAddress(ns, spec, replace === true, by),
    delete: (index, local, prefixLength) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      const found = dev.in6.address(ns.ip6.book.of(local));
      if (found === undefined || (prefixLength !== undefined && found.length !== prefixLength))
        return err({ errno: "EADDRNOTAVAIL", extack: "ipv6: address not found" });
      deleteAddress6(found, by);
      return ok();
    },
    flush: (index) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      for (const a of [...dev.in6.addresses]) deleteAddress6(a, by);
      return ok();
    },
    groups: () => ns.devices().flatMap((dev) => groupInfo(ns, dev)),
  };
}

function groupInfo(ns: Netns, dev: NetDevice): Group6Info[] {
  return [...dev.in6.groups]
    .map(([group, { users }]) => ({ dev: ns.indexOf(dev), group: ns.ip6.book.groups(group), users }))
    .reverse();
}

function addAddress(ns: Netns, spec: Address6Spec, replace: boolean, by: Actor): KernelResult<void> {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (spec.prefixLength > 128) return err({ errno: "EINVAL", extack: "Invalid prefix length" });
  const { book } = ns.ip6;
  const address = book.of(spec.local);
  const old = dev.in6.address(address);
  if (old !== undefined && replace) {
    const before = addressRow6(old);
    old.validLifetime = spec.validLifetime;
    old.preferredLifetime = spec.preferredLifetime;
    old.updated = ns.kernel.queue.now;
    old.by = by;
    scheduleLifetime(old);
    writeJournal(old, before, addressRow6(old), by);
    return ok();
  }
  const added = addAddress6(dev, {
    address,
    length: spec.prefixLength,
    peer: spec.peer === undefined ? ANY6 : book.of(spec.peer),
    noDad: spec.noDad ?? false,
    optimistic: spec.optimistic ?? false,
    noPrefixRoute: spec.noPrefixRoute ?? false,
    validLifetime: spec.validLifetime,
    preferredLifetime: spec.preferredLifetime,
    metric: spec.metric ?? 0,
    protocol: spec.protocol ?? 0,
    by,
  });
  return added.ok ? ok() : added;
}

function addressInfo(ns: Netns, a: Inet6Address): Address6Info {
  const { book } = ns.ip6;
  const valid = lifeLeft(a, a.validLifetime);
  const preferred = lifeLeft(a, a.preferredLifetime);
  return {
    dev: ns.indexOf(a.dev),
    local: book.groups(a.address),
    prefixLength: a.length,
    ...(a.peer === ANY6 ? {} : { peer: book.groups(a.peer) }),
    scope: scopeOf(a.dev, a.address),
    noDad: a.noDad,
    optimistic: a.optimistic,
    noPrefixRoute: a.noPrefixRoute && !a.managed && a.address > 1,
    tentative: a.tentative,
    dadFailed: a.dadFailed,
    deprecated: isDeprecated(a),
    permanent: a.validLifetime === undefined,
    managed: a.managed,
    ...(valid === undefined ? {} : { validLifetime: valid }),
    ...(preferred === undefined ? {} : { preferredLifetime: preferred }),
    ...(a.metric === 0 ? {} : { metric: a.metric }),
    protocol: a.protocol,
    by: a.by,
  };
}

/** Models: inet6_rtm_newroute, inet6_rtm_delroute, inet6_rtm_getroute. */
function route6Api(ns: Netns, by: Actor): Route6Api {
  return {
    list: () => ns.ip6.fib.list().map((e) => routeInfo(ns, e)),
    add: (spec, verb) => addRoute6(ns.ip6, request(ns, spec), verb, by),
    delete: (spec) => deleteRoute6(ns.ip6, request(ns, spec), by),
    get: (query) => getRoute(ns, query),
  };
}

function request(ns: Netns, spec: Partial<Route6Spec> & Pick<Route6Spec, "dst">): RouteRequest6 {
  const { book } = ns.ip6;
  const { dst, prefSrc, nexthops, ...rest } = spec;
  return {
    ...rest,
    dst: book.of(dst.address),
    length: dst.length,
    ...(prefSrc === undefined ? {} : { prefSrc: book.of(prefSrc) }),
    nexthops: (nexthops ?? []).map(({ gateway, ...hop }) => ({
      ...hop,
      ...(gateway === undefined ? {} : { gateway: book.of(gateway) }),
    })),
  };
}

const PREFERENCE = new Map([
  [-1, "low"],
  [0, "medium"],
  [1, "high"],
] as const);

function routeInfo(ns: Netns, e: Entry6): Route6Info {
  const { book } = ns.ip6;
  const { now } = ns.kernel.queue;
  return {
    id: e.id,
    type: e.type,
    dst: { address: book.groups(e.dst), length: e.length },
    table: e.table,
    protocol: e.protocol,
    metric: e.metric,
    ...(e.prefSrc === ANY6 ? {} : { prefSrc: book.groups(e.prefSrc) }),
    nexthops: e.hops.map((h) => ({
      dev: ns.indexOf(h.dev),
      ...(h.gateway === ANY6 ? {} : { gateway: book.groups(h.gateway) }),
      ...(h.onlink ? { onlink: true } : {}),
      weight: h.weight,
    })),
    ...(e.mtu === 0 ? {} : { mtu: e.mtu }),
    ...(e.advmss === 0 ? {} : { advmss: e.advmss }),
    ...(e.hopLimit === 0 ? {} : { hopLimit: e.hopLimit }),
    ...(e.expires === 0 ? {} : { expires: Math.floor((e.expires - now) / NANOS_PER_SECOND) }),
    preference: PREFERENCE.get(e.preference as -1 | 0 | 1) ?? "medium",
    linkdown: e.hops.map((h) => h.linkdown),
    by: e.by,
  };
}

function getRoute(ns: Netns, query: Route6Query): KernelResult<Route6Answer> {
  const { book } = ns.ip6;
  const dst = book.of(query.dst);
  const src = query.src === undefined ? ANY6 : book.of(query.src);
  if (query.iif !== undefined) return getInput(ns, query, query.iif, dst, src);
  const oif = query.oif === undefined ? undefined : ns.device(query.oif);
  if (query.oif !== undefined && oif === undefined) return err({ errno: "ENODEV" });
  const route = routeOutput6(ns, { dst, src, oif, mark: query.mark, tos: query.tos });
  if (typeof route === "string") return err({ errno: route });
  const { hop } = route;
  if (hop === null) return err({ errno: "ENETUNREACH" });
  const learnt = ns.ip6.exception(dst);
  const source = hop.entry.prefSrc === ANY6 ? sourceFor(ns.ip6, hop.dev, dst) : hop.entry.prefSrc;
  return ok({
    type: hop.entry.type,
    dst: query.dst,
    table: hop.entry.table,
    dev: ns.indexOf(route.dev),
    ...(route.nexthop !== dst && route.type === "unicast" ? { gateway: book.groups(route.nexthop) } : {}),
    ...(source === ANY6 ? {} : { prefSrc: book.groups(source) }),
    ...(learnt?.mtu !== undefined ? { mtu: route.mtu } : hop.entry.mtu !== 0 ? { mtu: hop.entry.mtu } : {}),
    ...(learnt?.mtu === undefined
      ? {}
      : { expires: Math.floor((learnt.expires - ns.kernel.queue.now) / NANOS_PER_SECOND) }),
    entry: routeInfo(ns, hop.entry),
  });
}

/** A lookup as for a packet that came in, with nothing sent and nothing recorded. */
function getInput(
  ns: Netns,
  query: Route6Query,
  index: number,
  dst: Addr6,
  src: Addr6,
): KernelResult<Route6Answer> {
  const dev = ns.device(index);
  if (dev === undefined) return err({ errno: "ENODEV" });
  const skb = ns.kernel.pool.alloc(40);
  skb.net = skb.data;
  skb.buf.fill(0, skb.data, skb.data + 40);
  skb.packetType = PACKET_HOST;
  const verdict = routeInput6(ns, dev, skb, src, dst);
  const { hop6: hop, nexthop } = skb;
  ns.kernel.pool.release(skb);
  if (typeof verdict !== "string") return err({ errno: verdict.error });
  if (hop === null) return err({ errno: "ENETUNREACH" });
  return ok({
    type: hop.entry.type,
    dst: query.dst,
    table: hop.entry.table,
    dev: ns.indexOf(verdict === "local" ? ns.loopback : hop.dev),
    ...(verdict === "forward" && hop.gateway !== ANY6
      ? { gateway: ns.ip6.book.groups(nexthop as Addr6) }
      : {}),
    ...(hop.entry.mtu === 0 ? {} : { mtu: hop.entry.mtu }),
    entry: routeInfo(ns, hop.entry),
  });
}

/** Models: neigh_add, neigh_delete, neigh_dump_info of the table of neighbour discovery. */
function neigh6Api(ns: Netns, by: Actor): Neigh6Api {
  const { book } = ns.ip6;
  return {
    list: () =>
      ns
        .devices()
        .flatMap((dev) => [
          ...[...dev.in6.neighbours.values()].map((n) => neighInfo(ns, n)),
          ...[...dev.in6.proxies].map((dst) => proxyInfo(ns, dev, dst)),
        ]),
    add: (spec, verb) => addNeighbour(ns, spec, verb, by),
    delete: (index, dst, proxy) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      const address = book.of(dst);
      if (proxy === true) return removeProxy6(dev, address) ? ok() : err({ errno: "ENOENT" });
      const entry = dev.in6.neighbours.get(address);
      if (entry === undefined) return err({ errno: "ENOENT" });
      removeNeighbour6(entry, by);
      return ok();
    },
  };
}

function addNeighbour(
  ns: Netns,
  spec: Neigh6Spec,
  verb: "add" | "replace" | "change" | "append",
  by: Actor,
): KernelResult<void> {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  const address = ns.ip6.book.of(spec.dst);
  if (spec.proxy === true) {
    addProxy6(dev, address);
    return ok();
  }
  const { neighbours } = dev.in6;
  const old = neighbours.get(address);
  if (old === undefined && verb === "change") return err({ errno: "ENOENT" });
  if (old !== undefined && verb === "add") return err({ errno: "EEXIST" });
  const entry = old ?? neighbour6(dev, address);
  if (old === undefined) entry.by = by;
  const state = spec.state ?? "PERMANENT";
  const needs = state !== "FAILED" && state !== "INCOMPLETE" && !dev.noArp;
  const bare = spec.lladdr === undefined && old === undefined && needs;
  const taken =
    state !== "NONE" &&
    !bare &&
    entry.update(
      spec.lladdr ?? null,
      state === "DELAY" ? "PROBE" : state,
      { admin: true, override: true },
      by,
    );
  if (taken) {
    if (spec.router !== undefined) entry.router = spec.router;
    return ok();
  }
  if (old === undefined) neighbours.delete(address);
  return err({ errno: "EINVAL" });
}

function neighInfo(ns: Netns, n: Neighbour<Addr6>): Neigh6Info {
  return {
    dev: ns.indexOf(n.dev),
    dst: ns.ip6.book.groups(n.address),
    ...(n.valid ? { lladdr: n.mac } : {}),
    state: n.state,
    proxy: false,
    router: n.router,
    used: n.used,
    confirmed: n.confirmed,
    updated: n.updated,
    probes: n.probes,
    refcount: 1,
    by: n.by,
  };
}

const NEVER = 0 as Nanos;

function proxyInfo(ns: Netns, dev: NetDevice, dst: Addr6): Neigh6Info {
  return {
    dev: ns.indexOf(dev),
    dst: ns.ip6.book.groups(dst),
    state: "NONE",
    proxy: true,
    router: false,
    used: NEVER,
    confirmed: NEVER,
    updated: NEVER,
    probes: 0,
    refcount: 0,
    by: { name: "ip" },
  };
}

/** Models: fib6_rule_ops. */
function rule6Api(ns: Netns, by: Actor): RuleApi<Ipv6> {
  const { book } = ns.ip6;
  const inner = (): RuleApi<Addr6> => ruleApi(ns.ip6.fib.rules, by);
  const spec = ({ src, dst, ...rest }: RuleSpec<Ipv6>): RuleSpec<Addr6> => ({
    ...rest,
    ...(src === undefined ? {} : { src: { address: book.of(src.address), length: src.length } }),
    ...(dst === undefined ? {} : { dst: { address: book.of(dst.address), length: dst.length } }),
  });
  return {
    list: () =>
      inner()
        .list()
        .map(({ src, dst, ...rest }) => ({
          ...rest,
          ...(src === undefined ? {} : { src: { address: book.groups(src.address), length: src.length } }),
          ...(dst === undefined ? {} : { dst: { address: book.groups(dst.address), length: dst.length } }),
        })),
    add: (wanted) => inner().add(spec(wanted)),
    delete: (wanted) => inner().delete(spec(wanted)),
  };
}
