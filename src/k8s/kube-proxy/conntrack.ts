import { formatAddress } from "../../formats/iptables/address.ts";
import type { CtInfo, NetApi } from "../../kernel/uapi/index.ts";
import { formatAddress as formatAny } from "../../wire/ip-address.ts";
import type { Backed } from "./proxier.ts";

const UDP = 17;

/**
 * Flows of UDP that still go to an endpoint that no longer serves are forgotten, so that the next datagram is steered
 * anew. Services without any endpoint are left alone. Models: pkg/proxy/conntrack CleanStaleEntries.
 */
export function cleanStaleFlows(net: NetApi, backed: readonly Backed[]): number {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const { port, endpoints } of backed) {
    if (port.protocol !== "UDP") continue;
    const serving = endpoints.filter((e) => e.serving).map((e) => `${formatAddress(e.address)}:${e.port}`);
    if (serving.length === 0) continue;
    const good = new Set(serving);
    for (const address of [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps])
      byAddress.set(`${formatAddress(address)}:${port.number}`, good);
    if (port.nodePort !== 0) byNodePort.set(port.nodePort, good);
  }
  const stale = (ct: CtInfo): boolean => {
    const { original, reply } = ct;
    const good =
      byAddress.get(`${formatAny(original.dst)}:${original.dport}`) ?? byNodePort.get(original.dport);
    return good !== undefined && !good.has(`${formatAny(reply.src)}:${reply.sport}`);
  };
  let deleted = 0;
  for (const ct of net.conntrack.list())
    if (ct.protocol === UDP && stale(ct) && net.conntrack.delete(ct.id).ok) deleted++;
  return deleted;
}
