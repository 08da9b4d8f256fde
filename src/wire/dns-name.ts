import type { Brand } from "../base/brand.ts";
import { getU16 } from "../base/bytes.ts";

/** Domain names: text (RFC 1035, section 5.1; RFC 4343), bytes and compression (RFC 1035, sections 3.1 and 4.1.4). */

/** An absolute name with its final dot, `.` being the root; dots and strange octets within a label are escaped. Spelling is kept. */
export type DnsName = Brand<string, "DnsName">;

export const DNS_ROOT = "." as DnsName;

/** Octets of a name on the wire (RFC 1035, section 2.3.4). */
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;

/** One octet of a label in text. */
function escape(octet: number): string {
  const c = String.fromCharCode(octet);
  if (c === "." || c === "\\") return `\\${c}`;
  if (octet > 32 && octet < 127) return c;
  return `\\${String(octet).padStart(3, "0")}`;
}

/** Octets of one label's text; undefined when an escape is none or a character is no octet. */
function labelOctets(label: string): number[] | undefined {
  const out: number[] = [];
  for (let i = 0; i < label.length; i++) {
    let octet = label.charCodeAt(i);
    if (label[i] === "\\") {
      const digits = label.slice(i + 1, i + 4);
      const decimal = /^\d{3}$/.test(digits);
      if (!decimal && !/^[^\d]/.test(digits)) return undefined;
      octet = decimal ? Number(digits) : digits.charCodeAt(0);
      i += decimal ? 3 : 1;
    }
    if (octet > 255) return undefined;
    out.push(octet);
  }
  return out;
}

/** A name from text with or without final dot; undefined when a label is empty or longer than 63 octets, or the whole longer than 255. */
export function parseDnsName(text: string): DnsName | undefined {
  if (text === ".") return DNS_ROOT;
  const body = /(?:^|[^\\])(?:\\\\)*\.$/.test(text) ? text.slice(0, -1) : text;
  let total = 1;
  let name = "";
  for (const label of splitLabels(body)) {
    const octets = labelOctets(label);
    if (octets === undefined || octets.length === 0 || octets.length > LONGEST_LABEL) return undefined;
    total += octets.length + 1;
    name += `${octets.map(escape).join("")}.`;
  }
  return total <= LONGEST_NAME ? (name as DnsName) : undefined;
}

/** The pieces of a text between dots that are not escaped; escapes stay in place. */
function splitLabels(text: string): string[] {
  const out = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ".") out.push("");
    else {
      out[out.length - 1] += text[i]!;
      if (text[i] === "\\" && i + 1 < text.length) out[out.length - 1] += text[++i]!;
    }
  }
  return out;
}

/** The labels of a name, first label first, escapes in place; the root has none. */
export function dnsLabels(name: DnsName): string[] {
  return name === DNS_ROOT ? [] : splitLabels(name.slice(0, -1));
}

/** Names are compared without regard to ASCII case (RFC 4343, section 3). */
export function sameDnsName(a: DnsName, b: DnsName): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase();
}

/** A name and the offset behind it. */
export interface ReadName {
  readonly name: DnsName;
  readonly end: number;
}

/**
 * The name at `o` of the message from `start` to `to`. Pointers must lead backwards, which is all that compression
 * can produce and what makes every walk end. Undefined when it is cut short, too long, or has a label of unknown type.
 */
export function readDnsName(b: Uint8Array, start: number, o: number, to: number): ReadName | undefined {
  let text = "";
  let total = 1;
  let end = -1;
  let limit = o;
  for (let i = o; i < to;) {
    const length = b[i]!;
    if (length === 0) return { name: (text === "" ? "." : text) as DnsName, end: end < 0 ? i + 1 : end };
    if (length >= 0xc0) {
      if (i + 2 > to) return undefined;
      const target = start + (getU16(b, i) & 0x3fff);
      if (target >= limit) return undefined;
      if (end < 0) end = i + 2;
      limit = target;
      i = target;
      continue;
    }
    total += length + 1;
    if (length > LONGEST_LABEL || i + 1 + length > to || total > LONGEST_NAME) return undefined;
    for (let k = i + 1; k <= i + length; k++) text += escape(b[k]!);
    text += ".";
    i += length + 1;
  }
  return undefined;
}

/** Where suffixes of names already stand in a message; absent, names are written out in full. */
export type DnsDictionary = Map<string, number>;

/** Appends a name to the message `out`, pointing at an earlier one where the dictionary knows a suffix. */
export function writeDnsName(out: number[], name: DnsName, known?: DnsDictionary): void {
  let labels = dnsLabels(name);
  while (labels.length > 0) {
    const suffix = labels.join(".").toLowerCase();
    const at = known?.get(suffix);
    if (at !== undefined) {
      out.push(0xc0 | (at >>> 8), at & 255);
      return;
    }
    if (out.length < 0x4000) known?.set(suffix, out.length);
    const octets = labelOctets(labels[0]!) ?? [];
    out.push(octets.length, ...octets);
    labels = labels.slice(1);
  }
  out.push(0);
}
