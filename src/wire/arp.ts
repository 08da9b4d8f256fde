import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatIpv4, formatMac, MAC_ZERO, readMac, writeMac, type Ipv4, type Mac } from "./address.ts";
import { ETH_P_IP } from "./ethernet.ts";

/** The Address Resolution Protocol (RFC 826), for Ethernet and IPv4 only. */

export const ARP_LENGTH = 28;

/** Operations (RFC 826, "Packet format"). Others are carried as numbers. */
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

/** Hardware type of Ethernet (RFC 826; IANA). */
const ARPHRD_ETHER = 1;

export function arpOperationName(operation: number): string {
  if (operation === ARP_REQUEST) return "Request";
  if (operation === ARP_REPLY) return "Reply";
  return `Operation ${operation}`;
}

export function arpOperation(b: Uint8Array, o: number): number {
  return getU16(b, o + 6);
}

export function arpSenderMac(b: Uint8Array, o: number): Mac {
  return readMac(b, o + 8);
}

export function arpSenderIp(b: Uint8Array, o: number): Ipv4 {
  return getU32(b, o + 14) as Ipv4;
}

export function arpTargetMac(b: Uint8Array, o: number): Mac {
  return readMac(b, o + 18);
}

export function arpTargetIp(b: Uint8Array, o: number): Ipv4 {
  return getU32(b, o + 24) as Ipv4;
}

/** Why the bytes from `o` to `end` are no ARP for Ethernet and IPv4, or undefined when they are. */
export function arpFault(b: Uint8Array, o: number, end: number): ArpError | undefined {
  if (end - o < ARP_LENGTH) return "truncated";
  if (getU16(b, o) !== ARPHRD_ETHER || b[o + 4] !== 6) return "not-ethernet";
  if (getU16(b, o + 2) !== ETH_P_IP || b[o + 5] !== 4) return "not-ipv4";
  return undefined;
}

export function arpValid(b: Uint8Array, o: number, end: number): boolean {
  return arpFault(b, o, end) === undefined;
}

/** Writes the 28 bytes at `o`: operation, sender (hardware, protocol address), target (hardware, protocol address). */
export function writeArp(
  b: Uint8Array,
  o: number,
  op: number,
  sha: Mac,
  spa: Ipv4,
  tha: Mac,
  tpa: Ipv4,
): void {
  setU16(b, o, ARPHRD_ETHER);
  setU16(b, o + 2, ETH_P_IP);
  b[o + 4] = 6;
  b[o + 5] = 4;
  setU16(b, o + 6, op);
  writeMac(b, o + 8, sha);
  setU32(b, o + 14, spa);
  writeMac(b, o + 18, tha);
  setU32(b, o + 24, tpa);
}

export interface Arp {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

export type ArpError = "truncated" | "not-ethernet" | "not-ipv4";

export function decodeArp(b: Uint8Array, from = 0, to = b.length): Result<Arp, ArpError> {
  const fault = arpFault(b, from, to);
  if (fault !== undefined) return err(fault);
  return ok({
    operation: arpOperation(b, from),
    senderMac: arpSenderMac(b, from),
    senderIp: arpSenderIp(b, from),
    targetMac: arpTargetMac(b, from),
    targetIp: arpTargetIp(b, from),
  });
}

export function encodeArp(a: Arp): Uint8Array {
  const out = new Uint8Array(ARP_LENGTH);
  writeArp(out, 0, a.operation, a.senderMac, a.senderIp, a.targetMac, a.targetIp);
  return out;
}

/** As tcpdump prints it, without the length: `ARP, Request who-has 10.0.0.2 tell 10.0.0.1`. */
export function arpSummary(a: Arp): string {
  if (a.operation === ARP_REQUEST) {
    const asked = a.targetMac === MAC_ZERO ? "" : ` (${formatMac(a.targetMac)})`;
    return `ARP, Request who-has ${formatIpv4(a.targetIp)}${asked} tell ${formatIpv4(a.senderIp)}`;
  }
  if (a.operation === ARP_REPLY) {
    return `ARP, Reply ${formatIpv4(a.senderIp)} is-at ${formatMac(a.senderMac)}`;
  }
  return `ARP, ${arpOperationName(a.operation)}`;
}
