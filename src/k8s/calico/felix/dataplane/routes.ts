import {
  type IfIndex,
  PROTO_BOOT,
  PROTO_KERNEL,
  type RouteInfo,
  type RouteSpec,
  SCOPE_LINK,
  SCOPE_UNIVERSE,
  TABLE_MAIN,
} from "../../../../kernel/uapi/index.ts";
import { type Nanos, seconds } from "../../../../sim/time.ts";
import { formatPrefix, type Ipv4, type Ipv4Prefix } from "../../../../wire/address.ts";
import type { Door } from "./door.ts";

/** The protocol number of routes that cannot be told by their device. Models: dataplanedefs.DefaultRouteProto. */
export const PROTO_FELIX = 80;

/** A route that Felix wants in the main table. */
export type WantedRoute = { readonly dst: Ipv4Prefix; readonly owner: string } & (
  | { readonly kind: "workload"; readonly device: string }
  /** Over vxlan.calico, whose other end has the address `via`. */
  | { readonly kind: "vxlan"; readonly device: string; readonly via: Ipv4; readonly mtu: number }
  /** The other end of a tunnel whose address is no block's. */
  | { readonly kind: "tunnel"; readonly device: string; readonly mtu: number }
  /** Straight to a node of the same subnet. */
  | { readonly kind: "direct"; readonly device: string; readonly via: Ipv4 }
  | { readonly kind: "blackhole" }
);

/** How long a route that nobody wants is left: the plugin may know more than Felix. */
const GRACE = seconds(10);

function specOf(route: WantedRoute, dev: IfIndex | undefined, protocol: number): RouteSpec | undefined {
  const { dst } = route;
  if (route.kind === "blackhole")
    return { type: "blackhole", dst, protocol: PROTO_FELIX, scope: SCOPE_UNIVERSE, nexthops: [] };
  if (dev === undefined) return undefined;
  switch (route.kind) {
    case "workload":
      return { dst, protocol, scope: SCOPE_LINK, nexthops: [{ dev }] };
    case "tunnel":
      return { dst, protocol, scope: SCOPE_LINK, nexthops: [{ dev }], mtu: route.mtu };
    case "vxlan": {
      const nexthops = [{ dev, gateway: route.via, onlink: true }];
      return { dst, protocol, scope: SCOPE_UNIVERSE, nexthops, mtu: route.mtu };
    }
    case "direct": {
      const nexthops = [{ dev, gateway: route.via, onlink: true }];
      return { dst, protocol: PROTO_FELIX, scope: SCOPE_UNIVERSE, nexthops };
    }
  }
}

function shown(route: RouteSpec): string {
  const hops = route.nexthops.map(
    ({ dev, gateway, onlink }) => `${dev ?? ""}/${gateway ?? ""}/${onlink === true}`,
  );
  const parts = [route.type ?? "unicast", formatPrefix(route.dst), hops.join(), route.protocol, route.scope];
  return [...parts, route.metric ?? 0, route.mtu ?? 0].join(" ");
}

const keyOf = ({ dst, metric = 0 }: RouteSpec): string => `${formatPrefix(dst)} ${metric}`;

/** Felix's routes in the main table. Models: felix/routetable RouteTable. */
export class RouteTable {
  private readonly door: Door;
  private readonly protocol: number;
  private readonly isWorkload: (device: string) => boolean;
  private readonly tunnels: readonly string[];
  /** When a route that nobody wants was first seen. */
  private readonly strangers = new Map<number, Nanos>();
  private wanted = new Set<string>();

  /** `protocol` is DeviceRouteProtocol. Routes through `tunnels` and through pods' devices are Felix's. */
  constructor(
    door: Door,
    options: {
      readonly protocol: number;
      readonly isWorkload: (device: string) => boolean;
      readonly tunnels: readonly string[];
    },
  ) {
    this.door = door;
    this.protocol = options.protocol === 0 ? PROTO_BOOT : options.protocol;
    this.isWorkload = options.isWorkload;
    this.tunnels = options.tunnels;
  }

  /** What it could not do is said; it is tried again. */
  apply(routes: readonly WantedRoute[], now: Nanos): readonly string[] {
    const net = this.door.look;
    const links = new Map(net.link.list().map((link) => [link.name, link]));
    const main = net.route.list().filter(({ table }) => table === TABLE_MAIN);
    const there = new Map(main.map((route) => [keyOf(route), route]));
    const failures: string[] = [];
    const keys = new Set<string>();
    for (const route of routes) {
      const link = "device" in route ? links.get(route.device) : undefined;
      if (link?.up === false) continue;
      const spec = specOf(route, link?.index, this.protocol);
      if (spec === undefined) continue;
      keys.add(keyOf(spec));
      const old = there.get(keyOf(spec));
      if (old !== undefined && shown(old) === shown(spec)) continue;
      const done = this.door.as(route.owner).route.add(spec, "replace");
      if (!done.ok) failures.push(`${formatPrefix(route.dst)}: ${done.error.errno}`);
    }
    const names = new Map([...links.values()].map(({ index, name }) => [index, name]));
    this.removeOthers(
      main.filter((route) => this.isOurs(route, names) && !keys.has(keyOf(route))),
      now,
    );
    this.wanted = keys;
    return failures;
  }

  /** Models: ownershippol.MainTableOwnershipPolicy. */
  private isOurs(route: RouteInfo, names: ReadonlyMap<IfIndex, string>): boolean {
    if (route.protocol === PROTO_KERNEL) return false;
    if (route.protocol === PROTO_FELIX) return true;
    const [hop] = route.nexthops;
    const device = hop?.dev === undefined ? undefined : names.get(hop.dev);
    return device !== undefined && (this.isWorkload(device) || this.tunnels.includes(device));
  }

  private removeOthers(routes: readonly RouteInfo[], now: Nanos): void {
    const seen = new Set(routes.map(({ id }) => id));
    for (const id of this.strangers.keys()) if (!seen.has(id)) this.strangers.delete(id);
    for (const route of routes) {
      const since = this.strangers.get(route.id) ?? now;
      this.strangers.set(route.id, since);
      if (!this.wanted.has(keyOf(route)) && now - since < GRACE) continue;
      this.door.as("ip route del").route.delete(route);
      this.strangers.delete(route.id);
    }
  }

  /** When the next stranger's time is over; undefined where there is none. */
  get due(): Nanos | undefined {
    const [first] = [...this.strangers.values()].sort((a, b) => a - b);
    return first === undefined ? undefined : ((first + GRACE) as Nanos);
  }
}
