import { GoIptables } from "../../container/iptables.ts";
import { parseNft } from "../../formats/nft/command.ts";
import type { NetApi, NftStep, XtTableName } from "../../kernel/uapi/index.ts";
import { formatPrefix, type Ipv4Prefix } from "../../wire/address.ts";

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

/** The same in nftables (EnableNFTables). Models: flannel pkg/trafficmngr/nftables. */
export function nftablesSteps(
  { network, subnet, fullyRandom }: Traffic,
  masquerade: boolean,
  forward: boolean,
): readonly NftStep[] {
  const [c, s] = [formatPrefix(network), formatPrefix(subnet)];
  const masq = `masquerade${fullyRandom ? " fully-random" : ""}`;
  const lines = ["table ip flannel-ipv4 {"];
  if (forward)
    lines.push(
      "chain forward {",
      "type filter hook forward priority filter; policy accept;",
      `ip saddr ${c} accept`,
      `ip daddr ${c} accept`,
      "}",
    );
  if (masquerade)
    lines.push(
      "chain postrtg {",
      "type nat hook postrouting priority srcnat; policy accept;",
      "meta mark 0x4000 return",
      `ip saddr ${s} ip daddr ${c} return`,
      `ip saddr ${c} ip daddr ${s} return`,
      `ip saddr != ${s} ip daddr ${c} return`,
      `ip saddr ${c} ip daddr != 224.0.0.0/4 ${masq}`,
      `ip saddr != ${c} ip daddr ${c} ${masq}`,
      "}",
    );
  const nothing = { index: () => undefined, interfaceName: () => undefined, service: () => undefined };
  const world = { names: nothing, set: () => undefined, hint: () => undefined, ruleAt: () => undefined };
  return parseNft([...lines, "}"].join("\n"), world).flatMap((command) =>
    command.kind === "change" ? command.steps : [],
  );
}
