/** Reads and writes in network byte order at an offset; bounds are the caller's business (wire decoders check them). */

export function getU8(b: Uint8Array, o: number): number {
  return b[o]!;
}

export function getU16(b: Uint8Array, o: number): number {
  return (b[o]! << 8) | b[o + 1]!;
}

/** Unsigned 32 bits, 0 to 2^32 - 1. */
export function getU32(b: Uint8Array, o: number): number {
  return ((b[o]! << 24) | (b[o + 1]! << 16) | (b[o + 2]! << 8) | b[o + 3]!) >>> 0;
}

/** 48 bits, as a number below 2^48. */
export function getU48(b: Uint8Array, o: number): number {
  return getU16(b, o) * 0x1_0000_0000 + getU32(b, o + 2);
}

export function setU8(b: Uint8Array, o: number, v: number): void {
  b[o] = v;
}

export function setU16(b: Uint8Array, o: number, v: number): void {
  b[o] = v >>> 8;
  b[o + 1] = v;
}

export function setU32(b: Uint8Array, o: number, v: number): void {
  b[o] = v >>> 24;
  b[o + 1] = v >>> 16;
  b[o + 2] = v >>> 8;
  b[o + 3] = v;
}

export function setU48(b: Uint8Array, o: number, v: number): void {
  setU16(b, o, Math.floor(v / 0x1_0000_0000));
  setU32(b, o + 2, v >>> 0);
}

/** Lower-case hex, two digits a byte, joined by `separator`. */
export function hex(b: Uint8Array, separator = ""): string {
  let s = "";
  for (let i = 0; i < b.length; i++) {
    if (i > 0) s += separator;
    s += (b[i]! < 16 ? "0" : "") + b[i]!.toString(16);
  }
  return s;
}

/** Bytes of a hex string; white space and colons are passed over. Undefined when a digit is missing or foreign. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:]/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let n = 0;
  for (const p of parts) n += p.length;
  const out = new Uint8Array(n);
  n = 0;
  for (const p of parts) {
    out.set(p, n);
    n += p.length;
  }
  return out;
}
