import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatIpv4, type Ipv4 } from "./address.ts";
import { internetChecksum } from "./checksum.ts";
import { icmpUnreachableText } from "./icmp-text.ts";

/** The Internet Control Message Protocol (RFC 792; next-hop MTU: RFC 1191; what a host must do with it: RFC 1122, section 3.2.2). */

export const ICMP_HEADER = 8;

/** Types, with the names of Linux's icmp.h. */
export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMPREPLY = 14;

/** Codes of ICMP_DEST_UNREACH (RFC 792; 6 to 12: RFC 1122, section 3.2.2.1; 13 to 15: RFC 1812, section 5.2.7.1). */
export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
export const ICMP_SR_FAILED = 5;
export const ICMP_NET_UNKNOWN = 6;
export const ICMP_HOST_UNKNOWN = 7;
export const ICMP_HOST_ISOLATED = 8;
export const ICMP_NET_ANO = 9;
export const ICMP_HOST_ANO = 10;
export const ICMP_NET_UNR_TOS = 11;
export const ICMP_HOST_UNR_TOS = 12;
export const ICMP_PKT_FILTERED = 13;
export const ICMP_PREC_VIOLATION = 14;
export const ICMP_PREC_CUTOFF = 15;

/** Codes of ICMP_REDIRECT. */
export const ICMP_REDIR_NET = 0;
export const ICMP_REDIR_HOST = 1;

/** Codes of ICMP_TIME_EXCEEDED. */
export const ICMP_EXC_TTL = 0;
export const ICMP_EXC_FRAGTIME = 1;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMP_ECHOREPLY, "Echo (ping) reply"],
  [ICMP_DEST_UNREACH, "Destination unreachable"],
  [ICMP_REDIRECT, "Redirect"],
  [ICMP_ECHO, "Echo (ping) request"],
  [ICMP_TIME_EXCEEDED, "Time-to-live exceeded"],
  [ICMP_PARAMETERPROB, "Parameter problem"],
  [ICMP_TIMESTAMP, "Timestamp request"],
  [ICMP_TIMESTAMPREPLY, "Timestamp reply"],
]);

export function icmpTypeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `Type ${type}`;
}

/** Error messages quote the packet they are about and must never be answered with another error (RFC 1122, section 3.2.2). */
export function icmpIsError(type: number): boolean {
  return (
    type === ICMP_DEST_UNREACH ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETERPROB ||
    type === ICMP_REDIRECT ||
    type === 4
  );
}

export function icmpType(b: Uint8Array, o: number): number {
  return b[o]!;
}

export function icmpCode(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

export function icmpChecksum(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

export function icmpEchoId(b: Uint8Array, o: number): number {
  return getU16(b, o + 4);
}

export function icmpEchoSequence(b: Uint8Array, o: number): number {
  return getU16(b, o + 6);
}

/** Next-hop MTU of "fragmentation needed" (RFC 1191, section 4). */
export function icmpMtu(b: Uint8Array, o: number): number {
  return getU16(b, o + 6);
}

/** The gateway of a redirect. */
export function icmpGateway(b: Uint8Array, o: number): Ipv4 {
  return getU32(b, o + 4) as Ipv4;
}

/** Computes the checksum over the message from `o` to `end`. */
export function setIcmpChecksum(b: Uint8Array, o: number, end: number): void {
  setU16(b, o + 2, 0);
  setU16(b, o + 2, internetChecksum(b, o, end));
}

export function icmpChecksumOk(b: Uint8Array, o: number, end: number): boolean {
  return internetChecksum(b, o, end) === 0;
}

/** Writes the header of any message, checksum 0; `rest` is the second 32-bit word. `setIcmpChecksum` once the data are there. */
export function writeIcmpHeader(b: Uint8Array, o: number, type: number, code: number, rest: number): void {
  b[o] = type;
  b[o + 1] = code;
  setU16(b, o + 2, 0);
  setU32(b, o + 4, rest);
}

/** Writes an echo header, checksum 0; `type` is ICMP_ECHO or ICMP_ECHOREPLY. */
export function writeIcmpEcho(b: Uint8Array, o: number, type: number, id: number, sequence: number): void {
  writeIcmpHeader(b, o, type, 0, (id << 16) | sequence);
}

/** Why icmp_rcv would drop the message from `o` to `end`, or undefined. */
export function icmpFault(b: Uint8Array, o: number, end: number): IcmpError | undefined {
  if (end - o < ICMP_HEADER) return "truncated";
  return icmpChecksumOk(b, o, end) ? undefined : "bad-checksum";
}

/** A message with its second word read as its type says; `quote` is the packet it is about, header first. */
export type Icmp =
  | {
      readonly kind: "echo-request" | "echo-reply";
      readonly id: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  | { readonly kind: "unreachable"; readonly code: number; readonly mtu: number; readonly quote: Uint8Array }
  | { readonly kind: "time-exceeded"; readonly code: number; readonly quote: Uint8Array }
  | { readonly kind: "redirect"; readonly code: number; readonly gateway: Ipv4; readonly quote: Uint8Array }
  | {
      readonly kind: "other";
      readonly type: number;
      readonly code: number;
      /** The second 32-bit word, as it stands. */
      readonly rest: number;
      readonly payload: Uint8Array;
    };

export type IcmpError = "truncated" | "bad-checksum";

/** The message from `from` to `to`, of which 8 bytes must be there, whatever its checksum. */
export function readIcmp(b: Uint8Array, from: number, to: number): Icmp {
  const type = icmpType(b, from);
  const code = icmpCode(b, from);
  const data = b.subarray(from + ICMP_HEADER, to);
  if ((type === ICMP_ECHO || type === ICMP_ECHOREPLY) && code === 0) {
    const kind = type === ICMP_ECHO ? "echo-request" : "echo-reply";
    return { kind, id: icmpEchoId(b, from), sequence: icmpEchoSequence(b, from), payload: data };
  }
  if (type === ICMP_DEST_UNREACH) return { kind: "unreachable", code, mtu: icmpMtu(b, from), quote: data };
  if (type === ICMP_TIME_EXCEEDED) return { kind: "time-exceeded", code, quote: data };
  if (type === ICMP_REDIRECT) return { kind: "redirect", code, gateway: icmpGateway(b, from), quote: data };
  return { kind: "other", type, code, rest: getU32(b, from + 4), payload: data };
}

export function decodeIcmp(b: Uint8Array, from = 0, to = b.length): Result<Icmp, IcmpError> {
  const fault = icmpFault(b, from, to);
  return fault === undefined ? ok(readIcmp(b, from, to)) : err(fault);
}

/** Type, code, second word and data of a message. */
function parts(m: Icmp): readonly [type: number, code: number, rest: number, data: Uint8Array] {
  switch (m.kind) {
    case "echo-request":
      return [ICMP_ECHO, 0, (m.id << 16) | m.sequence, m.payload];
    case "echo-reply":
      return [ICMP_ECHOREPLY, 0, (m.id << 16) | m.sequence, m.payload];
    case "unreachable":
      return [ICMP_DEST_UNREACH, m.code, m.mtu, m.quote];
    case "time-exceeded":
      return [ICMP_TIME_EXCEEDED, m.code, 0, m.quote];
    case "redirect":
      return [ICMP_REDIRECT, m.code, m.gateway, m.quote];
    case "other":
      return [m.type, m.code, m.rest, m.payload];
  }
}

export function encodeIcmp(m: Icmp): Uint8Array {
  const [type, code, rest, data] = parts(m);
  const out = new Uint8Array(ICMP_HEADER + data.length);
  writeIcmpHeader(out, 0, type, code, rest);
  out.set(data, ICMP_HEADER);
  setIcmpChecksum(out, 0, out.length);
  return out;
}

/** As tcpdump prints it: `ICMP echo request, id 7, seq 1, length 64`. */
export function icmpSummary(m: Icmp): string {
  const length = ICMP_HEADER + parts(m)[3].length;
  return `ICMP ${what(m)}, length ${length}`;
}

function what(m: Icmp): string {
  switch (m.kind) {
    case "echo-request":
    case "echo-reply":
      return `${m.kind.replace("-", " ")}, id ${m.id}, seq ${m.sequence}`;
    case "unreachable":
      return icmpUnreachableText(m.code, m.mtu, m.quote);
    case "time-exceeded":
      if (m.code === ICMP_EXC_TTL) return "time exceeded in-transit";
      return m.code === ICMP_EXC_FRAGTIME ? "ip reassembly time exceeded" : `time exceeded-#${m.code}`;
    case "redirect": {
      const to = m.quote.length >= 20 ? formatIpv4(getU32(m.quote, 16) as Ipv4) : "?";
      return `redirect ${to} to ${m.code === ICMP_REDIR_NET ? "net" : "host"} ${formatIpv4(m.gateway)}`;
    }
    case "other":
      return `${icmpTypeName(m.type).toLowerCase()}, code ${m.code}`;
  }
}
