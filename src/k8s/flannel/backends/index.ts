import { err, ok, type Result } from "../../../base/result.ts";
import type { Backend } from "../backend.ts";
import { EXTRAS } from "../../extras.ts";
import { vxlan } from "./vxlan/vxlan.ts";

/** Every other backend that is modelled comes with the extras. */
const LATER = ["alloc", "host-gw", "ipip", "ipsec", "udp", "wireguard"];

/** Backends that flanneld has and we do not: they run programs, or talk to a cloud. */
const NOT_YET = ["extension", "tencent-vpc"];

/** Models: flannel pkg/backend manager GetBackend. */
export function backendFor(type: string): Result<Backend, string> {
  const wanted = type.toLowerCase();
  const backend = wanted === vxlan.type ? vxlan : later(wanted);
  if (backend !== undefined) return ok(backend);
  return err(
    NOT_YET.includes(wanted)
      ? `flannelgraph: flannel backend "${wanted}" is not modelled yet`
      : `unknown backend type: ${wanted}`,
  );
}

function later(wanted: string): Backend | undefined {
  return LATER.includes(wanted) ? EXTRAS.get().backends.find(({ type }) => type === wanted) : undefined;
}
