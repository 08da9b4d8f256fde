/** The AES block cipher (FIPS 197), encryption by one table of 256 words, decryption by the plain inverse steps. */

const SBOX = new Uint8Array(256);
const INVERSE = new Uint8Array(256);
/** SubBytes and MixColumns of one byte in the first row; the other rows are rotations of it. */
const TABLE = new Uint32Array(256);

const double = (x: number): number => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;

/** Walks the field's generator 3 beside its inverse, as FIPS 197 5.1.1 defines the box. */
function makeTables(): void {
  let p = 1;
  let q = 1;
  do {
    p = (p ^ double(p)) & 0xff;
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    const turned = q ^ rotated(q, 1) ^ rotated(q, 2) ^ rotated(q, 3) ^ rotated(q, 4);
    SBOX[p] = turned ^ 0x63;
  } while (p !== 1);
  SBOX[0] = 0x63;
  for (let i = 0; i < 256; i++) {
    const s = SBOX[i]!;
    INVERSE[s] = i;
    TABLE[i] = (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s);
  }
}

const rotated = (byte: number, by: number): number => ((byte << by) | (byte >>> (8 - by))) & 0xff;
const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

makeTables();

export const AES_BLOCK = 16;

/** Whether AES has keys of this many bytes. */
export function isAesKey(bytes: number): boolean {
  return bytes === 16 || bytes === 24 || bytes === 32;
}

export class Aes {
  private readonly keys: Uint32Array;
  private readonly rounds: number;

  /** A key of 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    const words = key.length / 4;
    this.rounds = words + 6;
    this.keys = new Uint32Array(4 * (this.rounds + 1));
    let constant = 1;
    for (let i = 0; i < this.keys.length; i++) {
      if (i < words) {
        this.keys[i] = wordAt(key, 4 * i);
        continue;
      }
      let t = this.keys[i - 1]!;
      if (i % words === 0) {
        t = substitute(turn(t, 24)) ^ (constant << 24);
        constant = double(constant);
      } else if (words > 6 && i % words === 4) t = substitute(t);
      this.keys[i] = this.keys[i - words]! ^ t;
    }
  }

  /** Encrypts the block at `from` of `b` to `to` of `out`; the two may be one. */
  encrypt(b: Uint8Array, from: number, out: Uint8Array, to: number): void {
    const { keys, rounds } = this;
    let s0 = wordAt(b, from) ^ keys[0]!;
    let s1 = wordAt(b, from + 4) ^ keys[1]!;
    let s2 = wordAt(b, from + 8) ^ keys[2]!;
    let s3 = wordAt(b, from + 12) ^ keys[3]!;
    for (let round = 1; round < rounds; round++) {
      const k = 4 * round;
      const t0 = mixed(s0, s1, s2, s3) ^ keys[k]!;
      const t1 = mixed(s1, s2, s3, s0) ^ keys[k + 1]!;
      const t2 = mixed(s2, s3, s0, s1) ^ keys[k + 2]!;
      s3 = mixed(s3, s0, s1, s2) ^ keys[k + 3]!;
      [s0, s1, s2] = [t0, t1, t2];
    }
    const k = 4 * rounds;
    putWord(out, to, boxed(s0, s1, s2, s3) ^ keys[k]!);
    putWord(out, to + 4, boxed(s1, s2, s3, s0) ^ keys[k + 1]!);
    putWord(out, to + 8, boxed(s2, s3, s0, s1) ^ keys[k + 2]!);
    putWord(out, to + 12, boxed(s3, s0, s1, s2) ^ keys[k + 3]!);
  }

  /** The reverse, in place. */
  decrypt(b: Uint8Array, at: number): void {
    const s = b.subarray(at, at + AES_BLOCK);
    const old = new Uint8Array(AES_BLOCK);
    this.addKey(s, this.rounds);
    for (let round = this.rounds - 1; round >= 0; round--) {
      old.set(s);
      for (let i = 0; i < 16; i++) s[i] = INVERSE[old[(i + 16 - 4 * (i & 3)) & 15]!]!;
      this.addKey(s, round);
      if (round > 0) for (let column = 0; column < 16; column += 4) unmix(s, column);
    }
  }

  private addKey(s: Uint8Array, round: number): void {
    for (let i = 0; i < 16; i++) s[i]! ^= this.keys[4 * round + (i >> 2)]! >>> (24 - 8 * (i & 3));
  }
}

/** One column of the next state: a byte of each word in turn (ShiftRows), through the table. */
function mixed(a: number, b: number, c: number, d: number): number {
  return (
    TABLE[a >>> 24]! ^
    turn(TABLE[(b >>> 16) & 0xff]!, 8) ^
    turn(TABLE[(c >>> 8) & 0xff]!, 16) ^
    turn(TABLE[d & 0xff]!, 24)
  );
}

/** The same in the last round, which does not mix. */
function boxed(a: number, b: number, c: number, d: number): number {
  return (
    (SBOX[a >>> 24]! << 24) |
    (SBOX[(b >>> 16) & 0xff]! << 16) |
    (SBOX[(c >>> 8) & 0xff]! << 8) |
    SBOX[d & 0xff]!
  );
}

function substitute(word: number): number {
  return boxed(word, word, word, word);
}

function unmix(s: Uint8Array, at: number): void {
  const a = s[at]!;
  const b = s[at + 1]!;
  const c = s[at + 2]!;
  const d = s[at + 3]!;
  const x = double(double(a ^ c));
  const y = double(double(b ^ d));
  const z = double(x ^ y);
  const all = a ^ b ^ c ^ d;
  s[at] = a ^ all ^ double(a ^ b) ^ x ^ z;
  s[at + 1] = b ^ all ^ double(b ^ c) ^ y ^ z;
  s[at + 2] = c ^ all ^ double(c ^ d) ^ x ^ z;
  s[at + 3] = d ^ all ^ double(d ^ a) ^ y ^ z;
}

function wordAt(b: Uint8Array, at: number): number {
  return (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!;
}

function putWord(b: Uint8Array, at: number, word: number): void {
  b[at] = word >>> 24;
  b[at + 1] = word >>> 16;
  b[at + 2] = word >>> 8;
  b[at + 3] = word;
}
