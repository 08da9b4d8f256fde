import { sameJson } from "../../../formats/json.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { BgpPath } from "../../../wire/bgp-path.ts";
import type { BgpConfig, BirdConfig } from "./config.ts";
import { runFilter } from "./filter.ts";
import { filterInput } from "./kernel.ts";
import type { Route } from "./table.ts";

/** What a session knows of itself when it tells routes. */
export interface ExportContext {
  readonly config: BgpConfig;
  readonly bird: BirdConfig;
  /** The address that the session's connection has on our side. */
  readonly local: Ipv4;
}

/** Whether a route learnt from one internal neighbour may go to another (RFC 4456). */
function reflects(config: BgpConfig, route: Route): boolean {
  return config.rrClient || route.learnt?.client === true;
}

function nextHopFor({ config, local }: ExportContext, internal: boolean, route: Route): Ipv4 {
  const { learnt, destination } = route;
  if (config.nextHop === "self") return local;
  if (learnt !== undefined) return internal || config.nextHop === "keep" ? learnt.path.nextHop : local;
  return destination.kind === "gateway" && internal ? destination.via : local;
}

/** The path that a route carries to this neighbour; undefined when it is not told it. Models: bgp_import_control. */
export function exportPath(context: ExportContext, routerId: Ipv4, route: Route): BgpPath | undefined {
  const { config, bird } = context;
  const internal = config.localAs === config.neighborAs;
  const { learnt } = route;
  if (route.protocol === config.name || route.destination.kind === "unreachable") return undefined;
  const reflected = learnt !== undefined && learnt.internal && internal;
  if (reflected && !reflects(config, route)) return undefined;
  const verdict = runFilter(config.exportFilter, filterInput(route), bird.functions);
  if (!verdict.accepted) return undefined;
  const asPath = learnt?.path.asPath ?? [];
  const clusterId = config.rrClusterId ?? routerId;
  return {
    origin: learnt?.path.origin ?? "igp",
    asPath: internal ? asPath : [config.localAs, ...asPath],
    nextHop: nextHopFor(context, internal, route),
    ...(learnt?.path.med !== undefined && internal && { med: learnt.path.med }),
    ...(internal && { localPref: learnt?.path.localPref ?? 100 }),
    communities: [...new Set([...(learnt?.path.communities ?? []), ...verdict.communities])],
    ...(reflected && { originatorId: learnt.path.originatorId ?? learnt.neighborId }),
    clusterList: reflected ? [clusterId, ...learnt.path.clusterList] : [],
  };
}

export function samePath(a: BgpPath | undefined, b: BgpPath | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && sameJson(a, b));
}
