import { sha512 } from "@noble/hashes/sha2.js";
import { utf8Encode } from "../../base/utf8.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatPrefix, type Ipv4Prefix, network } from "../../wire/address.ts";
import { GoIptables } from "../iptables.ts";
import type { CniArgs } from "./plugin.ts";

const CHAIN_LENGTH = 28;

function networkName(args: CniArgs): string {
  const { name } = args.config;
  return typeof name === "string" ? name : "";
}

/** A chain's name: the prefix and as much of a hash of network and container as fits. Models: utils.FormatChainName. */
export function cniChain(args: CniArgs, prefix = "CNI-"): string {
  const digest = sha512(utf8Encode(networkName(args) + args.containerId));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${prefix}${hex}`.slice(0, CHAIN_LENGTH);
}

/** `name: "net" id: "container"` as a comment match. */
export function cniComment(args: CniArgs, before = ""): string {
  return `-m comment --comment "${before}name: \\"${networkName(args)}\\" id: \\"${args.containerId}\\""`;
}

/** What leaves the pod's network is masqueraded (ipMasq). Models: pkg/ip SetupIPMasq, iptables backend. */
export function setupMasquerade(net: NetApi, args: CniArgs, address: Ipv4Prefix): void {
  const iptables = new GoIptables(net);
  const chain = cniChain(args);
  const said = cniComment(args);
  iptables.newChain("nat", chain);
  const own = formatPrefix({ address: network(address.address, address.length), length: address.length });
  iptables.appendUnique("nat", chain, `-d ${own} -j ACCEPT ${said}`);
  iptables.appendUnique("nat", chain, `! -d 224.0.0.0/4 -j MASQUERADE ${said}`);
  iptables.appendUnique("nat", "POSTROUTING", `-s ${formatIpv4(address.address)} -j ${chain} ${said}`);
}

export function teardownMasquerade(net: NetApi, args: CniArgs): void {
  const iptables = new GoIptables(net);
  const chain = cniChain(args);
  if (!iptables.chainExists("nat", chain)) return;
  iptables.deleteJumps("nat", "POSTROUTING", chain);
  iptables.deleteChain("nat", chain);
}
