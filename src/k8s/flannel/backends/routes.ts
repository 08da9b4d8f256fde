import { goErrno } from "../../../container/errno.ts";
import { background } from "../../../container/background.ts";
import {
  type IfIndex,
  type NetApi,
  PROTO_BOOT,
  type RouteInfo,
  type RouteSpec,
  SCOPE_UNIVERSE,
  TABLE_MAIN,
} from "../../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import { formatIpv4, formatPrefix, type Ipv4, type Ipv4Prefix } from "../../../wire/address.ts";
import type { BackendContext, BackendNetwork } from "../backend.ts";
import type { Lease, LeaseEvent } from "../lease.ts";

/** What one route per remote node says: all that these backends differ in. */
export interface NodeRoute {
  readonly dst: Ipv4Prefix;
  readonly gateway: Ipv4;
  readonly dev: IfIndex;
  readonly onlink: boolean;
}

const CHECK_PERIOD = seconds(10);

function routeSpec({ dst, gateway, dev, onlink }: NodeRoute): RouteSpec {
  const nexthop = { dev, gateway, ...(onlink && { onlink }) };
  return { dst, protocol: PROTO_BOOT, scope: SCOPE_UNIVERSE, nexthops: [nexthop] };
}

/** Go's `%v` of a netlink.Route. */
function describe(route: NodeRoute, table: number): string {
  return (
    `{Ifindex: ${route.dev} Dst: ${formatPrefix(route.dst)} Src: <nil> Gw: ${formatIpv4(route.gateway)} ` +
    `Flags: [${route.onlink ? "onlink" : ""}] Table: ${table} Realm: 0}`
  );
}

function describeExisting({ dst, prefSrc, nexthops: [hop] }: RouteInfo): string {
  const src = prefSrc === undefined ? "<nil>" : formatIpv4(prefSrc);
  const gw = hop?.gateway === undefined ? "<nil>" : formatIpv4(hop.gateway);
  const flags = hop?.onlink === true ? "onlink" : "";
  return `{Ifindex: ${hop?.dev ?? 0} Dst: ${formatPrefix(dst)} Src: ${src} Gw: ${gw} Flags: [${flags}] Table: ${TABLE_MAIN} Realm: 0}`;
}

/** Models: routeEqual: the flags do not count. */
function equal(found: RouteInfo, wanted: NodeRoute): boolean {
  const hop = found.nexthops[0];
  return (
    found.dst.address === wanted.dst.address &&
    found.dst.length === wanted.dst.length &&
    hop?.gateway === wanted.gateway &&
    hop.dev === wanted.dev
  );
}

function existing(net: NetApi, dst: Ipv4Prefix): RouteInfo | undefined {
  return net.route
    .list()
    .find((r) => r.table === TABLE_MAIN && r.dst.address === dst.address && r.dst.length === dst.length);
}

/** Whether the node is on a link of ours: the route to it has no gateway. Models: flannel pkg/ip DirectRouting. */
export function isDirect(net: NetApi, address: Ipv4): boolean {
  const route = net.route.get({ dst: address });
  return route.ok && route.value.gateway === undefined;
}

/**
 * A network that is one route per remote node, put back when somebody takes it away.
 *
 * Models: flannel pkg/backend RouteNetwork.
 */
export class RouteNetwork implements BackendNetwork {
  readonly lease: Lease;
  readonly mtu: number;
  private readonly context: BackendContext;
  private readonly type: string;
  private readonly routeTo: (lease: Lease) => NodeRoute;
  /** By subnet. Wanted since they were announced, whether or not the kernel took them. */
  private readonly routes = new Map<string, NodeRoute>();

  constructor(
    context: BackendContext,
    type: string,
    lease: Lease,
    mtu: number,
    routeTo: (lease: Lease) => NodeRoute,
  ) {
    this.context = context;
    this.type = type;
    this.lease = lease;
    this.mtu = mtu;
    this.routeTo = routeTo;
  }

  *start(): Task<() => void> {
    const { log, process } = this.context;
    yield* log.info("route_network.go:56", "Watching for new subnet leases");
    const check = background(process.host.queue, this.check());
    return () => check.kill("KILL");
  }

  *handle(event: LeaseEvent): Task<void> {
    const { log, net } = this.context;
    const { lease } = event;
    const subnet = formatPrefix(lease.subnet);
    const added = event.type === "added";
    if (lease.backendType !== this.type) {
      const text = `Ignoring non-${this.type} subnet: type=${lease.backendType}`;
      yield* log.warning(`route_network.go:${added ? 88 : 108}`, text);
      return;
    }
    const route = this.routeTo(lease);
    if (added) {
      yield* log.info("route_network.go:93", `Subnet added: ${subnet} via ${formatIpv4(lease.publicIp)}`);
      this.routes.set(subnet, route);
      yield* this.add(route);
      return;
    }
    yield* log.info("route_network.go:113", `Subnet removed: ${subnet}`);
    this.routes.delete(subnet);
    const gone = net.route.delete(routeSpec(route));
    if (!gone.ok)
      yield* log.error("route_network.go:120", `Error deleting route to ${subnet}: ${goErrno(gone.error)}`);
  }

  /** Models: routeAdd. */
  private *add(route: NodeRoute): Task<void> {
    const { log, net } = this.context;
    const found = existing(net, route.dst);
    if (found !== undefined && !equal(found, route)) {
      const text = `Replacing existing route to ${describeExisting(found)} with ${describe(route, 0)}`;
      yield* log.warning("route_network.go:152", text);
      const gone = net.route.delete(found);
      if (!gone.ok) {
        const why = `Effor deleteing route to ${formatPrefix(found.dst)}: ${goErrno(gone.error)}`;
        yield* log.error("route_network.go:154", why);
        return;
      }
    }
    const now = existing(net, route.dst);
    if (now !== undefined && equal(now, route)) {
      yield* log.info("route_network.go:166", `Route to ${describe(route, 0)} already exists, skipping.`);
      return;
    }
    const added = net.route.add(routeSpec(route), "add");
    if (added.ok) return;
    const text = `Error adding route to ${describe(route, 0)}: ${goErrno(added.error)}`;
    yield* log.error("route_network.go:168", text);
  }

  /** What is missing comes back. Models: routeCheck. */
  private *check(): Task<void> {
    const { log, net } = this.context;
    for (;;) {
      yield* sleep(CHECK_PERIOD);
      const present = new Map(
        net.route.list().flatMap((r) => (r.table === TABLE_MAIN ? [[formatPrefix(r.dst), r]] : [])),
      );
      for (const [subnet, route] of [...this.routes]) {
        const found = present.get(subnet);
        if (found !== undefined && equal(found, route)) continue;
        const gateway = formatIpv4(route.gateway);
        // An errno is a net.Error to Go, and those are passed over in silence.
        if (net.route.add(routeSpec(route), "add").ok)
          yield* log.info("route_network.go:254", `Route recovered ${subnet} : ${gateway}`);
      }
    }
  }
}
