import { concat } from "../../base/bytes.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Errno } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import {
  decodeHttp,
  httpField,
  type HttpHead,
  type HttpRequest,
  type HttpResponse,
} from "../../wire/http.ts";
import { type ByteStream, receiveSome } from "../stream/stream.ts";

/** Why nothing more can be read. `closed` is the end of the stream in a place where it may not end. */
export type ReadFailure =
  | { readonly kind: "closed" }
  | { readonly kind: "timeout" }
  | { readonly kind: "errno"; readonly errno: Errno }
  /** These are no HTTP/1 words; `bytes` is what came. */
  | { readonly kind: "malformed" };

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ReadFailure };

/** How the end of a body is known (RFC 9112, section 6.3). */
export type Framing =
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

export function responseFraming(method: string, head: HttpResponse): Framing {
  if (method === "HEAD" || head.status === 204 || head.status === 304 || head.status < 200)
    return { kind: "length", length: 0 };
  return framing(head) ?? { kind: "close" };
}

export function requestFraming(head: HttpRequest): Framing {
  return framing(head) ?? { kind: "length", length: 0 };
}

function framing(head: HttpHead): Framing | undefined {
  if (httpField(head, "Transfer-Encoding")?.toLowerCase() === "chunked") return { kind: "chunked" };
  const length = httpField(head, "Content-Length");
  return length !== undefined && /^\d+$/.test(length)
    ? { kind: "length", length: Number(length) }
    : undefined;
}

/** Will the connection serve another request? (RFC 9112, section 9.3) */
export function staysOpen(head: HttpHead): boolean {
  const wanted = httpField(head, "Connection")?.toLowerCase();
  return head.version === "HTTP/1.1" ? wanted !== "close" : wanted === "keep-alive";
}

const STATUS_LINE = /^HTTP\/\d\.\d \d{3}/;

/** Reads HTTP/1.1 messages off a stream. */
export class HttpReader {
  private readonly socket: ByteStream;
  private buffer: Uint8Array = new Uint8Array(0);
  /** Virtual time after which nobody waits any longer. */
  deadline: Nanos | undefined;
  private readonly now: () => Nanos;

  constructor(socket: ByteStream, now: () => Nanos) {
    this.socket = socket;
    this.now = now;
  }

  /** What came and is not read yet. */
  get pending(): Uint8Array {
    return this.buffer;
  }

  /** Waits for more bytes; undefined when there are some. */
  private *fill(): Task<ReadFailure | undefined> {
    const left = this.deadline === undefined ? undefined : this.deadline - this.now();
    if (left !== undefined && left <= 0) return { kind: "timeout" };
    const got = yield* receiveSome(this.socket, left as Nanos | undefined);
    if (got === "timeout") return { kind: "timeout" };
    if (!got.ok) return { kind: "errno", errno: got.error.errno };
    if (got.value === null) return { kind: "closed" };
    this.buffer = this.buffer.length === 0 ? got.value : concat([this.buffer, got.value]);
    return undefined;
  }

  /** The next head. An end before its first byte is `closed`, too. */
  *head(): Task<Read<{ readonly head: HttpHead; readonly bytes: Uint8Array }>> {
    for (;;) {
      const decoded = decodeHttp(this.buffer);
      if (decoded.ok) {
        const { head, length } = decoded.value;
        const bytes = this.buffer.subarray(0, length);
        this.buffer = this.buffer.subarray(length);
        return { ok: true, value: { head, bytes } };
      }
      if (decoded.error !== "incomplete" || !this.plausible())
        return { ok: false, error: { kind: "malformed" } };
      const failure = yield* this.fill();
      if (failure !== undefined) return { ok: false, error: failure };
    }
  }

  /** Could what is there be the beginning of a head? */
  private plausible(): boolean {
    if (this.buffer.length < 12) return !this.buffer.includes(10);
    const start = utf8Decode(this.buffer.subarray(0, 16));
    return STATUS_LINE.test(start) || /^[A-Z]+ /.test(start);
  }

  /** The body, piece by piece as it comes; how many bytes of it are missing when it ends early. */
  *body(framing: Framing, sink: (piece: Uint8Array) => Task<void>): Task<Read<number>> {
    if (framing.kind === "chunked") return yield* this.chunks(sink);
    let left = framing.kind === "length" ? framing.length : Infinity;
    while (left > 0) {
      if (this.buffer.length === 0) {
        const failure = yield* this.fill();
        if (failure?.kind === "closed" && framing.kind === "close") break;
        if (failure?.kind === "closed") return { ok: true, value: left };
        if (failure !== undefined) return { ok: false, error: failure };
      }
      const piece = this.take(left);
      left -= piece.length;
      yield* sink(piece);
    }
    return { ok: true, value: 0 };
  }

  private take(most: number): Uint8Array {
    const piece = this.buffer.subarray(0, Math.min(most, this.buffer.length));
    this.buffer = this.buffer.subarray(piece.length);
    return piece;
  }

  /** RFC 9112, section 7.1; trailers are read over. */
  private *chunks(sink: (piece: Uint8Array) => Task<void>): Task<Read<number>> {
    for (;;) {
      const line = yield* this.line();
      if (!line.ok) return line;
      const size = parseInt(line.value, 16);
      if (Number.isNaN(size)) return { ok: false, error: { kind: "malformed" } };
      if (size === 0) break;
      const data = yield* this.body({ kind: "length", length: size }, sink);
      if (!data.ok || data.value > 0) return data;
      const end = yield* this.line();
      if (!end.ok) return end;
    }
    for (;;) {
      const trailer = yield* this.line();
      if (!trailer.ok) return trailer;
      if (trailer.value === "") return { ok: true, value: 0 };
    }
  }

  private *line(): Task<Read<string>> {
    for (;;) {
      const at = this.buffer.indexOf(10);
      if (at >= 0) {
        const text = utf8Decode(this.buffer.subarray(0, at));
        this.buffer = this.buffer.subarray(at + 1);
        return { ok: true, value: text.replace(/\r$/, "") };
      }
      const failure = yield* this.fill();
      if (failure !== undefined) return { ok: false, error: failure };
    }
  }
}
