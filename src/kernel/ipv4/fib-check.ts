import { err, ok } from "../../base/result.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Netns } from "../netns.ts";
import {
  type KernelResult,
  type NextHop,
  type RouteType,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_NOWHERE,
  SCOPE_UNIVERSE,
} from "../uapi/index.ts";
import type { FibEntry, FibHop } from "./fib-table.ts";

/** The scope that iproute2 would send when none was typed. */
export function defaultRouteScope(type: RouteType, hops: readonly NextHop[]): number {
  if (type === "local") return SCOPE_HOST;
  if (type === "broadcast" || type === "multicast") return SCOPE_LINK;
  if (type === "unicast" && hops.length < 2 && hops[0]?.gateway === undefined) return SCOPE_LINK;
  return SCOPE_UNIVERSE;
}

/** Is the next hop usable? Models: fib_check_nh and its messages. */
export function checkHop(ns: Netns, entry: FibEntry, hop: NextHop): KernelResult<FibHop> {
  return hop.gateway === undefined
    ? checkConnected(ns, entry, hop)
    : checkGateway(ns, entry, hop, hop.gateway);
}

/** Models: fib_check_nh_nongw. */
function checkConnected(ns: Netns, entry: FibEntry, hop: NextHop): KernelResult<FibHop> {
  if (hop.onlink === true) {
    return err({
      errno: "EINVAL",
      extack: "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set",
    });
  }
  const dev = hop.dev === undefined ? undefined : ns.device(hop.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  // An address of this host is reachable even while its device is down (fib_create_info, RT_SCOPE_HOST).
  const own = entry.scope === SCOPE_HOST;
  if (!dev.up && !own) return err({ errno: "ENETDOWN", extack: "Device for nexthop is not up" });
  return ok({
    entry,
    dev,
    gateway: 0 as Ipv4,
    onlink: false,
    weight: hop.weight ?? 1,
    scope: own ? SCOPE_NOWHERE : SCOPE_HOST,
    dead: false,
    linkdown: !own && !dev.carrier,
    upperBound: -1,
  });
}

/** Models: fib_check_nh_v4_gw. */
function checkGateway(ns: Netns, entry: FibEntry, hop: NextHop, gateway: Ipv4): KernelResult<FibHop> {
  if (hop.onlink === true) {
    if (entry.scope >= SCOPE_LINK) return err({ errno: "EINVAL", extack: "Nexthop has invalid scope" });
    const dev = hop.dev === undefined ? undefined : ns.device(hop.dev);
    if (dev === undefined) return err({ errno: "ENODEV", extack: "Nexthop device required for onlink" });
    if (!dev.up) return err({ errno: "ENETDOWN", extack: "Nexthop device is not up" });
    if (ns.fib.addressType(gateway) !== "unicast")
      return err({ errno: "EINVAL", extack: "Nexthop has invalid gateway" });
    return ok({
      entry,
      dev,
      gateway,
      onlink: true,
      weight: hop.weight ?? 1,
      scope: SCOPE_LINK,
      dead: false,
      linkdown: !dev.carrier,
      upperBound: -1,
    });
  }
  if (entry.scope === SCOPE_HOST)
    return err({ errno: "EINVAL", extack: "Route with host scope can not have a gateway" });
  const oif = hop.dev === undefined ? undefined : ns.device(hop.dev);
  if (hop.dev !== undefined && oif === undefined) return err({ errno: "ENODEV" });
  const found = ns.fib.lookupGateway(gateway, oif, Math.max(entry.scope + 1, SCOPE_LINK), entry.table);
  if (typeof found === "string") return err({ errno: found, extack: "Nexthop has invalid gateway" });
  if (found.entry.type !== "unicast" && found.entry.type !== "local") {
    return err({ errno: "EINVAL", extack: "Nexthop has invalid gateway" });
  }
  const { dev } = found;
  if (dev === null) return err({ errno: "EINVAL", extack: "No egress device for nexthop" });
  if (!dev.up) return err({ errno: "ENETDOWN" });
  return ok({
    entry,
    dev,
    gateway,
    onlink: false,
    weight: hop.weight ?? 1,
    scope: found.entry.scope,
    dead: false,
    linkdown: !dev.carrier,
    upperBound: -1,
  });
}
