import { err, ok } from "../../base/result.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { type FibEntry, type FibHop, ignoresLinkdown } from "../ipv4/fib-table.ts";
import { routeKey } from "../ipv4/route.ts";
import { sharers } from "../ipv4/shared-next-hop.ts";
import { routeInput } from "../ipv4/route-input.ts";
import { ETH_P_IP } from "../../wire/ethernet.ts";
import { ipv4 } from "../../wire/address.ts";
import { IPPROTO_UDP, writeIpv4Header } from "../../wire/ipv4.ts";
import { writeUdpHeader } from "../../wire/udp.ts";
import type { Exception, Netns } from "../netns.ts";
import { PACKET_HOST } from "../skb.ts";
import type { Actor, KernelResult, RouteAnswer, RouteApi, RouteInfo, RouteQuery } from "./types.ts";
import { TABLE_LOCAL, TABLE_MAIN } from "./types.ts";

/** Models: inet_rtm_newroute, inet_rtm_delroute, inet_rtm_getroute. */
export function routeApi(ns: Netns, by: Actor): RouteApi {
  return {
    list: (to) => ns.fib.list(to).map((e) => routeInfo(ns, e)),
    tables: () => ns.fib.tableNumbers(),
    add: (spec, verb) => ns.fib.add(spec, verb, by),
    delete: (spec) => ns.fib.delete(spec, by),
    learnt: () => learntRoutes(ns),
    get: (query) => (query.iif === undefined ? getOutput(ns, query) : getInput(ns, query, query.iif)),
  };
}

export function routeInfo(ns: Netns, e: FibEntry): RouteInfo {
  const hop = e.hops[0];
  return {
    id: e.id,
    type: e.type,
    dst: { address: e.dst, length: e.length },
    table: e.table,
    protocol: e.protocol,
    scope: e.scope,
    metric: e.metric,
    tos: e.tos,
    ...(e.prefSrc === 0 ? {} : { prefSrc: e.prefSrc }),
    nexthops: e.hops.map((h) => ({
      ...(h.dev === null ? {} : { dev: ns.indexOf(h.dev) }),
      ...(h.gateway === 0 ? {} : { gateway: h.gateway }),
      ...(h.onlink ? { onlink: true } : {}),
      ...(e.hops.length > 1 ? { weight: h.weight } : {}),
      dead: h.dead || ignoresLinkdown(ns, h),
      linkdown: h.linkdown,
    })),
    ...(e.mtu === 0 ? {} : { mtu: e.mtu }),
    ...(e.mtuLocked ? { mtuLocked: true } : {}),
    ...(e.advmss === 0 ? {} : { advmss: e.advmss }),
    linkdown: hop?.linkdown ?? false,
    dead: hop !== undefined && (hop.dead || ignoresLinkdown(ns, hop)),
    by: e.by,
  };
}

/** While local and main are one table, it goes by the name of main. */
function tableOf(ns: Netns, hop: FibHop | null): number {
  const table = hop?.entry.table ?? TABLE_MAIN;
  return table === TABLE_LOCAL && !ns.fib.rules.custom ? TABLE_MAIN : table;
}

/** What ICMP taught about a destination, as an answer names it. */
function learntInfo(
  ns: Netns,
  learnt: Exception | undefined,
): Pick<RouteAnswer, "expires" | "redirected" | "mtuLocked"> {
  if (learnt === undefined || (learnt.mtu === undefined && learnt.gateway === undefined)) return {};
  return {
    expires: Math.floor((learnt.expires - ns.kernel.queue.now) / NANOS_PER_SECOND),
    ...(learnt.gateway === undefined ? {} : { redirected: true }),
    ...(learnt.locked ? { mtuLocked: true } : {}),
  };
}

/** The MTU that an answer names: what was learnt, but no more than the route's own. */
function mtuInfo(hop: FibHop | null, learnt: Exception | undefined): Pick<RouteAnswer, "mtu"> {
  const own = hop === null || hop.entry.mtu === 0 ? undefined : hop.entry.mtu;
  const mtu = learnt?.mtu === undefined ? own : Math.min(learnt.mtu, own ?? hop?.dev?.mtu ?? learnt.mtu);
  return mtu === undefined ? {} : { mtu };
}

/** Models: fnhe_dump_bucket. */
function learntRoutes(ns: Netns): readonly RouteAnswer[] {
  const out: RouteAnswer[] = [];
  for (const [dst, { hop, used }] of ns.exceptions) {
    const learnt = ns.exception(ipv4(dst), hop);
    if (learnt === undefined || hop === null || !used) continue;
    const gateway = learnt.gateway ?? hop.gateway;
    const told: RouteAnswer = {
      ...learntInfo(ns, learnt),
      type: "unicast",
      dst: ipv4(dst),
      table: tableOf(ns, hop),
      ...(hop.dev === null ? {} : { dev: ns.indexOf(hop.dev) }),
      ...(gateway === 0 ? {} : { gateway }),
      ...mtuInfo(hop, learnt),
      entry: routeInfo(ns, hop.entry),
    };
    // Every route that shares the next hop tells of it.
    out.push(...sharers(ns, hop).map(() => told));
  }
  return out.sort((a, b) => a.dst - b.dst);
}

function getOutput(ns: Netns, query: RouteQuery): KernelResult<RouteAnswer> {
  const oif = query.oif === undefined ? undefined : ns.device(query.oif);
  if (query.oif !== undefined && oif === undefined) return err({ errno: "ENODEV" });
  const route = routeKey(ns, { ...query, oif, protocol: query.ipProtocol ?? IPPROTO_UDP });
  if (typeof route === "string") return err({ errno: route });
  const learnt = ns.exception(query.dst, route.hop);
  return ok({
    ...learntInfo(ns, learnt),
    type: route.type,
    dst: query.dst,
    table: tableOf(ns, route.hop),
    dev: ns.indexOf(route.dev),
    ...(route.nexthop !== query.dst && route.type === "unicast" ? { gateway: route.nexthop } : {}),
    prefSrc: route.source,
    ...mtuInfo(route.hop, learnt),
    ...(route.mtuLocked ? { mtuLocked: true } : {}),
    ...(route.hop === null ? {} : { entry: routeInfo(ns, route.hop.entry) }),
  });
}

/** A lookup as for a packet that came in, with nothing sent and nothing recorded. */
function getInput(ns: Netns, query: RouteQuery, index: number): KernelResult<RouteAnswer> {
  const dev = ns.device(index);
  if (dev === undefined) return err({ errno: "ENODEV" });
  const skb = ns.kernel.pool.alloc(28);
  skb.end = skb.data + 28;
  skb.net = skb.data;
  skb.protocol = ETH_P_IP;
  skb.packetType = PACKET_HOST;
  skb.mark = query.mark ?? 0;
  const src = query.src ?? (0 as typeof query.dst);
  writeIpv4Header(
    skb.buf,
    skb.net,
    28,
    0,
    0,
    64,
    query.ipProtocol ?? IPPROTO_UDP,
    src,
    query.dst,
    query.tos ?? 0,
  );
  writeUdpHeader(skb.buf, skb.net + 20, query.sport ?? 0, query.dport ?? 0, 8);
  const verdict = routeInput(ns, dev, skb, src, query.dst);
  const { hop, nexthop, redirect } = skb;
  ns.kernel.pool.release(skb);
  if (typeof verdict !== "string") return err({ errno: "error" in verdict ? verdict.error : "EINVAL" });
  const out = verdict === "forward" ? hop?.dev : ns.loopback;
  const learnt = verdict === "forward" ? ns.exception(query.dst, hop) : undefined;
  return ok({
    ...learntInfo(ns, learnt),
    type: verdict !== "forward" ? verdict : hop?.entry.type === "broadcast" ? "broadcast" : "unicast",
    dst: query.dst,
    table: tableOf(ns, hop),
    ...(out == null ? {} : { dev: ns.indexOf(out) }),
    ...(verdict === "forward" && hop !== null && hop.gateway !== 0 ? { gateway: nexthop as typeof src } : {}),
    ...(redirect && verdict === "forward" ? { doRedirect: true } : {}),
    ...mtuInfo(hop, learnt),
    ...(hop?.entry.mtuLocked === true ? { mtuLocked: true } : {}),
    ...(hop === null ? {} : { entry: routeInfo(ns, hop.entry) }),
  });
}
