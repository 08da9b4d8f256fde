import { getU16, setU16 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Ipv4 } from "./address.ts";
import { checksumAdjust16, checksumAdjust32, internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { IPPROTO_UDP } from "./ipv4.ts";

/** The User Datagram Protocol (RFC 768). */

export const UDP_HEADER = 8;

export function udpSourcePort(b: Uint8Array, o: number): number {
  return getU16(b, o);
}

export function udpDestPort(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

/** Header and data, in bytes. */
export function udpLength(b: Uint8Array, o: number): number {
  return getU16(b, o + 4);
}

/** 0 means that the sender computed none. */
export function udpChecksum(b: Uint8Array, o: number): number {
  return getU16(b, o + 6);
}

/** Writes the header with checksum 0; `length` counts header and data. */
export function writeUdpHeader(b: Uint8Array, o: number, src: number, dst: number, length: number): void {
  setU16(b, o, src);
  setU16(b, o + 2, dst);
  setU16(b, o + 4, length);
  setU16(b, o + 6, 0);
}

/** Computes the checksum over the datagram at `o` as its length field bounds it; a computed 0 is sent as all ones. */
export function setUdpChecksum(b: Uint8Array, o: number, src: Ipv4, dst: Ipv4): void {
  const length = udpLength(b, o);
  setU16(b, o + 6, 0);
  const sum = internetChecksum(b, o, o + length, pseudoHeaderSum(src, dst, IPPROTO_UDP, length));
  setU16(b, o + 6, sum === 0 ? 0xffff : sum);
}

/** True also when the sender computed none. */
export function udpChecksumOk(b: Uint8Array, o: number, src: Ipv4, dst: Ipv4): boolean {
  if (udpChecksum(b, o) === 0) return true;
  const length = udpLength(b, o);
  return internetChecksum(b, o, o + length, pseudoHeaderSum(src, dst, IPPROTO_UDP, length)) === 0;
}

/** Stores an adjusted checksum: none stays none, and a computed 0 is sent as all ones. */
function storeChecksum(b: Uint8Array, o: number, sum: number): void {
  if (getU16(b, o + 6) !== 0) setU16(b, o + 6, sum === 0 ? 0xffff : sum);
}

/** Follows the change of an address of the pseudo header, as NAT does. */
export function adjustUdpChecksum(b: Uint8Array, o: number, old: Ipv4, now: Ipv4): void {
  storeChecksum(b, o, checksumAdjust32(udpChecksum(b, o), old, now));
}

/** Rewrites the port and the checksum with it. */
export function setUdpSourcePort(b: Uint8Array, o: number, port: number): void {
  storeChecksum(b, o, checksumAdjust16(udpChecksum(b, o), udpSourcePort(b, o), port));
  setU16(b, o, port);
}

/** Rewrites the port and the checksum with it. */
export function setUdpDestPort(b: Uint8Array, o: number, port: number): void {
  storeChecksum(b, o, checksumAdjust16(udpChecksum(b, o), udpDestPort(b, o), port));
  setU16(b, o + 2, port);
}

/** Why udp_rcv would drop what stands from `o` to `end`, or undefined. The checksum needs the addresses: `udpChecksumOk`. */
export function udpFault(b: Uint8Array, o: number, end: number): UdpError | undefined {
  if (end - o < UDP_HEADER) return "truncated";
  const length = udpLength(b, o);
  if (length < UDP_HEADER) return "bad-length";
  if (o + length > end) return "truncated";
  return undefined;
}

export interface Udp {
  readonly sourcePort: number;
  readonly destPort: number;
  /** As carried; 0 means none. */
  readonly checksum: number;
  readonly payload: Uint8Array;
}

export type UdpError = "truncated" | "bad-length";

export function decodeUdp(b: Uint8Array, from = 0, to = b.length): Result<Udp, UdpError> {
  const fault = udpFault(b, from, to);
  if (fault !== undefined) return err(fault);
  return ok({
    sourcePort: udpSourcePort(b, from),
    destPort: udpDestPort(b, from),
    checksum: udpChecksum(b, from),
    payload: b.subarray(from + UDP_HEADER, from + udpLength(b, from)),
  });
}

/** The checksum is written as given; `setUdpChecksum` computes it once the addresses are known. */
export function encodeUdp(u: Udp): Uint8Array {
  const out = new Uint8Array(UDP_HEADER + u.payload.length);
  writeUdpHeader(out, 0, u.sourcePort, u.destPort, out.length);
  setU16(out, 6, u.checksum);
  out.set(u.payload, UDP_HEADER);
  return out;
}

/** As tcpdump ends a line: `UDP, length 22` (data only), here with the ports in front. */
export function udpSummary(u: Udp): string {
  return `UDP ${u.sourcePort} > ${u.destPort}, length ${u.payload.length}`;
}
