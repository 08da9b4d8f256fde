import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatIpv6, readIpv6, writeIpv6, type Ipv6 } from "./address6.ts";
import { ipProtocolName } from "./ipv4.ts";

/** The Internet Protocol, version 6 (RFC 8200); extension headers are read through, not interpreted. */

export const IPV6_HEADER = 40;

/** Extension headers (RFC 8200, section 4), by next-header number. */
export const IPPROTO_HOPOPTS = 0;
export const IPPROTO_ROUTING = 43;
export const IPPROTO_FRAGMENT = 44;
export const IPPROTO_NONE = 59;
export const IPPROTO_DSTOPTS = 60;

export function ipv6Version(b: Uint8Array, o: number): number {
  return b[o]! >>> 4;
}

/** Six bits DSCP, two bits ECN. */
export function ipv6TrafficClass(b: Uint8Array, o: number): number {
  return (getU16(b, o) >>> 4) & 255;
}

export function ipv6FlowLabel(b: Uint8Array, o: number): number {
  return getU32(b, o) & 0xfffff;
}

/** Bytes after the 40 of the header, extension headers included. */
export function ipv6PayloadLength(b: Uint8Array, o: number): number {
  return getU16(b, o + 4);
}

export function ipv6NextHeader(b: Uint8Array, o: number): number {
  return b[o + 6]!;
}

export function ipv6HopLimit(b: Uint8Array, o: number): number {
  return b[o + 7]!;
}

export function ipv6Source(b: Uint8Array, o: number): Ipv6 {
  return readIpv6(b, o + 8);
}

export function ipv6Dest(b: Uint8Array, o: number): Ipv6 {
  return readIpv6(b, o + 24);
}

/** No checksum to follow: the header has none. */
export function setIpv6HopLimit(b: Uint8Array, o: number, hopLimit: number): void {
  b[o + 7] = hopLimit;
}

export function writeIpv6Header(
  b: Uint8Array,
  o: number,
  payloadLength: number,
  nextHeader: number,
  hopLimit: number,
  src: Ipv6,
  dst: Ipv6,
  trafficClass = 0,
  flowLabel = 0,
): void {
  setU32(b, o, (6 << 28) | (trafficClass << 20) | flowLabel);
  setU16(b, o + 4, payloadLength);
  b[o + 6] = nextHeader;
  b[o + 7] = hopLimit;
  writeIpv6(b, o + 8, src);
  writeIpv6(b, o + 24, dst);
}

/** True for the extension headers that say what follows them. */
export function isIpv6Extension(nextHeader: number): boolean {
  return (
    nextHeader === IPPROTO_HOPOPTS ||
    nextHeader === IPPROTO_ROUTING ||
    nextHeader === IPPROTO_FRAGMENT ||
    nextHeader === IPPROTO_DSTOPTS
  );
}

/** Bytes of the extension header at `o`; 8 of them must be there. */
export function ipv6ExtensionLength(b: Uint8Array, o: number, kind: number): number {
  return kind === IPPROTO_FRAGMENT ? 8 : (b[o + 1]! + 1) << 3;
}

/** Why ipv6_rcv would drop what stands from `o` to `end`, or undefined; bytes after the payload are link padding. */
export function ipv6Fault(b: Uint8Array, o: number, end: number): Ipv6Error | undefined {
  if (end - o < IPV6_HEADER) return "truncated";
  if (ipv6Version(b, o) !== 6) return "bad-version";
  if (o + IPV6_HEADER + ipv6PayloadLength(b, o) > end) return "truncated";
  return undefined;
}

export interface Ipv6Packet {
  readonly trafficClass: number;
  readonly flowLabel: number;
  /** Of the payload's first header: a transport, or an extension header that the payload then begins with. */
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly src: Ipv6;
  readonly dst: Ipv6;
  readonly payload: Uint8Array;
}

export type Ipv6Error = "truncated" | "bad-version";

export function decodeIpv6(b: Uint8Array, from = 0, to = b.length): Result<Ipv6Packet, Ipv6Error> {
  const fault = ipv6Fault(b, from, to);
  if (fault !== undefined) return err(fault);
  const body = from + IPV6_HEADER;
  return ok({
    trafficClass: ipv6TrafficClass(b, from),
    flowLabel: ipv6FlowLabel(b, from),
    nextHeader: ipv6NextHeader(b, from),
    hopLimit: ipv6HopLimit(b, from),
    src: ipv6Source(b, from),
    dst: ipv6Dest(b, from),
    payload: b.subarray(body, body + ipv6PayloadLength(b, from)),
  });
}

export function encodeIpv6(p: Ipv6Packet): Uint8Array {
  const out = new Uint8Array(IPV6_HEADER + p.payload.length);
  const length = p.payload.length;
  writeIpv6Header(out, 0, length, p.nextHeader, p.hopLimit, p.src, p.dst, p.trafficClass, p.flowLabel);
  out.set(p.payload, IPV6_HEADER);
  return out;
}

/** `IP6 fd00::1 > fd00::2: ICMPv6, hlim 64, length 64`. */
export function ipv6Summary(p: Ipv6Packet): string {
  const next = isIpv6Extension(p.nextHeader) ? `extension ${p.nextHeader}` : ipProtocolName(p.nextHeader);
  return `IP6 ${formatIpv6(p.src)} > ${formatIpv6(p.dst)}: ${next}, hlim ${p.hopLimit}, length ${p.payload.length}`;
}
