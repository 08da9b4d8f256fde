import { internetChecksum } from "../../../wire/checksum.ts";
import { hexNumber, type Printer } from "./printer.ts";

/** Internet Group Management Protocol (RFC 1112, 2236, 3376). */

const RECORD_TYPES: readonly (string | undefined)[] = [
  undefined,
  "is_in",
  "is_ex",
  "to_in",
  "to_ex",
  "allow",
  "block",
];

export function printIgmp(p: Printer, o: number, length: number): void {
  p.protocol = "igmp";
  if (p.options.quiet) {
    p.out += "igmp";
    return;
  }
  p.need(o, 1);
  p.out += messageText(p, o, length);
  if (p.verbose > 0 && p.has(o, length) && internetChecksum(p.bytes, o, o + length) !== 0)
    p.out += ` bad igmp cksum ${hexNumber(p.u16(o + 2))}!`;
}

function messageText(p: Printer, o: number, length: number): string {
  const type = p.u8(o);
  switch (type) {
    case 0x11:
      return length >= 12 ? queryText(p, o, length) : oldQueryText(p, o, length);
    case 0x12:
    case 0x16:
      return `igmp v${type === 0x12 ? 1 : 2} report ${p.ipv4(o + 4)}${odd(length)}`;
    case 0x17:
      return `igmp leave ${p.ipv4(o + 4)}${odd(length)}`;
    case 0x22:
      return reportText(p, o);
    case 0x13:
    case 0x1e:
    case 0x1f:
      return p.refuse("DVMRP and multicast traceroute");
    default:
      return `igmp-${type}`;
  }
}

function odd(length: number): string {
  return length === 8 ? "" : ` [len ${length}]`;
}

function oldQueryText(p: Printer, o: number, length: number): string {
  const tenths = p.u8(o + 1);
  let text = `igmp query v${tenths === 0 ? 1 : 2}`;
  if (tenths !== 0 && tenths !== 100) text += ` [max resp time ${tenths}]`;
  if (p.u32(o + 4) !== 0) text += ` [gaddr ${p.ipv4(o + 4)}]`;
  return text + odd(length);
}

/** Codes from 128 on are a small floating-point number of tenths of seconds (RFC 3376, section 4.1.1). */
function responseTime(code: number): number {
  return code < 128 ? code : ((code & 15) | 16) << (((code >>> 4) & 7) + 3);
}

function queryText(p: Printer, o: number, length: number): string {
  let text = "igmp query v3";
  const code = p.u8(o + 1);
  if (p.verbose > 0 && code !== 100) {
    const tenths = responseTime(code);
    text += ` [max resp time ${tenths < 600 ? `${(tenths / 10).toFixed(1)}s` : `${tenths}`}]`;
  }
  if (p.verbose > 0) {
    const robustness = p.u8(o + 8);
    if ((robustness & 8) !== 0) text += " sflag";
    if ((robustness & 7) > 0 && (robustness & 7) !== 2) text += ` robustness ${robustness & 7}`;
    if (p.u8(o + 9) !== 0 && p.u8(o + 9) !== 125) text += ` qqi ${responseTime(p.u8(o + 9))}`;
  }
  if (p.u32(o + 4) === 0) return text;
  const count = p.u16(o + 10);
  text += ` [gaddr ${p.ipv4(o + 4)}`;
  if (count > 0 && 12 + 4 * count > length) return `${text} [invalid number of sources]`;
  if (count > 0) text += p.verbose > 1 ? sources(p, o + 12, count) : `, ${count} source(s)`;
  return `${text}]`;
}

function sources(p: Printer, o: number, count: number): string {
  let text = " { ";
  for (let i = 0; i < count; i++) text += `${p.ipv4(o + 4 * i)} `;
  return `${text}}`;
}

function reportText(p: Printer, o: number): string {
  const count = p.u16(o + 6);
  let text = `igmp v3 report, ${count} group record(s)`;
  if (p.verbose === 0) return text;
  let at = o + 8;
  for (let i = 0; i < count; i++) {
    const number = p.u16(at + 2);
    const type = p.u8(at);
    text += ` [gaddr ${p.ipv4(at + 4)} ${RECORD_TYPES[type] ?? ` [v3-report-#${type}]`}`;
    text += p.verbose > 1 ? `${sources(p, at + 8, number)}]` : `, ${number} source(s)]`;
    at += 8 + 4 * number + 4 * p.u8(at + 1);
  }
  return text;
}
