import type { Ipv4 } from "./address.ts";

/** The Internet checksum: RFC 1071 (computing it), RFC 1624 (changing it with the data). Allocates nothing. */

/** One's complement sum of the 16-bit words of [from, to), not yet folded; an odd last byte counts as the high half. */
export function partialSum(b: Uint8Array, from: number, to: number, initial = 0): number {
  let sum = initial;
  const even = to - ((to - from) & 1);
  for (let i = from; i < even; i += 2) sum += (b[i]! << 8) | b[i + 1]!;
  if (even < to) sum += b[even]! << 8;
  return sum;
}

/** Adds the carries back in until 16 bits remain (RFC 1071, section 1). Takes sums below 2^32: 128 KiB of data. */
export function foldSum(sum: number): number {
  let s = (sum & 0xffff) + (sum >>> 16);
  s = (s & 0xffff) + (s >>> 16);
  return (s & 0xffff) + (s >>> 16);
}

/** The value for a checksum field over [from, to), where the field itself holds zero; 0 over data that carries a right checksum. */
export function internetChecksum(b: Uint8Array, from: number, to: number, initial = 0): number {
  return foldSum(partialSum(b, from, to, initial)) ^ 0xffff;
}

/** The checksum field after one 16-bit word changed from `old` to `now` (RFC 1624, section 3, equation 3). */
export function checksumAdjust16(sum: number, old: number, now: number): number {
  let s = (sum ^ 0xffff) + (old ^ 0xffff) + now;
  s = (s & 0xffff) + (s >>> 16);
  s = (s & 0xffff) + (s >>> 16);
  return s ^ 0xffff;
}

/** The checksum field after a 32-bit field, such as an address, changed. */
export function checksumAdjust32(sum: number, old: number, now: number): number {
  return checksumAdjust16(checksumAdjust16(sum, old >>> 16, now >>> 16), old & 0xffff, now & 0xffff);
}

/** Unfolded sum of the IPv4 pseudo header (RFC 768; RFC 9293, section 3.1): the `initial` of a UDP or TCP checksum. */
export function pseudoHeaderSum(src: Ipv4, dst: Ipv4, protocol: number, length: number): number {
  return (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + protocol + length;
}

/** Unfolded sum of the IPv6 pseudo header (RFC 8200, section 8.1); the addresses are the 32 bytes at `o`. */
export function pseudoHeaderSum6(b: Uint8Array, o: number, protocol: number, length: number): number {
  return partialSum(b, o, o + 32) + protocol + (length >>> 16) + (length & 0xffff);
}

const CRC32C = new Uint32Array(256).map((_, i) => {
  let c = i;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) === 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c;
});

/** The checksum of SCTP (RFC 9260, appendix A) over [from, to); its own field is to hold zero. To be stored little end first. */
export function crc32c(b: Uint8Array, from: number, to: number): number {
  let c = 0xffffffff;
  for (let i = from; i < to; i++) c = (c >>> 8) ^ CRC32C[(c ^ b[i]!) & 0xff]!;
  return (c ^ 0xffffffff) >>> 0;
}
