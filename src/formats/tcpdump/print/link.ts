import { getU16 } from "../../../base/bytes.ts";
import { ETHERNET_HEADER } from "../../../wire/ethernet.ts";
import { printArp } from "./arp.ts";
import { hexDump } from "./hexdump.ts";
import { printIp } from "./ip.ts";
import { printIp6 } from "./ip6.ts";
import { hexNumber, type Printer } from "./printer.ts";

/** Ethernet with VLAN tags, Linux's cooked header, and raw IP. */

const IPV4 = 0x0800;
const ARP = 0x0806;
const RARP = 0x8035;
const IPV6 = 0x86dd;
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** Smaller values of the type field are lengths (IEEE 802.3). */
const FIRST_TYPE = 1536;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [IPV4, "IPv4"],
  [ARP, "ARP"],
  [RARP, "Reverse ARP"],
  [IPV6, "IPv6"],
  [0x8100, "802.1Q"],
  [0x88a8, "802.1Q-QinQ"],
  [0x9100, "802.1Q-9100"],
  [0x6558, "TEB"],
  [0x880b, "PPP"],
  [0x8847, "MPLS unicast"],
  [0x8848, "MPLS multicast"],
  [0x8863, "PPPoE D"],
  [0x8864, "PPPoE S"],
  [0x8809, "Slow Protocols"],
  [0x888e, "EAPOL"],
  [0x88cc, "LLDP"],
  [0x9000, "Loopback"],
]);

/** Types that tcpdump looks into and we do not. */
const NOT_PRINTED: ReadonlySet<number> = new Set([
  0x8847, 0x8848, 0x8863, 0x8864, 0x8809, 0x888e, 0x88cc, 0x9000,
]);

export function etherTypeName(type: number): string | undefined {
  return TYPE_NAMES.get(type);
}

function typeText(p: Printer, type: number): string {
  const name = TYPE_NAMES.get(type);
  if (p.options.quiet) return name ?? `Unknown Ethertype (0x${hexNumber(type, 4)})`;
  return `ethertype ${name ?? "Unknown"} (0x${hexNumber(type, 4)})`;
}

function macs(p: Printer, o: number): string {
  return `${p.mac(o + 6)} > ${p.mac(o)}`;
}

/** Prints what a type says lies at `o`; false when nobody knows the type. */
export function printEtherType(p: Printer, type: number, o: number, length: number): boolean {
  switch (type) {
    case IPV4:
      printIp(p, o, length);
      return true;
    case ARP:
    case RARP:
      printArp(p, o, length);
      return true;
    case IPV6:
      printIp6(p, o, length);
      return true;
    default:
      if (NOT_PRINTED.has(type)) p.refuse(TYPE_NAMES.get(type) ?? "");
      return false;
  }
}

/** The frame at `o`, `length` bytes long on the wire. Answers how many bytes its link header has. */
export function printEthernet(p: Printer, o: number, length: number): number {
  p.protocol = "ether";
  if (p.end - o < ETHERNET_HEADER || length < ETHERNET_HEADER) {
    p.truncated();
    return p.end - o;
  }
  const { link } = p.options;
  let type = getU16(p.bytes, o + 12);
  if (link) p.out += `${macs(p, o)}, ${type < FIRST_TYPE ? "802.3" : typeText(p, type)}, length ${length}: `;
  let at = o + ETHERNET_HEADER;
  while (VLAN_TAGS.has(type)) {
    p.protocol = "vlan";
    if (p.end - at < 4) {
      p.truncated();
      return at - o;
    }
    const tci = p.u16(at);
    type = p.u16(at + 2);
    at += 4;
    if (!link) continue;
    p.out += `vlan ${tci & 0xfff}, p ${tci >>> 13}${(tci & 0x1000) === 0 ? "" : ", DEI"}, `;
    if (type >= FIRST_TYPE) p.out += `${typeText(p, type)}, `;
  }
  if (type < FIRST_TYPE) p.refuse("LLC");
  const left = length - (at - o);
  if (o === 0) p.linkHeader = at;
  if (!printEtherType(p, type, at, left)) unknownType(p, o, at, type, length);
  return at - o;
}

function unknownType(p: Printer, o: number, at: number, type: number, length: number): void {
  if (!p.options.link) p.out += `${macs(p, o)}, ${typeText(p, type)}, length ${length}: `;
  if (!p.options.quiet && !p.options.dumped) p.out += hexDump(p.bytes, at, p.end, true);
}

/** Bytes of Linux's cooked header, version 2 (www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html). */
export const SLL2_HEADER = 20;

const PACKET_TYPES = ["In", "B", "M", "P", "Out"];

/** The cooked header at `o`: the device, by its name where it is known, and the packet's direction. */
export function printCooked(
  p: Printer,
  o: number,
  length: number,
  device: (index: number) => string | undefined,
): number {
  p.protocol = "sll2";
  if (length < SLL2_HEADER || !p.has(o, SLL2_HEADER)) {
    p.truncated();
    return p.end - o;
  }
  const index = p.u32(o + 4);
  const type = p.u16(o);
  const packet = PACKET_TYPES[p.bytes[o + 10]!] ?? "?";
  p.out += `${(device(index) ?? `ifindex ${index}`).padEnd(5)} ${packet.padEnd(3)} `;
  if (p.options.link) {
    p.out += `ifindex ${index} ${p.mac(o + 12)} `;
    p.out += p.options.quiet ? "" : `${typeText(p, type)}, `;
    p.out += `length ${length}: `;
  }
  const at = o + SLL2_HEADER;
  p.linkHeader = at;
  if (!printEtherType(p, type, at, length - SLL2_HEADER)) {
    if (!p.options.link) p.out += `${p.mac(o + 12)} ${typeText(p, type)}, length ${length}: `;
    if (!p.options.quiet && !p.options.dumped) p.out += hexDump(p.bytes, at, p.end, true);
  }
  return SLL2_HEADER;
}

/** A packet without any link header. */
export function printRaw(p: Printer, o: number, length: number): number {
  if (p.options.link) p.out += "ip: ";
  const version = p.u8(o) >>> 4;
  if (version === 4) printIp(p, o, length);
  else if (version === 6) printIp6(p, o, length);
  else p.out += `ip v${version}`;
  return 0;
}
