import { err, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { type Lease, NO_BACKEND_DATA } from "../../lease.ts";
import { RouteNetwork } from "../routes.ts";

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { external } = context;
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "host-gw",
    backendData: NO_BACKEND_DATA,
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  const { mtu, index } = external.link;
  const routeTo = ({ subnet, publicIp }: Lease) => ({
    dst: subnet,
    gateway: publicIp,
    dev: index,
    onlink: false,
  });
  return ok(new RouteNetwork(context, "host-gw", lease.value, mtu, routeTo));
}

/**
 * No encapsulation: the other nodes are the gateways to their pods. All must be on one link: a gateway behind a router
 * is refused by the kernel.
 *
 * Models: flannel pkg/backend/hostgw.
 */
export const hostGw: Backend = {
  type: "host-gw",
  refuses: ({ address, external }) =>
    address === external
      ? undefined
      : "your PublicIP differs from interface IP, meaning that probably you're on a NAT, which is not supported by host-gw backend",
  register,
};
