import { getU16, getU32, setU16 } from "../../base/bytes.ts";
import type { RewriteRecord } from "../../trace/record.ts";
import { type Ipv6, parseIpv6, readIpv6, sameIpv6 } from "../../wire/address6.ts";
import { IPV6_HEADER, ipv6HopLimit, ipv6NextHeader, setIpv6HopLimit } from "../../wire/ipv6.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";

/** A field of a packet as it was and as it is. */
export interface Edit {
  readonly field: RewriteRecord["field"];
  readonly from: number;
  readonly to: number;
  /** Of an IPv6 address, whose number is 0. */
  readonly from6?: string | undefined;
  readonly to6?: string | undefined;
}

export function editOf({ field, before, after, beforeText, afterText }: RewriteRecord): Edit {
  return { field, from: before, to: after, from6: beforeText, to6: afterText };
}

export function undone({ field, from, to, from6, to6 }: Edit): Edit {
  return { field, from: to, to: from, from6: to6, to6: from6 };
}

const TYPE_IPV4 = 0x0800;
const TYPE_IPV6 = 0x86dd;

/** RFC 1624: a checksum after one 16-bit word of what it covers has changed. */
function adjust(bytes: Uint8Array, at: number, old: number, now: number): void {
  let sum = (~getU16(bytes, at) & 0xffff) + (~old & 0xffff) + now;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  setU16(bytes, at, ~sum & 0xffff);
}

/** Where the transport's checksum lies, from its header; undefined for none. */
function checksumAt(bytes: Uint8Array, protocol: number, l4: number): number | undefined {
  if (protocol === IPPROTO_TCP) return l4 + 16;
  if (protocol === IPPROTO_UDP) return getU16(bytes, l4 + 6) === 0 ? undefined : l4 + 6;
  return undefined;
}

function put16(bytes: Uint8Array, at: number, value: number, sums: readonly (number | undefined)[]): void {
  const old = getU16(bytes, at);
  setU16(bytes, at, value);
  for (const sum of sums) if (sum !== undefined && sum + 2 <= bytes.length) adjust(bytes, sum, old, value);
}

function putAddress(
  bytes: Uint8Array,
  at: number,
  value: number,
  sums: readonly (number | undefined)[],
): void {
  put16(bytes, at, value >>> 16, sums);
  put16(bytes, at + 2, value & 0xffff, sums);
}

/** Changes one field of the outermost IPv4 packet, which begins at `ip`, if it says what the edit begins with. */
function apply(bytes: Uint8Array, ip: number, { field, from, to }: Edit): void {
  const protocol = bytes[ip + 9] ?? 0;
  const l4 = ip + ((bytes[ip] ?? 0) & 15) * 4;
  if (bytes.length < l4 + 8) return;
  const header = ip + 10;
  const transport = checksumAt(bytes, protocol, l4);
  if (field === "ttl") {
    if (bytes[ip + 8] === from) put16(bytes, ip + 8, (to << 8) | (bytes[ip + 9] ?? 0), [header]);
  } else if (field === "src" || field === "dst") {
    const at = field === "src" ? ip + 12 : ip + 16;
    if (getU32(bytes, at) === from) putAddress(bytes, at, to, [header, transport]);
  } else if (field === "sport" || field === "dport") {
    const at = field === "sport" ? l4 : l4 + 2;
    if (getU16(bytes, at) === from) put16(bytes, at, to, [transport]);
  } else if (field === "icmp-id" && protocol === IPPROTO_ICMP) {
    if (getU16(bytes, l4 + 4) === from) put16(bytes, l4 + 4, to, [l4 + 2]);
  }
}

/** Where the transport's checksum lies behind an IPv6 header: ICMPv6 counts the addresses too (RFC 4443 2.3). */
function checksumAt6(bytes: Uint8Array, protocol: number, l4: number): number | undefined {
  return protocol === IPPROTO_ICMPV6 ? l4 + 2 : checksumAt(bytes, protocol, l4);
}

function putAddress6(bytes: Uint8Array, at: number, value: Ipv6, sum: number | undefined): void {
  value.forEach((word, i) => put16(bytes, at + 2 * i, word, [sum]));
}

/** The same for a packet of IPv6; what stands behind extension headers is not reached. */
function apply6(bytes: Uint8Array, ip: number, { field, from, to, from6, to6 }: Edit): void {
  const l4 = ip + IPV6_HEADER;
  const protocol = ipv6NextHeader(bytes, ip);
  if (field === "ttl") {
    if (ipv6HopLimit(bytes, ip) === from) setIpv6HopLimit(bytes, ip, to);
    return;
  }
  const sum = bytes.length < l4 + 8 ? undefined : checksumAt6(bytes, protocol, l4);
  if (field === "src" || field === "dst") {
    const at = field === "src" ? ip + 8 : ip + 24;
    const [old, now] = [parseIpv6(from6 ?? ""), parseIpv6(to6 ?? "")];
    if (old !== undefined && now !== undefined && sameIpv6(readIpv6(bytes, at), old))
      putAddress6(bytes, at, now, sum);
  } else if (sum !== undefined && (field === "sport" || field === "dport")) {
    const at = field === "sport" ? l4 : l4 + 2;
    if (getU16(bytes, at) === from) put16(bytes, at, to, [sum]);
  } else if (sum !== undefined && field === "icmp-id" && protocol === IPPROTO_ICMPV6) {
    if (getU16(bytes, l4 + 4) === from) put16(bytes, l4 + 4, to, [sum]);
  }
}

/** A frame with changes that were made to its outermost packet since it was seen; the checksums go with them. */
export function edited(bytes: Uint8Array, raw: boolean, edits: readonly Edit[]): Uint8Array {
  const ip = raw ? 0 : 14;
  if (edits.length === 0 || bytes.length < ip + 20) return bytes;
  const isSix = raw ? (bytes[0] ?? 0) >>> 4 === 6 : getU16(bytes, 12) === TYPE_IPV6;
  if (!raw && !isSix && getU16(bytes, 12) !== TYPE_IPV4) return bytes;
  if (isSix && bytes.length < ip + IPV6_HEADER) return bytes;
  const copy = bytes.slice();
  for (const edit of edits) (isSix ? apply6 : apply)(copy, ip, edit);
  return copy;
}
