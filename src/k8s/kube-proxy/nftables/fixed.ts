import { formatAddress } from "../../../formats/iptables/address.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import type { LocalDetector } from "../local-detector.ts";
import type { ProxyConfig, Wanted } from "../proxier.ts";
import type { Range } from "../service-port.ts";
import { TABLE } from "./names.ts";

/** Bit 14: this packet is to leave with the node's address. */
export const MARK = "0x4000";

const BASE_CHAINS: readonly (readonly [string, string])[] = [
  ["filter-prerouting-pre-dnat", "filter hook prerouting priority -110"],
  ["filter-output-pre-dnat", "filter hook output priority -110"],
  ["filter-input", "filter hook input priority 0"],
  ["filter-forward", "filter hook forward priority 0"],
  ["filter-output", "filter hook output priority 0"],
  ["nat-prerouting", "nat hook prerouting priority -100"],
  ["nat-output", "nat hook output priority -100"],
  ["nat-postrouting", "nat hook postrouting priority 100"],
];

/** From where to where, in the order in which the rules are added. */
const JUMPS: readonly (readonly [string, string, string])[] = [
  ["filter-input", "ct state new ", "nodeport-endpoints-check"],
  ["filter-input", "ct state new ", "service-endpoints-check"],
  ["filter-forward", "ct state new ", "service-endpoints-check"],
  ["filter-output", "ct state new ", "service-endpoints-check"],
  ["filter-prerouting-pre-dnat", "ct state new ", "firewall-check"],
  ["filter-output-pre-dnat", "ct state new ", "firewall-check"],
  ["nat-output", "", "services"],
  ["nat-prerouting", "", "services"],
  ["nat-postrouting", "", "masquerading"],
  ["filter-forward", "ct state new ", "cluster-ips-check"],
  ["filter-output", "ct state new ", "cluster-ips-check"],
];

/** The sets and maps whose elements Services are: name, what it is, type of key, comment. */
const CONTAINERS: readonly (readonly [string, "set" | "map", string, string])[] = [
  ["hairpin-connections", "set", "ADDR . ADDR . inet_proto . inet_service", "service hairpin connections"],
  ["cluster-ips", "set", "ADDR", "Active ClusterIPs"],
  ["nodeport-ips", "set", "ADDR", "IPs that accept NodePort traffic"],
  [
    "no-endpoint-services",
    "map",
    "ADDR . inet_proto . inet_service",
    "vmap to drop or reject packets to services with no endpoints",
  ],
  [
    "no-endpoint-nodeports",
    "map",
    "inet_proto . inet_service",
    "vmap to drop or reject packets to service nodeports with no endpoints",
  ],
  [
    "firewall-ips",
    "map",
    "ADDR . inet_proto . inet_service",
    "destinations that are subject to LoadBalancerSourceRanges",
  ],
  [
    "service-ips",
    "map",
    "ADDR . inet_proto . inet_service",
    "ClusterIP, ExternalIP and LoadBalancer IP traffic",
  ],
  ["service-nodeports", "map", "inet_proto . inet_service", "NodePort traffic"],
];

export function rangeText({ address, length }: Range): string {
  return `${formatAddress(address)}/${length}`;
}

/** What a rule matches when the traffic is from this node's own pods, or when it is not. */
export function detectText(config: ProxyConfig, detector: LocalDetector, local: boolean): string {
  const not = local ? "" : "!= ";
  if (detector.kind === "cidr") return `${config.family} saddr ${not}${rangeText(detector.range)}`;
  return `iifname ${not}"${detector.device}${detector.kind === "prefix" ? "*" : ""}"`;
}

/** Everything that goes to a node port, whatever port it is. */
function toNode(config: ProxyConfig): string {
  const { family } = config;
  if (config.nodePortAddresses.length > 0) return `${family} daddr @nodeport-ips`;
  return family === "ip"
    ? "fib daddr type local ip daddr != 127.0.0.0/8"
    : "fib daddr type local ip6 daddr != ::1";
}

function fixedRules(config: ProxyConfig, wanted: Wanted): readonly (readonly [string, string])[] {
  const { family, detector } = config;
  const key = `${family} daddr . meta l4proto . th dport`;
  const port = "meta l4proto . th dport";
  const rules: (readonly [string, string])[] = JUMPS.map(([from, match, to]) => [from, `${match}jump ${to}`]);
  const ours = `${family} daddr @cluster-ips`;
  if (config.masqueradeAll)
    rules.push(["services", `${ours} mark set mark or ${MARK} comment "masquerade all clusterIP traffic"`]);
  else if (detector !== undefined) {
    const said = `comment "masquerade clusterIP traffic from outside cluster"`;
    rules.push([
      "services",
      `${ours} ${detectText(config, detector, false)} mark set mark or ${MARK} ${said}`,
    ]);
  }
  rules.push(
    ["services", `${key} vmap @service-ips`],
    ["services", `${toNode(config)} ${port} vmap @service-nodeports`],
    ["masquerading", `mark and ${MARK} != 0 mark set mark xor ${MARK} masquerade fully-random`],
    ["masquerading", `ct status dnat ${family} saddr . ${key} @hairpin-connections masquerade fully-random`],
    ["cluster-ips-check", `${ours} reject comment "Reject traffic to invalid ports of ClusterIPs"`],
  );
  if (wanted.serviceCidrs.length > 0) {
    const cidrs = wanted.serviceCidrs
      .map(({ address, length }) => `${formatIpv4(address)}/${length}`)
      .join(", ");
    const said = `comment "Drop traffic to unallocated ClusterIPs"`;
    rules.push(["cluster-ips-check", `${family} daddr { ${cidrs} } drop ${said}`]);
  }
  rules.push(
    ["reject-chain", "reject"],
    ["service-endpoints-check", `${key} vmap @no-endpoint-services`],
    ["nodeport-endpoints-check", `${toNode(config)} ${port} vmap @no-endpoint-nodeports`],
    ["firewall-check", `${key} vmap @firewall-ips`],
  );
  return rules;
}

/**
 * The commands that make the table anew, without any Service in it. The path of a packet through it:
 *
 *   prerouting  -110 filter-prerouting-pre-dnat  firewall-check: may this client use this load balancer?
 *               -100 nat-prerouting              services: DNAT to an endpoint
 *   input          0 filter-input                nodeport-endpoints-check, service-endpoints-check
 *   forward        0 filter-forward              service-endpoints-check, cluster-ips-check
 *   output      -110 filter-output-pre-dnat, -100 nat-output, 0 filter-output: the same for the node's own traffic
 *   postrouting  100 nat-postrouting             masquerading
 *
 * Models: setupNFTables of pkg/proxy/nftables.
 */
export function setup(config: ProxyConfig, wanted: Wanted): readonly string[] {
  const { family } = config;
  const at = `${family} ${TABLE}`;
  const address = family === "ip" ? "ipv4_addr" : "ipv6_addr";
  const lines = [
    `add table ${at}`,
    `delete table ${at}`,
    `add table ${at} { comment "rules for kube-proxy" ; }`,
  ];
  for (const [name, kind, type, comment] of CONTAINERS) {
    if (name === "nodeport-ips" && config.nodePortAddresses.length === 0) continue;
    const types = `${type.replaceAll("ADDR", address)}${kind === "map" ? " : verdict" : ""}`;
    lines.push(`add ${kind} ${at} ${name} { type ${types} ; comment "${comment}" ; }`);
  }
  for (const [name, hook] of BASE_CHAINS) lines.push(`add chain ${at} ${name} { type ${hook} ; }`);
  for (const name of new Set(JUMPS.map(([, , to]) => to))) lines.push(`add chain ${at} ${name}`);
  const helper = "helper for @no-endpoint-services / @no-endpoint-nodeports";
  lines.push(`add chain ${at} reject-chain { comment "${helper}" ; }`);
  for (const [chain, rule] of fixedRules(config, wanted)) lines.push(`add rule ${at} ${chain} ${rule}`);
  return lines;
}
