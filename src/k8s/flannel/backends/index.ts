import { err, ok, type Result } from "../../../base/result.ts";
import type { Backend } from "../backend.ts";
import { alloc } from "./alloc/alloc.ts";
import { hostGw } from "./host-gw/host-gw.ts";
import { ipip } from "./ipip/ipip.ts";
import { udp } from "./udp/udp.ts";
import { vxlan } from "./vxlan/vxlan.ts";
import { wireguard } from "./wireguard/wireguard.ts";

/** Every backend that is modelled. */
const BACKENDS: readonly Backend[] = [alloc, hostGw, ipip, udp, vxlan, wireguard];

/** Backends that flanneld has and we do not: they run programs, need xfrm, or talk to a cloud. */
const NOT_YET = ["extension", "ipsec", "tencent-vpc"];

/** Models: flannel pkg/backend manager GetBackend. */
export function backendFor(type: string): Result<Backend, string> {
  const wanted = type.toLowerCase();
  const backend = BACKENDS.find((candidate) => candidate.type === wanted);
  if (backend !== undefined) return ok(backend);
  return err(
    NOT_YET.includes(wanted)
      ? `flannelgraph: flannel backend "${wanted}" is not modelled yet`
      : `unknown backend type: ${wanted}`,
  );
}
