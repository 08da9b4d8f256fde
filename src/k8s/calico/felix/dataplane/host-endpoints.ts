import { compareText } from "../../../../formats/json.ts";
import type { NetApi } from "../../../../kernel/uapi/index.ts";
import { formatIpv4 } from "../../../../wire/address.ts";
import type { ActiveHostEndpoint } from "../calc/active.ts";
import { ANY_INTERFACE } from "../rules/dispatch.ts";

const ALL = "*";
/** The device on which kube-proxy in IPVS mode keeps the addresses of Services: they are not the node's. */
export const KUBE_IPVS = "kube-ipvs0";

/** Addresses of the node's own devices, by device. */
export function hostAddresses(
  net: NetApi,
  isWorkload: (device: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const names = new Map(net.link.list().map(({ index, name }) => [index, name]));
  const out = new Map<string, string[]>();
  for (const name of names.values()) if (!isWorkload(name) && name !== KUBE_IPVS) out.set(name, []);
  for (const { dev, local } of net.address.list()) out.get(names.get(dev) ?? "")?.push(formatIpv4(local));
  return out;
}

/**
 * Which host endpoint holds for which device: one that names it or one of its addresses; of several the first by name.
 *
 * Models: endpointManager.resolveHostEndpoints.
 */
export function resolveHostEndpoints(
  endpoints: readonly ActiveHostEndpoint[],
  addresses: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, ActiveHostEndpoint> {
  const sorted = [...endpoints].sort((a, b) => compareText(a.endpoint.name, b.endpoint.name));
  const out = new Map<string, ActiveHostEndpoint>();
  for (const [device, own] of [...addresses].sort(([a], [b]) => compareText(a, b))) {
    const fit = sorted.find(({ endpoint }) => {
      if (endpoint.device !== "") return endpoint.device === device;
      return endpoint.addresses.some((address) => own.includes(address));
    });
    if (fit !== undefined) out.set(device, fit);
  }
  const any = sorted.find(({ endpoint }) => endpoint.device === ALL);
  if (any !== undefined) out.set(ANY_INTERFACE, any);
  return out;
}
