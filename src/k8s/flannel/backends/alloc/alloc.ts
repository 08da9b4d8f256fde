import { err, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { NO_BACKEND_DATA } from "../../lease.ts";

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { external } = context;
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "",
    backendData: NO_BACKEND_DATA,
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  return ok({
    lease: lease.value,
    mtu: external.link.mtu,
    *start() {
      return () => undefined;
    },
    *handle() {},
  });
}

/**
 * Only takes the node's subnet; somebody else brings packets to it (a cloud's routers, k8s/cloud).
 *
 * Models: flannel pkg/backend/alloc.
 */
export const alloc: Backend = { type: "alloc", register };
