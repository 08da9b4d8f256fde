import { hexNumber, type Printer } from "./printer.ts";

/** The OPT pseudo record (RFC 6891) and its options. */

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "LLQ"],
  [2, "UL"],
  [3, "NSID"],
  [5, "DAU"],
  [6, "DHU"],
  [7, "N3U"],
  [8, "ECS"],
  [9, "EXPIRE"],
  [10, "COOKIE"],
  [11, "KEEPALIVE"],
  [12, "PADDING"],
  [13, "CHAIN"],
  [14, "KEY-TAG"],
  [16, "CLIENT-TAG"],
  [17, "SERVER-TAG"],
]);

const NOT_PRINTED: ReadonlySet<number> = new Set([5, 6, 7, 8, 11, 13, 14]);
const DNSSEC_OK = 0x8000;

/** ` UDPsize=1232 DO [COOKIE 0102030405060708]`. */
export function optText(p: Printer, size: number, flags: number, from: number, length: number): string {
  let text = ` UDPsize=${size}`;
  if ((flags & DNSSEC_OK) !== 0) text += " DO";
  const options: string[] = [];
  for (let o = from; o + 4 <= from + length;) {
    const [code, bytes] = [p.u16(o), p.u16(o + 2)];
    p.need(o + 4, bytes);
    options.push(optionText(p, code, o + 4, bytes));
    o += 4 + bytes;
  }
  return options.length === 0 ? text : `${text} [${options.join(",")}]`;
}

function optionText(p: Printer, code: number, from: number, length: number): string {
  const name = NAMES.get(code) ?? `Opt${code}`;
  if (length === 0) return name;
  if (NOT_PRINTED.has(code)) p.refuse(`the ${name} option of EDNS`);
  if (code === 9) return length === 4 ? `${name} ${p.u32(from)} sec` : `${name}  (invalid)`;
  if (code === 12) return `${name} (${length})`;
  if (code === 10 && length !== 8 && (length < 16 || length > 40)) return `${name}  (invalid)`;
  let text = `${name} `;
  for (let i = 0; i < length; i++) text += hexNumber(p.u8(from + i), 2);
  return text;
}
