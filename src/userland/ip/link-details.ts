import type { BridgePortOptions, LinkInfo, VxlanOptions } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatMac, isMulticast } from "../../wire/address.ts";
import { deviceName, type Ip } from "./context.ts";
import { printOwnData } from "./kinds/print.ts";

/** `ip -d link`. Models: ip/ipaddress.c print_linkinfo's details and the print_opt of ip/iplink_{bridge,bridge_slave,vxlan}.c. */

function onOff(value: boolean): string {
  return value ? "on" : "off";
}

/** A fact whose text is its value behind `name`. */
type Fact = readonly [key: string, name: string, value: string | number | boolean, text?: string];

function printFacts(ip: Ip, facts: readonly Fact[]): void {
  for (const [key, name, value, text] of facts) ip.out.add(key, value, `${name} ${text ?? String(value)} `);
}

/** `8000.2:0:0:0:c:1`: priority and address, without leading zeros. */
function bridgeId(priority: number, link: LinkInfo): string {
  const mac = formatMac(link.mac)
    .split(":")
    .map((octet) => parseInt(octet, 16).toString(16));
  return `${priority.toString(16).padStart(4, "0")}.${mac.join(":")}`;
}

/** A timer that does not run. */
function timer(ip: Ip, key: string): void {
  ip.out.add(key, { raw: "0.00" }, `${key}    0.00 `);
}

/** Values that no option of this kernel changes. */
const BRIDGE_MULTICAST: readonly Fact[] = [
  ["no_linklocal_learn", "no_linklocal_learn", 0],
  ["mcast_vlan_snooping", "mcast_vlan_snooping", 0],
  ["mcast_router", "mcast_router", 1],
  ["mcast_query_use_ifaddr", "mcast_query_use_ifaddr", 0],
  ["mcast_querier", "mcast_querier", 0],
  ["mcast_hash_elasticity", "mcast_hash_elasticity", 16],
  ["mcast_hash_max", "mcast_hash_max", 4096],
  ["mcast_last_member_cnt", "mcast_last_member_count", 2],
  ["mcast_startup_query_cnt", "mcast_startup_query_count", 2],
  ["mcast_last_member_intvl", "mcast_last_member_interval", 100],
  ["mcast_membership_intvl", "mcast_membership_interval", 26000],
  ["mcast_querier_intvl", "mcast_querier_interval", 25500],
  ["mcast_query_intvl", "mcast_query_interval", 12500],
  ["mcast_query_response_intvl", "mcast_query_response_interval", 1000],
  ["mcast_startup_query_intvl", "mcast_startup_query_interval", 3124],
  ["mcast_stats_enabled", "mcast_stats_enabled", 0],
  ["mcast_igmp_version", "mcast_igmp_version", 2],
  ["mcast_mld_version", "mcast_mld_version", 1],
];

function printBridge(ip: Ip, link: LinkInfo): void {
  const b = link.bridge;
  if (b === undefined) return;
  const id = bridgeId(b.priority, link);
  printFacts(ip, [
    ["forward_delay", "forward_delay", b.forwardDelay],
    ["hello_time", "hello_time", b.helloTime],
    ["max_age", "max_age", b.maxAge],
    ["ageing_time", "ageing_time", b.ageingTime],
    ["stp_state", "stp_state", Number(b.stp)],
    ["priority", "priority", b.priority],
    ["vlan_filtering", "vlan_filtering", Number(b.vlanFiltering)],
    ["bridge_id", "bridge_id", id],
    ["root_id", "designated_root", id],
    ["root_port", "root_port", 0],
    ["root_path_cost", "root_path_cost", 0],
    ["topology_change", "topology_change", 0],
    ["topology_change_detected", "topology_change_detected", 0],
  ]);
  for (const key of ["hello_timer", "tcn_timer", "topology_change_timer", "gc_timer"]) timer(ip, key);
  printFacts(ip, [
    ["group_fwd_mask", "group_fwd_mask", "0"],
    ["group_addr", "group_address", "01:80:c2:00:00:00"],
    ["mcast_snooping", "mcast_snooping", Number(b.mcastSnooping)],
    ...BRIDGE_MULTICAST,
    ["nf_call_iptables", "nf_call_iptables", Number(b.nfCallIptables)],
    ["nf_call_ip6tables", "nf_call_ip6tables", 0],
    ["nf_call_arptables", "nf_call_arptables", 0],
  ]);
}

function printVxlan(ip: Ip, v: VxlanOptions): void {
  const { out } = ip;
  out.add("id", v.id, `id ${v.id} `);
  const far = v.group ?? v.remote;
  if (far !== undefined) {
    const word = isMulticast(far) ? "group" : "remote";
    out.add(word, formatIpv4(far), `${word} ${formatIpv4(far)} `);
  }
  if (v.local !== undefined) out.add("local", formatIpv4(v.local), `local ${formatIpv4(v.local)} `);
  if (v.dev !== undefined) {
    const name = deviceName(ip.net, v.dev);
    out.add("link", name, `dev ${name} `);
  }
  out.object("port_range", () => {
    out.add("low", v.srcPortMin, `srcport ${v.srcPortMin} `);
    out.add("high", v.srcPortMax, `${v.srcPortMax} `);
  });
  out.add("port", v.dstPort, `dstport ${v.dstPort} `);
  if (!v.learning || out.json) out.add("learning", v.learning, "nolearning ");
  if (v.l2miss === true) out.add("l2miss", true, "l2miss ");
  if (v.l3miss === true) out.add("l3miss", true, "l3miss ");
  out.add("ttl", v.ttl, v.ttl === 0 ? "ttl auto " : `ttl ${v.ttl} `);
  out.add("df", "unset", "");
  out.add("ageing", v.ageing, v.ageing === 0 ? "ageing none " : `ageing ${v.ageing} `);
  out.add("udp_csum", true, "udpcsum ");
  out.add("udp_zero_csum6_tx", false, "noudp6zerocsumtx ");
  out.add("udp_zero_csum6_rx", false, "noudp6zerocsumrx ");
}

function portFlags(p: BridgePortOptions): readonly Fact[] {
  const flag = (key: string, value: boolean): Fact => [key, key, value, onOff(value)];
  return [
    flag("hairpin", p.hairpin),
    flag("guard", false),
    flag("root_block", false),
    flag("fastleave", false),
    flag("learning", p.learning),
    flag("flood", p.flood),
  ];
}

function printPort(ip: Ip, p: BridgePortOptions, bridge: LinkInfo): void {
  const flag = (key: string, value: boolean): Fact => [key, key, value, onOff(value)];
  const id = (p.priority << 10) | p.number;
  const root = bridgeId(bridge.bridge?.priority ?? 0, bridge);
  printFacts(ip, [
    ["state", "state", p.state],
    ["priority", "priority", p.priority],
    ["cost", "cost", p.cost],
    ...portFlags(p),
    ["id", "port_id", `0x${id.toString(16)}`],
    ["no", "port_no", `0x${p.number.toString(16)}`],
    ["designated_port", "designated_port", id],
    ["designated_cost", "designated_cost", 0],
    ["bridge_id", "designated_bridge", root],
    ["root_id", "designated_root", root],
  ]);
  for (const key of ["hold_timer", "message_age_timer", "forward_delay_timer"]) timer(ip, key);
  printFacts(ip, [
    ["topology_change_ack", "topology_change_ack", 0],
    ["config_pending", "config_pending", 0],
    flag("proxy_arp", false),
    flag("proxy_arp_wifi", false),
    ["multicast_router", "mcast_router", 1],
  ]);
  // JSON has this one under the name of the one before: "fastleave".
  ip.out.say("mcast_fast_leave off ");
  printFacts(ip, [
    flag("mcast_flood", p.mcastFlood),
    flag("bcast_flood", p.bcastFlood),
    flag("mcast_to_unicast", false),
    flag("neigh_suppress", p.neighSuppress),
    ["group_fwd_mask", "group_fwd_mask", "0"],
    ["group_fwd_mask_str", "group_fwd_mask_str", "0x0"],
    flag("vlan_tunnel", false),
    flag("isolated", p.isolated),
    flag("locked", false),
  ]);
}

function printKind(ip: Ip, link: LinkInfo): void {
  if (link.kind === "loopback") return;
  const { out } = ip;
  out.object("linkinfo", () => {
    out.breakLine();
    out.add("info_kind", link.kind, `    ${link.kind} `);
    if (link.bridge !== undefined) out.object("info_data", () => printBridge(ip, link));
    const vxlan = link.vxlan;
    if (vxlan !== undefined) out.object("info_data", () => printVxlan(ip, vxlan));
    printOwnData(ip, link);
    const master = link.master === undefined ? undefined : ip.net.link.byIndex(link.master);
    const port = link.port;
    if (master === undefined || port === undefined) return;
    out.breakLine();
    out.add("info_slave_kind", "bridge", "    bridge_slave ");
    out.object("info_slave_data", () => printPort(ip, port, master));
  });
}

/** Largest TSO burst: what the device offers, or the default of one that offers nothing. */
function tsoMaxSize(ip: Ip, link: LinkInfo): number {
  if (link.kind === "vxlan") return link.vxlan?.dev === undefined ? 65536 : 524280;
  if (link.kind === "dummy" || link.kind === "tun" || link.tunnel !== undefined || link.linkType === "none")
    return 65536;
  if (link.lower == null) return 524280;
  const near = ip.process.host.kernel.open(link.lower.netns, ip.net.actor).link.byIndex(link.lower.index);
  return near === undefined ? 524280 : tsoMaxSize(ip, near);
}

export function printDetails(ip: Ip, link: LinkInfo, withMode: boolean): void {
  const { out } = ip;
  const { minMtu: least, maxMtu: most } = link;
  const allMulticast = (link.port === undefined ? 0 : 1) + (link.allMulticast ?? 0);
  out.add("promiscuity", link.promiscuity, ` promiscuity ${link.promiscuity} `);
  out.add("allmulti", allMulticast, ` allmulti ${allMulticast} `);
  out.add("min_mtu", least, `minmtu ${least} `);
  out.add("max_mtu", most, `maxmtu ${most} `);
  printKind(ip, link);
  const queues = link.kind === "veth" ? 2 : 1;
  // IPv6 leaves the fallback tunnels alone.
  const plain = link.tunnel?.fallback !== true || link.linkType === "ether";
  const mode = link.kind === "wireguard" && link.up ? "none" : "eui64";
  if (withMode && plain) out.add("inet6_addr_gen_mode", mode, `addrgenmode ${mode} `);
  printFacts(ip, [
    ["num_tx_queues", "numtxqueues", queues],
    ["num_rx_queues", "numrxqueues", queues],
    ["gso_max_size", "gso_max_size", 65536],
    ["gso_max_segs", "gso_max_segs", 65535],
    ["tso_max_size", "tso_max_size", tsoMaxSize(ip, link)],
    ["tso_max_segs", "tso_max_segs", 65535],
    ["gro_max_size", "gro_max_size", 65536],
  ]);
}
