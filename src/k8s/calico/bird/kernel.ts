import {
  type NetApi,
  PROTO_KERNEL,
  type RouteInfo,
  type RouteSpec,
  TABLE_MAIN,
} from "../../../kernel/uapi/index.ts";
import { sameJson } from "../../../formats/json.ts";
import type { Nanos } from "../../../sim/time.ts";
import { formatPrefix, IPV4_ANY } from "../../../wire/address.ts";
import { type BirdConfig, type DirectConfig, type KernelConfig, takesInterface } from "./config.ts";
import { runFilter } from "./filter.ts";
import { type Destination, mergeable, type Route, type RouteTable } from "./table.ts";

/** rtnetlink's number of BIRD. */
export const PROTO_BIRD = 12;

function nameOf(net: NetApi, route: RouteInfo): string | undefined {
  const dev = route.nexthops[0]?.dev;
  return dev === undefined ? undefined : net.link.byIndex(dev)?.name;
}

/** The addresses' own subnets. Models: proto/direct. */
export function scanDirect(net: NetApi, config: DirectConfig, table: RouteTable, now: Nanos): void {
  const links = net.link
    .list()
    .filter(({ up, name, kind }) => up && kind !== "loopback" && takesInterface(config.interfaces, name));
  const wanted = new Map<string, Route>();
  for (const { dev, local, prefixLength } of net.address.list()) {
    const link = links.find(({ index }) => index === dev);
    if (link === undefined) continue;
    const base = prefixLength === 0 ? 0 : (local & (-1 << (32 - prefixLength))) >>> 0;
    const prefix = { address: base as typeof local, length: prefixLength };
    wanted.set(formatPrefix(prefix), {
      net: prefix,
      protocol: config.name,
      pathId: 0,
      preference: 240,
      source: "RTS_DEVICE",
      destination: { kind: "device", dev: link.name },
      learnt: undefined,
      since: now,
    });
  }
  replaceRoutes(table, config.name, wanted);
}

/** Only what differs is touched, so that a scan without news changes nothing. */
export function replaceRoutes(table: RouteTable, protocol: string, wanted: ReadonlyMap<string, Route>): void {
  for (const old of table.of(protocol))
    if (!wanted.has(formatPrefix(old.net))) table.delete(protocol, old.net);
  for (const [key, route] of wanted) {
    const old = table.routes(key).find((each) => each.protocol === protocol);
    if (old === undefined || !sameJson(old.destination, route.destination)) table.set(route);
  }
}

/** The kernel's routing table: foreign routes are learnt, the best ones of ours are put there. Models: sysdep/unix/krt.c. */
export class KernelProtocol {
  /** Neither adds nor prunes before a graceful restart is over. */
  locked = true;
  private readonly net: NetApi;
  private readonly table: RouteTable;

  constructor(net: NetApi, table: RouteTable) {
    this.net = net;
    this.table = table;
  }

  /** Learns what others put into the table. */
  learn(config: KernelConfig, now: Nanos): void {
    const wanted = new Map<string, Route>();
    for (const route of this.net.route.list()) {
      const { table, protocol, dst } = route;
      if (table !== TABLE_MAIN || protocol === PROTO_BIRD || protocol === PROTO_KERNEL) continue;
      const destination = this.destinationOf(route);
      if (destination === undefined || wanted.has(formatPrefix(dst))) continue;
      wanted.set(formatPrefix(dst), {
        net: dst,
        protocol: config.name,
        pathId: 0,
        preference: 10,
        source: "RTS_INHERIT",
        destination,
        learnt: undefined,
        since: now,
      });
    }
    replaceRoutes(this.table, config.name, wanted);
  }

  private destinationOf(route: RouteInfo): Destination | undefined {
    if (route.type === "blackhole") return { kind: "blackhole" };
    const dev = nameOf(this.net, route);
    if (route.type !== "unicast" || dev === undefined) return undefined;
    const via = route.nexthops[0]?.gateway;
    return via === undefined ? { kind: "device", dev } : { kind: "gateway", via, dev };
  }

  /** Some nets: the kernel's routes of ours become what the table says. */
  sync(config: KernelConfig, bird: BirdConfig, nets: readonly string[]): void {
    if (this.locked) return;
    const mine = new Map(this.mine().map((route) => [formatPrefix(route.dst), route]));
    for (const net of nets) this.apply(mine.get(net), this.wanted(config, bird, net));
  }

  /** All nets, and what is of ours but of no net goes. */
  syncAll(config: KernelConfig, bird: BirdConfig): void {
    if (this.locked) return;
    const keys = new Set(this.table.keys());
    const mine = new Map(this.mine().map((route) => [formatPrefix(route.dst), route]));
    for (const [net, route] of mine) if (!keys.has(net)) this.apply(route, undefined);
    for (const net of keys) this.apply(mine.get(net), this.wanted(config, bird, net));
  }

  /** What `persist` spares: all our routes. */
  flush(): void {
    for (const route of this.mine()) this.apply(route, undefined);
  }

  private mine(): readonly RouteInfo[] {
    return this.net.route
      .list()
      .filter(({ table, protocol }) => table === TABLE_MAIN && protocol === PROTO_BIRD);
  }

  private wanted(config: KernelConfig, bird: BirdConfig, net: string): RouteSpec | undefined {
    const accepted = this.table.routes(net).flatMap((route) => {
      const exported = route.protocol !== config.name && route.destination.kind !== "device";
      const verdict = exported
        ? runFilter(config.exportFilter, filterInput(route), bird.functions)
        : undefined;
      return verdict?.accepted === true ? [{ route, tunnel: verdict.tunnel }] : [];
    });
    const [best] = accepted;
    if (best === undefined || best.route !== this.table.routes(net)[0]) return undefined;
    const { destination, net: dst } = best.route;
    const common = { dst, table: TABLE_MAIN, protocol: PROTO_BIRD };
    if (destination.kind === "unreachable") return { ...common, type: "unreachable", nexthops: [] };
    if (destination.kind === "blackhole") return { ...common, type: "blackhole", nexthops: [] };
    const sharing = config.mergePaths
      ? accepted.filter(({ route }) => route === best.route || mergeable(best.route, route))
      : [best];
    const nexthops = sharing.flatMap(({ route, tunnel }) => this.nextHop(route, tunnel));
    return nexthops.length === 0 ? undefined : { ...common, nexthops };
  }

  private nextHop({ destination, learnt }: Route, tunnel: string): RouteSpec["nexthops"] {
    if (tunnel !== "" && learnt !== undefined) {
      const link = this.net.link.byName(tunnel);
      return link === undefined ? [] : [{ gateway: learnt.path.nextHop, dev: link.index, onlink: true }];
    }
    if (destination.kind !== "gateway") return [];
    const dev = this.net.link.byName(destination.dev)?.index;
    return dev === undefined ? [] : [{ gateway: destination.via, dev }];
  }

  private apply(old: RouteInfo | undefined, wanted: RouteSpec | undefined): void {
    if (wanted === undefined) {
      if (old !== undefined)
        this.net.route.delete({ dst: old.dst, protocol: PROTO_BIRD, type: old.type, nexthops: [] });
      return;
    }
    if (old !== undefined && sameRoute(old, wanted)) return;
    this.net.route.add(wanted, "replace");
  }
}

function sameRoute(old: RouteInfo, wanted: RouteSpec): boolean {
  const hops = (route: RouteSpec): string =>
    route.nexthops
      .map(({ dev, gateway, onlink }) => `${dev} ${gateway ?? IPV4_ANY} ${onlink === true}`)
      .join(",");
  return old.type === (wanted.type ?? "unicast") && (old.type !== "unicast" || hops(old) === hops(wanted));
}

export function filterInput(route: Route): Parameters<typeof runFilter>[1] {
  const { net, destination, learnt, source } = route;
  return {
    net,
    source,
    bgpNextHop: learnt?.path.nextHop,
    ifname: "dev" in destination ? destination.dev : undefined,
  };
}
