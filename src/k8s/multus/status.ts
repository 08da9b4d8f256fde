import type { JsonObject } from "../../container/cni/json.ts";
import type { CniResult } from "../../container/cni/result.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { Delegate } from "./delegates.ts";

export const STATUS_ANNOTATION = "k8s.v1.cni.cncf.io/network-status";

/** One entry of the annotation. Models: network-attachment-definition-client CreateNetworkStatus. */
export function networkStatus(delegate: Delegate, result: CniResult): JsonObject {
  const own = result.interfaces.findLast(({ sandbox }) => sandbox !== undefined && sandbox !== "");
  const gateways = result.routes.flatMap(({ dst, gw }) =>
    dst.length === 0 && gw !== undefined ? [formatIpv4(gw)] : [],
  );
  const { nameservers = [], domain = "", search = [], options = [] } = result.dns;
  return {
    name: delegate.name,
    ...(own !== undefined && { interface: own.name }),
    ...(result.ips.length > 0 && { ips: result.ips.map(({ address }) => formatIpv4(address.address)) }),
    ...(own?.mac !== undefined && { mac: own.mac }),
    ...(delegate.master && { default: true }),
    dns: {
      ...(nameservers.length > 0 && { nameservers }),
      ...(domain !== "" && { domain }),
      ...(search.length > 0 && { search }),
      ...(options.length > 0 && { options }),
    },
    ...(gateways.length > 0 && { gateway: gateways }),
  };
}
