import type { IpsetElement, IpsetPart, IpsetSpec, NetApi } from "../../../kernel/uapi/index.ts";
import { ok, type Result } from "../../../base/result.ts";
import type { Address } from "../../../formats/iptables/address.ts";
import type { Protocol, Range } from "../service-port.ts";

/** The sets that the rules ask, in the order in which they are made, and the comments of the rules that ask them. */
export const SETS = {
  "KUBE-LOOP-BACK": [
    "hash:ip,port,ip",
    "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose",
  ],
  "KUBE-CLUSTER-IP": ["hash:ip,port", "Kubernetes service cluster ip + port for masquerade purpose"],
  "KUBE-EXTERNAL-IP": [
    "hash:ip,port",
    "Kubernetes service external ip + port for masquerade and filter purpose",
  ],
  "KUBE-EXTERNAL-IP-LOCAL": [
    "hash:ip,port",
    "Kubernetes service external ip + port with externalTrafficPolicy=local",
  ],
  "KUBE-LOAD-BALANCER": ["hash:ip,port", "Kubernetes service lb portal"],
  "KUBE-LOAD-BALANCER-LOCAL": [
    "hash:ip,port",
    "Kubernetes service load balancer ip + port with externalTrafficPolicy=local",
  ],
  "KUBE-LOAD-BALANCER-FW": [
    "hash:ip,port",
    "Kubernetes service load balancer ip + port for load balancer with sourceRange",
  ],
  "KUBE-LOAD-BALANCER-SOURCE-IP": [
    "hash:ip,port,ip",
    "Kubernetes service load balancer ip + port + source IP for packet filter purpose",
  ],
  "KUBE-LOAD-BALANCER-SOURCE-CIDR": [
    "hash:ip,port,net",
    "Kubernetes service load balancer ip + port + source cidr for packet filter purpose",
  ],
  "KUBE-NODE-PORT-TCP": ["bitmap:port", "Kubernetes nodeport TCP port for masquerade purpose"],
  "KUBE-NODE-PORT-LOCAL-TCP": [
    "bitmap:port",
    "Kubernetes nodeport TCP port with externalTrafficPolicy=local",
  ],
  "KUBE-NODE-PORT-UDP": ["bitmap:port", "Kubernetes nodeport UDP port for masquerade purpose"],
  "KUBE-NODE-PORT-LOCAL-UDP": [
    "bitmap:port",
    "Kubernetes nodeport UDP port with externalTrafficPolicy=local",
  ],
  "KUBE-NODE-PORT-SCTP-HASH": [
    "hash:ip,port",
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
  ],
  "KUBE-NODE-PORT-LOCAL-SCTP-HASH": [
    "hash:ip,port",
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
  ],
  "KUBE-HEALTH-CHECK-NODE-PORT": ["bitmap:port", "Kubernetes health check node port"],
  "KUBE-IPVS-IPS": ["hash:ip", "Kubernetes IPVS virtual IPs"],
} as const satisfies Readonly<Record<string, readonly [IpsetSpec["type"], string]>>;

export type SetName = keyof typeof SETS;

export const SET_NAMES = Object.keys(SETS).filter((name): name is SetName => Object.hasOwn(SETS, name));

/** Elements by set and by their text. */
export type SetContents = ReadonlyMap<SetName, Map<string, IpsetElement>>;

export function emptySets(): SetContents {
  return new Map(SET_NAMES.map((name) => [name, new Map<string, IpsetElement>()]));
}

export function put(sets: SetContents, name: SetName, ...parts: readonly IpsetPart[]): void {
  sets.get(name)?.set(JSON.stringify(parts), { parts });
}

export const ipPart = (address: Address): IpsetPart => ({ kind: "address", address });
export const netPart = ({ address, length }: Range): IpsetPart => ({ kind: "net", address, length });

export const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

export function portPart(protocol: Protocol | undefined, port: number): IpsetPart {
  return { kind: "port", protocol: protocol === undefined ? 0 : PROTOCOL_NUMBERS[protocol], port };
}

function specOf(name: SetName): IpsetSpec {
  const [type] = SETS[name];
  if (type === "bitmap:port") return { name, type, range: { from: 0, to: 65_535 } };
  return { name, type, family: "inet", hashsize: 1024, maxelem: 65_536 };
}

/** `ipset create -exist` for each. */
export function createSets(net: NetApi): Result<void, string> {
  for (const name of SET_NAMES) {
    const done = net.ipset.create(specOf(name), true);
    if (!done.ok) return { ok: false, error: `ipset create ${name}: ${done.error.errno}` };
  }
  return ok();
}

/** Deletes what is too much, adds what is missing. Models: (*IPSet).syncIPSetEntries. */
export function syncSets(net: NetApi, written: SetContents, wanted: SetContents): Result<void, string> {
  for (const name of SET_NAMES) {
    const [before, after] = [written.get(name), wanted.get(name)];
    for (const [key, element] of before ?? [])
      if (after?.has(key) !== true) net.ipset.delete(name, element, true);
    for (const [key, element] of after ?? []) {
      if (before?.has(key) === true) continue;
      const done = net.ipset.add(name, element, true);
      if (!done.ok) return { ok: false, error: `ipset add ${name}: ${done.error.errno}` };
    }
  }
  return ok();
}
