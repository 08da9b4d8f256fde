import { err, ok, type Result } from "../../../../base/result.ts";
import type { JsonObject } from "../../../../container/cni/json.ts";
import { scalar } from "../../config.ts";

export interface VxlanConfig {
  readonly vni: number;
  /** 0: the kernel's default, 8472. */
  readonly port: number;
  /** MTU of the external interface, before encapsulation. */
  readonly mtu: number;
  readonly gbp: boolean;
  readonly learning: boolean;
  readonly directRouting: boolean;
}

/** Models: flannel pkg/backend/vxlan parseVXLANConfig. */
export function parseVxlanConfig(raw: JsonObject, externalMtu: number): Result<VxlanConfig, string> {
  const vni = scalar<number>(raw, "VXLANConfig", "vni", 1);
  const port = scalar<number>(raw, "VXLANConfig", "port", 0);
  const mtu = scalar<number>(raw, "VXLANConfig", "mtu", externalMtu);
  const gbp = scalar<boolean>(raw, "VXLANConfig", "gbp", false);
  const learning = scalar<boolean>(raw, "VXLANConfig", "learning", false);
  const directRouting = scalar<boolean>(raw, "VXLANConfig", "directRouting", false);
  if (!vni.ok) return vni;
  if (!port.ok) return port;
  if (!mtu.ok) return mtu;
  if (!gbp.ok) return gbp;
  if (!learning.ok) return learning;
  if (!directRouting.ok) return directRouting;
  if (gbp.value) return err("flannelgraph: VXLAN group policy (GBP) is not modelled yet");
  return ok({
    vni: vni.value,
    port: port.value,
    mtu: mtu.value,
    gbp: gbp.value,
    learning: learning.value,
    directRouting: directRouting.value,
  });
}
