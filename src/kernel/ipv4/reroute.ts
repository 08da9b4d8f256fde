import type { Ipv4 } from "../../wire/address.ts";
import { ipv4Dest, ipv4Source, ipv4Tos } from "../../wire/ipv4.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { routeKey, traceOutput } from "./route.ts";

/**
 * Looks the route of a packet made here up again, after OUTPUT changed its mark, source or destination: `skb.dev`,
 * `skb.hop`, `skb.nexthop` and `skb.mtu` are replaced. False: there is no way, and the caller drops the packet. A source
 * that is not ours does not count. `skb.net` is at the IPv4 header. Models: ip_route_me_harder.
 */
export function routeMeHarder(ns: Netns, skb: Skb): boolean {
  const dst = ipv4Dest(skb.buf, skb.net);
  const source = ipv4Source(skb.buf, skb.net);
  const own = ns.localAddresses.has(source) || ns.fib.addressType(source) === "local";
  const route = routeKey(ns, {
    dst,
    src: own ? source : (0 as Ipv4),
    oif: skb.bound ?? undefined,
    tos: ipv4Tos(skb.buf, skb.net) & 0x1c,
    mark: skb.mark,
  });
  traceOutput(ns, skb, dst, route);
  if (typeof route === "string") return false;
  skb.dev = route.dev;
  skb.hop = route.hop;
  skb.nexthop = route.nexthop;
  skb.mtu = route.mtu;
  return ns.xfrm === null || skb.transformed || ns.xfrm.lookup(skb, route);
}
