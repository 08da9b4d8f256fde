import type { Brand } from "../base/brand.ts";
import { getU48, setU48 } from "../base/bytes.ts";

/** An IPv4 address as an unsigned 32-bit number, most significant octet first. */
export type Ipv4 = Brand<number, "Ipv4">;

/** A 48-bit Ethernet address as a number below 2^48. */
export type Mac = Brand<number, "Mac">;

/** An IPv4 address with a prefix length (0 to 32), host bits kept. */
export interface Ipv4Prefix {
  readonly address: Ipv4;
  readonly length: number;
}

export const IPV4_ANY = 0 as Ipv4;
export const IPV4_LOOPBACK = 0x7f000001 as Ipv4;
export const IPV4_BROADCAST = 0xffffffff as Ipv4;
export const MAC_ZERO = 0 as Mac;
export const MAC_BROADCAST = 0xffffffffffff as Mac;

export function ipv4(value: number): Ipv4 {
  return (value >>> 0) as Ipv4;
}

/** Dotted quad, each part 0 to 255 without sign; undefined for anything else. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (m === null) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = Number(m[i]);
    if (part > 255) return undefined;
    value = value * 256 + part;
  }
  return value as Ipv4;
}

export function formatIpv4(a: Ipv4): string {
  return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
}

/** `10.0.0.1/24`, or a bare address as /32. */
export function parsePrefix(text: string): Ipv4Prefix | undefined {
  const slash = text.indexOf("/");
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { address, length: 32 };
  const tail = text.slice(slash + 1);
  if (!/^\d{1,2}$/.test(tail) || Number(tail) > 32) return undefined;
  return { address, length: Number(tail) };
}

export function formatPrefix(p: Ipv4Prefix): string {
  return `${formatIpv4(p.address)}/${p.length}`;
}

/** The netmask of a prefix length. */
export function mask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The network address: host bits cleared. */
export function network(address: Ipv4, length: number): Ipv4 {
  return ((address & mask(length)) >>> 0) as Ipv4;
}

/** The directed broadcast address: host bits set. */
export function broadcast(address: Ipv4, length: number): Ipv4 {
  return ((address | ~mask(length)) >>> 0) as Ipv4;
}

export function inPrefix(address: Ipv4, base: Ipv4, length: number): boolean {
  return ((address ^ base) & mask(length)) === 0;
}

export function isMulticast(a: Ipv4): boolean {
  return a >>> 28 === 14;
}

export function isLoopback(a: Ipv4): boolean {
  return a >>> 24 === 127;
}

/** Six hex octets joined by colons, as iproute2 takes them. */
export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  return text.split(":").reduce((v, part) => v * 256 + parseInt(part, 16), 0) as Mac;
}

export function formatMac(m: Mac): string {
  let s = "";
  for (let i = 5; i >= 0; i--) {
    const octet = Math.floor(m / 2 ** (8 * i)) % 256;
    s += (octet < 16 ? "0" : "") + octet.toString(16) + (i > 0 ? ":" : "");
  }
  return s;
}

export function readMac(b: Uint8Array, o: number): Mac {
  return getU48(b, o) as Mac;
}

export function writeMac(b: Uint8Array, o: number, m: Mac): void {
  setU48(b, o, m);
}

/** Group bit: multicast or broadcast. */
export function isGroupMac(m: Mac): boolean {
  return Math.floor(m / 0x100_0000_0000) % 2 === 1;
}

/** RFC 1112, section 6.4: the Ethernet group of an IPv4 multicast address. */
export function multicastMac(a: Ipv4): Mac {
  return (0x01005e000000 + (a & 0x7fffff)) as Mac;
}
