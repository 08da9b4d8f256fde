import { err, ok, type Result } from "./result.ts";

/** RFC 4648, section 4: base64 with padding. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function encodeBase64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += ALPHABET[word >>> 18]! + ALPHABET[(word >>> 12) & 63]!;
    out += left > 1 ? ALPHABET[(word >>> 6) & 63]! : "=";
    out += left > 2 ? ALPHABET[word & 63]! : "=";
  }
  return out;
}

/** Only what `encodeBase64` would write: padded, without stray bits. */
export function decodeBase64(text: string): Result<Uint8Array, "not-base64"> {
  const body = text.replace(/={1,2}$/, "");
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*$/.test(body)) return err("not-base64");
  const out = new Uint8Array(Math.floor((body.length * 3) / 4));
  let [word, bits, at] = [0, 0, 0];
  for (const c of body) {
    word = ((word << 6) | ALPHABET.indexOf(c)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (word >>> bits) & 255;
    }
  }
  return encodeBase64(out) === text ? ok(out) : err("not-base64");
}
