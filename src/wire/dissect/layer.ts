import { partialSum, pseudoHeaderSum6 } from "../checksum.ts";

/** The vocabulary of dissection: what a dissector is handed and what it finds. */

/** Every name a layer can have. `malformed` says what was missing; `payload` is what no dissector claims. */
export type LayerName =
  | "ethernet"
  | "vlan"
  | "arp"
  | "ipv4"
  | "ipv6"
  | "icmp"
  | "icmpv6"
  | "udp"
  | "tcp"
  | "vxlan"
  | "gre"
  | "esp"
  | "dns"
  | "http"
  | "bgp"
  | "tls"
  | "payload"
  | "malformed";

/** A field of a header, with the bytes it stands in. */
export interface Field {
  /** Stable key, such as `ipv4.ttl`; options, records and HTTP fields repeat theirs. */
  readonly name: string;
  /** English term, as Wireshark's, such as `Time to Live`. */
  readonly label: string;
  readonly value: string;
  /** From the start of the frame, in bytes. */
  readonly offset: number;
  /** In bytes; fields of a few bits count the bytes they touch. */
  readonly length: number;
  /** Parts: flags, options, records, or the headers of a quoted packet. */
  readonly fields?: readonly Field[];
}

/** One header of a frame, outermost first. */
export interface Layer {
  readonly protocol: LayerName;
  /** 0 for the outermost packet, one more inside each tunnel. */
  readonly depth: number;
  /** From the start of the frame, in bytes. */
  readonly offset: number;
  /** Of the header, or of the whole message where there is no body, in bytes. */
  readonly length: number;
  /** One line in tcpdump's manner. */
  readonly summary: string;
  readonly fields: readonly Field[];
}

/** Where the addresses of a pseudo header stand. */
export interface Addresses {
  readonly version: 4 | 6;
  /** Offset of the source address; the destination follows it. */
  readonly at: number;
}

/** The stretch of a frame that a dissector reads. */
export interface Span {
  readonly b: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** For the checksums of transports; absent where they cannot be checked. */
  readonly addresses?: Addresses;
  /** A fragment or a quotation: what is missing at the end is no fault. */
  readonly partial: boolean;
  /** The layers of a packet quoted at `from`. */
  readonly quote: (protocol: LayerName, from: number) => readonly Layer[];
}

/** What stands behind a header. */
export interface Next {
  readonly protocol: LayerName;
  readonly from: number;
  readonly to: number;
  /** The header was a tunnel's. */
  readonly deeper?: boolean;
  readonly addresses?: Addresses;
  readonly partial?: boolean;
}

export interface Found {
  readonly length: number;
  readonly summary: string;
  readonly fields: readonly Field[];
  readonly next?: Next;
  /** Says that the frame ends before what the header announces. */
  readonly cut?: string;
}

/** Why there is no such header. */
export interface Missing {
  readonly missing: string;
}

/** Reads one header; never throws, whatever the bytes. */
export type Dissector = (s: Span) => Found | Missing;

export function field(
  name: string,
  label: string,
  value: string | number,
  offset: number,
  length: number,
  fields?: readonly Field[],
): Field {
  const plain = { name, label, value: String(value), offset, length };
  return fields === undefined ? plain : { ...plain, fields };
}

/** `TCP header cut short: 20 bytes needed, 12 there`. */
export function cutShort(what: string, needed: number, there: number): Missing {
  return { missing: `${what} cut short: ${needed} bytes needed, ${Math.max(0, there)} there` };
}

export function hexText(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** `0x1c46 [correct]`, or what it should be; `ok` is undefined where it cannot be checked. */
export function checksumText(value: number, ok: boolean | undefined): string {
  const verdict = ok === undefined ? "unverified" : ok ? "correct" : "incorrect";
  return `${hexText(value, 4)} [${verdict}]`;
}

/** Unfolded pseudo header sum for the transport of a span. */
export function pseudoSum(b: Uint8Array, a: Addresses, protocol: number, length: number): number {
  if (a.version === 6) return pseudoHeaderSum6(b, a.at, protocol, length);
  return partialSum(b, a.at, a.at + 8, protocol + length);
}

/** The names of the set bits, or `none`. */
export function bitNames(value: number, names: readonly (readonly [bit: number, name: string])[]): string {
  const set = names.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
  return set.length === 0 ? "none" : set.join(", ");
}
