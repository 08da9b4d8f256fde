import { getU16, getU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { readDnsName, writeDnsName, type DnsDictionary, type DnsName } from "./dns-name.ts";
import {
  DNS_OPT,
  dnsDataText,
  dnsDataType,
  dnsTypeName,
  pushU16,
  pushU32,
  readDnsData,
  writeDnsData,
  type DnsRecord,
} from "./dns-record.ts";

/** Messages of the Domain Name System (RFC 1035, section 4); names in `dns-name.ts`, records in `dns-record.ts`. */

export const DNS_PORT = 53;
export const DNS_HEADER = 12;

/** Response codes (RFC 1035, section 4.1.1). */
export const DNS_NOERROR = 0;
export const DNS_FORMERR = 1;
export const DNS_SERVFAIL = 2;
export const DNS_NXDOMAIN = 3;
export const DNS_NOTIMP = 4;
export const DNS_REFUSED = 5;

/** As dig prints them. */
const RCODE_NAMES: readonly string[] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
/** As tcpdump prints them; nothing for no error. */
const RCODE_TEXTS: readonly string[] = ["", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused"];

export function dnsRcodeName(rcode: number): string {
  return RCODE_NAMES[rcode] ?? `RCODE${rcode}`;
}

/** Bits of the header's second word. */
const QR = 0x8000;
const AA = 0x0400;
const TC = 0x0200;
const RD = 0x0100;
const RA = 0x0080;
const AD = 0x0020;
const CD = 0x0010;

export function dnsId(b: Uint8Array, o: number): number {
  return getU16(b, o);
}

export function dnsIsResponse(b: Uint8Array, o: number): boolean {
  return (getU16(b, o + 2) & QR) !== 0;
}

export interface DnsQuestion {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
}

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  /** 0 is a standard query. */
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** RFC 4035, section 3.2.3. */
  readonly authenticData: boolean;
  /** RFC 4035, section 3.2.2. */
  readonly checkingDisabled: boolean;
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export type DnsError = "truncated" | "bad-name" | "bad-data";

/** A part of a message and the offset behind it. */
interface Part<T> {
  readonly value: T;
  readonly end: number;
}

function readQuestion(
  b: Uint8Array,
  start: number,
  o: number,
  to: number,
): Result<Part<DnsQuestion>, DnsError> {
  if (o >= to) return err("truncated");
  const read = readDnsName(b, start, o, to);
  if (read === undefined) return err("bad-name");
  if (read.end + 4 > to) return err("truncated");
  const value = { name: read.name, type: getU16(b, read.end), class: getU16(b, read.end + 2) };
  return ok({ value, end: read.end + 4 });
}

function readRecord(b: Uint8Array, start: number, o: number, to: number): Result<Part<DnsRecord>, DnsError> {
  const head = readQuestion(b, start, o, to);
  if (!head.ok) return head;
  const { value: q, end: at } = head.value;
  if (at + 6 > to) return err("truncated");
  const from = at + 6;
  const end = from + getU16(b, at + 4);
  if (end > to) return err("truncated");
  const data = readDnsData(b, start, q.type, from, end);
  if (data === undefined) return err("bad-data");
  return ok({ value: { name: q.name, class: q.class, ttlSeconds: getU32(b, at), data }, end });
}

/** `count` parts one after the other. */
function readMany<T>(
  count: number,
  from: number,
  read: (o: number) => Result<Part<T>, DnsError>,
): Result<Part<T[]>, DnsError> {
  const value: T[] = [];
  let end = from;
  for (let i = 0; i < count; i++) {
    const part = read(end);
    if (!part.ok) return part;
    value.push(part.value.value);
    end = part.value.end;
  }
  return ok({ value, end });
}

/** Bytes after the last record are passed over. */
export function decodeDns(b: Uint8Array, from = 0, to = b.length): Result<DnsMessage, DnsError> {
  if (to - from < DNS_HEADER) return err("truncated");
  const record = (o: number): Result<Part<DnsRecord>, DnsError> => readRecord(b, from, o, to);
  const counts = [4, 6, 8, 10].map((at) => getU16(b, from + at));
  const questions = readMany(counts[0]!, from + DNS_HEADER, (o) => readQuestion(b, from, o, to));
  if (!questions.ok) return questions;
  const answers = readMany(counts[1]!, questions.value.end, record);
  if (!answers.ok) return answers;
  const authorities = readMany(counts[2]!, answers.value.end, record);
  if (!authorities.ok) return authorities;
  const additionals = readMany(counts[3]!, authorities.value.end, record);
  if (!additionals.ok) return additionals;
  const flags = getU16(b, from + 2);
  return ok({
    id: dnsId(b, from),
    response: (flags & QR) !== 0,
    opcode: (flags >>> 11) & 15,
    authoritative: (flags & AA) !== 0,
    truncated: (flags & TC) !== 0,
    recursionDesired: (flags & RD) !== 0,
    recursionAvailable: (flags & RA) !== 0,
    authenticData: (flags & AD) !== 0,
    checkingDisabled: (flags & CD) !== 0,
    rcode: flags & 15,
    questions: questions.value.value,
    answers: answers.value.value,
    authorities: authorities.value.value,
    additionals: additionals.value.value,
  });
}

function flagsOf(m: DnsMessage): number {
  return (
    (m.response ? QR : 0) |
    (m.opcode << 11) |
    (m.authoritative ? AA : 0) |
    (m.truncated ? TC : 0) |
    (m.recursionDesired ? RD : 0) |
    (m.recursionAvailable ? RA : 0) |
    (m.authenticData ? AD : 0) |
    (m.checkingDisabled ? CD : 0) |
    m.rcode
  );
}

function writeRecord(out: number[], r: DnsRecord, known: DnsDictionary | undefined): void {
  writeDnsName(out, r.name, known);
  pushU16(out, dnsDataType(r.data));
  pushU16(out, r.class);
  pushU32(out, r.ttlSeconds);
  const at = out.length;
  pushU16(out, 0);
  writeDnsData(out, r.data, known);
  const length = out.length - at - 2;
  out[at] = length >>> 8;
  out[at + 1] = length & 255;
}

/** Names in full, or with `compress` as pointers to where they stood before. */
export function encodeDns(m: DnsMessage, compress = false): Uint8Array {
  const out: number[] = [];
  const known: DnsDictionary | undefined = compress ? new Map() : undefined;
  pushU16(out, m.id);
  pushU16(out, flagsOf(m));
  for (const list of [m.questions, m.answers, m.authorities, m.additionals]) pushU16(out, list.length);
  for (const q of m.questions) {
    writeDnsName(out, q.name, known);
    pushU16(out, q.type);
    pushU16(out, q.class);
  }
  for (const r of [...m.answers, ...m.authorities, ...m.additionals]) writeRecord(out, r, known);
  return Uint8Array.from(out);
}

/** As tcpdump prints it; `sizeBytes` when the message came compressed: `7+ A? web. (33)`, `7* 1/0/0 A 10.96.0.1 (67)`. */
export function dnsSummary(m: DnsMessage, sizeBytes = encodeDns(m).length): string {
  const size = `(${sizeBytes})`;
  if (!m.response) {
    const extra = m.additionals.length > 0 ? ` [${m.additionals.length}au]` : "";
    const asked = m.questions.map((q) => ` ${dnsTypeName(q.type)}? ${q.name}`).join("");
    return `${m.id}${m.recursionDesired ? "+" : ""}${m.checkingDisabled ? "%" : ""}${extra}${asked} ${size}`;
  }
  const flags = `${m.authoritative ? "*" : ""}${m.recursionAvailable ? "" : "-"}${m.truncated ? "|" : ""}${m.authenticData ? "$" : ""}`;
  const rcode = RCODE_TEXTS[m.rcode] ?? ` Resp${m.rcode}`;
  const counts = `${m.answers.length}/${m.authorities.length}/${m.additionals.length}`;
  const answers = m.answers.map((r) => dnsDataText(r.data)).join(", ");
  return `${m.id}${rcode}${flags} ${counts}${answers === "" ? "" : ` ${answers}`} ${size}`;
}

/** The UDP payload size that an OPT record announces, or 512 without one (RFC 6891, section 6.2.3). */
export function dnsUdpSize(m: DnsMessage): number {
  const opt = m.additionals.find((r) => dnsDataType(r.data) === DNS_OPT);
  return Math.max(512, opt?.class ?? 512);
}
