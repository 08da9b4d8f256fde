import type { Brand } from "../base/brand.ts";
import { getU16, getU32 } from "../base/bytes.ts";
import { formatMac, parseIpv4, type Ipv4, type Mac } from "./address.ts";

/** IPv6 addresses (RFC 4291) and their one right spelling (RFC 5952). */

/** The eight 16-bit groups of an IPv6 address, first group first. */
export type Ipv6 = Brand<readonly number[], "Ipv6">;

/** An IPv6 address with a prefix length (0 to 128), host bits kept. */
export interface Ipv6Prefix {
  readonly address: Ipv6;
  readonly length: number;
}

export const IPV6_ANY = [0, 0, 0, 0, 0, 0, 0, 0] as readonly number[] as Ipv6;
export const IPV6_LOOPBACK = [0, 0, 0, 0, 0, 0, 0, 1] as readonly number[] as Ipv6;
/** ff02::1, every node on the link (RFC 4291, section 2.7.1). */
export const IPV6_ALL_NODES = [0xff02, 0, 0, 0, 0, 0, 0, 1] as readonly number[] as Ipv6;
/** ff02::2, every router on the link. */
export const IPV6_ALL_ROUTERS = [0xff02, 0, 0, 0, 0, 0, 0, 2] as readonly number[] as Ipv6;

export function readIpv6(b: Uint8Array, o: number): Ipv6 {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(getU16(b, o + i));
  return groups as readonly number[] as Ipv6;
}

export function writeIpv6(b: Uint8Array, o: number, a: Ipv6): void {
  for (let i = 0; i < 8; i++) {
    b[o + 2 * i] = a[i]! >>> 8;
    b[o + 2 * i + 1] = a[i]!;
  }
}

export function sameIpv6(a: Ipv6, b: Ipv6): boolean {
  for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The groups of a run of `h:h:h`; the last may be a dotted quad when `quad` is set. Undefined when one is no group. */
function groupsOf(text: string, quad: boolean): number[] | undefined {
  if (text === "") return [];
  const out: number[] = [];
  const words = text.split(":");
  for (const [i, word] of words.entries()) {
    const v4 = quad && i === words.length - 1 && word.includes(".") ? parseIpv4(word) : undefined;
    if (v4 !== undefined) out.push(v4 >>> 16, v4 & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(word)) out.push(parseInt(word, 16));
    else return undefined;
  }
  return out;
}

/** Every form of RFC 4291, section 2.2, without zone; undefined for anything else. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const compressed = halves.length === 2;
  const head = groupsOf(halves[0]!, !compressed);
  const tail = compressed ? groupsOf(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (compressed ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail] as readonly number[] as Ipv6;
}

/** Where the first of the longest runs of two or more zero groups stands (RFC 5952, section 4.2). */
function zeroRun(a: Ipv6): { readonly at: number; readonly length: number } {
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && a[i + n] === 0) n++;
    if (n > best.length) best = { at: i, length: n };
    if (n > 0) i += n;
  }
  return best;
}

/** RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`; IPv4-mapped with a dotted tail (section 5). */
export function formatIpv6(a: Ipv6): string {
  if (isMapped(a)) {
    const quad = [a[6]! >>> 8, a[6]! & 255, a[7]! >>> 8, a[7]! & 255];
    return `::ffff:${quad.join(".")}`;
  }
  const run = zeroRun(a);
  const text = (groups: readonly number[]): string => groups.map((g) => g.toString(16)).join(":");
  if (run.at < 0) return text(a);
  return `${text(a.slice(0, run.at))}::${text(a.slice(run.at + run.length))}`;
}

/** ::ffff:0:0/96 (RFC 4291, section 2.5.5.2). */
function isMapped(a: Ipv6): boolean {
  return a[0] === 0 && a[1] === 0 && a[2] === 0 && a[3] === 0 && a[4] === 0 && a[5] === 0xffff;
}

/** `fd00::1/64`, or a bare address as /128. */
export function parsePrefix6(text: string): Ipv6Prefix | undefined {
  const slash = text.indexOf("/");
  const address = parseIpv6(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { address, length: 128 };
  const tail = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(tail) || Number(tail) > 128) return undefined;
  return { address, length: Number(tail) };
}

export function formatPrefix6(p: Ipv6Prefix): string {
  return `${formatIpv6(p.address)}/${p.length}`;
}

export function inPrefix6(address: Ipv6, base: Ipv6, length: number): boolean {
  for (let i = 0; i < 8; i++) {
    const bits = Math.min(16, Math.max(0, length - 16 * i));
    const mask = (0xffff << (16 - bits)) & 0xffff;
    if (((address[i]! ^ base[i]!) & mask) !== 0) return false;
  }
  return true;
}

/** ff00::/8. */
export function isMulticast6(a: Ipv6): boolean {
  return a[0]! >>> 8 === 0xff;
}

/** fe80::/10. */
export function isLinkLocal6(a: Ipv6): boolean {
  return (a[0]! & 0xffc0) === 0xfe80;
}

/** The group that a neighbour solicitation for `a` goes to: ff02::1:ffXX:XXXX (RFC 4291, section 2.7.1). */
export function solicitedNode(a: Ipv6): Ipv6 {
  return [0xff02, 0, 0, 0, 0, 1, 0xff00 | (a[6]! & 0xff), a[7]!] as readonly number[] as Ipv6;
}

/** The Ethernet group of an IPv6 group: 33:33 and its last 32 bits (RFC 2464, section 7). */
export function multicastMac6(a: Ipv6): Mac {
  return (0x3333_0000_0000 + a[6]! * 0x1_0000 + a[7]!) as Mac;
}

/** The link-local address Linux makes of an Ethernet address (modified EUI-64: RFC 4291, appendix A). */
export function linkLocalOf(m: Mac): Ipv6 {
  const octets = formatMac(m)
    .split(":")
    .map((h) => parseInt(h, 16));
  const at = (i: number): number => octets[i]!;
  const words = [((at(0) ^ 2) << 8) | at(1), (at(2) << 8) | 0xff, 0xfe00 | at(3), (at(4) << 8) | at(5)];
  return [0xfe80, 0, 0, 0, ...words] as readonly number[] as Ipv6;
}

/** ::ffff:a.b.c.d. */
export function mappedIpv4(a: Ipv4): Ipv6 {
  return [0, 0, 0, 0, 0, 0xffff, a >>> 16, a & 0xffff] as readonly number[] as Ipv6;
}

/** True when the 16 bytes at `o` are all zero, without reading them as an address. */
export function isAny6(b: Uint8Array, o: number): boolean {
  return (getU32(b, o) | getU32(b, o + 4) | getU32(b, o + 8) | getU32(b, o + 12)) === 0;
}
