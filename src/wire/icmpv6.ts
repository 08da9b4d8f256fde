import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatIpv6, readIpv6, writeIpv6, type Ipv6 } from "./address6.ts";
import { internetChecksum, pseudoHeaderSum6 } from "./checksum.ts";
import { IPPROTO_ICMPV6 } from "./ipv4.ts";
import { decodeNdiscOptions, encodeNdiscOptions, type NdiscOption } from "./ndisc-options.ts";

/** ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861). */

export const ICMPV6_HEADER = 8;

/** Types, with the names of Linux's icmpv6.h and ndisc.h. */
export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const NDISC_ROUTER_SOLICITATION = 133;
export const NDISC_ROUTER_ADVERTISEMENT = 134;
export const NDISC_NEIGHBOUR_SOLICITATION = 135;
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136;
export const NDISC_REDIRECT = 137;
export const ICMPV6_MLD2_REPORT = 143;

/** Codes of ICMPV6_DEST_UNREACH (RFC 4443, section 3.1). */
export const ICMPV6_NOROUTE = 0;
export const ICMPV6_ADM_PROHIBITED = 1;
export const ICMPV6_ADDR_UNREACH = 3;
export const ICMPV6_PORT_UNREACH = 4;

/** Flags of a neighbour advertisement (RFC 4861, section 4.4). */
export const NDISC_ROUTER = 0x80;
export const NDISC_SOLICITED = 0x40;
export const NDISC_OVERRIDE = 0x20;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMPV6_DEST_UNREACH, "destination unreachable"],
  [ICMPV6_PKT_TOOBIG, "packet too big"],
  [ICMPV6_TIME_EXCEED, "time exceeded"],
  [ICMPV6_PARAMPROB, "parameter problem"],
  [ICMPV6_ECHO_REQUEST, "echo request"],
  [ICMPV6_ECHO_REPLY, "echo reply"],
  [NDISC_ROUTER_SOLICITATION, "router solicitation"],
  [NDISC_ROUTER_ADVERTISEMENT, "router advertisement"],
  [NDISC_NEIGHBOUR_SOLICITATION, "neighbor solicitation"],
  [NDISC_NEIGHBOUR_ADVERTISEMENT, "neighbor advertisement"],
  [NDISC_REDIRECT, "redirect"],
  [ICMPV6_MLD2_REPORT, "multicast listener report v2"],
]);

export function icmpv6TypeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `type ${type}`;
}

/** Errors have the high bit clear and quote the packet they are about (RFC 4443, section 2.1). */
export function icmpv6IsError(type: number): boolean {
  return type < 128;
}

export function icmpv6Type(b: Uint8Array, o: number): number {
  return b[o]!;
}

export function icmpv6Code(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

export function icmpv6Checksum(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

export function icmpv6EchoId(b: Uint8Array, o: number): number {
  return getU16(b, o + 4);
}

export function icmpv6EchoSequence(b: Uint8Array, o: number): number {
  return getU16(b, o + 6);
}

/** Of "packet too big" (RFC 4443, section 3.2). */
export function icmpv6Mtu(b: Uint8Array, o: number): number {
  return getU32(b, o + 4);
}

/** The address that a solicitation asks for or an advertisement announces. */
export function ndiscTarget(b: Uint8Array, o: number): Ipv6 {
  return readIpv6(b, o + 8);
}

/** Computes the checksum of the message from `o` to `end`; the IPv6 addresses are the 32 bytes at `addresses`. */
export function setIcmpv6Checksum(b: Uint8Array, o: number, end: number, addresses: number): void {
  setU16(b, o + 2, 0);
  const pseudo = pseudoHeaderSum6(b, addresses, IPPROTO_ICMPV6, end - o);
  setU16(b, o + 2, internetChecksum(b, o, end, pseudo));
}

export function icmpv6ChecksumOk(b: Uint8Array, o: number, end: number, addresses: number): boolean {
  return internetChecksum(b, o, end, pseudoHeaderSum6(b, addresses, IPPROTO_ICMPV6, end - o)) === 0;
}

/** A message; the checksum stays outside, it needs the addresses. */
export type Icmpv6 =
  | {
      readonly kind: "echo-request" | "echo-reply";
      readonly id: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: "neighbor-solicitation";
      readonly target: Ipv6;
      readonly options: readonly NdiscOption[];
    }
  | {
      readonly kind: "neighbor-advertisement";
      /** `NDISC_ROUTER`, `NDISC_SOLICITED`, `NDISC_OVERRIDE`. */
      readonly flags: number;
      readonly target: Ipv6;
      readonly options: readonly NdiscOption[];
    }
  | {
      readonly kind: "other";
      readonly type: number;
      readonly code: number;
      /** The second 32-bit word, as it stands. */
      readonly rest: number;
      readonly payload: Uint8Array;
    };

export type Icmpv6Error = "truncated" | "bad-option";

function decodeNeighbor(b: Uint8Array, from: number, to: number): Result<Icmpv6, Icmpv6Error> {
  if (to - from < 24) return err("truncated");
  const options = decodeNdiscOptions(b, from + 24, to);
  if (!options.ok) return options;
  const target = ndiscTarget(b, from);
  if (icmpv6Type(b, from) === NDISC_NEIGHBOUR_SOLICITATION) {
    return ok({ kind: "neighbor-solicitation", target, options: options.value });
  }
  return ok({ kind: "neighbor-advertisement", flags: b[from + 4]! & 0xe0, target, options: options.value });
}

export function decodeIcmpv6(b: Uint8Array, from = 0, to = b.length): Result<Icmpv6, Icmpv6Error> {
  if (to - from < ICMPV6_HEADER) return err("truncated");
  const type = icmpv6Type(b, from);
  const code = icmpv6Code(b, from);
  const payload = b.subarray(from + ICMPV6_HEADER, to);
  if ((type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY) && code === 0) {
    const kind = type === ICMPV6_ECHO_REQUEST ? "echo-request" : "echo-reply";
    return ok({ kind, id: icmpv6EchoId(b, from), sequence: icmpv6EchoSequence(b, from), payload });
  }
  if ((type === NDISC_NEIGHBOUR_SOLICITATION || type === NDISC_NEIGHBOUR_ADVERTISEMENT) && code === 0) {
    return decodeNeighbor(b, from, to);
  }
  return ok({ kind: "other", type, code, rest: getU32(b, from + 4), payload });
}

/** The message with checksum 0; `setIcmpv6Checksum` once it stands behind its IPv6 header. */
export function encodeIcmpv6(m: Icmpv6): Uint8Array {
  switch (m.kind) {
    case "echo-request":
    case "echo-reply": {
      const type = m.kind === "echo-request" ? ICMPV6_ECHO_REQUEST : ICMPV6_ECHO_REPLY;
      return plain(type, 0, (m.id << 16) | m.sequence, m.payload);
    }
    case "neighbor-solicitation":
      return neighbor(NDISC_NEIGHBOUR_SOLICITATION, 0, m.target, m.options);
    case "neighbor-advertisement":
      return neighbor(NDISC_NEIGHBOUR_ADVERTISEMENT, m.flags, m.target, m.options);
    case "other":
      return plain(m.type, m.code, m.rest, m.payload);
  }
}

function plain(type: number, code: number, rest: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(ICMPV6_HEADER + data.length);
  out[0] = type;
  out[1] = code;
  setU32(out, 4, rest);
  out.set(data, ICMPV6_HEADER);
  return out;
}

function neighbor(type: number, flags: number, target: Ipv6, options: readonly NdiscOption[]): Uint8Array {
  const tail = encodeNdiscOptions(options);
  const data = new Uint8Array(16 + tail.length);
  writeIpv6(data, 0, target);
  data.set(tail, 16);
  return plain(type, 0, flags << 24, data);
}

/** As tcpdump prints it: `ICMP6, neighbor solicitation, who has fd00::2, length 32`. */
export function icmpv6Summary(m: Icmpv6): string {
  return `ICMP6, ${what(m)}, length ${encodeIcmpv6(m).length}`;
}

function what(m: Icmpv6): string {
  switch (m.kind) {
    case "echo-request":
    case "echo-reply":
      return `${m.kind.replace("-", " ")}, id ${m.id}, seq ${m.sequence}`;
    case "neighbor-solicitation":
      return `neighbor solicitation, who has ${formatIpv6(m.target)}`;
    case "neighbor-advertisement":
      return `neighbor advertisement, tgt is ${formatIpv6(m.target)}`;
    case "other":
      if (m.type === ICMPV6_PKT_TOOBIG) return `packet too big, mtu ${m.rest}`;
      return icmpv6TypeName(m.type);
  }
}
