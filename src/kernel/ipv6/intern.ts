import type { Brand } from "../../base/brand.ts";
import { getU32, setU32 } from "../../base/bytes.ts";
import { formatIpv6, type Ipv6 } from "../../wire/address6.ts";

/**
 * An IPv6 address inside the kernel: its number in the kernel's `AddressBook6`. Equal addresses have equal numbers, so
 * tables are keyed by it and comparison is `===`, as with IPv4. It means nothing outside one kernel: uapi speaks `Ipv6`.
 */
export type Addr6 = Brand<number, "Addr6">;

/** `::` */
export const ANY6 = 0 as Addr6;
/** `::1` */
export const LOOPBACK6 = 1 as Addr6;
/** ff02::1 */
export const ALL_NODES6 = 2 as Addr6;
/** ff02::2 */
export const ALL_ROUTERS6 = 3 as Addr6;

/** Scopes of RFC 4007 as the fourth nibble of a group has them; Linux ranks unicast addresses by the same numbers. */
export const SCOPE6_NODE = 1;
export const SCOPE6_LINK = 2;
export const SCOPE6_SITE = 5;
export const SCOPE6_GLOBAL = 14;

/** Every IPv6 address that a kernel has met, each once. Looking one up allocates nothing unless it is new. */
export class AddressBook6 {
  private words = new Uint32Array(4 * 256);
  private count = 0;
  /** Open addressing: number + 1, or 0. */
  private slots = new Int32Array(1024);

  constructor() {
    this.intern(0, 0, 0, 0);
    this.intern(0, 0, 0, 1);
    this.intern(0xff020000, 0, 0, 1);
    this.intern(0xff020000, 0, 0, 2);
  }

  /** The number of an address of four 32-bit words, or -1 when it was never met. */
  find(a: number, b: number, c: number, d: number): Addr6 | -1 {
    const mask = this.slots.length - 1;
    for (let i = hash(a, b, c, d) & mask; ; i = (i + 1) & mask) {
      const n = this.slots[i]! - 1;
      if (n < 0) return -1;
      const o = 4 * n;
      const w = this.words;
      if (w[o] === a && w[o + 1] === b && w[o + 2] === c && w[o + 3] === d) return n as Addr6;
    }
  }

  intern(a: number, b: number, c: number, d: number): Addr6 {
    const known = this.find(a, b, c, d);
    return known >= 0 ? (known as Addr6) : this.enter(a, b, c, d);
  }

  private enter(a: number, b: number, c: number, d: number): Addr6 {
    if (4 * this.count === this.words.length) this.grow();
    const n = this.count++;
    this.words.set([a, b, c, d], 4 * n);
    this.place(n);
    return n as Addr6;
  }

  private place(n: number): void {
    const mask = this.slots.length - 1;
    const o = 4 * n;
    const w = this.words;
    let i = hash(w[o]!, w[o + 1]!, w[o + 2]!, w[o + 3]!) & mask;
    while (this.slots[i] !== 0) i = (i + 1) & mask;
    this.slots[i] = n + 1;
  }

  private grow(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.slots = new Int32Array(this.slots.length * 2);
    for (let n = 0; n < this.count; n++) this.place(n);
  }

  /** The address that stands at `o`. */
  read(b: Uint8Array, o: number): Addr6 {
    return this.intern(getU32(b, o), getU32(b, o + 4), getU32(b, o + 8), getU32(b, o + 12));
  }

  write(b: Uint8Array, o: number, address: Addr6): void {
    for (let i = 0; i < 4; i++) setU32(b, o + 4 * i, this.words[4 * address + i]!);
  }

  /** From the form of uapi. */
  of(a: Ipv6): Addr6 {
    const word = (i: number): number => ((a[i]! << 16) | a[i + 1]!) >>> 0;
    return this.intern(word(0), word(2), word(4), word(6));
  }

  /** In the form of uapi. */
  groups(address: Addr6): Ipv6 {
    const out: number[] = [];
    for (let i = 0; i < 4; i++) {
      const w = this.word(address, i);
      out.push(w >>> 16, w & 0xffff);
    }
    return out as readonly number[] as Ipv6;
  }

  text(address: Addr6): string {
    return formatIpv6(this.groups(address));
  }

  /** The `i`th of its four 32-bit words. */
  word(address: Addr6, i: number): number {
    return this.words[4 * address + i]!;
  }

  /** The address with the bits behind `length` cleared. */
  masked(address: Addr6, length: number): Addr6 {
    const o = 4 * address;
    const w = this.words;
    return this.intern(
      (w[o]! & mask32(length)) >>> 0,
      (w[o + 1]! & mask32(length - 32)) >>> 0,
      (w[o + 2]! & mask32(length - 64)) >>> 0,
      (w[o + 3]! & mask32(length - 96)) >>> 0,
    );
  }

  /** As `masked`, but -1 when nobody knows that network: then no table can hold it. */
  findMasked(address: Addr6, length: number): Addr6 | -1 {
    const o = 4 * address;
    const w = this.words;
    return this.find(
      (w[o]! & mask32(length)) >>> 0,
      (w[o + 1]! & mask32(length - 32)) >>> 0,
      (w[o + 2]! & mask32(length - 64)) >>> 0,
      (w[o + 3]! & mask32(length - 96)) >>> 0,
    );
  }

  inPrefix(address: Addr6, base: Addr6, length: number): boolean {
    const [x, y] = [4 * address, 4 * base];
    const w = this.words;
    for (let i = 0; i < 4 && length > 32 * i; i++)
      if (((w[x + i]! ^ w[y + i]!) & mask32(length - 32 * i)) !== 0) return false;
    return true;
  }

  /** Leading bits that two addresses share, at most 128. Models: ipv6_addr_diff. */
  commonBits(a: Addr6, b: Addr6): number {
    for (let i = 0; i < 4; i++) {
      const difference = (this.word(a, i) ^ this.word(b, i)) >>> 0;
      if (difference !== 0) return 32 * i + Math.clz32(difference);
    }
    return 128;
  }

  /** Order of the numbers that the addresses are. */
  compare(a: Addr6, b: Addr6): number {
    for (let i = 0; i < 4; i++) {
      const difference = this.word(a, i) - this.word(b, i);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** ff00::/8 */
  isMulticast(address: Addr6): boolean {
    return this.words[4 * address]! >>> 24 === 0xff;
  }

  /** fe80::/10 */
  isLinkLocal(address: Addr6): boolean {
    return this.words[4 * address]! >>> 22 === 0x3fa;
  }

  /** ::ffff:0:0/96 */
  isMapped(address: Addr6): boolean {
    const o = 4 * address;
    const w = this.words;
    return w[o] === 0 && w[o + 1] === 0 && w[o + 2] === 0xffff;
  }

  /** Only meaningful with a device: link-local addresses and groups. Models: rt6_need_strict. */
  needsDevice(address: Addr6): boolean {
    const first = this.words[4 * address]!;
    return first >>> 24 === 0xff || first >>> 22 === 0x3fa || address === LOOPBACK6;
  }

  /** Models: ipv6_addr_scope, RFC 4007: a group says its scope, other addresses have it by their prefix. */
  scope(address: Addr6): number {
    const first = this.words[4 * address]!;
    if (first >>> 24 === 0xff) return (first >>> 16) & 15;
    if (first >>> 22 === 0x3fa || address === LOOPBACK6) return SCOPE6_LINK;
    return first >>> 22 === 0x3fb ? SCOPE6_SITE : SCOPE6_GLOBAL;
  }

  /** ff02::1:ffXX:XXXX, where a neighbour is asked for `address` (RFC 4291, section 2.7.1). */
  solicitedNode(address: Addr6): Addr6 {
    return this.intern(0xff020000, 0, 1, (0xff000000 | (this.word(address, 3) & 0xffffff)) >>> 0);
  }
}

/** The upper `bits` of 32. */
function mask32(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : ~(0xffffffff >>> bits);
}

function hash(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + b, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 13)) + c, 0x27d4eb2f);
  h = Math.imul((h ^ (h >>> 16)) + d, 0x165667b1);
  return h ^ (h >>> 15);
}
