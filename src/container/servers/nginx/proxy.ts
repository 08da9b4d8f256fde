import type { Errno } from "../../../kernel/uapi/index.ts";
import type { Task } from "../../../sim/task.ts";
import { addTime, type Nanos } from "../../../sim/time.ts";
import { responseFraming, staysOpen } from "../../../userland/http/connection.ts";
import type { Process } from "../../../userland/os/process.ts";
import { httpField, type HttpField, type HttpRequest } from "../../../wire/http.ts";
import { formatAddress } from "../../../wire/ip-address.ts";
import { errorTime } from "./clock.ts";
import type { Exchange } from "./exchange.ts";
import {
  type Answering,
  attempt,
  type Attempt,
  type Failure,
  type KeepalivePool,
  type Peer,
  peerText,
} from "./upstream.ts";

/** One server that was tried: what $upstream_addr and its sisters list. */
export interface Tried {
  readonly peer: Peer;
  readonly status: number;
  readonly bytes: number;
  readonly span: number;
}

export interface ProxyOptions {
  readonly process: Process;
  readonly pool: KeepalivePool;
  /** The server for the next try; undefined when there is none (any more). */
  readonly next: () => Peer | undefined;
  readonly target: string;
  /** Set headers, in order: an empty value is not sent; the client's of the same name are not passed on. */
  readonly set: readonly HttpField[];
  readonly tries: number;
  readonly connectTimeout: Nanos;
  readonly readTimeout: Nanos;
  /** `error`, `timeout`, `http_502`, ... */
  readonly nextOn: ReadonlySet<string>;
  readonly version: "HTTP/1.0" | "HTTP/1.1";
  /** server_name, for the error log. */
  readonly serverName: string;
  /** How the C library calls an error. */
  readonly errnoText: (errno: Errno) => string;
  /** Changes the client's view of a Location; undefined leaves it. */
  readonly location?: (value: string) => string | undefined;
}

/** Never passed on: they speak of one connection. */
const HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "te",
  "transfer-encoding",
  "upgrade",
  "expect",
]);
/** Not shown to the client. */
const HIDDEN: ReadonlySet<string> = new Set([
  "date",
  "server",
  "x-pad",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "content-type",
  "x-accel-expires",
  "x-accel-redirect",
  "x-accel-limit-rate",
  "x-accel-buffering",
  "x-accel-charset",
]);
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);
const ERRNO_NUMBERS: Readonly<Partial<Record<Errno, number>>> = {
  ECONNREFUSED: 111,
  ECONNRESET: 104,
  EHOSTUNREACH: 113,
  ENETUNREACH: 101,
  ETIMEDOUT: 110,
  EPIPE: 32,
  EACCES: 13,
  EADDRNOTAVAIL: 99,
};

/** The request as the server behind gets it. Models: ngx_http_proxy_create_request. */
export function upstreamRequest(
  exchange: Exchange,
  options: Pick<ProxyOptions, "target" | "set" | "version">,
): HttpRequest {
  const { head, body } = exchange.request;
  const set = new Set(options.set.map(({ name }) => name.toLowerCase()));
  const length = body.length > 0 || httpField(head, "Content-Length") !== undefined;
  const passed = head.fields.filter(({ name }) => {
    const lower = name.toLowerCase();
    return !set.has(lower) && !HOP.has(lower) && lower !== "content-length" && lower !== "host";
  });
  const fields = [
    ...options.set.filter(({ value }) => value !== ""),
    ...(length ? [{ name: "Content-Length", value: String(body.length) }] : []),
    ...passed,
  ];
  return { kind: "request", method: head.method, target: options.target, version: options.version, fields };
}

function statusOf(failure: Failure): number {
  return failure.kind === "connect-timeout" || failure.kind === "read-timeout" ? 504 : 502;
}

function failureText(failure: Failure, options: ProxyOptions): string {
  const reading = "while reading response header from upstream";
  const named = (errno: Errno): string => `(${ERRNO_NUMBERS[errno] ?? 0}: ${options.errnoText(errno)})`;
  switch (failure.kind) {
    case "connect":
      return `connect() failed ${named(failure.errno)} while connecting to upstream`;
    case "connect-timeout":
      return `upstream timed out ${named("ETIMEDOUT")} while connecting to upstream`;
    case "read-timeout":
      return `upstream timed out ${named("ETIMEDOUT")} ${reading}`;
    case "read":
      return `recv() failed ${named(failure.errno)} ${reading}`;
    case "closed":
      return `upstream prematurely closed connection ${reading}`;
    case "invalid":
      return `upstream sent no valid HTTP/1.0 header ${reading}`;
  }
}

/** A line of the error log about the request. */
export function* logError(
  process: Process,
  exchange: Exchange,
  serverName: string,
  text: string,
  upstream = "",
): Task<void> {
  const { request } = exchange;
  const { method, target, version } = request.head;
  const behind = upstream === "" ? "" : `, upstream: "http://${upstream}"`;
  const host = exchange.header("Host");
  yield* process.printError(
    `${errorTime(process.host.queue.now)} [error] ${process.pid}#${process.pid}: *${request.connection} ${text}, ` +
      `client: ${formatAddress(request.from.address)}, server: ${serverName}, request: "${method} ${target} ${version}"` +
      `${behind}${host === "" ? "" : `, host: "${host}"`}\n`,
  );
}

/** May another server be asked after this? Models: ngx_http_upstream_next. */
function mayRetry(
  failed: Extract<Attempt, { kind: "failed" }>,
  options: ProxyOptions,
  method: string,
): boolean {
  const kind =
    statusOf(failed.failure) === 504
      ? "timeout"
      : failed.failure.kind === "invalid"
        ? "invalid_header"
        : "error";
  if (!options.nextOn.has(kind)) return false;
  return !failed.sent || IDEMPOTENT.has(method) || options.nextOn.has("non_idempotent");
}

/** Asks servers one after the other until one answers, and hands its answer on. What was tried is the value. */
export function* proxyPass(exchange: Exchange, options: ProxyOptions): Task<readonly Tried[]> {
  const { process, pool, connectTimeout, readTimeout } = options;
  const { queue } = process.host;
  const request = { head: upstreamRequest(exchange, options), body: exchange.request.body };
  const tried: Tried[] = [];
  let left = options.tries;
  let status = 502;
  while (left > 0) {
    const peer = options.next();
    if (peer === undefined) break;
    const began = queue.now;
    const got = yield* attempt(process, pool, peer, request, { connect: connectTimeout, read: readTimeout });
    if (got.kind === "answers") {
      const again = options.nextOn.has(`http_${got.head.status}`) && left > 1;
      if (!again) {
        const bytes = yield* handOn(exchange, options, peer, got);
        tried.push({ peer, status: got.head.status, bytes, span: queue.now - began });
        return tried;
      }
      got.socket.close();
      tried.push({ peer, status: got.head.status, bytes: 0, span: queue.now - began });
      left -= 1;
      continue;
    }
    status = statusOf(got.failure);
    tried.push({ peer, status, bytes: 0, span: queue.now - began });
    yield* logError(
      process,
      exchange,
      options.serverName,
      failureText(got.failure, options),
      `${peerText(peer)}${options.target}`,
    );
    if (!got.cached) left -= 1;
    if (!mayRetry(got, options, request.head.method)) break;
  }
  if (tried.length === 0)
    yield* logError(process, exchange, options.serverName, "no live upstreams while connecting to upstream");
  yield* exchange.page(status);
  return tried;
}

/** The answer to the client, piece by piece as it comes. */
function* handOn(exchange: Exchange, options: ProxyOptions, peer: Peer, answer: Answering): Task<number> {
  const { head, reader, socket, served } = answer;
  const { method } = exchange.request.head;
  const framing = responseFraming(method, head);
  const fields = head.fields
    .filter(({ name }) => !HIDDEN.has(name.toLowerCase()))
    .map(({ name, value }) => ({
      name,
      value: name.toLowerCase() === "location" ? (options.location?.(value) ?? value) : value,
    }));
  const declared = httpField(head, "Content-Length");
  yield* exchange.begin({
    status: head.status,
    reason: head.reason,
    fields,
    contentType: httpField(head, "Content-Type"),
    length:
      declared !== undefined && /^\d+$/.test(declared)
        ? Number(declared)
        : framing.kind === "length"
          ? framing.length
          : undefined,
  });
  let bytes = 0;
  reader.deadline = addTime(options.process.host.queue.now, options.readTimeout);
  const read = yield* reader.body(framing, function* (piece) {
    bytes += piece.length;
    reader.deadline = addTime(options.process.host.queue.now, options.readTimeout);
    yield* exchange.piece(piece);
  });
  const whole = read.ok && read.value === 0;
  if (whole) yield* exchange.end();
  else {
    exchange.keepsAlive = false;
    yield* logError(
      options.process,
      exchange,
      options.serverName,
      "upstream prematurely closed connection while reading upstream",
      `${peerText(peer)}${options.target}`,
    );
  }
  if (whole && staysOpen(head) && framing.kind !== "close" && reader.pending.length === 0)
    options.pool.put(peer, { socket, served });
  else socket.close();
  return bytes;
}
