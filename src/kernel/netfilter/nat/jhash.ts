/**
 * Bob Jenkins' lookup3 (public domain, 2006) over 32-bit words: what Linux picks an address of a NAT range with, so that
 * the same client gets the same one here as there.
 */
const GOLDEN = 0xdeadbeef;

function rot(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

export function jhash2(words: readonly number[], seed: number): number {
  let left = words.length;
  let a = (GOLDEN + (left << 2) + seed) | 0;
  let b = a;
  let c = a;
  let at = 0;
  while (left > 3) {
    a = (a + words[at]!) | 0;
    b = (b + words[at + 1]!) | 0;
    c = (c + words[at + 2]!) | 0;
    a = ((a - c) ^ rot(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rot(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rot(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rot(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rot(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rot(b, 4)) | 0;
    b = (b + a) | 0;
    left -= 3;
    at += 3;
  }
  if (left === 0) return c >>> 0;
  if (left > 2) c = (c + words[at + 2]!) | 0;
  if (left > 1) b = (b + words[at + 1]!) | 0;
  a = (a + words[at]!) | 0;
  c = ((c ^ b) - rot(b, 14)) | 0;
  a = ((a ^ c) - rot(c, 11)) | 0;
  b = ((b ^ a) - rot(a, 25)) | 0;
  c = ((c ^ b) - rot(b, 16)) | 0;
  a = ((a ^ c) - rot(c, 4)) | 0;
  b = ((b ^ a) - rot(a, 14)) | 0;
  c = ((c ^ b) - rot(b, 24)) | 0;
  return c >>> 0;
}

/** Maps a 32-bit hash onto [0, n). Models: reciprocal_scale. */
export function scale(hash: number, n: number): number {
  return Math.floor((hash * n) / 0x1_0000_0000);
}
