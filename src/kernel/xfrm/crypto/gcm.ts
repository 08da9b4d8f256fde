import { Aes, AES_BLOCK } from "./aes.ts";

/** Galois/Counter Mode over AES (NIST SP 800-38D), for nonces of 12 bytes. */

/** Reduction of four bits that fall off the right end of a product in GF(2^128). */
const REDUCE = Uint16Array.from([
  0x0000, 0x1c20, 0x3840, 0x2460, 0x7080, 0x6ca0, 0x48c0, 0x54e0, 0xe100, 0xfd20, 0xd940, 0xc560, 0x9180,
  0x8da0, 0xa9c0, 0xb5e0,
]);

/** Multiples of the hash key by the 16 values of four bits: four words each. */
function multiples(h: Uint8Array): Uint32Array {
  const table = new Uint32Array(64);
  let v = Array.from({ length: 4 }, (_, i) => wordAt(h, 4 * i));
  for (let bit = 8; bit > 0; bit >>= 1) {
    table.set(v, 4 * bit);
    const low = v[3]! & 1;
    v = v.map((word, i) => ((word >>> 1) | (i === 0 ? 0 : v[i - 1]! << 31)) >>> 0);
    if (low !== 0) v[0] = (v[0]! ^ 0xe100_0000) >>> 0;
  }
  for (let i = 2; i < 16; i <<= 1)
    for (let j = 1; j < i; j++)
      for (let w = 0; w < 4; w++) table[4 * (i + j) + w] = table[4 * i + w]! ^ table[4 * j + w]!;
  return table;
}

export class Gcm {
  private readonly aes: Aes;
  private readonly table: Uint32Array;
  private readonly sum = new Uint32Array(4);
  private readonly counter = new Uint8Array(AES_BLOCK);
  private readonly pad = new Uint8Array(AES_BLOCK);

  constructor(key: Uint8Array) {
    this.aes = new Aes(key);
    const h = new Uint8Array(AES_BLOCK);
    this.aes.encrypt(h, 0, h, 0);
    this.table = multiples(h);
  }

  /** Encrypts `b` from `from` to `to` in place and returns the tag of 16 bytes. */
  seal(nonce: Uint8Array, aad: Uint8Array, b: Uint8Array, from: number, to: number): Uint8Array {
    this.crypt(nonce, b, from, to);
    return this.tag(nonce, aad, b, from, to);
  }

  /** Decrypts in place if the tag, which may be cut short, is right. */
  open(
    nonce: Uint8Array,
    aad: Uint8Array,
    b: Uint8Array,
    from: number,
    to: number,
    tag: Uint8Array,
  ): boolean {
    const right = this.tag(nonce, aad, b, from, to);
    if (!tag.every((byte, i) => byte === right[i])) return false;
    this.crypt(nonce, b, from, to);
    return true;
  }

  private crypt(nonce: Uint8Array, b: Uint8Array, from: number, to: number): void {
    for (let at = from, block = 2; at < to; at += AES_BLOCK, block++) {
      this.keystream(nonce, block);
      const end = Math.min(at + AES_BLOCK, to);
      for (let i = at; i < end; i++) b[i]! ^= this.pad[i - at]!;
    }
  }

  private keystream(nonce: Uint8Array, block: number): void {
    const { counter } = this;
    counter.set(nonce);
    counter[12] = block >>> 24;
    counter[13] = block >>> 16;
    counter[14] = block >>> 8;
    counter[15] = block;
    this.aes.encrypt(counter, 0, this.pad, 0);
  }

  private tag(nonce: Uint8Array, aad: Uint8Array, b: Uint8Array, from: number, to: number): Uint8Array {
    const { sum } = this;
    sum.fill(0);
    this.absorb(aad, 0, aad.length);
    this.absorb(b, from, to);
    sum[1]! ^= aad.length * 8;
    sum[3]! ^= (to - from) * 8;
    this.multiply();
    this.keystream(nonce, 1);
    return this.pad.map((byte, i) => byte ^ (sum[i >> 2]! >>> (24 - 8 * (i & 3))));
  }

  private absorb(b: Uint8Array, from: number, to: number): void {
    const { sum } = this;
    for (let at = from; at < to; at += AES_BLOCK) {
      const end = Math.min(at + AES_BLOCK, to);
      for (let i = at; i < end; i++) sum[(i - at) >> 2]! ^= b[i]! << (24 - 8 * ((i - at) & 3));
      this.multiply();
    }
  }

  /** The sum times the hash key, four bits at a time from the right end (Shoup's tables). */
  private multiply(): void {
    const { sum, table } = this;
    let z0 = 0;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    for (let n = 31; n >= 0; n--) {
      if (n !== 31) {
        const fell = z3 & 15;
        z3 = (z3 >>> 4) | (z2 << 28);
        z2 = (z2 >>> 4) | (z1 << 28);
        z1 = (z1 >>> 4) | (z0 << 28);
        z0 = (z0 >>> 4) ^ (REDUCE[fell]! << 16);
      }
      const at = 4 * ((sum[n >> 3]! >>> (28 - 4 * (n & 7))) & 15);
      z0 ^= table[at]!;
      z1 ^= table[at + 1]!;
      z2 ^= table[at + 2]!;
      z3 ^= table[at + 3]!;
    }
    sum[0] = z0;
    sum[1] = z1;
    sum[2] = z2;
    sum[3] = z3;
  }
}

function wordAt(b: Uint8Array, at: number): number {
  return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
}
