import { transportSum } from "./checksum.ts";
import { printDomain } from "./dns.ts";
import { printIke } from "./ike.ts";
import { repaired } from "./ip.ts";
import type { Payload } from "./payload.ts";
import { hexNumber, type Printer } from "./printer.ts";
import { addresses, portsText } from "./tcp.ts";
import { printGeneve, printOtv, printUdpEsp, printVxlan } from "./tunnel.ts";

/** User Datagram Protocol (RFC 768). */

const HEADER = 8;

/** Ports whose protocols tcpdump looks into and we do not. */
const NOT_PRINTED: ReadonlyMap<number, string> = new Map([
  [67, "BOOTP/DHCP"],
  [68, "BOOTP/DHCP"],
  [69, "TFTP"],
  [123, "NTP"],
  [161, "SNMP"],
  [162, "SNMP"],
  [319, "PTP"],
  [320, "PTP"],
  [514, "SYSLOG"],
  [520, "RIP"],
  [521, "RIPng"],
  [546, "DHCPv6"],
  [547, "DHCPv6"],
  [646, "LDP"],
  [1645, "RADIUS"],
  [1646, "RADIUS"],
  [1701, "L2TP"],
  [1812, "RADIUS"],
  [1813, "RADIUS"],
  [1985, "HSRP"],
  [3784, "BFD"],
  [3785, "BFD"],
  [4784, "BFD"],
  [4790, "VXLAN-GPE"],
  [5060, "SIP"],
  [6343, "sFlow"],
  [6635, "MPLS"],
]);

export function printUdp(p: Printer, payload: Payload): void {
  const { at, header } = payload;
  p.protocol = "udp";
  if (!p.has(at, 4)) {
    p.out += `${addresses(p, header).join(" > ")}: `;
    p.truncated();
    return;
  }
  const [source, destination] = [p.u16(at), p.u16(at + 2)];
  p.out += portsText(p, "udp", header, source, destination);
  if (payload.length < HEADER) {
    p.out += `truncated-udp ${payload.length}`;
    return;
  }
  const stated = p.u16(at + 4);
  if (stated < HEADER) {
    p.out += `truncated-udplength ${stated}`;
    return;
  }
  p.need(at, HEADER);
  const claimed = stated - HEADER;
  const length = Math.min(claimed, payload.length - HEADER);
  const lengthText =
    claimed > payload.length - HEADER && !payload.fragment
      ? `UDP, bad length ${claimed} > ${payload.length - HEADER}`
      : `UDP, length ${claimed}`;
  if (p.options.quiet) {
    p.out += lengthText;
    return;
  }
  p.out += checksumText(p, payload, length + HEADER);
  if (!printInner(p, at + HEADER, length, source, destination)) p.out += lengthText;
}

/** `[udp sum ok] `: of IPv4 with `-vv`, of IPv6 with `-v`. */
function checksumText(p: Printer, payload: Payload, length: number): string {
  const { header, at } = payload;
  if (p.options.noChecksums || payload.fragment || p.verbose < (header.version === 4 ? 2 : 1)) return "";
  const given = p.u16(at + 6);
  if (header.version === 4 && given === 0) return "[no cksum] ";
  if (!p.has(at, length)) return "";
  const rest = transportSum(p, header, 17, at, length);
  if (rest === 0) return "[udp sum ok] ";
  return `[bad udp cksum 0x${hexNumber(given, 4)} -> 0x${hexNumber(repaired(given, rest), 4)}!] `;
}

/** Prints what the ports say is inside; false when they say nothing. */
function printInner(p: Printer, at: number, length: number, source: number, destination: number): boolean {
  const either = (port: number): boolean => source === port || destination === port;
  if (either(53) || either(5353)) printDomain(p, at, length, either(5353));
  else if (either(500)) printIke(p, at);
  else if (either(4500)) printUdpEsp(p, at, length);
  else if (either(4789)) printVxlan(p, at, length);
  else if (either(6081)) printGeneve(p, at, length);
  else if (either(8472)) printOtv(p, at, length);
  else {
    const refused = NOT_PRINTED.get(destination) ?? NOT_PRINTED.get(source);
    if (refused !== undefined) p.refuse(refused);
    return false;
  }
  return true;
}
