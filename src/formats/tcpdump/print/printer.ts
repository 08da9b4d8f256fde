import { getU16, getU32, getU48 } from "../../../base/bytes.ts";
import { formatIpv4, formatMac, type Ipv4, type Mac } from "../../../wire/address.ts";
import { formatIpv6, readIpv6 } from "../../../wire/address6.ts";
import type { TcpStreams } from "./streams.ts";

/** Who turns numbers into names; `-n` leaves them as they are. */
export interface Names {
  /** A host name for an address; undefined: print the number. */
  readonly ipv4: (address: Ipv4) => string | undefined;
  /** The service's name; undefined: print the number. */
  readonly port: (protocol: "tcp" | "udp", port: number) => string | undefined;
  /** The name of an IP protocol, for fragments and protocols that are not looked into. */
  readonly protocol: (number: number) => string | undefined;
}

export const NO_NAMES: Names = {
  ipv4: () => undefined,
  port: () => undefined,
  protocol: () => undefined,
};

/** What the letters of the command line ask of the printing. */
export interface PrintOptions {
  /** `-e`: the link layer's header. */
  readonly link: boolean;
  /** How many `-v`. */
  readonly verbose: number;
  /** `-q`: fewer words about protocols. */
  readonly quiet: boolean;
  /** `-K`: checksums are not verified. */
  readonly noChecksums: boolean;
  /** `-S`: TCP sequence numbers as they are. */
  readonly absoluteSequence: boolean;
  /** `-x` or `-X` shows the bytes anyway: what nobody can print is not shown twice. */
  readonly dumped: boolean;
  readonly names: Names;
}

export const PLAIN: PrintOptions = {
  link: false,
  verbose: 0,
  quiet: false,
  noChecksums: false,
  absoluteSequence: false,
  dumped: false,
  names: NO_NAMES,
};

/** The captured bytes end before the header that is being printed. */
export class Truncated extends Error {}

/** A piece of the packet has no printer here; the line says so and ends. */
export class NotPrinted extends Error {
  readonly what: string;

  constructor(what: string) {
    super(what);
    this.what = what;
  }
}

/**
 * One packet on its way to text. The functions of this folder append to `out`, read through it, and may run into the
 * end of what was captured at any place: `Truncated` is the one way out, and `protocol` names who was at work.
 */
export class Printer {
  readonly options: PrintOptions;
  readonly streams: TcpStreams;
  readonly bytes: Uint8Array;
  out = "";
  /** Behind the last byte that may be read: the end of the capture, or of the IP packet where that is shorter. */
  end: number;
  /** Bytes of the outermost link header. */
  linkHeader = 0;
  /** tcpdump's name of the protocol at work, printed as `[|tcp]`. */
  protocol = "";

  constructor(options: PrintOptions, streams: TcpStreams, bytes: Uint8Array) {
    this.options = options;
    this.streams = streams;
    this.bytes = bytes;
    this.end = bytes.length;
  }

  get verbose(): number {
    return this.options.verbose;
  }

  has(o: number, length: number): boolean {
    return o + length <= this.end;
  }

  /** Fails when `length` bytes at `o` were not captured. */
  need(o: number, length: number): void {
    if (o + length > this.end) throw new Truncated();
  }

  u8(o: number): number {
    this.need(o, 1);
    return this.bytes[o]!;
  }

  u16(o: number): number {
    this.need(o, 2);
    return getU16(this.bytes, o);
  }

  u32(o: number): number {
    this.need(o, 4);
    return getU32(this.bytes, o);
  }

  mac(o: number): string {
    this.need(o, 6);
    return formatMac(getU48(this.bytes, o) as Mac);
  }

  /** An address, or its name. */
  ipv4(o: number): string {
    const address = this.u32(o) as Ipv4;
    return this.options.names.ipv4(address) ?? formatIpv4(address);
  }

  ipv6(o: number): string {
    this.need(o, 16);
    return formatIpv6(readIpv6(this.bytes, o));
  }

  port(protocol: "tcp" | "udp", port: number): string {
    return this.options.names.port(protocol, port) ?? String(port);
  }

  /** ` [|tcp]`. */
  truncated(): void {
    this.out += ` [|${this.protocol}]`;
  }

  /** What follows is not modelled: names it in the line. */
  refuse(what: string): never {
    throw new NotPrinted(what);
  }
}

/** Lower-case hexadecimal, at least `width` digits. */
export function hexNumber(value: number, width = 0): string {
  return value.toString(16).padStart(width, "0");
}

/** tcpdump's bittok2str: names of set bits, joined; `none` when there are none. */
export function bitNames(value: number, names: readonly (readonly [number, string])[]): string {
  const set = names.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
  return set.length === 0 ? "none" : set.join(", ");
}
