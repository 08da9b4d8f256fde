import { getU16, setU16 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatMac, MAC_BROADCAST, readMac, writeMac, type Mac } from "./address.ts";

/** Ethernet II frames (IEEE 802.3, clause 3; RFC 894), without preamble and frame check sequence, as Linux hands them to a device. */

export const ETHERNET_HEADER = 14;

/** EtherTypes, with the names of Linux's if_ether.h. */
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_TEB = 0x6558;
/** Values below this are the length field of an IEEE 802.3 frame (802.3, clause 3.2.6). */
export const ETH_P_802_3_MIN = 0x0600;

const NAMES: ReadonlyMap<number, string> = new Map([
  [ETH_P_IP, "IPv4"],
  [ETH_P_ARP, "ARP"],
  [ETH_P_8021Q, "802.1Q"],
  [ETH_P_IPV6, "IPv6"],
  [ETH_P_TEB, "TEB"],
]);

export function etherTypeName(type: number): string {
  if (type < ETH_P_802_3_MIN) return "802.3";
  return NAMES.get(type) ?? "Unknown";
}

export function ethDest(b: Uint8Array, o: number): Mac {
  return readMac(b, o);
}

export function setEthDest(b: Uint8Array, o: number, dst: Mac): void {
  writeMac(b, o, dst);
}

export function ethSource(b: Uint8Array, o: number): Mac {
  return readMac(b, o + 6);
}

export function ethType(b: Uint8Array, o: number): number {
  return getU16(b, o + 12);
}

/** True for the all-ones destination. */
export function ethIsBroadcast(b: Uint8Array, o: number): boolean {
  return (b[o]! & b[o + 1]! & b[o + 2]! & b[o + 3]! & b[o + 4]! & b[o + 5]!) === 0xff;
}

/** True for any group destination, broadcast included: the lowest bit of the first octet. */
export function ethIsGroup(b: Uint8Array, o: number): boolean {
  return (b[o]! & 1) === 1;
}

export function writeEthernet(b: Uint8Array, o: number, dst: Mac, src: Mac, type: number): void {
  writeMac(b, o, dst);
  writeMac(b, o + 6, src);
  setU16(b, o + 12, type);
}

export interface Ethernet {
  readonly dst: Mac;
  readonly src: Mac;
  /** EtherType, or a length when below `ETH_P_802_3_MIN`. */
  readonly type: number;
  readonly payload: Uint8Array;
}

export type EthernetError = "truncated";

export function decodeEthernet(b: Uint8Array, from = 0, to = b.length): Result<Ethernet, EthernetError> {
  if (to - from < ETHERNET_HEADER) return err("truncated");
  return ok({
    dst: ethDest(b, from),
    src: ethSource(b, from),
    type: ethType(b, from),
    payload: b.subarray(from + ETHERNET_HEADER, to),
  });
}

export function encodeEthernet(e: Ethernet): Uint8Array {
  const out = new Uint8Array(ETHERNET_HEADER + e.payload.length);
  writeEthernet(out, 0, e.dst, e.src, e.type);
  out.set(e.payload, ETHERNET_HEADER);
  return out;
}

/** As `tcpdump -e` begins a line: `aa:.. > bb:.., ethertype IPv4 (0x0800), length 98`. */
export function ethernetSummary(e: Ethernet): string {
  const to = e.dst === MAC_BROADCAST ? "Broadcast" : formatMac(e.dst);
  const type =
    e.type < ETH_P_802_3_MIN
      ? "802.3"
      : `ethertype ${etherTypeName(e.type)} (0x${e.type.toString(16).padStart(4, "0")})`;
  return `${formatMac(e.src)} > ${to}, ${type}, length ${ETHERNET_HEADER + e.payload.length}`;
}
