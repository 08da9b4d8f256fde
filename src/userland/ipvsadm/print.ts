import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import type {
  IpvsConnectionInfo,
  IpvsDestinationInfo,
  IpvsKey,
  IpvsServiceInfo,
  IpvsStats,
} from "../../kernel/uapi/index.ts";
import { serviceName } from "../../formats/services.ts";

/** ipvsadm 1.31's listings. */
export type Listing = "plain" | "stats" | "persistent-conn" | "thresholds";

export interface Style {
  readonly listing: Listing;
  readonly numeric: boolean;
  /** `--exact`: large numbers in full. */
  readonly exact: boolean;
}

const FORWARD = { masq: "Masq", route: "Route", tunnel: "Tunnel" } as const;
const FORWARD_OPTION = { masq: "-m", route: "-g", tunnel: "-i" } as const;

export const VERSION = "IP Virtual Server version 1.2.1 (size=4096)\n";

const TITLES: Readonly<Record<Listing, string>> = {
  plain:
    "Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n",
  stats:
    "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n  -> RemoteAddress:Port\n",
  "persistent-conn":
    "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n  -> RemoteAddress:Port\n",
  thresholds:
    "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n  -> RemoteAddress:Port\n",
};

function endpoint(address: Ipv4, port: number, protocol: number, numeric: boolean): string {
  return `${formatIpv4(address)}:${numeric ? port : (serviceName(port, protocol === IPPROTO_TCP ? "tcp" : "udp") ?? port)}`;
}

function protocolName(protocol: number): string {
  return protocol === IPPROTO_TCP ? "TCP" : "UDP";
}

/** A service by firewall mark has none. */
function protocolOf(key: IpvsKey): number {
  return "fwmark" in key ? 0 : key.protocol;
}

function keyLabel(key: IpvsKey, numeric: boolean): string {
  if ("fwmark" in key) return `FWM  ${key.fwmark}`;
  return `${protocolName(key.protocol)}  ${endpoint(key.address, key.port, key.protocol, numeric)}`;
}

/** Eight columns for a number; from a hundred million on in thousands, millions ... unless --exact. */
function large(n: number, exact: boolean): string {
  if (exact || n < 100_000_000) return ` ${String(n).padStart(8)}`;
  const units = ["K", "M", "G", "T"];
  let value = n;
  let unit = "";
  for (const u of units) {
    if (value < 100_000_000) break;
    value = Math.floor(value / 1000);
    unit = u;
  }
  return ` ${String(value).padStart(8 - unit.length)}${unit}`;
}

function statsColumns(s: IpvsStats, exact: boolean): string {
  return [s.connections, s.inPackets, s.outPackets, s.inBytes, s.outBytes]
    .map((n) => large(n, exact))
    .join("");
}

function flags(service: IpvsServiceInfo): string {
  let text = "";
  if (service.persistent !== undefined) {
    text += ` persistent ${service.persistent}`;
    if (service.netmask !== undefined && service.netmask !== 0xffffffff)
      text += ` mask ${formatIpv4(service.netmask as Ipv4)}`;
  }
  if (service.onePacket === true) text += " ops";
  if (service.schedulerFlags !== undefined) text += ` (${service.schedulerFlags.join(",")})`;
  return text;
}

function destinationLine(d: IpvsDestinationInfo, protocol: number, style: Style): string {
  const name = `  -> ${endpoint(d.address, d.port, protocol, style.numeric).padEnd(28)}`;
  const columns = (...of: readonly (string | number)[]): string =>
    of.map((value, i) => ` ${String(value).padEnd(COLUMNS[style.listing][i]!)}`).join("");
  switch (style.listing) {
    case "plain":
      return name + columns(FORWARD[d.forward], d.weight, d.active, d.inactive);
    case "stats":
      return name + statsColumns(d.stats, style.exact);
    case "persistent-conn":
      return name + columns(d.weight, d.persistent, d.active, d.inactive);
    case "thresholds":
      return name + columns(d.upper ?? 0, d.lower ?? 0, d.active, d.inactive);
  }
}

const COLUMNS: Readonly<Record<Listing, readonly number[]>> = {
  plain: [7, 6, 10, 10],
  stats: [],
  "persistent-conn": [9, 11, 10, 10],
  thresholds: [10, 10, 10, 10],
};

export function listing(services: readonly IpvsServiceInfo[], style: Style): string {
  let text = TITLES[style.listing];
  for (const service of services) {
    const label = keyLabel(service.key, style.numeric);
    text +=
      style.listing === "stats"
        ? `${label.padEnd(33)}${statsColumns(service.stats, style.exact)}\n`
        : `${label} ${service.scheduler}${flags(service)}\n`;
    for (const d of service.destinations) text += `${destinationLine(d, protocolOf(service.key), style)}\n`;
  }
  return text;
}

function keyOptions(key: IpvsKey, numeric: boolean): string {
  if ("fwmark" in key) return `-f ${key.fwmark}`;
  const option = key.protocol === IPPROTO_TCP ? "-t" : "-u";
  return `${option} ${endpoint(key.address, key.port, key.protocol, numeric)}`;
}

/** `ipvsadm -S`: what `ipvsadm -R` reads. */
export function saved(services: readonly IpvsServiceInfo[], numeric: boolean): string {
  let text = "";
  for (const s of services) {
    const key = keyOptions(s.key, numeric);
    text += `-A ${key} -s ${s.scheduler}`;
    if (s.persistent !== undefined) {
      text += ` -p ${s.persistent}`;
      if (s.netmask !== undefined && s.netmask !== 0xffffffff) text += ` -M ${formatIpv4(s.netmask as Ipv4)}`;
    }
    if (s.onePacket === true) text += " -o";
    if (s.schedulerFlags !== undefined) text += ` -b ${s.schedulerFlags.join(",")}`;
    text += "\n";
    for (const d of s.destinations) {
      text += `-a ${key} -r ${endpoint(d.address, d.port, protocolOf(s.key), numeric)} ${FORWARD_OPTION[d.forward]} -w ${d.weight}`;
      if ((d.upper ?? 0) > 0) text += ` -x ${d.upper}`;
      if ((d.lower ?? 0) > 0) text += ` -y ${d.lower}`;
      text += "\n";
    }
  }
  return text;
}

export function connections(list: readonly IpvsConnectionInfo[], numeric: boolean): string {
  let text =
    "IPVS connection entries\npro expire state       source             virtual            destination\n";
  for (const c of list) {
    const left = `${String(Math.floor(c.expires / 60)).padStart(2, "0")}:${String(c.expires % 60).padStart(2, "0")}`;
    const ends = [c.client, c.virtual, c.destination].map((e) =>
      endpoint(e.address, e.port, c.protocol, numeric),
    );
    text += `${protocolName(c.protocol).padEnd(3)} ${left}  ${c.state.padEnd(11)} ${ends[0]!.padEnd(18)} ${ends[1]!.padEnd(18)} ${ends[2]}\n`;
  }
  return text;
}
