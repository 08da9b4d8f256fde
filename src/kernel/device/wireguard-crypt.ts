import { getU32, setU32 } from "../../base/bytes.ts";

/**
 * WireGuard's messages (wireguard.com/protocol) in their true sizes and with their clear fields, but without its cryptography:
 * what should be secret is masked by a keystream that anybody could compute, and what should authenticate is a hash.
 * Whoever holds the wrong key is refused all the same.
 */

export const INITIATION = 1;
export const RESPONSE = 2;
export const DATA = 4;

export const INITIATION_LENGTH = 148;
export const RESPONSE_LENGTH = 92;
/** Type, receiver index and counter before the payload, and the tag behind it. */
export const DATA_HEADER = 16;
export const TAG = 16;

const KEY = 32;

/** FNV-1a over bytes. */
function hash(bytes: Uint8Array, seed = 0): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (const b of bytes) h = Math.imul(h ^ b, 0x01000193) >>> 0;
  return h;
}

/** Masks bytes in place; doing it twice undoes it. */
function mask(b: Uint8Array, from: number, to: number, seed: number): void {
  let x = seed | 1;
  for (let i = from; i < to; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    b[i]! ^= x & 255;
  }
}

/** Fills a field that nobody reads. */
function noise(b: Uint8Array, from: number, to: number, seed: number): void {
  b.fill(0, from, to);
  mask(b, from, to, seed);
}

const NO_KEY = new Uint8Array(KEY);

/** First message: who I am, for whom it is. */
export function initiation(index: number, own: Uint8Array, peer: Uint8Array, at: number): Uint8Array {
  const b = new Uint8Array(INITIATION_LENGTH);
  b[0] = INITIATION;
  setU32(b, 4, index);
  noise(b, 8, 40, index ^ at);
  b.set(own, 40);
  mask(b, 40, 88, hash(peer, index));
  noise(b, 88, 116, at);
  setU32(b, 116, hash(peer, 1));
  noise(b, 120, 132, hash(peer, 2));
  return b;
}

/** The sender's public key, if the message is meant for `own`. */
export function initiator(b: Uint8Array, own: Uint8Array): Uint8Array | undefined {
  if (b.length !== INITIATION_LENGTH || getU32(b, 116) !== hash(own, 1)) return undefined;
  const key = b.slice(40, 88);
  mask(key, 0, key.length, hash(own, getU32(b, 4)));
  return key.slice(0, KEY);
}

/** Second message: it proves that both have the same preshared key. */
export function response(
  index: number,
  of: number,
  peer: Uint8Array,
  psk: Uint8Array | undefined,
): Uint8Array {
  const b = new Uint8Array(RESPONSE_LENGTH);
  b[0] = RESPONSE;
  setU32(b, 4, index);
  setU32(b, 8, of);
  noise(b, 12, 44, index);
  setU32(b, 44, hash(psk ?? NO_KEY, of));
  noise(b, 48, 60, index ^ of);
  setU32(b, 60, hash(peer, 1));
  noise(b, 64, 76, hash(peer, 2));
  return b;
}

export function responseFits(b: Uint8Array, psk: Uint8Array | undefined): boolean {
  return b.length === RESPONSE_LENGTH && getU32(b, 44) === hash(psk ?? NO_KEY, getU32(b, 8));
}

/** Writes the clear header at `at` and masks the payload of `length` padded bytes behind it; the tag follows. */
export function seal(b: Uint8Array, at: number, length: number, receiver: number, counter: number): void {
  b.fill(0, at, at + DATA_HEADER);
  b[at] = DATA;
  setU32(b, at + 4, receiver);
  b[at + 8] = counter & 255;
  b[at + 9] = (counter >>> 8) & 255;
  b[at + 10] = (counter >>> 16) & 255;
  b[at + 11] = counter >>> 24;
  const body = at + DATA_HEADER;
  mask(b, body, body + length, receiver ^ counter);
  noise(b, body + length, body + length + TAG, receiver ^ ~counter);
}

/** The reverse of `seal`: the payload from `at + DATA_HEADER` to `end - TAG` can be read. */
export function open(b: Uint8Array, at: number, end: number): void {
  const counter = b[at + 8]! | (b[at + 9]! << 8) | (b[at + 10]! << 16) | (b[at + 11]! << 24);
  mask(b, at + DATA_HEADER, end - TAG, getU32(b, at + 4) ^ counter);
}
