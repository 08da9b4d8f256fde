import { err, ok, type Result } from "../../../base/result.ts";
import type { Backend } from "../backend.ts";
import { vxlan } from "./vxlan/vxlan.ts";

/** Every backend that is modelled. */
const BACKENDS: readonly Backend[] = [vxlan];

/** Backends that flanneld has and we do not. */
const NOT_YET = ["alloc", "extension", "host-gw", "ipip", "ipsec", "tencent-vpc", "udp", "wireguard"];

/** Models: flannel pkg/backend manager GetBackend. */
export function backendFor(type: string): Result<Backend, string> {
  const wanted = type.toLowerCase();
  const backend = BACKENDS.find((candidate) => candidate.type === wanted);
  if (backend !== undefined) return ok(backend);
  return err(
    NOT_YET.includes(wanted)
      ? `flannel backend "${wanted}" is not modelled yet`
      : `unknown backend type: ${wanted}`,
  );
}
