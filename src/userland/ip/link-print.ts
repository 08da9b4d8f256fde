import type { LinkInfo } from "../../kernel/uapi/index.ts";
import { formatMac } from "../../wire/address.ts";
import { linkFlags } from "../netlink/link-flags.ts";
import { GROUPS } from "../netlink/names.ts";
import { deviceName, type Ip, netnsName } from "./context.ts";
import { printDetails } from "./link-details.ts";
import { printStatistics } from "./link-statistics.ts";

/** Models: ip/ipaddress.c print_linkinfo, print_linkinfo_brief. */

/** What is bound to a device: the other end of a veth. */
function lower(ip: Ip, link: LinkInfo): LinkInfo | undefined {
  return link.peer?.netns === ip.netns ? ip.net.link.byIndex(link.peer.index) : undefined;
}

/** `eth0`, `eth0@veth1`, `eth0@if3`; in JSON the other end is a member of its own. */
function printName(ip: Ip, link: LinkInfo, shape: (name: string) => string): void {
  let suffix = "";
  if (link.peer !== undefined) {
    const near = lower(ip, link);
    if (near === undefined) ip.out.add("link_index", link.peer.index, "");
    else ip.out.add("link", near.name, "");
    suffix = `@${near?.name ?? `if${link.peer.index}`}`;
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

export function broadcastAddress(link: LinkInfo): string {
  return link.kind === "loopback" ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff";
}

function printAddressLine(ip: Ip, link: LinkInfo): void {
  const type = link.kind === "loopback" ? "loopback" : "ether";
  const mac = formatMac(link.mac);
  ip.out.breakLine();
  ip.out.add("link_type", type, `    link/${type} `);
  ip.out.add("address", mac, mac);
  const broadcast = broadcastAddress(link);
  ip.out.add("broadcast", broadcast, ` brd ${broadcast}`);
}

function printNetns(ip: Ip, link: LinkInfo): void {
  if (link.peer === undefined || link.peer.netns === ip.netns) return;
  const id = ip.process.host.kernel.peerNetnsId(ip.netns, link.peer.netns);
  const name = netnsName(ip, link.peer.netns);
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
  const mac = formatMac(link.mac);
  ip.out.add("address", mac, mac.padEnd(16) + " ");
  printFlags(ip, link);
}
