import { concat } from "../../base/bytes.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { micros } from "../../sim/time.ts";
import type { StreamEndpoint, StreamSocket } from "../../kernel/uapi/index.ts";
import { encodeHttp, httpField, type HttpField, type HttpRequest } from "../../wire/http.ts";
import type { Process } from "../os/process.ts";
import { serveConnections } from "../stream/connections.ts";
import { sendAll } from "../stream/stream.ts";
import { HttpReader, requestFraming, staysOpen } from "./connection.ts";

/** What a server says to a request. */
export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly HttpField[];
  readonly body: Uint8Array;
}

export interface HttpCall {
  readonly request: HttpRequest;
  readonly body: Uint8Array;
  readonly from: StreamEndpoint;
}

export type HttpHandler = (call: HttpCall) => Task<HttpAnswer>;

export interface HttpServerOptions {
  /** HTTP/1.0 closes behind each answer. */
  readonly version: "HTTP/1.0" | "HTTP/1.1";
  /** Head and body go out with two calls of send(2), a moment apart, as a slow interpreter does it. */
  readonly headFirst: boolean;
  /** The last answer to who speaks no HTTP; without it the connection ends. */
  readonly malformed?: () => HttpAnswer;
}

/** Between two system calls of a slow interpreter: an acknowledgement comes back meanwhile, a program does not run yet. */
const PAUSE = micros(60);
const NOTHING = new Uint8Array(0);

/** Serves the requests of one connection, one after the other. */
function* serve(
  process: Process,
  socket: StreamSocket,
  handler: HttpHandler,
  options: HttpServerOptions,
): Task<void> {
  const reader = new HttpReader(socket, () => process.host.queue.now);
  const from = socket.remote();
  if (from === undefined) return;
  for (;;) {
    const head = yield* reader.head();
    if (!head.ok && head.error.kind === "malformed" && options.malformed !== undefined) {
      const { status, reason, fields, body } = options.malformed();
      const bytes = encodeHttp({ kind: "response", version: options.version, status, reason, fields });
      yield* sendAll(socket, concat([bytes, body]));
      return;
    }
    if (!head.ok || head.value.head.kind !== "request") return;
    const request = head.value.head;
    const parts: Uint8Array[] = [];
    if (httpField(request, "Expect")?.toLowerCase() === "100-continue" && options.version === "HTTP/1.1")
      yield* sendAll(
        socket,
        encodeHttp({ kind: "response", version: "HTTP/1.1", status: 100, reason: "Continue", fields: [] }),
      );
    const body = yield* reader.body(requestFraming(request), function* (piece) {
      parts.push(piece);
    });
    if (!body.ok || body.value > 0) return;
    const answer = yield* handler({ request, body: concat(parts), from });
    const { status, reason, fields } = answer;
    const bytes = encodeHttp({ kind: "response", version: options.version, status, reason, fields });
    const content = request.method === "HEAD" ? NOTHING : answer.body;
    const pieces = options.headFirst && content.length > 0 ? [bytes, content] : [concat([bytes, content])];
    for (const piece of pieces) {
      if ((yield* sendAll(socket, piece)) !== undefined) return;
      if (options.headFirst) yield* sleep(PAUSE);
    }
    if (options.version === "HTTP/1.0" || !staysOpen(request)) return;
  }
}

/** Serves whoever connects, all at once, until the listener is closed. */
export function* serveHttp(
  process: Process,
  listener: StreamSocket,
  handler: HttpHandler,
  options: HttpServerOptions,
): Task<void> {
  yield* serveConnections(process, listener, (socket) => serve(process, socket, handler, options));
}
