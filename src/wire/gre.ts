import { getU16, getU32, setU16, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { internetChecksum } from "./checksum.ts";

/** Generic Routing Encapsulation (RFC 2784) with key and sequence number (RFC 2890). */

/** Bytes of a header without optional words. */
export const GRE_HEADER = 4;

/** Flag bits of the first byte. */
const CHECKSUM = 0x80;
const KEY = 0x20;
const SEQUENCE = 0x10;

/** EtherType of what follows. */
export function greType(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

/** Bytes of the header, optional words included. */
export function greHeaderLength(b: Uint8Array, o: number): number {
  const f = b[o]!;
  return (
    GRE_HEADER + ((f & CHECKSUM) !== 0 ? 4 : 0) + ((f & KEY) !== 0 ? 4 : 0) + ((f & SEQUENCE) !== 0 ? 4 : 0)
  );
}

/** Where the key stands, counted from the header, if there is one. */
export function greKeyOffset(b: Uint8Array, o: number): number {
  return GRE_HEADER + ((b[o]! & CHECKSUM) !== 0 ? 4 : 0);
}

/** Which of several tunnels between two hosts (RFC 2890, section 2.1). */
export function greKey(b: Uint8Array, o: number): number | undefined {
  return (b[o]! & KEY) === 0 ? undefined : getU32(b, o + greKeyOffset(b, o));
}

/** Writes a header without checksum and sequence number; returns its length. */
export function writeGre(b: Uint8Array, o: number, type: number, key?: number): number {
  setU16(b, o, key === undefined ? 0 : KEY << 8);
  setU16(b, o + 2, type);
  if (key === undefined) return GRE_HEADER;
  setU32(b, o + 4, key);
  return GRE_HEADER + 4;
}

/** Why Linux's gre_parse_header would refuse it, or undefined. */
export function greFault(b: Uint8Array, o: number, end: number): GreError | undefined {
  if (end - o < GRE_HEADER) return "truncated";
  if ((getU16(b, o) & ~((CHECKSUM | KEY | SEQUENCE) << 8)) !== 0) return "unknown-flags";
  if (o + greHeaderLength(b, o) > end) return "truncated";
  if ((b[o]! & CHECKSUM) !== 0 && internetChecksum(b, o, end) !== 0) return "bad-checksum";
  return undefined;
}

export interface Gre {
  readonly type: number;
  /** The sender asked for a checksum over header and payload. */
  readonly checksum: boolean;
  readonly key?: number;
  readonly sequence?: number;
  readonly payload: Uint8Array;
}

export type GreError = "truncated" | "unknown-flags" | "bad-checksum";

export function decodeGre(b: Uint8Array, from = 0, to = b.length): Result<Gre, GreError> {
  const fault = greFault(b, from, to);
  if (fault !== undefined) return err(fault);
  const flags = b[from]!;
  const body = from + greHeaderLength(b, from);
  const checksum = (flags & CHECKSUM) !== 0;
  const key = greKey(b, from);
  return ok({
    type: greType(b, from),
    checksum,
    ...(key === undefined ? {} : { key }),
    ...((flags & SEQUENCE) !== 0 ? { sequence: getU32(b, body - 4) } : {}),
    payload: b.subarray(body, to),
  });
}

export function encodeGre(g: Gre): Uint8Array {
  const flags =
    (g.checksum ? CHECKSUM : 0) | (g.key === undefined ? 0 : KEY) | (g.sequence === undefined ? 0 : SEQUENCE);
  const length = greHeaderLength(Uint8Array.of(flags), 0);
  const out = new Uint8Array(length + g.payload.length);
  out[0] = flags;
  setU16(out, 2, g.type);
  if (g.key !== undefined) setU32(out, GRE_HEADER + (g.checksum ? 4 : 0), g.key);
  if (g.sequence !== undefined) setU32(out, length - 4, g.sequence);
  out.set(g.payload, length);
  if (g.checksum) setU16(out, 4, internetChecksum(out, 0, out.length));
  return out;
}

/** As tcpdump prints it: `GREv0, key=0x5, length 92`. */
export function greSummary(g: Gre): string {
  const key = g.key === undefined ? "" : `, key=0x${g.key.toString(16)}`;
  const sequence = g.sequence === undefined ? "" : `, seq ${g.sequence}`;
  return `GREv0${key}${sequence}, length ${encodeGre(g).length}`;
}
