import type { LinkInfo, TunnelOptions, VlanOptions } from "../../../kernel/uapi/index.ts";
import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { deviceName, type Ip } from "../context.ts";

/** The details of the kinds that stand on other devices or tunnel packets. Models: the print_opt of ip/iplink_{macvlan,ipvlan,vlan}.c, ip/link_iptnl.c, link_gre.c. */

export function anyOr(address: Ipv4): string {
  return address === 0 ? "any" : formatIpv4(address);
}

function printTos(ip: Ip, tos: number): void {
  if (tos === 0) return;
  const hex = `0x${tos.toString(16)}`;
  ip.out.add("tos", hex, tos === 1 ? "tos inherit " : `tos ${hex} `);
}

function printEnds(ip: Ip, t: TunnelOptions): void {
  const { out } = ip;
  out.add("remote", anyOr(t.remote), `remote ${anyOr(t.remote)} `);
  out.add("local", anyOr(t.local), `local ${anyOr(t.local)} `);
  if (t.dev !== undefined) {
    const name = deviceName(ip.net, t.dev);
    out.add("link", name, `dev ${name} `);
  }
  out.add("ttl", t.ttl, t.ttl === 0 ? "ttl inherit " : `ttl ${t.ttl} `);
  printTos(ip, t.tos);
}

function printIpip(ip: Ip, t: TunnelOptions): void {
  const proto = t.anyProtocol ? "any" : "ipip";
  ip.out.add("proto", proto, `${proto} `);
  printEnds(ip, t);
  ip.out.add("pmtudisc", t.pathMtuDiscovery, t.pathMtuDiscovery ? "pmtudisc " : "nopmtudisc ");
}

function printGre(ip: Ip, t: TunnelOptions): void {
  printEnds(ip, t);
  ip.out.add("pmtudisc", t.pathMtuDiscovery, t.pathMtuDiscovery ? "" : "nopmtudisc ");
  for (const [name, key] of [
    ["ikey", t.inputKey],
    ["okey", t.outputKey],
  ] as const) {
    if (key !== undefined) ip.out.add(name, formatIpv4(key as Ipv4), `${name} ${formatIpv4(key as Ipv4)} `);
  }
}

function printVlan(ip: Ip, v: VlanOptions): void {
  const flags = [...(v.reorderHeader ? ["REORDER_HDR"] : []), ...(v.looseBinding ? ["LOOSE_BINDING"] : [])];
  ip.out.add("protocol", "802.1Q", "protocol 802.1Q ");
  ip.out.add("id", v.id, `id ${v.id} `);
  ip.out.add("flags", flags, `<${flags.join(",")}> `);
}

/** The words behind the kind's name in `ip -d link`. */
export function printOwnData(ip: Ip, link: LinkInfo): void {
  const { out } = ip;
  const { tunnel, macvlan, ipvlan, vlan, tun } = link;
  if (tun !== undefined)
    out.object("info_data", () => {
      out.add("type", tun.mode, `type ${tun.mode} `);
      out.add("pi", false, "pi off ");
      out.add("vnet_hdr", false, "vnet_hdr off ");
      out.add("multi_queue", false, "");
      out.add("persist", tun.persist, `persist ${tun.persist ? "on" : "off"} `);
    });
  if (tunnel !== undefined)
    out.object("info_data", () => (link.kind === "ipip" ? printIpip(ip, tunnel) : printGre(ip, tunnel)));
  if (macvlan !== undefined)
    out.object("info_data", () => {
      out.add("mode", macvlan.mode, `mode ${macvlan.mode} `);
      out.add("bcqueuelen", 1000, "bcqueuelen 1000 ");
      out.add("usedbcqueuelen", 1000, "usedbcqueuelen 1000 ");
    });
  if (ipvlan !== undefined)
    out.object("info_data", () => {
      out.add("mode", ipvlan.mode, ` mode ${ipvlan.mode} `);
      out.add(ipvlan.flag, true, `${ipvlan.flag} `);
    });
  if (vlan !== undefined) out.object("info_data", () => printVlan(ip, vlan));
}
