import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatIpv4, type Ipv4 } from "./address.ts";
import { checksumAdjust16, checksumAdjust32, internetChecksum } from "./checksum.ts";

/** The Internet Protocol, version 4 (RFC 791; the DS field of RFC 2474, ECN of RFC 3168). */

/** Bytes of a header without options. */
export const IPV4_HEADER = 20;

/** Bits of the 16-bit word that also holds the fragment offset. */
export const IPV4_DF = 0x4000;
export const IPV4_MF = 0x2000;

/** Protocol numbers (IANA), with the names of Linux's in.h. */
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
/** IPv4 in IPv4 (RFC 2003). */
export const IPPROTO_IPIP = 4;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
/** IPv6 in IPv4 (RFC 4213). */
export const IPPROTO_IPV6 = 41;
export const IPPROTO_GRE = 47;
export const IPPROTO_ESP = 50;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_SCTP = 132;

const NAMES: ReadonlyMap<number, string> = new Map([
  [IPPROTO_ICMP, "ICMP"],
  [IPPROTO_IGMP, "IGMP"],
  [IPPROTO_IPIP, "IPIP"],
  [IPPROTO_TCP, "TCP"],
  [IPPROTO_UDP, "UDP"],
  [IPPROTO_IPV6, "IPv6"],
  [IPPROTO_GRE, "GRE"],
  [IPPROTO_ESP, "ESP"],
  [IPPROTO_ICMPV6, "ICMPv6"],
  [IPPROTO_SCTP, "SCTP"],
]);

export function ipProtocolName(protocol: number): string {
  return NAMES.get(protocol) ?? `ip-proto-${protocol}`;
}

export function ipv4Version(b: Uint8Array, o: number): number {
  return b[o]! >>> 4;
}

/** Bytes of the header, options included. */
export function ipv4HeaderLength(b: Uint8Array, o: number): number {
  return (b[o]! & 15) << 2;
}

/** The whole second byte: six bits DSCP, two bits ECN. */
export function ipv4Tos(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

export function ipv4TotalLength(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

export function ipv4Id(b: Uint8Array, o: number): number {
  return getU16(b, o + 4);
}

/** The `IPV4_DF` and `IPV4_MF` bits and the reserved one, in place. */
export function ipv4Flags(b: Uint8Array, o: number): number {
  return getU16(b, o + 6) & 0xe000;
}

export function ipv4DontFragment(b: Uint8Array, o: number): boolean {
  return (b[o + 6]! & 0x40) !== 0;
}

export function ipv4MoreFragments(b: Uint8Array, o: number): boolean {
  return (b[o + 6]! & 0x20) !== 0;
}

/** In bytes, always a multiple of 8. */
export function ipv4FragmentOffset(b: Uint8Array, o: number): number {
  return (getU16(b, o + 6) & 0x1fff) << 3;
}

/** A piece of a fragmented packet, the first included. */
export function ipv4IsFragment(b: Uint8Array, o: number): boolean {
  return (getU16(b, o + 6) & 0x3fff) !== 0;
}

export function ipv4Ttl(b: Uint8Array, o: number): number {
  return b[o + 8]!;
}

export function ipv4Protocol(b: Uint8Array, o: number): number {
  return b[o + 9]!;
}

export function ipv4Checksum(b: Uint8Array, o: number): number {
  return getU16(b, o + 10);
}

export function ipv4Source(b: Uint8Array, o: number): Ipv4 {
  return getU32(b, o + 12) as Ipv4;
}

export function ipv4Dest(b: Uint8Array, o: number): Ipv4 {
  return getU32(b, o + 16) as Ipv4;
}

export function ipv4ChecksumOk(b: Uint8Array, o: number): boolean {
  return internetChecksum(b, o, o + ipv4HeaderLength(b, o)) === 0;
}

/** Computes the header checksum afresh. */
export function setIpv4Checksum(b: Uint8Array, o: number): void {
  setU16(b, o + 10, 0);
  setU16(b, o + 10, internetChecksum(b, o, o + ipv4HeaderLength(b, o)));
}

/** Changes the 16-bit word at `at` and the header checksum with it (RFC 1624). */
function setWord(b: Uint8Array, o: number, at: number, value: number): void {
  setU16(b, o + 10, checksumAdjust16(getU16(b, o + 10), getU16(b, o + at), value));
  setU16(b, o + at, value);
}

export function setIpv4Ttl(b: Uint8Array, o: number, ttl: number): void {
  setWord(b, o, 8, ((ttl & 255) << 8) | b[o + 9]!);
}

export function setIpv4Tos(b: Uint8Array, o: number, tos: number): void {
  setWord(b, o, 0, (b[o]! << 8) | (tos & 255));
}

export function setIpv4TotalLength(b: Uint8Array, o: number, totalLength: number): void {
  setWord(b, o, 2, totalLength);
}

export function setIpv4Id(b: Uint8Array, o: number, id: number): void {
  setWord(b, o, 4, id);
}

/** Sets flags and fragment offset (a multiple of 8 bytes) together. */
export function setIpv4Fragment(b: Uint8Array, o: number, flags: number, offsetBytes: number): void {
  setWord(b, o, 6, (flags & 0xe000) | (offsetBytes >>> 3));
}

export function setIpv4Source(b: Uint8Array, o: number, a: Ipv4): void {
  setU16(b, o + 10, checksumAdjust32(getU16(b, o + 10), getU32(b, o + 12), a));
  setU32(b, o + 12, a);
}

export function setIpv4Dest(b: Uint8Array, o: number, a: Ipv4): void {
  setU16(b, o + 10, checksumAdjust32(getU16(b, o + 10), getU32(b, o + 16), a));
  setU32(b, o + 16, a);
}

/** Writes a 20-byte header with its checksum; `flags` is `IPV4_DF`, `IPV4_MF` or 0, or-ed with the fragment offset in units of 8 bytes. */
export function writeIpv4Header(
  b: Uint8Array,
  o: number,
  totalLength: number,
  id: number,
  flags: number,
  ttl: number,
  protocol: number,
  src: Ipv4,
  dst: Ipv4,
  tos = 0,
): void {
  b[o] = 0x45;
  b[o + 1] = tos;
  setU16(b, o + 2, totalLength);
  setU16(b, o + 4, id);
  setU16(b, o + 6, flags);
  b[o + 8] = ttl;
  b[o + 9] = protocol;
  setU16(b, o + 10, 0);
  setU32(b, o + 12, src);
  setU32(b, o + 16, dst);
  setU16(b, o + 10, internetChecksum(b, o, o + IPV4_HEADER));
}

/** Why ip_rcv would drop what stands from `o` to `end`, or undefined; bytes after the total length are link padding, no fault. */
export function ipv4Fault(b: Uint8Array, o: number, end: number): Ipv4Error | undefined {
  if (end - o < IPV4_HEADER) return "truncated";
  const headerLength = ipv4HeaderLength(b, o);
  if (ipv4Version(b, o) !== 4) return "bad-version";
  if (headerLength < IPV4_HEADER) return "bad-header-length";
  if (o + headerLength > end) return "truncated";
  if (!ipv4ChecksumOk(b, o)) return "bad-checksum";
  const totalLength = ipv4TotalLength(b, o);
  if (totalLength < headerLength) return "bad-total-length";
  if (o + totalLength > end) return "truncated";
  return undefined;
}

export interface Ipv4Packet {
  readonly tos: number;
  readonly id: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In bytes, a multiple of 8. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: Ipv4;
  readonly dst: Ipv4;
  /** 0 to 40 bytes, a multiple of 4. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

export type Ipv4Error =
  "truncated" | "bad-version" | "bad-header-length" | "bad-total-length" | "bad-checksum";

export function decodeIpv4(b: Uint8Array, from = 0, to = b.length): Result<Ipv4Packet, Ipv4Error> {
  const fault = ipv4Fault(b, from, to);
  if (fault !== undefined) return err(fault);
  const body = from + ipv4HeaderLength(b, from);
  return ok({
    tos: ipv4Tos(b, from),
    id: ipv4Id(b, from),
    dontFragment: ipv4DontFragment(b, from),
    moreFragments: ipv4MoreFragments(b, from),
    fragmentOffset: ipv4FragmentOffset(b, from),
    ttl: ipv4Ttl(b, from),
    protocol: ipv4Protocol(b, from),
    src: ipv4Source(b, from),
    dst: ipv4Dest(b, from),
    options: b.subarray(from + IPV4_HEADER, body),
    payload: b.subarray(body, from + ipv4TotalLength(b, from)),
  });
}

export function encodeIpv4(p: Ipv4Packet): Uint8Array {
  const headerLength = IPV4_HEADER + p.options.length;
  const out = new Uint8Array(headerLength + p.payload.length);
  const flags = (p.dontFragment ? IPV4_DF : 0) | (p.moreFragments ? IPV4_MF : 0) | (p.fragmentOffset >>> 3);
  writeIpv4Header(out, 0, out.length, p.id, flags, p.ttl, p.protocol, p.src, p.dst, p.tos);
  out[0] = 0x40 | (headerLength >>> 2);
  out.set(p.options, IPV4_HEADER);
  out.set(p.payload, headerLength);
  setIpv4Checksum(out, 0);
  return out;
}

/** `IP 10.0.0.1 > 10.0.0.2: ICMP, ttl 64, length 84`, with fragment and DF noted when there. */
export function ipv4Summary(p: Ipv4Packet): string {
  const piece =
    p.moreFragments || p.fragmentOffset > 0
      ? `, id ${p.id}, offset ${p.fragmentOffset}${p.moreFragments ? "+" : ""}`
      : "";
  const df = p.dontFragment ? ", DF" : "";
  const length = IPV4_HEADER + p.options.length + p.payload.length;
  return `IP ${formatIpv4(p.src)} > ${formatIpv4(p.dst)}: ${ipProtocolName(p.protocol)}, ttl ${p.ttl}${df}${piece}, length ${length}`;
}
