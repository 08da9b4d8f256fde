import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";

/** TCP options: MSS (RFC 9293, section 3.7.1), SACK (RFC 2018), window scale and timestamps (RFC 7323). */

/** Kinds (IANA), with the names of Linux's net/tcp.h. */
export const TCPOPT_EOL = 0;
export const TCPOPT_NOP = 1;
export const TCPOPT_MSS = 2;
export const TCPOPT_WINDOW = 3;
export const TCPOPT_SACK_PERM = 4;
export const TCPOPT_SACK = 5;
export const TCPOPT_TIMESTAMP = 8;

/** Offset of the first option of this kind in the header at `o` that ends at `end`, or -1. Allocates nothing. */
export function findTcpOption(b: Uint8Array, o: number, end: number, kind: number): number {
  for (let i = o + 20; i < end;) {
    const k = b[i]!;
    if (k === TCPOPT_EOL) return -1;
    if (k === TCPOPT_NOP) {
      if (kind === TCPOPT_NOP) return i;
      i++;
      continue;
    }
    const length = i + 1 < end ? b[i + 1]! : 0;
    if (length < 2 || i + length > end) return -1;
    if (k === kind) return i;
    i += length;
  }
  return -1;
}

/** The options Linux sends on a SYN, in its order: 20 bytes at `o`. An `echo` of 0 is what a first SYN carries. */
export function writeTcpSynOptions(
  b: Uint8Array,
  o: number,
  mss: number,
  windowScale: number,
  timestamp: number,
  echo: number,
): void {
  setU32(b, o, (TCPOPT_MSS << 24) | (4 << 16) | mss);
  setU16(b, o + 4, (TCPOPT_SACK_PERM << 8) | 2);
  setU16(b, o + 6, (TCPOPT_TIMESTAMP << 8) | 10);
  setU32(b, o + 8, timestamp);
  setU32(b, o + 12, echo);
  setU32(b, o + 16, (TCPOPT_NOP << 24) | (TCPOPT_WINDOW << 16) | (3 << 8) | windowScale);
}

/** The options Linux sends on every later segment: NOP, NOP, timestamps, 12 bytes at `o`. */
export function writeTcpTimestamps(b: Uint8Array, o: number, timestamp: number, echo: number): void {
  setU32(b, o, 0x0101080a);
  setU32(b, o + 4, timestamp);
  setU32(b, o + 8, echo);
}

export type TcpOption =
  | { readonly kind: "nop" }
  /** End of the list; `padding` bytes of it follow. */
  | { readonly kind: "eol"; readonly padding: number }
  | { readonly kind: "mss"; readonly mss: number }
  | { readonly kind: "wscale"; readonly shift: number }
  | { readonly kind: "sackOK" }
  | { readonly kind: "sack"; readonly blocks: readonly (readonly [left: number, right: number])[] }
  | { readonly kind: "TS"; readonly value: number; readonly echo: number }
  | { readonly kind: "other"; readonly number: number; readonly data: Uint8Array };

/** One option of `length` bytes at `o`. */
function decodeOne(b: Uint8Array, o: number, length: number): TcpOption {
  const number = b[o]!;
  if (number === TCPOPT_MSS && length === 4) return { kind: "mss", mss: getU16(b, o + 2) };
  if (number === TCPOPT_WINDOW && length === 3) return { kind: "wscale", shift: b[o + 2]! };
  if (number === TCPOPT_SACK_PERM && length === 2) return { kind: "sackOK" };
  if (number === TCPOPT_TIMESTAMP && length === 10) {
    return { kind: "TS", value: getU32(b, o + 2), echo: getU32(b, o + 6) };
  }
  if (number === TCPOPT_SACK && length > 2 && length % 8 === 2) {
    const blocks: [number, number][] = [];
    for (let i = o + 2; i < o + length; i += 8) blocks.push([getU32(b, i), getU32(b, i + 4)]);
    return { kind: "sack", blocks };
  }
  return { kind: "other", number, data: b.subarray(o + 2, o + length) };
}

export function decodeTcpOptions(
  b: Uint8Array,
  from: number,
  to: number,
): Result<TcpOption[], "bad-options"> {
  const out: TcpOption[] = [];
  for (let i = from; i < to;) {
    const number = b[i]!;
    if (number === TCPOPT_EOL) {
      out.push({ kind: "eol", padding: to - i - 1 });
      break;
    }
    if (number === TCPOPT_NOP) {
      out.push({ kind: "nop" });
      i++;
      continue;
    }
    const length = i + 1 < to ? b[i + 1]! : 0;
    if (length < 2 || i + length > to) return err("bad-options");
    out.push(decodeOne(b, i, length));
    i += length;
  }
  return ok(out);
}

function encodeOne(o: TcpOption): readonly number[] {
  switch (o.kind) {
    case "nop":
      return [TCPOPT_NOP];
    case "eol":
      return new Array<number>(o.padding + 1).fill(0);
    case "mss":
      return [TCPOPT_MSS, 4, o.mss >>> 8, o.mss];
    case "wscale":
      return [TCPOPT_WINDOW, 3, o.shift];
    case "sackOK":
      return [TCPOPT_SACK_PERM, 2];
    case "sack":
      return [TCPOPT_SACK, 2 + 8 * o.blocks.length, ...o.blocks.flatMap(([l, r]) => [...u32(l), ...u32(r)])];
    case "TS":
      return [TCPOPT_TIMESTAMP, 10, ...u32(o.value), ...u32(o.echo)];
    case "other":
      return [o.number, 2 + o.data.length, ...o.data];
  }
}

function u32(v: number): number[] {
  return [v >>> 24, v >>> 16, v >>> 8, v];
}

/** The options one after the other, filled up to a multiple of 4 bytes with end-of-list. */
export function encodeTcpOptions(options: readonly TcpOption[]): Uint8Array {
  const bytes = options.flatMap(encodeOne);
  const out = new Uint8Array((bytes.length + 3) & ~3);
  out.set(bytes);
  return out;
}

/** As tcpdump lists them: `mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7`. */
export function tcpOptionsText(options: readonly TcpOption[]): string {
  return options.map(tcpOptionText).join(",");
}

export function tcpOptionText(o: TcpOption): string {
  switch (o.kind) {
    case "mss":
      return `mss ${o.mss}`;
    case "wscale":
      return `wscale ${o.shift}`;
    case "TS":
      return `TS val ${o.value} ecr ${o.echo}`;
    case "sack":
      return `sack ${o.blocks.length} ${o.blocks.map(([l, r]) => `{${l}:${r}}`).join("")}`;
    case "other":
      return `unknown-${o.number}`;
    default:
      return o.kind;
  }
}
