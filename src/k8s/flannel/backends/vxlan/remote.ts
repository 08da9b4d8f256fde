import { goErrno } from "../../../../container/errno.ts";
import {
  type IfIndex,
  type KernelResult,
  type NetApi,
  PROTO_BOOT,
  type RouteSpec,
  SCOPE_UNIVERSE,
} from "../../../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../../../sim/task.ts";
import { millis } from "../../../../sim/time.ts";
import { formatIpv4, formatPrefix, type Ipv4, type Ipv4Prefix, type Mac } from "../../../../wire/address.ts";
import type { Klog } from "../../klog.ts";

/** Another node: its subnet, the MAC of its flannel.1, its address in the underlay. */
export interface Remote {
  readonly subnet: Ipv4Prefix;
  readonly mac: Mac;
  readonly publicIp: Ipv4;
}

const ATTEMPTS = 10;
const FIRST_DELAY_MS = 100;

/** Models: flannel pkg/retry Do (avast/retry-go: ten attempts, the delay doubling). The error's text, or undefined. */
function* retry(log: Klog, call: () => KernelResult<void>): Task<string | undefined> {
  let last = "";
  for (let n = 0; n < ATTEMPTS; n++) {
    if (n > 0) yield* sleep(millis(FIRST_DELAY_MS * 2 ** (n - 1)));
    const done = call();
    if (done.ok) return undefined;
    last = goErrno(done.error);
    yield* log.error("retry.go:29", `#${n}: ${last}`);
  }
  return `All attempts fail:\n#${ATTEMPTS}: ${last}`;
}

export function vxlanRoute(dev: IfIndex, remote: Remote): RouteSpec {
  return {
    dst: remote.subnet,
    protocol: PROTO_BOOT,
    scope: SCOPE_UNIVERSE,
    nexthops: [{ dev, gateway: remote.subnet.address, onlink: true }],
  };
}

export function directRoute(remote: Remote): RouteSpec {
  return {
    dst: remote.subnet,
    protocol: PROTO_BOOT,
    scope: SCOPE_UNIVERSE,
    nexthops: [{ gateway: remote.publicIp }],
  };
}

/** The route is last: the kernel would ask for the gateway by ARP if its neighbour entry were not there yet. */
function describe(remote: Remote): string {
  return `vxlanRoute (${formatPrefix(remote.subnet)} -> ${formatIpv4(remote.subnet.address)})`;
}

/** Neighbour, forwarding entry, route. Models: vxlan_network.go handleSubnetEvents, EventAdded. */
export function* addRemote(net: NetApi, log: Klog, dev: IfIndex, remote: Remote): Task<void> {
  const gateway = remote.subnet.address;
  const neigh = yield* retry(log, () =>
    net.neigh.add({ dev, dst: gateway, lladdr: remote.mac, state: "PERMANENT" }, "replace"),
  );
  if (neigh !== undefined) {
    yield* log.error("vxlan_network.go:362", `AddARP failed: ${neigh}`);
    return;
  }
  const fdb = yield* retry(log, () =>
    net.fdb.add(
      { dev, mac: remote.mac, target: "self", state: "permanent", dst: remote.publicIp },
      "replace",
    ),
  );
  if (fdb !== undefined) {
    yield* log.error("vxlan_network.go:366", `AddFDB failed: ${fdb}`);
    net.neigh.delete(dev, gateway);
    return;
  }
  const route = yield* retry(log, () => net.route.add(vxlanRoute(dev, remote), "replace"));
  if (route === undefined) return;
  yield* log.error("vxlan_network.go:383", `failed to add ${describe(remote)}: ${route}`);
  net.neigh.delete(dev, gateway);
  net.fdb.delete({ dev, mac: remote.mac, target: "self", dst: remote.publicIp });
}

/** The three in the same order; one that fails does not keep the others. Models: handleSubnetEvents, EventRemoved. */
export function* removeRemote(net: NetApi, log: Klog, dev: IfIndex, remote: Remote): Task<void> {
  const neigh = yield* retry(log, () => net.neigh.delete(dev, remote.subnet.address));
  if (neigh !== undefined) yield* log.error("vxlan_network.go:470", `DelARP failed: ${neigh}`);
  const fdb = yield* retry(log, () =>
    net.fdb.delete({ dev, mac: remote.mac, target: "self", dst: remote.publicIp }),
  );
  if (fdb !== undefined) yield* log.error("vxlan_network.go:476", `DelFDB failed: ${fdb}`);
  const route = yield* retry(log, () => net.route.delete(vxlanRoute(dev, remote)));
  if (route !== undefined)
    yield* log.error("vxlan_network.go:482", `failed to delete ${describe(remote)}: ${route}`);
}

/** `DirectRouting`: plain routing to a node on the same link. */
export function* addDirect(net: NetApi, log: Klog, remote: Remote): Task<void> {
  const failed = yield* retry(log, () => net.route.add(directRoute(remote), "replace"));
  if (failed === undefined) return;
  const via = `${formatPrefix(remote.subnet)} via ${formatIpv4(remote.publicIp)}`;
  yield* log.error("vxlan_network.go:351", `Error adding route to ${via}: ${failed}`);
}

export function* removeDirect(net: NetApi, log: Klog, remote: Remote): Task<void> {
  const failed = yield* retry(log, () => net.route.delete(directRoute(remote)));
  if (failed === undefined) return;
  const via = `${formatPrefix(remote.subnet)} via ${formatIpv4(remote.publicIp)}`;
  yield* log.error("vxlan_network.go:461", `Error deleting route to ${via}: ${failed}`);
}
