import { utf8Encode } from "../base/utf8.ts";
import { err, ok, type Result } from "../base/result.ts";

/** The head of an HTTP/1.1 message (RFC 9112, sections 2 to 5); bodies and their framing are the endpoints' business. */

/** Methods of RFC 9110, section 9, and PATCH (RFC 5789); others are legal too. */
export const HTTP_METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];

/** A field line; the name keeps its spelling, comparison ignores case. */
export interface HttpField {
  readonly name: string;
  readonly value: string;
}

export interface HttpRequest {
  readonly kind: "request";
  readonly method: string;
  readonly target: string;
  /** `HTTP/1.1`. */
  readonly version: string;
  readonly fields: readonly HttpField[];
}

export interface HttpResponse {
  readonly kind: "response";
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly HttpField[];
}

export type HttpHead = HttpRequest | HttpResponse;

/** `incomplete`: no empty line yet, more bytes may come. */
export type HttpError = "incomplete" | "bad-start-line" | "bad-field-line";

/** A head and the number of bytes it took, the empty line included: the body begins there. */
export interface ParsedHttpHead {
  readonly head: HttpHead;
  readonly length: number;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST = new RegExp(`^(${TOKEN}) ([^ ]+) (HTTP/\\d\\.\\d)$`);
const RESPONSE = /^(HTTP\/\d\.\d) (\d{3}) ?(.*)$/;
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*(.*?)[ \\t]*$`);

/** Offset behind the empty line that ends the head, or -1. */
function headEnd(b: Uint8Array, from: number, to: number): number {
  for (let i = from; i + 3 < to; i++) {
    if (b[i] === 13 && b[i + 1] === 10 && b[i + 2] === 13 && b[i + 3] === 10) return i + 4;
  }
  return -1;
}

/** Bytes as characters of the same number: fields are octets, not UTF-8 (RFC 9110, section 5.5). */
function latin1(b: Uint8Array, from: number, to: number): string {
  let s = "";
  for (let i = from; i < to; i++) s += String.fromCharCode(b[i]!);
  return s;
}

function parseFields(lines: readonly string[]): HttpField[] | undefined {
  const out: HttpField[] = [];
  for (const line of lines) {
    const m = FIELD.exec(line);
    if (m === null) return undefined;
    out.push({ name: m[1]!, value: m[2]! });
  }
  return out;
}

export function decodeHttp(b: Uint8Array, from = 0, to = b.length): Result<ParsedHttpHead, HttpError> {
  const end = headEnd(b, from, to);
  if (end < 0) return err("incomplete");
  const [start, ...rest] = latin1(b, from, end - 4).split("\r\n");
  const fields = parseFields(rest);
  if (fields === undefined) return err("bad-field-line");
  const length = end - from;
  const q = REQUEST.exec(start!);
  if (q !== null) {
    const head: HttpHead = { kind: "request", method: q[1]!, target: q[2]!, version: q[3]!, fields };
    return ok({ head, length });
  }
  const a = RESPONSE.exec(start!);
  if (a === null) return err("bad-start-line");
  return ok({
    head: { kind: "response", version: a[1]!, status: Number(a[2]), reason: a[3]!, fields },
    length,
  });
}

function startLine(h: HttpHead): string {
  return h.kind === "request"
    ? `${h.method} ${h.target} ${h.version}`
    : `${h.version} ${String(h.status).padStart(3, "0")} ${h.reason}`;
}

export function encodeHttp(h: HttpHead): Uint8Array {
  const lines = [startLine(h), ...h.fields.map((f) => `${f.name}: ${f.value}`), "", ""];
  const text = lines.join("\r\n");
  // Characters up to U+00FF are the octets that came in; a caller's own text beyond them goes out as UTF-8.
  const octets = Array.from(text, (c) => c.codePointAt(0)!);
  return octets.every((c) => c <= 0xff) ? Uint8Array.from(octets) : utf8Encode(text);
}

/** As tcpdump prints it: `HTTP: GET / HTTP/1.1`, `HTTP: HTTP/1.1 200 OK`. */
export function httpSummary(h: HttpHead): string {
  return `HTTP: ${startLine(h)}`;
}

/** The value of the first field of this name, whatever its case. */
export function httpField(h: HttpHead, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return h.fields.find((f) => f.name.toLowerCase() === wanted)?.value;
}

/** True when the bytes begin like a request or response head: what a reader of a stream without a known port can tell. */
export function looksLikeHttp(b: Uint8Array, from: number, to: number): boolean {
  const start = latin1(b, from, Math.min(to, from + 10));
  return start.startsWith("HTTP/1.") || HTTP_METHODS.some((m) => start.startsWith(`${m} `));
}
