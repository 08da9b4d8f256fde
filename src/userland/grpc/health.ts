import { concat } from "../../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import {
  decodeHpack,
  decodeHttp2Frame,
  encodeHpack,
  encodeHttp2Frame,
  HTTP2_ACK,
  HTTP2_DATA,
  HTTP2_END_HEADERS,
  HTTP2_END_STREAM,
  HTTP2_GOAWAY,
  HTTP2_HEADERS,
  HTTP2_PING,
  HTTP2_PREFACE,
  HTTP2_RST_STREAM,
  HTTP2_SETTINGS,
  type Http2Field,
  type Http2Frame,
} from "../../wire/http2.ts";
import { type ByteStream, receiveSome, sendAll } from "../stream/stream.ts";

/** gRPC over HTTP/2 with one service: grpc.health.v1.Health/Check. Models: grpc doc/PROTOCOL-HTTP2.md, health-checking.md. */

export const GRPC_UNIMPLEMENTED = 12;
export const GRPC_NOT_FOUND = 5;
const GRPC_OK = 0;
const CHECK = "/grpc.health.v1.Health/Check";

/** HealthCheckResponse.ServingStatus. */
export type Serving = "UNKNOWN" | "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";
const STATUSES: readonly Serving[] = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

const NOTHING: Uint8Array = new Uint8Array(0);
const EMPTY_SETTINGS: Http2Frame = { type: HTTP2_SETTINGS, flags: 0, stream: 0, payload: NOTHING };

/** A message behind its compression flag and length. */
function message(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concat([
    Uint8Array.of(0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255),
    bytes,
  ]);
}

/** Reads frames off a stream one by one. */
class Frames {
  private buffer: Uint8Array;
  private readonly stream: ByteStream;
  private readonly left: () => Nanos | undefined;

  constructor(stream: ByteStream, began: Uint8Array, left: () => Nanos | undefined) {
    this.stream = stream;
    this.buffer = began;
    this.left = left;
  }

  /** Whether `count` octets came and were taken off. */
  *skip(count: number): Task<boolean> {
    while (this.buffer.length < count) if ((yield* this.more()) !== undefined) return false;
    this.buffer = this.buffer.subarray(count);
    return true;
  }

  *next(): Task<Http2Frame | "timeout" | "closed"> {
    for (;;) {
      const found = decodeHttp2Frame(this.buffer);
      if (found === "oversized") return "closed";
      if (found !== undefined) {
        this.buffer = this.buffer.subarray(found.length);
        return found.frame;
      }
      const ended = yield* this.more();
      if (ended !== undefined) return ended;
    }
  }

  private *more(): Task<"timeout" | "closed" | undefined> {
    const left = this.left();
    if (left !== undefined && left <= 0) return "timeout";
    const got = yield* receiveSome(this.stream, left);
    if (got === "timeout") return "timeout";
    if (!got.ok || got.value === null) return "closed";
    this.buffer = concat([this.buffer, got.value]);
    return undefined;
  }
}

/** HealthCheckRequest: field 1, the name of a service, behind its length in groups of seven bits. */
function encodeRequest(service: string): Uint8Array {
  const name = utf8Encode(service);
  const { length } = name;
  if (length === 0) return NOTHING;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >>> 7];
  return concat([Uint8Array.of(0x0a, ...size), name]);
}

function requestedService(body: Uint8Array): string {
  if (body[5] !== 0x0a) return "";
  const long = body[6]! >= 128;
  const length = long ? (body[6]! & 127) | ((body[7] ?? 0) << 7) : body[6]!;
  const start = long ? 8 : 7;
  return utf8Decode(body.subarray(start, start + length));
}

/** What a server says about a service; undefined where it does not know it. */
export type HealthOf = (service: string) => Serving | undefined;

interface Call {
  path: string;
  body: Uint8Array;
}

function headers(stream: number, fields: readonly Http2Field[], end: boolean): Uint8Array {
  const flags = HTTP2_END_HEADERS | (end ? HTTP2_END_STREAM : 0);
  return encodeHttp2Frame({ type: HTTP2_HEADERS, flags, stream, payload: encodeHpack(fields) });
}

function failed(stream: number, status: number, text: string): Uint8Array {
  const fields = [
    { name: ":status", value: "200" },
    { name: "content-type", value: "application/grpc" },
    { name: "grpc-status", value: String(status) },
    { name: "grpc-message", value: text },
  ];
  return headers(stream, fields, true);
}

function replyTo(stream: number, { path, body }: Call, healthOf: HealthOf): Uint8Array {
  if (path !== CHECK) {
    const [, service = "", method = ""] = path.split("/");
    const text =
      service === "grpc.health.v1.Health"
        ? `unknown method ${method} for service ${service}`
        : `unknown service ${service}`;
    return failed(stream, GRPC_UNIMPLEMENTED, text);
  }
  const serving = healthOf(requestedService(body));
  if (serving === undefined) return failed(stream, GRPC_NOT_FOUND, "unknown service");
  const number = STATUSES.indexOf(serving);
  const payload = message(number === 0 ? NOTHING : Uint8Array.of(0x08, number));
  return concat([
    headers(
      stream,
      [
        { name: ":status", value: "200" },
        { name: "content-type", value: "application/grpc" },
      ],
      false,
    ),
    encodeHttp2Frame({ type: HTTP2_DATA, flags: 0, stream, payload }),
    headers(stream, [{ name: "grpc-status", value: "0" }], true),
  ]);
}

/**
 * A server's part of one connection; `began` is what was read off it before. `answered` hears of each call.
 */
export function* serveGrpc(
  stream: ByteStream,
  began: Uint8Array,
  healthOf: HealthOf,
  answered: (path: string) => Task<void>,
): Task<void> {
  const frames = new Frames(stream, began, () => undefined);
  if (!(yield* frames.skip(HTTP2_PREFACE.length))) return;
  if ((yield* sendAll(stream, encodeHttp2Frame(EMPTY_SETTINGS))) !== undefined) return;
  const calls = new Map<number, Call>();
  for (;;) {
    const frame = yield* frames.next();
    if (frame === "timeout" || frame === "closed" || frame.type === HTTP2_GOAWAY) return;
    const call = calls.get(frame.stream) ?? { path: "", body: NOTHING };
    let out = NOTHING;
    if ((frame.type === HTTP2_SETTINGS || frame.type === HTTP2_PING) && (frame.flags & HTTP2_ACK) === 0)
      out = encodeHttp2Frame({
        ...frame,
        flags: HTTP2_ACK,
        payload: frame.type === HTTP2_PING ? frame.payload : NOTHING,
      });
    else if (frame.type === HTTP2_HEADERS) {
      call.path = decodeHpack(frame.payload)?.find(({ name }) => name === ":path")?.value ?? "";
      calls.set(frame.stream, call);
    } else if (frame.type === HTTP2_DATA) call.body = concat([call.body, frame.payload]);
    else if (frame.type === HTTP2_RST_STREAM) calls.delete(frame.stream);
    const isCall = frame.type === HTTP2_HEADERS || frame.type === HTTP2_DATA;
    if (isCall && (frame.flags & HTTP2_END_STREAM) !== 0 && calls.delete(frame.stream)) {
      out = replyTo(frame.stream, call, healthOf);
      yield* answered(call.path);
    }
    if (out.length > 0 && (yield* sendAll(stream, out)) !== undefined) return;
  }
}

export type Checked =
  | { readonly kind: "status"; readonly serving: Serving }
  | { readonly kind: "error"; readonly code: number; readonly text: string }
  /** The server's settings did not come: it speaks something else, or nothing at all. */
  | { readonly kind: "unconnected" }
  | { readonly kind: "timeout" }
  | { readonly kind: "closed" };

const FIRST_STREAM = 1;

/** A client's Check for `service`, until `left()` is over. */
export function* checkHealth(
  stream: ByteStream,
  options: {
    readonly authority: string;
    readonly service: string;
    readonly userAgent: string;
    readonly left: () => Nanos;
  },
): Task<Checked> {
  const frames = new Frames(stream, NOTHING, options.left);
  if ((yield* sendAll(stream, concat([HTTP2_PREFACE, encodeHttp2Frame(EMPTY_SETTINGS)]))) !== undefined)
    return { kind: "closed" };
  const settings = yield* frames.next();
  if (settings === "timeout" || settings === "closed" || settings.type !== HTTP2_SETTINGS)
    return { kind: "unconnected" };
  const fields = [
    { name: ":method", value: "POST" },
    { name: ":scheme", value: "http" },
    { name: ":path", value: CHECK },
    { name: ":authority", value: options.authority },
    { name: "content-type", value: "application/grpc" },
    { name: "user-agent", value: options.userAgent },
    { name: "te", value: "trailers" },
  ];
  const asked = message(encodeRequest(options.service));
  const out = concat([
    encodeHttp2Frame({ ...EMPTY_SETTINGS, flags: HTTP2_ACK }),
    headers(FIRST_STREAM, fields, false),
    encodeHttp2Frame({ type: HTTP2_DATA, flags: HTTP2_END_STREAM, stream: FIRST_STREAM, payload: asked }),
  ]);
  if ((yield* sendAll(stream, out)) !== undefined) return { kind: "closed" };
  let body = NOTHING;
  for (;;) {
    const frame = yield* frames.next();
    if (frame === "timeout" || frame === "closed") return { kind: frame };
    if (frame.type === HTTP2_DATA) body = concat([body, frame.payload]);
    if (frame.type !== HTTP2_HEADERS || (frame.flags & HTTP2_END_STREAM) === 0) continue;
    const trailers = decodeHpack(frame.payload) ?? [];
    const of = (field: string): string => trailers.find((one) => one.name === field)?.value ?? "";
    const code = Number(of("grpc-status"));
    if (code !== GRPC_OK) return { kind: "error", code, text: of("grpc-message") };
    return { kind: "status", serving: STATUSES[body[5] === 0x08 ? (body[6] ?? 0) : 0] ?? "UNKNOWN" };
  }
}
