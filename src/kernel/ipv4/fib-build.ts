import { err, ok } from "../../base/result.ts";
import { type Ipv4, network } from "../../wire/address.ts";
import type { Netns } from "../netns.ts";
import {
  type Actor,
  type KernelResult,
  type NextHop,
  PROTO_BOOT,
  type RouteSpec,
  type RouteType,
  SCOPE_HOST,
  SCOPE_NOWHERE,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "../uapi/index.ts";
import { checkHop, defaultRouteScope } from "./fib-check.ts";
import type { FibEntry, FibHop } from "./fib-table.ts";

const NO_HOPS = "Gateway, device and multipath can not be specified for this route type";
const HOPLESS: ReadonlySet<RouteType> = new Set(["blackhole", "unreachable", "prohibit", "throw"]);

/** What the kernel makes of larger metrics. Models: ip_metrics_convert. */
const MAX_MTU = 65520;
const MAX_ADVMSS = 65495;

/** Table 0 stands for main. */
function tableOf(table: number | undefined): number | undefined {
  return table === 0 ? TABLE_MAIN : table;
}

/** Makes the entry that a spec asks for, if it may be. Models: fib_create_info and its messages. */
export function buildEntry(ns: Netns, spec: RouteSpec, by: Actor): KernelResult<FibEntry> {
  const type = spec.type ?? "unicast";
  const { address, length } = spec.dst;
  if (network(address, length) !== address)
    return err({ errno: "EINVAL", extack: "Invalid prefix for given prefix length" });
  if (((spec.tos ?? 0) & 3) !== 0)
    return err({ errno: "EINVAL", extack: "Invalid dsfield (tos): ECN bits must be 0" });
  const hops: FibHop[] = [];
  const entry: FibEntry = {
    id: ns.kernel.nextRouteId(),
    table: tableOf(spec.table) ?? (type === "local" || type === "broadcast" ? TABLE_LOCAL : TABLE_MAIN),
    type,
    dst: address,
    length,
    tos: spec.tos ?? 0,
    metric: spec.metric ?? 0,
    protocol: spec.protocol ?? PROTO_BOOT,
    scope: spec.scope ?? defaultRouteScope(type, spec.nexthops),
    prefSrc: spec.prefSrc ?? (0 as Ipv4),
    mtu: Math.min(spec.mtu ?? 0, MAX_MTU),
    mtuLocked: spec.mtuLocked ?? false,
    advmss: Math.min(spec.advmss ?? 0, MAX_ADVMSS),
    hops,
    lastDefault: -1,
    by,
  };
  if (HOPLESS.has(type)) {
    if (spec.nexthops.some((h) => h.dev !== undefined || h.gateway !== undefined))
      return err({ errno: "EINVAL", extack: NO_HOPS });
    return ok(entry);
  }
  if (entry.scope > SCOPE_HOST) return err({ errno: "EINVAL", extack: "Invalid scope" });
  const many = spec.nexthops.length > 1;
  if (entry.scope === SCOPE_HOST && many)
    return err({ errno: "EINVAL", extack: "Route with host scope can not have multiple nexthops" });
  for (const nexthop of spec.nexthops.length === 0 ? [{}] : spec.nexthops) {
    const hop = checkHop(ns, entry, nexthop);
    if (!hop.ok) return hop;
    hops.push(hop.value);
  }
  const ownSource = type === "local" && entry.prefSrc === address;
  if (entry.prefSrc !== 0 && !ownSource && ns.fib.addressType(entry.prefSrc) !== "local")
    return err({ errno: "EINVAL", extack: "Invalid prefsrc address" });
  return ok(entry);
}

/** Whether an entry is one that RTM_DELROUTE means. Models: fib_table_delete, fib_nh_match. */
export function agrees(ns: Netns, e: FibEntry, spec: Partial<RouteSpec>): boolean {
  return (
    (spec.type === undefined || spec.type === e.type) &&
    (spec.tos ?? 0) === e.tos &&
    (spec.metric === undefined || spec.metric === 0 || spec.metric === e.metric) &&
    (spec.scope === undefined || spec.scope === SCOPE_NOWHERE || spec.scope === e.scope) &&
    (spec.protocol === undefined || spec.protocol === 0 || spec.protocol === e.protocol) &&
    (spec.prefSrc === undefined || spec.prefSrc === e.prefSrc) &&
    (spec.mtu === undefined || spec.mtu === e.mtu) &&
    (spec.advmss === undefined || spec.advmss === e.advmss) &&
    hopsAgree(ns, e.hops, spec.nexthops ?? [])
  );
}

/** A plain hop is compared with the first; a list of them (with weights) with all, in order. */
function hopsAgree(ns: Netns, own: readonly FibHop[], asked: readonly NextHop[]): boolean {
  if (asked.some((hop) => hop.weight !== undefined) && asked.length < own.length) return false;
  if (asked.length > own.length) return false;
  return asked.every((hop, i) => {
    const other = own[i];
    return (
      (hop.dev === undefined || (other?.dev != null && hop.dev === ns.indexOf(other.dev))) &&
      (hop.gateway === undefined || hop.gateway === other?.gateway) &&
      (hop.weight === undefined || hop.weight === 1 || hop.weight === other?.weight)
    );
  });
}

/** Whether two entries of one prefix, TOS and metric are the same route. Models: fib_find_info. */
export function sameRoute(a: FibEntry, b: FibEntry): boolean {
  return (
    a.type === b.type &&
    a.scope === b.scope &&
    a.protocol === b.protocol &&
    a.prefSrc === b.prefSrc &&
    a.mtu === b.mtu &&
    a.mtuLocked === b.mtuLocked &&
    a.advmss === b.advmss &&
    a.hops.length === b.hops.length &&
    a.hops.every((x, i) => {
      const y = b.hops[i]!;
      return x.dev === y.dev && x.gateway === y.gateway && x.onlink === y.onlink && x.weight === y.weight;
    })
  );
}
