/** UTF-8 by hand (RFC 3629): the pure layers know neither the DOM's nor Node's TextEncoder. Bad bytes decode as U+FFFD. */

export function utf8Encode(text: string): Uint8Array {
  const out: number[] = [];
  for (const ch of text) {
    const raw = ch.codePointAt(0)!;
    const c = raw >= 0xd800 && raw <= 0xdfff ? 0xfffd : raw;
    if (c < 0x80) out.push(c);
    else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(out);
}

/** Number of continuation bytes that a lead byte announces, or -1 for a byte that cannot lead. */
function continuation(lead: number): number {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead < 0xe0) return 1;
  if (lead >= 0xe0 && lead < 0xf0) return 2;
  if (lead >= 0xf0 && lead < 0xf5) return 3;
  return -1;
}

const LEAST = [0, 0x80, 0x800, 0x10000];

export function utf8Decode(bytes: Uint8Array): string {
  let s = "";
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i++]!;
    const n = continuation(lead);
    let c = n <= 0 ? lead : lead & (0x3f >> n);
    let seen = 0;
    while (seen < n && i < bytes.length && (bytes[i]! & 0xc0) === 0x80) {
      c = (c << 6) | (bytes[i++]! & 63);
      seen++;
    }
    const bad = n < 0 || seen < n || c < LEAST[n]! || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff);
    s += String.fromCodePoint(bad ? 0xfffd : c);
  }
  return s;
}
