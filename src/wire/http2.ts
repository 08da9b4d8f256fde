import { concat, getU16, getU32 } from "../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";

/**
 * HTTP/2 (RFC 9113): the connection preface and frames; of HPACK (RFC 7541) the static table and literals that are not
 * Huffman-coded, which is all that peers of ours write. Flow control and priorities are not modelled.
 */

/** What a client sends first. */
export const HTTP2_PREFACE: Uint8Array = utf8Encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const HTTP2_DATA = 0;
export const HTTP2_HEADERS = 1;
export const HTTP2_RST_STREAM = 3;
export const HTTP2_SETTINGS = 4;
export const HTTP2_PING = 6;
export const HTTP2_GOAWAY = 7;

/** END_STREAM of DATA and HEADERS, ACK of SETTINGS and PING: the same bit. */
export const HTTP2_END_STREAM = 1;
export const HTTP2_ACK = 1;
export const HTTP2_END_HEADERS = 4;

const HEADER = 9;
/** SETTINGS_MAX_FRAME_SIZE until the peer says otherwise. */
const MAX_FRAME = 16_384;

export interface Http2Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

export function encodeHttp2Frame({ type, flags, stream, payload }: Http2Frame): Uint8Array {
  const { length } = payload;
  const head = [length >>> 16, (length >>> 8) & 255, length & 255, type, flags];
  return concat([
    Uint8Array.of(...head, stream >>> 24, (stream >>> 16) & 255, (stream >>> 8) & 255, stream & 255),
    payload,
  ]);
}

/** The first frame and its length on the wire; undefined while it is not all there, "oversized" beyond what was agreed. */
export function decodeHttp2Frame(
  b: Uint8Array,
): { readonly frame: Http2Frame; readonly length: number } | "oversized" | undefined {
  if (b.length < HEADER) return undefined;
  const size = (getU16(b, 0) << 8) | b[2]!;
  if (size > MAX_FRAME) return "oversized";
  if (b.length < HEADER + size) return undefined;
  const frame = {
    type: b[3]!,
    flags: b[4]!,
    stream: getU32(b, 5) & 0x7fffffff,
    payload: b.subarray(HEADER, HEADER + size),
  };
  return { frame, length: HEADER + size };
}

const FRAME_NAMES = [
  "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION",
]; // prettier-ignore

/** `HTTP/2 HEADERS, stream 1, flags 0x05, length 27`. */
export function http2Summary({ type, flags, stream, payload }: Http2Frame): string {
  const name = FRAME_NAMES[type] ?? `frame of type ${type}`;
  return `HTTP/2 ${name}, stream ${stream}, flags 0x${flags.toString(16).padStart(2, "0")}, length ${payload.length}`;
}

/** Whether bytes are, or may become, a client's preface. */
export function startsHttp2(b: Uint8Array): boolean {
  const length = Math.min(b.length, HTTP2_PREFACE.length);
  for (let i = 0; i < length; i++) if (b[i] !== HTTP2_PREFACE[i]) return false;
  return length > 0;
}

export interface Http2Field {
  readonly name: string;
  readonly value: string;
}

/** RFC 7541, appendix A, from index 1; a value of undefined is an empty one. */
const STATIC_TABLE: readonly (readonly [string, string?])[] = [
  [":authority"], [":method", "GET"], [":method", "POST"], [":path", "/"], [":path", "/index.html"], [":scheme", "http"],
  [":scheme", "https"], [":status", "200"], [":status", "204"], [":status", "206"], [":status", "304"], [":status", "400"],
  [":status", "404"], [":status", "500"], ["accept-charset"], ["accept-encoding", "gzip, deflate"], ["accept-language"],
  ["accept-ranges"], ["accept"], ["access-control-allow-origin"], ["age"], ["allow"], ["authorization"], ["cache-control"],
  ["content-disposition"], ["content-encoding"], ["content-language"], ["content-length"], ["content-location"],
  ["content-range"], ["content-type"], ["cookie"], ["date"], ["etag"], ["expect"], ["expires"], ["from"], ["host"],
  ["if-match"], ["if-modified-since"], ["if-none-match"], ["if-range"], ["if-unmodified-since"], ["last-modified"], ["link"],
  ["location"], ["max-forwards"], ["proxy-authenticate"], ["proxy-authorization"], ["range"], ["referer"], ["refresh"],
  ["retry-after"], ["server"], ["set-cookie"], ["strict-transport-security"], ["transfer-encoding"], ["user-agent"],
  ["vary"], ["via"], ["www-authenticate"],
]; // prettier-ignore

/** An integer with a prefix of `bits` (RFC 7541, section 5.1), its first octet marked with `mark`. */
function encodeInteger(value: number, bits: number, mark: number): number[] {
  const most = (1 << bits) - 1;
  if (value < most) return [mark | value];
  const out = [mark | most];
  let rest = value - most;
  for (; rest >= 128; rest >>>= 7) out.push((rest & 127) | 128);
  return [...out, rest];
}

const encodeText = (text: string): Uint8Array => {
  const bytes = utf8Encode(text);
  return concat([Uint8Array.from(encodeInteger(bytes.length, 7, 0)), bytes]);
};

/** A header block without anything that the next one would depend on. */
export function encodeHpack(fields: readonly Http2Field[]): Uint8Array {
  return concat(
    fields.map(({ name, value }) => {
      const whole = STATIC_TABLE.findIndex(([n, v]) => n === name && v === value);
      if (whole >= 0) return Uint8Array.from(encodeInteger(whole + 1, 7, 0x80));
      const known = STATIC_TABLE.findIndex(([n]) => n === name) + 1;
      const head = Uint8Array.from(encodeInteger(known, 4, 0));
      return concat(known > 0 ? [head, encodeText(value)] : [head, encodeText(name), encodeText(value)]);
    }),
  );
}

class BlockReader {
  at = 0;
  private readonly b: Uint8Array;

  constructor(b: Uint8Array) {
    this.b = b;
  }

  get done(): boolean {
    return this.at >= this.b.length;
  }

  octet(): number {
    return this.b[this.at] ?? 0;
  }

  integer(bits: number): number | undefined {
    const most = (1 << bits) - 1;
    let value = this.octet() & most;
    this.at++;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.done) return undefined;
      const octet = this.octet();
      this.at++;
      value += (octet & 127) << shift;
      if (octet < 128) return value;
    }
    return undefined;
  }

  text(): string | undefined {
    const huffman = this.octet() >= 128;
    const length = this.integer(7);
    if (huffman || length === undefined || this.at + length > this.b.length) return undefined;
    this.at += length;
    return utf8Decode(this.b.subarray(this.at - length, this.at));
  }
}

/** The fields of a header block; undefined where it is broken, or uses what is not modelled (Huffman codes, the dynamic table). */
export function decodeHpack(block: Uint8Array): readonly Http2Field[] | undefined {
  const reader = new BlockReader(block);
  const fields: Http2Field[] = [];
  while (!reader.done) {
    const first = reader.octet();
    const indexed = first >= 128;
    // Literals: with indexing 01, without 0000, never 0001; 001 changes the size of a table that is not kept.
    if (!indexed && (first & 0xe0) === 0x20) {
      if (reader.integer(5) === undefined) return undefined;
      continue;
    }
    const index = reader.integer(indexed ? 7 : first >= 64 ? 6 : 4);
    if (index === undefined || (indexed && index === 0)) return undefined;
    const entry = index === 0 ? undefined : STATIC_TABLE[index - 1];
    if (index > 0 && entry === undefined) return undefined;
    const name = entry?.[0] ?? reader.text();
    const value = indexed ? (entry?.[1] ?? "") : reader.text();
    if (name === undefined || value === undefined) return undefined;
    fields.push({ name, value });
  }
  return fields;
}
