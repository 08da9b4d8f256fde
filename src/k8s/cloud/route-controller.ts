import { type NetApi, PROTO_BOOT, type RouteSpec, TABLE_MAIN } from "../../kernel/uapi/index.ts";
import { goErrno } from "../../container/errno.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import type { Program } from "../../userland/os/process.ts";
import { formatIpv4, formatPrefix, type Ipv4, parseIpv4, parsePrefix } from "../../wire/address.ts";
import { withCondition } from "../api/conditions.ts";
import { ApiClient, type ApiStore, type Node, timestamp } from "../api/index.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import type { CloudRouter } from "../node/attachment.ts";

/** --route-reconciliation-period of cloud-controller-manager. */
const PERIOD = seconds(10);
const NAME = "route-controller";

function internalIp(node: Node): Ipv4 | undefined {
  return parseIpv4(node.status?.addresses?.find((a) => a.type === "InternalIP")?.address ?? "");
}

/** Where the underlay's router must send each node's pods, by range. */
function wanted(nodes: readonly Node[]): Map<string, { node: Node; gateway: Ipv4 }> {
  const routes = new Map<string, { node: Node; gateway: Ipv4 }>();
  for (const node of nodes) {
    const gateway = internalIp(node);
    const cidr = node.spec?.podCIDR ?? "";
    if (gateway !== undefined && cidr !== "") routes.set(cidr, { node, gateway });
  }
  return routes;
}

/** What the controller made before and nobody needs now. */
function stale(net: NetApi, keep: ReadonlyMap<string, { gateway: Ipv4 }>): readonly RouteSpec[] {
  return net.route
    .list()
    .filter(
      (route) =>
        route.table === TABLE_MAIN &&
        route.by.name === NAME &&
        keep.get(formatPrefix(route.dst))?.gateway !== route.nexthops[0]?.gateway,
    );
}

/**
 * The route controller of a cloud, whose cloud is the machine that the nodes' network hangs on: one route per node on the
 * router between them, so that the nodes need none (flannel's backend alloc).
 *
 * Models: k8s.io/cloud-provider controllers/route.
 */
export function routeController(store: ApiStore, router: CloudRouter | undefined): Program {
  return program(function* (process): Task<number> {
    if (router === undefined) return refuse("a cloud whose router is not named");
    const client = new ApiClient(store, NAME);
    const net = router.kernel.open(router.netns, { name: NAME, detail: "cloud route" });
    for (;;) {
      const routes = wanted(client.list("Node"));
      for (const route of stale(net, routes)) net.route.delete(route);
      const has = new Set(net.route.list().map((route) => formatPrefix(route.dst)));
      for (const [cidr, { node, gateway }] of routes) {
        const dst = parsePrefix(cidr);
        if (dst === undefined || has.has(cidr)) continue;
        const made = net.route.add({ dst, protocol: PROTO_BOOT, nexthops: [{ gateway }] }, "add");
        const { name } = node.metadata;
        if (!made.ok) {
          const target = `${cidr} for node ${name}`;
          yield* process.printError(`Could not create route ${target}: ${goErrno(made.error)}\n`);
          continue;
        }
        yield* process.printError(
          `Created route for node ${name} ${cidr} with route ${formatIpv4(gateway)}\n`,
        );
        networkAvailable(client, name, timestamp(process.host.queue.now));
      }
      yield* sleep(PERIOD);
    }
  });
}

function networkAvailable(client: ApiClient, name: string, now: string): void {
  const condition = {
    type: "NetworkUnavailable",
    status: "False",
    reason: "RouteCreated",
    message: "RouteController created a route",
  } as const;
  client.updateStatus("Node", "", name, (node) => ({
    ...node,
    status: { ...node.status, conditions: withCondition(node.status?.conditions, condition, now) },
  }));
}
