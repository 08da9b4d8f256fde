import { getU16, getU32 } from "../base/bytes.ts";
import { formatIpv4, type Ipv4 } from "./address.ts";
import { formatIpv6, readIpv6, type Ipv6 } from "./address6.ts";
import { readDnsName, writeDnsName, type DnsDictionary, type DnsName } from "./dns-name.ts";

/** Resource records (RFC 1035, section 3.2; AAAA: RFC 3596; SRV: RFC 2782; OPT: RFC 6891). */

/** Types (IANA). */
export const DNS_A = 1;
export const DNS_NS = 2;
export const DNS_CNAME = 5;
export const DNS_SOA = 6;
export const DNS_PTR = 12;
export const DNS_MX = 15;
export const DNS_TXT = 16;
export const DNS_AAAA = 28;
export const DNS_SRV = 33;
export const DNS_OPT = 41;
export const DNS_ANY = 255;

/** The Internet, the only class in use. */
export const DNS_IN = 1;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [DNS_A, "A"],
  [DNS_NS, "NS"],
  [DNS_CNAME, "CNAME"],
  [DNS_SOA, "SOA"],
  [DNS_PTR, "PTR"],
  [DNS_MX, "MX"],
  [DNS_TXT, "TXT"],
  [DNS_AAAA, "AAAA"],
  [DNS_SRV, "SRV"],
  [DNS_OPT, "OPT"],
  [DNS_ANY, "ANY"],
]);

/** `A`, or `TYPE99` as RFC 3597, section 5 spells unknown ones. */
export function dnsTypeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}

/** The number of a type's name, whatever its case. */
export function dnsTypeOf(name: string): number | undefined {
  const wanted = name.toUpperCase();
  for (const [type, text] of TYPE_NAMES) if (text === wanted) return type;
  const m = /^TYPE(\d{1,5})$/.exec(wanted);
  return m !== null && Number(m[1]) < 65536 ? Number(m[1]) : undefined;
}

/** What a record says, by its type. */
export type DnsData =
  | { readonly kind: "A"; readonly address: Ipv4 }
  | { readonly kind: "AAAA"; readonly address: Ipv6 }
  | { readonly kind: "NS" | "CNAME" | "PTR"; readonly name: DnsName }
  | { readonly kind: "MX"; readonly preference: number; readonly name: DnsName }
  | {
      readonly kind: "SRV";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: DnsName;
    }
  | {
      readonly kind: "SOA";
      readonly primary: DnsName;
      readonly mailbox: DnsName;
      readonly serial: number;
      readonly refreshSeconds: number;
      readonly retrySeconds: number;
      readonly expireSeconds: number;
      readonly minimumSeconds: number;
    }
  /** Strings of at most 255 octets each. */
  | { readonly kind: "TXT"; readonly strings: readonly Uint8Array[] }
  /** Everything else, OPT included, as it stands. */
  | { readonly kind: "other"; readonly type: number; readonly bytes: Uint8Array };

export interface DnsRecord {
  readonly name: DnsName;
  /** `DNS_IN`; OPT keeps the sender's UDP payload size here. */
  readonly class: number;
  readonly ttlSeconds: number;
  readonly data: DnsData;
}

const TYPES: Readonly<Record<Exclude<DnsData["kind"], "other">, number>> = {
  A: DNS_A,
  AAAA: DNS_AAAA,
  NS: DNS_NS,
  CNAME: DNS_CNAME,
  PTR: DNS_PTR,
  MX: DNS_MX,
  SRV: DNS_SRV,
  SOA: DNS_SOA,
  TXT: DNS_TXT,
};

export function dnsDataType(data: DnsData): number {
  return data.kind === "other" ? data.type : TYPES[data.kind];
}

/** A record's data from `from` to `to` in the message that begins at `start`; undefined when they do not fill the space exactly. */
export function readDnsData(
  b: Uint8Array,
  start: number,
  type: number,
  from: number,
  to: number,
): DnsData | undefined {
  /** The name at `o`, which must end the data. */
  const last = (o: number): DnsName | undefined => {
    const read = o < to ? readDnsName(b, start, o, to) : undefined;
    return read?.end === to ? read.name : undefined;
  };
  switch (type) {
    case DNS_A:
      return to - from === 4 ? { kind: "A", address: getU32(b, from) as Ipv4 } : undefined;
    case DNS_AAAA:
      return to - from === 16 ? { kind: "AAAA", address: readIpv6(b, from) } : undefined;
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR: {
      const name = last(from);
      const kind = type === DNS_NS ? "NS" : type === DNS_CNAME ? "CNAME" : "PTR";
      return name && { kind, name };
    }
    case DNS_MX: {
      const name = last(from + 2);
      return name && { kind: "MX", preference: getU16(b, from), name };
    }
    case DNS_SRV: {
      const target = last(from + 6);
      const [priority, weight, port] = [getU16(b, from), getU16(b, from + 2), getU16(b, from + 4)];
      return target && { kind: "SRV", priority, weight, port, target };
    }
    case DNS_SOA:
      return readSoa(b, start, from, to);
    case DNS_TXT:
      return readTxt(b, from, to);
    default:
      return { kind: "other", type, bytes: b.subarray(from, to) };
  }
}

function readSoa(b: Uint8Array, start: number, from: number, to: number): DnsData | undefined {
  const primary = readDnsName(b, start, from, to);
  const mailbox = primary && readDnsName(b, start, primary.end, to);
  if (mailbox === undefined || mailbox.end + 20 !== to) return undefined;
  const at = (i: number): number => getU32(b, mailbox.end + 4 * i);
  return {
    kind: "SOA",
    primary: primary!.name,
    mailbox: mailbox.name,
    serial: at(0),
    refreshSeconds: at(1),
    retrySeconds: at(2),
    expireSeconds: at(3),
    minimumSeconds: at(4),
  };
}

function readTxt(b: Uint8Array, from: number, to: number): DnsData | undefined {
  const strings: Uint8Array[] = [];
  for (let o = from; o < to;) {
    const end = o + 1 + b[o]!;
    if (end > to) return undefined;
    strings.push(b.subarray(o + 1, end));
    o = end;
  }
  return { kind: "TXT", strings };
}

export function pushU16(out: number[], v: number): void {
  out.push((v >>> 8) & 255, v & 255);
}

export function pushU32(out: number[], v: number): void {
  pushU16(out, v >>> 16);
  pushU16(out, v);
}

/** Appends a record's data; names of the types of RFC 1035 may be compressed, a SRV target may not (RFC 2782). */
export function writeDnsData(out: number[], d: DnsData, known?: DnsDictionary): void {
  switch (d.kind) {
    case "A":
      return pushU32(out, d.address);
    case "AAAA":
      return d.address.forEach((group) => pushU16(out, group));
    case "NS":
    case "CNAME":
    case "PTR":
      return writeDnsName(out, d.name, known);
    case "MX":
      pushU16(out, d.preference);
      return writeDnsName(out, d.name, known);
    case "SRV":
      for (const v of [d.priority, d.weight, d.port]) pushU16(out, v);
      return writeDnsName(out, d.target);
    case "SOA":
      writeDnsName(out, d.primary, known);
      writeDnsName(out, d.mailbox, known);
      for (const v of [d.serial, d.refreshSeconds, d.retrySeconds, d.expireSeconds, d.minimumSeconds]) {
        pushU32(out, v);
      }
      return;
    case "TXT":
      for (const s of d.strings) out.push(s.length, ...s);
      return;
    case "other":
      out.push(...d.bytes);
  }
}

/** As tcpdump prints a record's data: `A 10.96.0.1`, `SRV web.example.org.:80 0 100`. */
export function dnsDataText(d: DnsData): string {
  switch (d.kind) {
    case "A":
      return `A ${formatIpv4(d.address)}`;
    case "AAAA":
      return `AAAA ${formatIpv6(d.address)}`;
    case "NS":
    case "CNAME":
    case "PTR":
      return `${d.kind} ${d.name}`;
    case "MX":
      return `MX ${d.name} ${d.preference}`;
    case "SRV":
      return `SRV ${d.target}:${d.port} ${d.priority} ${d.weight}`;
    case "SOA":
      return "SOA";
    case "TXT":
      return `TXT ${d.strings.map((s) => JSON.stringify(String.fromCharCode(...s))).join(" ")}`;
    case "other":
      return dnsTypeName(d.type);
  }
}
