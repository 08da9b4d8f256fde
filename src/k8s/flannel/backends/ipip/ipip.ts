import { err, ok, type Result } from "../../../../base/result.ts";
import { goErrno } from "../../../../container/errno.ts";
import type { LinkInfo, TunnelSpec } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatIpv4, IPV4_ANY } from "../../../../wire/address.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { scalar } from "../../config.ts";
import { type Lease, NO_BACKEND_DATA } from "../../lease.ts";
import { ensureLinkAddress } from "../link-address.ts";
import { isDirect, RouteNetwork } from "../routes.ts";

/** Not tunl0, which may be somebody's already. */
const NAME = "flannel.ipip";
const IPV4_HEADER = 20;

/** Makes the device, or takes the one that is there when it fits. Models: the first half of configureIPIPDevice. */
function* ensureDevice({ net, log, external }: BackendContext): Task<Result<LinkInfo, string>> {
  // flanneld's request carries Go's zeros: no path MTU discovery, TTL inherited.
  const tunnel = { local: external.address, pathMtuDiscovery: false };
  const spec: TunnelSpec = { kind: "ipip", name: NAME, tunnel };
  const added = net.link.add(spec);
  if (!added.ok) {
    if (added.error.errno !== "EEXIST") return err(goErrno(added.error));
    const found = net.link.byName(NAME);
    if (found === undefined) return err("Link not found");
    if (found.kind !== "ipip")
      return err(`${NAME} isn't an ipip mode device, please remove device and try again`);
    const { local = IPV4_ANY, remote = IPV4_ANY } = found.tunnel ?? {};
    if (local !== external.address || remote !== IPV4_ANY) {
      const shown = `local=${formatIpv4(local)} remote=${formatIpv4(remote)}`;
      const text = `"${NAME}" already exists with incompatible attributes: ${shown}; recreating device`;
      yield* log.warning("ipip.go:165", text);
      const gone = net.link.delete(found.index);
      if (!gone.ok) return err(`failed to delete interface: ${goErrno(gone.error)}`);
      const again = net.link.add(spec);
      if (!again.ok) return err(`failed to create ipip interface: ${goErrno(again.error)}`);
    }
  }
  const link = net.link.byName(NAME);
  return link === undefined ? err("Link not found") : ok(link);
}

/** Models: configureIPIPDevice. */
function* configureDevice(context: BackendContext, lease: Lease): Task<Result<LinkInfo, string>> {
  const { net, log, external, config } = context;
  const device = yield* ensureDevice(context);
  if (!device.ok) return device;
  const { index } = device.value;
  // The queue length of flanneld's request is Go's zero.
  net.link.change(index, { txQueueLength: 0 });
  const outer = external.link;
  const mtu = outer.mtu - IPV4_HEADER;
  if (mtu <= 0) return err(`MTU ${outer.mtu} of iface ${outer.name} is too small for ipip mode to work`);
  yield* log.info("ipip.go:187", `current MTU of ${NAME} is 0, setting it to ${mtu}`);
  const set = net.link.change(index, { mtu });
  if (!set.ok) return err(`failed to set ${NAME} MTU to ${mtu}: ${goErrno(set.error)}`);
  const ensured = yield* ensureLinkAddress(net, log, device.value, lease.subnet.address, config.network);
  if (!ensured.ok) return err(`failed to ensure address of interface ${NAME}: ${ensured.error}`);
  const up = net.link.change(index, { up: true });
  if (!up.ok) return err(`failed to set ${NAME} UP: ${goErrno(up.error)}`);
  return ok(net.link.byIndex(index) ?? device.value);
}

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { net, log, external, config } = context;
  const directRouting = scalar<boolean>(config.backend, "", "DirectRouting", false);
  if (!directRouting.ok) return err(`error decoding IPIP backend config: ${directRouting.error}`);
  yield* log.info("ipip.go:68", `IPIP config: DirectRouting=${directRouting.value}`);
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "ipip",
    backendData: NO_BACKEND_DATA,
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  const device = yield* configureDevice(context, lease.value);
  if (!device.ok) return device;
  const tunnel = device.value.index;
  const routeTo = ({ subnet, publicIp }: Lease) => {
    const direct = directRouting.value && isDirect(net, publicIp);
    return { dst: subnet, gateway: publicIp, dev: direct ? external.link.index : tunnel, onlink: true };
  };
  return ok(new RouteNetwork(context, "ipip", lease.value, device.value.mtu, routeTo));
}

/**
 * One IPIP device whose other end is left open: the outer header goes to the gateway of the packet's route, a node.
 *
 *   packet to 10.244.2.5 -> route via P dev flannel.ipip onlink -> outer header to P -> eth0
 *
 * Models: flannel pkg/backend/ipip.
 */
export const ipip: Backend = { type: "ipip", register };
