import { err, ok } from "../../base/result.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import type { FibEntry } from "../ipv4/fib.ts";
import { routeInput, routeOutput } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST } from "../skb.ts";
import type { Actor, KernelResult, RouteAnswer, RouteApi, RouteInfo, RouteQuery } from "./types.ts";
import { TABLE_LOCAL, TABLE_MAIN } from "./types.ts";

/** Models: inet_rtm_newroute, inet_rtm_delroute, inet_rtm_getroute. */
export function routeApi(ns: Netns, by: Actor): RouteApi {
  return {
    list: () => ns.fib.list().map((e) => info(ns, e)),
    add: (spec, verb) => ns.fib.add(spec, verb, by),
    delete: (spec) => ns.fib.delete(spec, by),
    get: (query) => (query.iif === undefined ? getOutput(ns, query) : getInput(ns, query, query.iif)),
  };
}

function info(ns: Netns, e: FibEntry): RouteInfo {
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
    })),
    ...(e.mtu === 0 ? {} : { mtu: e.mtu }),
    ...(e.advmss === 0 ? {} : { advmss: e.advmss }),
    linkdown: hop?.linkdown ?? false,
    dead: hop?.dead ?? false,
    by: e.by,
  };
}

function getOutput(ns: Netns, query: RouteQuery): KernelResult<RouteAnswer> {
  const oif = query.oif === undefined ? undefined : ns.device(query.oif);
  if (query.oif !== undefined && oif === undefined) return err({ errno: "ENODEV" });
  const route = routeOutput(ns, { dst: query.dst, src: query.src, oif, tos: query.tos, mark: query.mark });
  if (typeof route === "string") return err({ errno: route });
  const learnt = ns.exception(query.dst);
  return ok({
    type: route.type,
    dst: query.dst,
    table: route.type === "local" ? TABLE_LOCAL : (route.hop?.entry.table ?? TABLE_MAIN),
    dev: ns.indexOf(route.dev),
    ...(route.nexthop !== query.dst && route.type === "unicast" ? { gateway: route.nexthop } : {}),
    prefSrc: route.source,
    ...(learnt?.mtu !== undefined
      ? { mtu: route.mtu }
      : route.hop?.entry.mtu
        ? { mtu: route.hop.entry.mtu }
        : {}),
    ...(learnt === undefined
      ? {}
      : { expires: Math.floor((learnt.expires - ns.kernel.queue.now) / NANOS_PER_SECOND) }),
    ...(learnt?.gateway === undefined ? {} : { redirected: true }),
    ...(route.hop === null ? {} : { entry: info(ns, route.hop.entry) }),
  });
}

/** A lookup as for a packet that came in, with nothing sent and nothing recorded. */
function getInput(ns: Netns, query: RouteQuery, index: number): KernelResult<RouteAnswer> {
  const dev = ns.device(index);
  if (dev === undefined) return err({ errno: "ENODEV" });
  const skb = ns.kernel.pool.alloc(0);
  skb.packetType = PACKET_HOST;
  const src = query.src ?? query.dst;
  const verdict =
    query.src === undefined
      ? routeInput(ns, dev, skb, 0x01000001 as typeof src, query.dst)
      : routeInput(ns, dev, skb, src, query.dst);
  const { hop, nexthop, redirect } = skb;
  ns.kernel.pool.release(skb);
  if (typeof verdict !== "string") return err({ errno: "error" in verdict ? verdict.error : "EINVAL" });
  const out = verdict === "forward" ? hop?.dev : ns.loopback;
  return ok({
    type: verdict === "forward" ? "unicast" : verdict,
    dst: query.dst,
    table: hop?.entry.table ?? TABLE_LOCAL,
    ...(out == null ? {} : { dev: ns.indexOf(out) }),
    ...(verdict === "forward" && hop !== null && hop.gateway !== 0 ? { gateway: nexthop as typeof src } : {}),
    ...(redirect && verdict === "forward" ? { doRedirect: true } : {}),
    ...(hop === null ? {} : { entry: info(ns, hop.entry) }),
  });
}
