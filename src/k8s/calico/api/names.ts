import { sha1 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { must } from "../../../base/result.ts";
import { formatMac, parseMac } from "../../../wire/address.ts";

/** The host's end of a pod's veth pair. Models: workload_endpoint_default.go VethNameForWorkload. */
export function vethName(namespace: string, pod: string, prefix = "cali"): string {
  return prefix + bytesToHex(sha1(utf8ToBytes(`${namespace}.${pod}`))).slice(0, 11);
}

/** The MAC of every `cali*` device. */
export const VETH_MAC = must(parseMac("ee:ee:ee:ee:ee:ee"), "a MAC address");
/** What pods have as their gateway; nobody has it. */
export const POD_GATEWAY = "169.254.1.1";

/** `10.244.0.0/26` to `10-244-0-0-26`. Models: names.CIDRToName. */
export function cidrToName(cidr: string): string {
  return cidr.replace(/[./:]/g, "-");
}

/** The BlockAffinity of a node and a block. */
export function affinityName(node: string, cidr: string): string {
  return `${node}-${cidrToName(cidr)}`;
}

/** The MAC of vxlan.calico on a node. Models: felix/calc/vxlan_resolver.go vtepMACForHost. */
export function vtepMac(node: string): string {
  const hex = bytesToHex(sha1(utf8ToBytes(node))).slice(0, 10);
  return formatMac(must(parseMac(`66:${hex.replace(/(..)(?=.)/g, "$1:")}`), "a MAC address"));
}

/** What a pod's address is filed under. Models: cni-plugin utils.GetHandleID. */
export function podHandle(network: string, containerId: string): string {
  return `${network}.${containerId}`;
}

export type TunnelKind = "ipip" | "vxlan";
const TUNNEL_HANDLES = { ipip: "ipip-tunnel-addr-", vxlan: "vxlan-tunnel-addr-" } as const;

/** What a node's tunnel address is filed under. Models: node/pkg/allocateip. */
export function tunnelHandle(kind: TunnelKind, node: string): string {
  return TUNNEL_HANDLES[kind] + node;
}
