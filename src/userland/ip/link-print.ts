import type { LinkInfo } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatMac } from "../../wire/address.ts";
import { bound } from "../netlink/link.ts";
import { isPointToPoint, linkFlags } from "../netlink/link-flags.ts";
import { GROUPS } from "../netlink/names.ts";
import { deviceName, type Ip, netnsName } from "./context.ts";
import { printDetails } from "./link-details.ts";
import { printStatistics } from "./link-statistics.ts";

/** Models: ip/ipaddress.c print_linkinfo, print_linkinfo_brief. */

function lower(ip: Ip, link: LinkInfo): LinkInfo | undefined {
  const other = bound(link);
  return other?.netns === ip.netns ? ip.net.link.byIndex(other.index) : undefined;
}

/** `eth0`, `eth0@veth1`, `eth0@if3`; in JSON the other end is a member of its own. */
function printName(ip: Ip, link: LinkInfo, shape: (name: string) => string): void {
  let suffix = "";
  const other = bound(link);
  if (other !== undefined) {
    const near = lower(ip, link);
    if (near === undefined) ip.out.add("link_index", other.index, "");
    else ip.out.add("link", near.name, "");
    suffix = `@${near?.name ?? `if${other.index}`}`;
  } else if (link.lower === null) {
    ip.out.add("link", null, "");
    suffix = "@NONE";
  }
  ip.out.add("ifname", link.name, shape(link.name + suffix));
}

function printFlags(ip: Ip, link: LinkInfo): void {
  const below = lower(ip, link);
  const flags = linkFlags(link, below !== undefined && !below.up);
  ip.out.add("flags", flags, `<${flags.join(",")}> `);
}

export function groupName(ip: Ip, group: number): string {
  return ip.options.numeric ? String(group) : GROUPS.text(group);
}

function printFirstLine(ip: Ip, link: LinkInfo, withMode: boolean): void {
  const { out } = ip;
  out.add("ifindex", link.index, `${link.index}: `);
  printName(ip, link, (name) => `${name}: `);
  printFlags(ip, link);
  out.add("mtu", link.mtu, `mtu ${link.mtu} `);
  out.add("qdisc", link.qdisc, `qdisc ${link.qdisc} `);
  if (link.master !== undefined) {
    const master = deviceName(ip.net, link.master);
    out.add("master", master, `master ${master} `);
  }
  out.add("operstate", link.operState, `state ${link.operState} `);
  if (withMode) out.add("linkmode", "DEFAULT", "mode DEFAULT ");
  const group = groupName(ip, link.group ?? 0);
  out.add("group", group, `group ${group} `);
  if (link.txQueueLength !== 0) out.add("txqlen", link.txQueueLength, `qlen ${link.txQueueLength}`);
}

/** What the kernel tells of a device when all are asked for by IPv6: less. Models: inet6_fill_ifinfo. */
export function printLink6(ip: Ip, link: LinkInfo): void {
  const { out } = ip;
  const other = bound(link);
  const below = other === undefined || other.index === link.index ? undefined : other.index;
  const suffix = below === undefined ? "" : `@${ip.net.link.byIndex(below)?.name ?? `if${below}`}`;
  if (ip.options.brief) {
    out.add("ifname", link.name, (link.name + suffix).padEnd(16) + " ");
    out.add("operstate", link.operState, link.operState.padEnd(14) + " ");
    return;
  }
  out.add("ifindex", link.index, `${link.index}: `);
  out.add("ifname", link.name, `${link.name}${suffix}: `);
  const flags = linkFlags(link, below !== undefined && ip.net.link.byIndex(below)?.up === false);
  out.add("flags", flags, `<${flags.join(",")}> `);
  out.add("mtu", link.mtu, `mtu ${link.mtu} `);
  out.add("operstate", link.operState, `state ${link.operState} `);
  if (link.txQueueLength !== 0) out.add("txqlen", link.txQueueLength, `qlen ${link.txQueueLength}`);
}

export function broadcastAddress(link: LinkInfo): string {
  if (link.kind === "loopback") return "00:00:00:00:00:00";
  return link.tunnel === undefined || link.linkType === "ether"
    ? "ff:ff:ff:ff:ff:ff"
    : formatIpv4(link.tunnel.remote);
}

/** A link-layer address as the kind of link has it: an IP tunnel's is its own end. */
export function linkAddress(link: LinkInfo): string {
  const { tunnel } = link;
  return tunnel === undefined || link.linkType === "ether" ? formatMac(link.mac) : formatIpv4(tunnel.local);
}

function printAddressLine(ip: Ip, link: LinkInfo): void {
  const type = link.linkType;
  ip.out.breakLine();
  ip.out.add("link_type", type, `    link/${type} `);
  if (type === "none") return;
  const address = linkAddress(link);
  ip.out.add("address", address, address);
  const broadcast = broadcastAddress(link);
  const fixed = isPointToPoint(link);
  if (fixed) ip.out.add("link_pointtopoint", true, "");
  ip.out.add("broadcast", broadcast, ` ${fixed ? "peer" : "brd"} ${broadcast}`);
  if (link.permanentMac === undefined || link.permanentMac === link.mac) return;
  const permanent = formatMac(link.permanentMac);
  ip.out.add("permaddr", permanent, ` permaddr ${permanent}`);
}

function printNetns(ip: Ip, link: LinkInfo): void {
  const other = link.home ?? bound(link)?.netns;
  if (other === undefined || other === ip.netns) return;
  const id = ip.process.host.kernel.peerNetnsId(ip.netns, other);
  const name = netnsName(ip, other);
  ip.out.add("link_netnsid", id, name === undefined ? ` link-netnsid ${id}` : ` link-netns ${name}`);
}

/** The lines of `ip link`; of `ip addr` when `addresses`, which has no link line with `-4`. Ends without a line break. */
export function printLink(ip: Ip, link: LinkInfo, addresses: boolean, withAddressLine: boolean): void {
  printFirstLine(ip, link, !addresses);
  if (withAddressLine || ip.options.details) printAddressLine(ip, link);
  printNetns(ip, link);
  if (ip.options.details) printDetails(ip, link, !addresses);
  if (link.alias !== undefined && link.alias !== "") {
    ip.out.breakLine();
    ip.out.add("ifalias", link.alias, `    alias ${link.alias}`);
  }
  if (ip.options.statistics > 0) printStatistics(ip, link);
}

export function printBrief(ip: Ip, link: LinkInfo, addresses: boolean): void {
  printName(ip, link, (name) => name.padEnd(16) + " ");
  ip.out.add("operstate", link.operState, link.operState.padEnd(14) + " ");
  if (addresses) return;
  const address = link.linkType === "none" ? "" : linkAddress(link);
  if (address !== "") ip.out.add("address", address, `${address} `);
  printFlags(ip, link);
}
