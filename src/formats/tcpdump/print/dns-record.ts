import { type Printer, Truncated } from "./printer.ts";
import { optText } from "./edns.ts";

/** Questions and resource records of one DNS message, in the order they stand. */

const TYPES = (
  "0 A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP_PTR SIG KEY PX GPOS AAAA " +
  "LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY"
).split(" ");

const LATE_TYPES: ReadonlyMap<number, string> = new Map([
  [99, "SPF"],
  [100, "UINFO"],
  [101, "UID"],
  [102, "GID"],
  [103, "UNSPEC"],
  [104, "UNSPECA"],
  [249, "TKEY"],
  [250, "TSIG"],
  [251, "IXFR"],
  [252, "AXFR"],
  [253, "MAILB"],
  [254, "MAILA"],
  [255, "ANY"],
  [256, "URI"],
]);

const CLASSES: ReadonlyMap<number, string> = new Map([
  [1, "IN"],
  [3, "CHAOS"],
  [4, "HS"],
  [255, "ANY"],
]);

const OPT = 41;

export function typeName(type: number): string {
  if (type > 0 && type < TYPES.length) return TYPES[type]!;
  return LATE_TYPES.get(type) ?? `Type${type}`;
}

function className(number: number): string {
  return CLASSES.get(number) ?? `(Class ${number})`;
}

/** `1w2d`: seconds in the largest units. */
export function durationText(seconds: number): string {
  if (seconds === 0) return "0s";
  const units = [
    ["y", 31536000],
    ["w", 604800],
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const;
  let left = seconds;
  let text = "";
  for (const [letter, size] of units) {
    const count = Math.floor(left / size);
    if (count > 0) text += `${count}${letter}`;
    left %= size;
  }
  return text;
}

export class RecordReader {
  private readonly p: Printer;
  /** Where the message begins: what compressed names point into. */
  private readonly start: number;
  private readonly multicast: boolean;
  private at: number;

  constructor(p: Printer, start: number, multicast: boolean) {
    this.p = p;
    this.start = start;
    this.multicast = multicast;
    this.at = start + 12;
  }

  /** ` A? example.com.` */
  printQuestion(): void {
    const { p } = this;
    const name = this.name(this.at);
    const [type, given] = [p.u16(name.end), p.u16(name.end + 2)];
    p.out += ` ${typeName(type)}`;
    const kind = this.multicast ? given & 0x7fff : given;
    if (this.multicast) p.out += (given & 0x8000) === 0 ? " (QM)" : " (QU)";
    if (kind !== 1) p.out += ` ${className(kind)}`;
    p.out += `? ${name.text}`;
    this.at = name.end + 4;
  }

  skipQuestion(): void {
    this.at = this.name(this.at).end + 4;
  }

  /** False when the last record is cut short. */
  printRecords(count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (i > 0) this.p.out += ",";
      if (!this.printRecord()) return false;
    }
    return true;
  }

  private printRecord(): boolean {
    const { p } = this;
    const name = this.name(this.at);
    if (p.verbose > 0) p.out += ` ${name.text}`;
    const fixed = name.end;
    if (!p.has(fixed, 10)) {
      this.at = p.end;
      return true;
    }
    const [type, given] = [p.u16(fixed), p.u16(fixed + 2)];
    const kind = this.multicast ? given & 0x7fff : given;
    if (kind !== 1 && type !== OPT) p.out += ` ${className(kind)}`;
    if (this.multicast && (given & 0x8000) !== 0) p.out += " (Cache flush)";
    if (type !== OPT && p.verbose > 2) p.out += ` [${durationText(p.u32(fixed + 4))}]`;
    const length = p.u16(fixed + 8);
    const from = fixed + 10;
    p.out += ` ${typeName(type)}`;
    if (!p.has(from, length)) return false;
    p.out += this.dataText(type, given, fixed, from, length);
    this.at = from + length;
    return true;
  }

  /** What stands behind a record's type. */
  private dataText(type: number, given: number, fixed: number, from: number, length: number): string {
    const { p } = this;
    switch (type) {
      case 1:
        p.need(from, 4);
        return ` ${p.ipv4(from)}`;
      case 2:
      case 5:
      case 12:
      case 39:
        return ` ${this.name(from).text}`;
      case 6:
        return this.authorityText(from);
      case 15:
        return ` ${this.name(from + 2).text} ${p.u16(from)}`;
      case 16:
        return this.stringsText(from, length);
      case 28:
        return ` ${p.ipv6(from)}`;
      case 33:
        return ` ${this.name(from + 6).text}:${p.u16(from + 4)} ${p.u16(from)} ${p.u16(from + 2)}`;
      case OPT:
        return optText(p, given, p.u32(fixed + 4), from, length);
      case 38:
      case 249:
      case 250:
        return p.refuse(`${typeName(type)} records`);
      default:
        return "";
    }
  }

  private authorityText(from: number): string {
    const { p } = this;
    if (p.verbose === 0) return "";
    const primary = this.name(from);
    const mailbox = this.name(primary.end);
    const numbers = [0, 4, 8, 12, 16].map((o) => p.u32(mailbox.end + o));
    return ` ${primary.text} ${mailbox.text} ${numbers.join(" ")}`;
  }

  private stringsText(from: number, length: number): string {
    const { p } = this;
    let text = "";
    for (let o = from; o < from + length;) {
      const size = p.u8(o);
      let string = "";
      for (let i = 1; i <= size; i++) string += plainText(p.u8(o + i));
      text += ` "${string}"`;
      o += size + 1;
    }
    return text;
  }

  /** The name at `o`, and where what follows it begins. */
  private name(o: number): { readonly text: string; readonly end: number } {
    const { p } = this;
    let text = "";
    let end = -1;
    let at = o;
    let limit = o;
    for (;;) {
      const length = p.u8(at);
      if (length >= 0xc0) {
        const target = this.start + (p.u16(at) & 0x3fff);
        if (end < 0) end = at + 2;
        if (target >= limit) throw new Truncated();
        limit = target;
        at = target;
        continue;
      }
      if (length > 63) throw new Truncated();
      if (length === 0) return { text: text === "" ? "." : text, end: end < 0 ? at + 1 : end };
      for (let i = 1; i <= length; i++) text += plainText(p.u8(at + i));
      text += ".";
      at += length + 1;
    }
  }
}

/** A character of text: those above 127 as `M-x`, control characters as `^x`. */
export function plainText(byte: number): string {
  if (byte >= 128) return `M-${plainText(byte - 128)}`;
  if (byte < 32 || byte === 127) return `^${String.fromCharCode(byte ^ 0x40)}`;
  return String.fromCharCode(byte);
}
