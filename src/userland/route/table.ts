import { type RouteInfo, TABLE_MAIN } from "../../kernel/uapi/index.ts";
import { formatIpv4, ipv4, mask } from "../../wire/address.ts";
import type { Process } from "../os/process.ts";
import { reverseHosts } from "../resolver/files.ts";

/** The routing table as net-tools prints it. Models: lib/inet_gr.c rprint_fib, /proc/net/route. */

/** Columns: 1 is `route`, 2 is `route -e` and `netstat -r`, 3 is `route -ee`. */
export type Style = 1 | 2 | 3;

const HEAD = "Kernel IP routing table\n";
const TITLES: Readonly<Record<Style, string>> = {
  1: "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n",
  2: "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n",
  3: "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n",
};

interface Line {
  readonly destination: string;
  readonly gateway: string;
  readonly mask: string;
  readonly flags: string;
  readonly metric: number;
  readonly mss: number;
  readonly device: string;
  readonly rejects: boolean;
}

function nameOf(process: Process, text: number, numeric: boolean): string {
  const address = ipv4(text);
  const name = numeric || address === 0 ? undefined : reverseHosts(process.host, address);
  return (name ?? formatIpv4(address)).slice(0, 15);
}

function lineOf(process: Process, route: RouteInfo, numeric: boolean): Line {
  const hop = route.nexthops[0];
  const rejects = route.type === "unreachable" || route.type === "prohibit";
  const isDefault = route.dst.length === 0 && route.dst.address === 0;
  let flags = rejects ? "!" : "U";
  if (!rejects) {
    if (hop?.gateway !== undefined) flags += "G";
    if (route.dst.length === 32) flags += "H";
    if (route.protocol === 1) flags += "D";
  } else if (route.dst.length === 32) flags += "H";
  const dev = hop?.dev === undefined ? undefined : process.net.link.byIndex(hop.dev)?.name;
  return {
    destination: isDefault && !numeric ? "default" : nameOf(process, route.dst.address, numeric),
    gateway: rejects ? "-" : nameOf(process, hop?.gateway ?? 0, numeric),
    mask: formatIpv4(ipv4(mask(route.dst.length))),
    flags,
    metric: route.metric | 0,
    mss: route.advmss === undefined ? 0 : route.advmss + 40,
    device: rejects ? "-" : (dev ?? "*"),
    rejects,
  };
}

function cells(line: Line, style: Style): string {
  const dash = line.rejects ? "-" : "0";
  const mss = line.rejects ? "-" : String(line.mss);
  const first = `${String(line.metric).padEnd(6)} ${dash.padEnd(2)} ${"0".padStart(7)} `;
  if (style === 1) return first + line.device;
  if (style === 2) return `${mss.padStart(5)} ${dash.padEnd(5)} ${dash.padStart(6)} ${line.device}`;
  return `${first}${line.device.padEnd(8)} ${mss.padEnd(5)} ${dash.padEnd(6)} ${dash}`;
}

const HIDDEN: readonly string[] = ["broadcast", "multicast"];

export function routeTable(process: Process, style: Style, numeric: boolean): string {
  let text = HEAD + TITLES[style];
  for (const route of process.net.route.list()) {
    if (route.table !== TABLE_MAIN || HIDDEN.includes(route.type)) continue;
    const line = lineOf(process, route, numeric);
    const start = `${line.destination.padEnd(15)} ${line.gateway.padEnd(15)} ${line.mask.padEnd(15)} `;
    text += `${start}${line.flags.padEnd(6)}${cells(line, style)}\n`;
  }
  return text;
}
