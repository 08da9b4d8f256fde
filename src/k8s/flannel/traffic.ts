import { GoIptables } from "../../container/iptables.ts";
import type { NetApi, NftStep, XtTableName } from "../../kernel/uapi/index.ts";
import { formatPrefix, type Ipv4Prefix } from "../../wire/address.ts";
import { EXTRAS } from "../extras.ts";

/** What pods' traffic needs on the node: it is masqueraded towards the outside, and forwarded. Models: flannel pkg/trafficmngr/iptables. */
export interface Traffic {
  /** The cluster's network and this node's part of it. */
  readonly network: Ipv4Prefix;
  readonly subnet: Ipv4Prefix;
  readonly fullyRandom: boolean;
}

interface RuleSet {
  readonly table: XtTableName;
  readonly base: string;
  readonly chain: string;
  readonly comment: string;
  readonly rules: readonly string[];
}

/** In this order: what kube-proxy marked and what stays in the cluster is left alone. */
export function masqueradeRules({ network, subnet, fullyRandom }: Traffic): RuleSet {
  const [c, s] = [formatPrefix(network), formatPrefix(subnet)];
  const comment = "flanneld masq";
  const said = `-m comment --comment "${comment}"`;
  const masquerade = `-j MASQUERADE${fullyRandom ? " --random-fully" : ""}`;
  return {
    table: "nat",
    base: "POSTROUTING",
    chain: "FLANNEL-POSTRTG",
    comment,
    rules: [
      `-m mark --mark 0x4000/0x4000 ${said} -j RETURN`,
      `-s ${s} -d ${c} ${said} -j RETURN`,
      `-s ${c} -d ${s} ${said} -j RETURN`,
      `! -s ${c} -d ${s} ${said} -j RETURN`,
      `-s ${c} ! -d 224.0.0.0/4 ${said} ${masquerade}`,
      `! -s ${c} -d ${c} ${said} ${masquerade}`,
    ],
  };
}

export function forwardRules({ network }: Traffic): RuleSet {
  const c = formatPrefix(network);
  const comment = "flanneld forward";
  const said = `-m comment --comment "${comment}"`;
  return {
    table: "filter",
    base: "FORWARD",
    chain: "FLANNEL-FWD",
    comment,
    rules: [`-s ${c} ${said} -j ACCEPT`, `-d ${c} ${said} -j ACCEPT`],
  };
}

/** Writes a set anew when any of its rules is missing. True when something was to be done. */
export function ensureRules(net: NetApi, set: RuleSet): boolean {
  const iptables = new GoIptables(net);
  const jump = `-m comment --comment "${set.comment}" -j ${set.chain}`;
  const whole =
    iptables.exists(set.table, set.base, jump) &&
    set.rules.every((rule) => iptables.exists(set.table, set.chain, rule));
  if (whole) return false;
  iptables.clearChain(set.table, set.chain);
  iptables.append(set.table, set.chain, ...set.rules);
  iptables.appendUnique(set.table, set.base, jump);
  return true;
}

const NFT_TABLES = [
  { family: "ip", table: "flannel-ipv4" },
  { family: "ip6", table: "flannel-ipv6" },
] as const;

function nftSteps(lines: readonly string[]): readonly NftStep[] {
  return EXTRAS.get().nftSteps(lines.join("\n"));
}

/** A table per family, also of one that is not used. Models: flannel pkg/trafficmngr/nftables Init. */
export function nftablesInit(): readonly NftStep[] {
  return NFT_TABLES.map((table) => ({ op: "add-table", ...table, comment: `rules for ${table.table}` }));
}

/** Models: SetupAndEnsureMasqRules of nftables.go. */
export function nftablesMasquerade({ network, subnet, fullyRandom }: Traffic): readonly NftStep[] {
  const [c, s] = [formatPrefix(network), formatPrefix(subnet)];
  const masquerade = `masquerade${fullyRandom ? " fully-random" : ""}`;
  const chain = "ip flannel-ipv4 postrtg";
  return nftSteps([
    `add chain ${chain} { type nat hook postrouting priority srcnat; comment "chain to manage traffic masquerading by flannel"; }`,
    `flush chain ${chain}`,
    ...[
      "meta mark 0x4000 return",
      `ip saddr ${s} ip daddr ${c} return`,
      `ip saddr ${c} ip daddr ${s} return`,
      `ip saddr != ${s} ip daddr ${c} return`,
      `ip saddr ${c} ip daddr != 224.0.0.0/4 ${masquerade}`,
      `ip saddr != ${c} ip daddr ${c} ${masquerade}`,
    ].map((rule) => `add rule ${chain} ${rule}`),
  ]);
}

/** Models: SetupAndEnsureForwardRules of nftables.go. */
export function nftablesForward({ network }: Traffic): readonly NftStep[] {
  const c = formatPrefix(network);
  const chain = "ip flannel-ipv4 forward";
  return nftSteps([
    `add chain ${chain} { type filter hook forward priority filter; comment "chain to accept flannel traffic"; }`,
    `flush chain ${chain}`,
    `add rule ${chain} ip saddr ${c} accept`,
    `add rule ${chain} ip daddr ${c} accept`,
  ]);
}

/** What an earlier run in nftables mode left. Models: CleanUp of nftables.go. */
export function cleanNftables(net: NetApi): void {
  for (const table of NFT_TABLES) net.nft.commit([{ op: "delete-table", ...table }]);
}

/**
 * What an earlier run in iptables mode left, as far as flanneld gets: its masquerading chain is emptied but stays, since
 * POSTROUTING still jumps to it, and the forwarding chain is looked for in the wrong table. Models: CleanUp of iptables.go.
 */
export function cleanIptables(net: NetApi): void {
  const iptables = new GoIptables(net);
  if (iptables.chainExists("nat", "FLANNEL-POSTRTG")) iptables.clearChain("nat", "FLANNEL-POSTRTG");
}
