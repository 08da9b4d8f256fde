import { err, ok, type Result } from "../../base/result.ts";
import type { LinkInfo, NetApi } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatMac } from "../../wire/address.ts";
import type { FsError } from "./fs.ts";
import type { Process } from "./process.ts";
import { procNetConntrack, procNetTcp, procNetUdp } from "./procfs-sockets.ts";

/** A file that the kernel makes up when it is opened: proc(5), sysfs(5). */
export type VirtualNode =
  | {
      readonly kind: "file";
      read(): Result<string, FsError>;
      /** Absent: the file is read-only. */
      write?(text: string): Result<void, FsError>;
    }
  | { readonly kind: "directory"; readonly names: readonly string[] };

const ROOTS = ["/proc", "/sys"];

/** What lies at `path` below /proc or /sys as `process` sees it: null when nothing does, undefined when the path is elsewhere. */
export function virtualNode(process: Process, path: string): VirtualNode | null | undefined {
  if (!ROOTS.some((root) => path === root || path.startsWith(`${root}/`))) return undefined;
  if (path === "/proc") return directory([...pids(process), "net", "self", "sys", "uptime", "version"]);
  if (path === "/proc/sys" || path.startsWith("/proc/sys/")) return sysctlNode(process.net, path.slice(10));
  if (path.startsWith("/proc/net")) return procNet(process, path.slice(10));
  if (path === "/proc/uptime") return text(() => uptime(process));
  if (path === "/proc/version") return text(() => "Linux version 6.18.0 (flannelgraph) #1 SMP\n");
  const own = /^\/proc\/(self|\d+)(?:\/(.*))?$/.exec(path);
  if (own !== null) return procPid(process, own[1]!, own[2] ?? "");
  if (path === "/sys") return directory(["class"]);
  if (path === "/sys/class") return directory(["net"]);
  if (path === "/sys/class/net") return directory(process.net.link.list().map((link) => link.name));
  const device = /^\/sys\/class\/net\/([^/]+)(?:\/(.*))?$/.exec(path);
  if (device !== null) return sysNet(process.net, device[1]!, device[2] ?? "");
  return null;
}

function directory(names: readonly string[]): VirtualNode {
  return { kind: "directory", names };
}

function text(read: () => string): VirtualNode {
  return { kind: "file", read: () => ok(read()) };
}

function pids(process: Process): string[] {
  return [...process.host.processes.keys()].map(String);
}

function uptime(process: Process): string {
  const seconds = (process.host.queue.now / 1e9).toFixed(2);
  return `${seconds} ${seconds}\n`;
}

/** `key` is below /proc/sys, with slashes; a device name with a dot in it is one part of it. */
function sysctlNode(net: NetApi, key: string): VirtualNode | null {
  if (key !== "" && net.sysctl.get(key).ok)
    return {
      kind: "file",
      read: () => {
        const value = net.sysctl.get(key);
        return value.ok ? ok(`${value.value}\n`) : err(fsError(value.error.errno));
      },
      write: (line) => {
        const done = net.sysctl.set(key, line.replace(/\n+$/, ""));
        return done.ok ? ok() : err(fsError(done.error.errno));
      },
    };
  const prefix = key === "" ? "" : `${key}/`;
  const names = new Set<string>();
  for (const known of net.sysctl.list()) {
    const path = known.includes("/") ? known : known.replaceAll(".", "/");
    if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split("/")[0]!);
  }
  return names.size === 0 ? null : directory([...names]);
}

function fsError(errno: string): FsError {
  switch (errno) {
    case "EACCES":
    case "EBUSY":
    case "ENOENT":
    case "EPERM":
    case "ERANGE":
    case "EEXIST":
      return errno;
    default:
      return "EINVAL";
  }
}

function procPid(process: Process, which: string, rest: string): VirtualNode | null {
  const target = which === "self" ? process : process.host.processes.get(Number(which));
  if (target === undefined) return null;
  const name = (target.argv[0] ?? "").replace(/^.*\//, "").slice(0, 15);
  switch (rest) {
    case "":
      return directory(["cmdline", "comm", "environ", "net", "status"]);
    case "comm":
      return text(() => `${name}\n`);
    case "cmdline":
      return text(() => target.argv.map((word) => `${word}\0`).join(""));
    case "environ":
      return text(() => [...target.env].map(([key, value]) => `${key}=${value}\0`).join(""));
    case "status":
      return text(() => `Name:\t${name}\nState:\tS (sleeping)\nPid:\t${target.pid}\nPPid:\t${target.ppid}\n`);
    default:
      return rest === "net" || rest.startsWith("net/") ? procNet(target, rest.slice(4)) : null;
  }
}

function procNet(process: Process, file: string): VirtualNode | null {
  switch (file) {
    case "":
      return directory([
        "arp",
        "dev",
        "if_inet6",
        "nf_conntrack",
        "route",
        "tcp",
        "tcp6",
        "udp",
        "udp6",
        "xfrm_stat",
      ]);
    case "xfrm_stat":
      return text(() =>
        process.net.xfrm
          .counters()
          .map(([name, count]) => `${name.padEnd(24)}\t${count}\n`)
          .join(""),
      );
    case "arp":
      return text(() => procNetArp(process.net));
    case "dev":
      return text(() => procNetDev(process.net));
    case "if_inet6":
      return text(() => procNetIfInet6(process.net));
    case "route":
      return text(() => procNetRoute(process.net));
    case "nf_conntrack":
      return text(() => procNetConntrack(process.net));
    case "tcp":
    case "tcp6":
      return text(() => procNetTcp(process.net, file === "tcp6"));
    case "udp":
    case "udp6":
      return text(() => procNetUdp(process.net, file === "udp6"));
    default:
      return null;
  }
}

/** net/ipv4/arp.c arp_format_neigh_entry: entries that need no ARP are left out. */
function procNetArp(net: NetApi): string {
  let out = "IP address       HW type     Flags       HW address            Mask     Device\n";
  for (const entry of net.neigh.list()) {
    if (entry.state === "NOARP" || entry.state === "NONE" || entry.proxy) continue;
    const known = entry.lladdr !== undefined && entry.state !== "INCOMPLETE" && entry.state !== "FAILED";
    const flags = entry.state === "PERMANENT" ? 6 : known ? 2 : 0;
    const mac = known ? formatMac(entry.lladdr) : "00:00:00:00:00:00";
    const dev = net.link.byIndex(entry.dev)?.name ?? "?";
    out += `${formatIpv4(entry.dst).padEnd(16)} 0x1         0x${flags.toString(16)}         ${mac}     *        ${dev}\n`;
  }
  return out;
}

/** Scope as if_inet6 numbers it, by rtnetlink's. */
const INET6_SCOPES = new Map([
  [254, 0x10],
  [253, 0x20],
  [200, 0x40],
]);

/** net/ipv6/addrconf.c if6_seq_show: address, device, length, scope, flags. */
function procNetIfInet6(net: NetApi): string {
  const hex = (value: number, digits = 2): string => value.toString(16).padStart(digits, "0");
  let out = "";
  for (const a of net.ipv6.address.list()) {
    const flags =
      (a.permanent ? 0x80 : 0) |
      (a.tentative ? 0x40 : 0) |
      (a.deprecated ? 0x20 : 0) |
      (a.dadFailed ? 0x08 : 0) |
      (a.optimistic === true ? 0x04 : 0) |
      (a.noDad === true ? 0x02 : 0);
    const name = net.link.byIndex(a.dev)?.name ?? "?";
    const address = a.local.map((group) => hex(group, 4)).join("");
    const fields = [hex(a.dev), hex(a.prefixLength), hex(INET6_SCOPES.get(a.scope) ?? 0), hex(flags)];
    out += `${address} ${fields.join(" ")} ${name.padStart(8)}\n`;
  }
  return out;
}

/** net/core/net-procfs.c dev_seq_printf_stats. */
function procNetDev(net: NetApi): string {
  let out =
    "Inter-|   Receive                                                |  Transmit\n" +
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
  const pad = (value: number, width: number): string => String(value).padStart(width);
  for (const { name, stats: s } of net.link.list()) {
    out += `${name.padStart(6)}: ${pad(s.rxBytes, 7)} ${pad(s.rxPackets, 7)} ${pad(s.rxErrors, 4)} ${pad(s.rxDropped, 4)}`;
    out += ` ${pad(0, 4)} ${pad(0, 5)} ${pad(0, 10)} ${pad(s.multicast, 9)}`;
    out += ` ${pad(s.txBytes, 8)} ${pad(s.txPackets, 7)} ${pad(s.txErrors, 4)} ${pad(s.txDropped, 4)}`;
    out += ` ${pad(0, 4)} ${pad(0, 5)} ${pad(s.txCarrier, 7)} ${pad(0, 10)}\n`;
  }
  return out;
}

/** net/ipv4/fib_trie.c fib_route_seq_show: the main table, addresses in host order of a little-endian machine. */
function procNetRoute(net: NetApi): string {
  const header =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".padEnd(127) + "\n";
  const swap = (a: number): string =>
    [a & 255, (a >>> 8) & 255, (a >>> 16) & 255, a >>> 24]
      .map((octet) => octet.toString(16).toUpperCase().padStart(2, "0"))
      .join("");
  let out = header;
  for (const route of net.route.list()) {
    if (route.table !== 254 || route.type === "broadcast" || route.type === "multicast") continue;
    const hop = route.nexthops[0];
    const gateway = hop?.gateway ?? 0;
    const flags = 1 | (gateway === 0 ? 0 : 2) | (route.dst.length === 32 ? 4 : 0);
    const dev = hop?.dev === undefined ? "*" : (net.link.byIndex(hop.dev)?.name ?? "*");
    const bits = route.dst.length === 0 ? 0 : (0xffffffff << (32 - route.dst.length)) >>> 0;
    const line = [
      dev,
      swap(route.dst.address),
      swap(gateway),
      flags.toString(16).toUpperCase().padStart(4, "0"),
      0,
      0,
      route.metric,
      swap(bits),
      0,
      0,
      0,
    ].join("\t");
    out += line.padEnd(127) + "\n";
  }
  return out;
}

function sysNet(net: NetApi, device: string, file: string): VirtualNode | null {
  const link = net.link.byName(device);
  if (link === undefined) return null;
  const value = SYS_NET[file]?.(link);
  if (value !== undefined) return text(() => `${value}\n`);
  const statistic = file.startsWith("statistics/") ? STATISTICS[file.slice(11)]?.(link) : undefined;
  if (statistic !== undefined) return text(() => `${statistic}\n`);
  if (file === "statistics") return directory(Object.keys(STATISTICS));
  return file === "" ? directory([...Object.keys(SYS_NET), "statistics"]) : null;
}

const SYS_NET: Readonly<Record<string, (link: LinkInfo) => string | number>> = {
  address: (link) => formatMac(link.mac),
  carrier: (link) => (link.lowerUp ? 1 : 0),
  flags: (link) => `0x${((link.up ? 1 : 0) | (link.kind === "loopback" ? 8 : 0x1002)).toString(16)}`,
  ifindex: (link) => link.index,
  mtu: (link) => link.mtu,
  operstate: (link) => link.operState.toLowerCase(),
  tx_queue_len: (link) => link.txQueueLength,
};

const STATISTICS: Readonly<Record<string, (link: LinkInfo) => number>> = {
  multicast: (link) => link.stats.multicast,
  rx_bytes: (link) => link.stats.rxBytes,
  rx_dropped: (link) => link.stats.rxDropped,
  rx_errors: (link) => link.stats.rxErrors,
  rx_packets: (link) => link.stats.rxPackets,
  tx_bytes: (link) => link.stats.txBytes,
  tx_dropped: (link) => link.stats.txDropped,
  tx_errors: (link) => link.stats.txErrors,
  tx_packets: (link) => link.stats.txPackets,
};
