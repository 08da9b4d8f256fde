import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { isOwn } from "./fib6-change.ts";
import { ANY6 } from "./intern.ts";
import { routeOutput6, traceOutput6 } from "./route.ts";

/**
 * Looks the way of a packet made here up again, after OUTPUT changed its mark, source or destination. False: there is
 * none, and the caller drops the packet. Models: ip6_route_me_harder.
 */
export function routeMeHarder6(ns: Netns, skb: Skb): boolean {
  const { book } = ns.ip6;
  const dst = book.read(skb.buf, skb.net + 24);
  const src = book.read(skb.buf, skb.net + 8);
  const oif = skb.bound ?? (book.needsDevice(dst) ? (skb.dev ?? undefined) : undefined);
  const route = routeOutput6(ns, { dst, src: isOwn(ns.ip6, src) ? src : ANY6, oif, mark: skb.mark });
  traceOutput6(ns, skb, dst, route);
  if (typeof route === "string") return false;
  skb.dev = route.dev;
  skb.hop6 = route.hop;
  skb.nexthop = route.nexthop;
  skb.mtu = route.mtu;
  return true;
}
