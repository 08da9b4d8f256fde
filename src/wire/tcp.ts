import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Ipv4 } from "./address.ts";
import { checksumAdjust16, checksumAdjust32, internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { IPPROTO_TCP } from "./ipv4.ts";
import { encodeTcpOptions, decodeTcpOptions, tcpOptionsText, type TcpOption } from "./tcp-options.ts";

/** The Transmission Control Protocol's header (RFC 9293, section 3.1); the options are in `tcp-options.ts`. */

/** Bytes of a header without options. */
export const TCP_HEADER = 20;

/** Control bits (RFC 9293, section 3.1; ECE and CWR: RFC 3168, section 6.1). */
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;

/** tcpdump's letters in its order; ACK is the dot. */
const LETTERS: readonly (readonly [bit: number, letter: string])[] = [
  [TCP_FIN, "F"],
  [TCP_SYN, "S"],
  [TCP_RST, "R"],
  [TCP_PSH, "P"],
  [TCP_ACK, "."],
  [TCP_URG, "U"],
  [TCP_ECE, "E"],
  [TCP_CWR, "W"],
];

/** `S.`, `P.`, `none`: what tcpdump prints between the brackets of `Flags [..]`. */
export function tcpFlagsText(flags: number): string {
  const s = LETTERS.map(([bit, letter]) => ((flags & bit) !== 0 ? letter : "")).join("");
  return s === "" ? "none" : s;
}

/** `SYN, ACK`, or `none`. */
export function tcpFlagNames(flags: number): string {
  const names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"].filter(
    (_, i) => (flags & (1 << i)) !== 0,
  );
  return names.length === 0 ? "none" : names.join(", ");
}

export function tcpSourcePort(b: Uint8Array, o: number): number {
  return getU16(b, o);
}

export function tcpDestPort(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

export function tcpSequence(b: Uint8Array, o: number): number {
  return getU32(b, o + 4);
}

export function tcpAck(b: Uint8Array, o: number): number {
  return getU32(b, o + 8);
}

/** Bytes of the header, options included. */
export function tcpHeaderLength(b: Uint8Array, o: number): number {
  return (b[o + 12]! >>> 4) << 2;
}

export function tcpFlags(b: Uint8Array, o: number): number {
  return b[o + 13]!;
}

/** As carried, before the window scale of RFC 7323 is applied. */
export function tcpWindow(b: Uint8Array, o: number): number {
  return getU16(b, o + 14);
}

export function tcpChecksum(b: Uint8Array, o: number): number {
  return getU16(b, o + 16);
}

/** Writes the 20 bytes with checksum and urgent pointer 0; `headerLength` counts the options that the caller writes after them. */
export function writeTcpHeader(
  b: Uint8Array,
  o: number,
  src: number,
  dst: number,
  sequence: number,
  ack: number,
  flags: number,
  window: number,
  headerLength = TCP_HEADER,
): void {
  setU16(b, o, src);
  setU16(b, o + 2, dst);
  setU32(b, o + 4, sequence);
  setU32(b, o + 8, ack);
  b[o + 12] = (headerLength >>> 2) << 4;
  b[o + 13] = flags;
  setU16(b, o + 14, window);
  setU32(b, o + 16, 0);
}

/** Computes the checksum over the segment from `o` to `end`. */
export function setTcpChecksum(b: Uint8Array, o: number, end: number, src: Ipv4, dst: Ipv4): void {
  setU16(b, o + 16, 0);
  setU16(b, o + 16, internetChecksum(b, o, end, pseudoHeaderSum(src, dst, IPPROTO_TCP, end - o)));
}

export function tcpChecksumOk(b: Uint8Array, o: number, end: number, src: Ipv4, dst: Ipv4): boolean {
  return internetChecksum(b, o, end, pseudoHeaderSum(src, dst, IPPROTO_TCP, end - o)) === 0;
}

/** Follows the change of an address of the pseudo header, as NAT does. */
export function adjustTcpChecksum(b: Uint8Array, o: number, old: Ipv4, now: Ipv4): void {
  setU16(b, o + 16, checksumAdjust32(tcpChecksum(b, o), old, now));
}

/** Rewrites the port and the checksum with it. */
export function setTcpSourcePort(b: Uint8Array, o: number, port: number): void {
  setU16(b, o + 16, checksumAdjust16(tcpChecksum(b, o), tcpSourcePort(b, o), port));
  setU16(b, o, port);
}

/** Rewrites the port and the checksum with it. */
export function setTcpDestPort(b: Uint8Array, o: number, port: number): void {
  setU16(b, o + 16, checksumAdjust16(tcpChecksum(b, o), tcpDestPort(b, o), port));
  setU16(b, o + 2, port);
}

/** Why tcp_v4_rcv would drop what stands from `o` to `end`, or undefined. The checksum needs the addresses: `tcpChecksumOk`. */
export function tcpFault(b: Uint8Array, o: number, end: number): TcpError | undefined {
  if (end - o < TCP_HEADER) return "truncated";
  const headerLength = tcpHeaderLength(b, o);
  if (headerLength < TCP_HEADER) return "bad-header-length";
  if (o + headerLength > end) return "truncated";
  return undefined;
}

export interface Tcp {
  readonly sourcePort: number;
  readonly destPort: number;
  readonly sequence: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  /** As carried. */
  readonly checksum: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

export type TcpError = "truncated" | "bad-header-length" | "bad-options";

export function decodeTcp(b: Uint8Array, from = 0, to = b.length): Result<Tcp, TcpError> {
  const fault = tcpFault(b, from, to);
  if (fault !== undefined) return err(fault);
  const body = from + tcpHeaderLength(b, from);
  const options = decodeTcpOptions(b, from + TCP_HEADER, body);
  if (!options.ok) return options;
  return ok({
    sourcePort: tcpSourcePort(b, from),
    destPort: tcpDestPort(b, from),
    sequence: tcpSequence(b, from),
    ack: tcpAck(b, from),
    flags: tcpFlags(b, from),
    window: tcpWindow(b, from),
    checksum: tcpChecksum(b, from),
    urgent: getU16(b, from + 18),
    options: options.value,
    payload: b.subarray(body, to),
  });
}

/** The checksum is written as given; `setTcpChecksum` computes it once the addresses are known. */
export function encodeTcp(t: Tcp): Uint8Array {
  const options = encodeTcpOptions(t.options);
  const body = TCP_HEADER + options.length;
  const out = new Uint8Array(body + t.payload.length);
  writeTcpHeader(out, 0, t.sourcePort, t.destPort, t.sequence, t.ack, t.flags, t.window, body);
  setU16(out, 16, t.checksum);
  setU16(out, 18, t.urgent);
  out.set(options, TCP_HEADER);
  out.set(t.payload, body);
  return out;
}

/** As tcpdump prints a segment, with the ports in front: `TCP 4711 > 80: Flags [S.], seq 1, ack 2, win 64240, length 0`. */
export function tcpSummary(t: Tcp): string {
  return line(t, t.options, t.payload.length);
}

/** The same of the segment at `o`, whose header must be whole, with `length` bytes of data. */
export function tcpLine(b: Uint8Array, o: number, length: number): string {
  const options = decodeTcpOptions(b, o + TCP_HEADER, o + tcpHeaderLength(b, o));
  const head = {
    sourcePort: tcpSourcePort(b, o),
    destPort: tcpDestPort(b, o),
    sequence: tcpSequence(b, o),
    ack: tcpAck(b, o),
    flags: tcpFlags(b, o),
    window: tcpWindow(b, o),
  };
  return line(head, options.ok ? options.value : [], length);
}

type Head = Pick<Tcp, "sourcePort" | "destPort" | "sequence" | "ack" | "flags" | "window">;

function line(t: Head, options: readonly TcpOption[], length: number): string {
  const moves = length > 0 || (t.flags & (TCP_SYN | TCP_FIN | TCP_RST)) !== 0;
  const range = length > 0 ? `${t.sequence}:${(t.sequence + length) >>> 0}` : `${t.sequence}`;
  const seq = moves ? `, seq ${range}` : "";
  const ack = (t.flags & TCP_ACK) !== 0 ? `, ack ${t.ack}` : "";
  const tail = options.length > 0 ? `, options [${tcpOptionsText(options)}]` : "";
  const ports = `${t.sourcePort} > ${t.destPort}`;
  return `TCP ${ports}: Flags [${tcpFlagsText(t.flags)}]${seq}${ack}, win ${t.window}${tail}, length ${length}`;
}
