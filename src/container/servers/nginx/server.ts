import { concat } from "../../../base/bytes.ts";
import { utf8Encode } from "../../../base/utf8.ts";
import type { StreamSocket } from "../../../kernel/uapi/index.ts";
import { Coroutine, type Task } from "../../../sim/task.ts";
import { addTime, type Nanos, seconds } from "../../../sim/time.ts";
import { HttpReader, requestFraming } from "../../../userland/http/connection.ts";
import type { Process } from "../../../userland/os/process.ts";
import { acceptStream, type ByteStream, sendAll } from "../../../userland/stream/stream.ts";
import { type HttpRequest, httpField } from "../../../wire/http.ts";
import { Exchange, type Received } from "./exchange.ts";

/** A connection on which HTTP is spoken: the socket itself, or what a handshake made of it. */
export interface Opened {
  readonly stream: ByteStream;
  readonly scheme: "http" | "https";
  readonly serverName?: string | undefined;
  /** The client spoke plain HTTP where a handshake was expected. */
  readonly plain?: boolean;
}

export interface ServerOptions {
  /** The header Server; undefined for none. */
  readonly server: string | undefined;
  /** Idle connections end after the timeout; 0 ends each connection behind its answer. */
  readonly keepalive: () => { readonly timeout: Nanos; /** On one connection. */ readonly requests: number };
  readonly handle: (exchange: Exchange) => Task<void>;
  /** What is done with a new connection first; undefined: nothing came of it. */
  readonly open?: (socket: StreamSocket) => Task<Opened | undefined>;
}

const HEADER_TIMEOUT = seconds(60);
const CONTINUE = utf8Encode("HTTP/1.1 100 Continue\r\n\r\n");
const NOTHING = new Uint8Array(0);

/** Numbers of connections, counted through all listeners of one nginx. */
export class Connections {
  private last = 0;

  next(): number {
    this.last += 1;
    return this.last;
  }
}

/** The listeners of one nginx: a worker's connections. Models: ngx_http_request.c. */
export class HttpServer {
  private readonly process: Process;
  private readonly options: ServerOptions;
  private readonly numbers: Connections;
  private readonly busy = new Set<Coroutine<void>>();
  /** Idle connections that a reload ends. */
  private readonly idle = new Set<StreamSocket>();

  constructor(process: Process, numbers: Connections, options: ServerOptions) {
    this.process = process;
    this.numbers = numbers;
    this.options = options;
  }

  *serve(listener: StreamSocket): Task<void> {
    try {
      for (;;) {
        const socket = yield* acceptStream(listener);
        if (socket === undefined) return;
        for (const old of this.busy) if (!old.alive) this.busy.delete(old);
        this.busy.add(new Coroutine(this.process.host.queue, this.guarded(socket)).start());
      }
    } finally {
      for (const connection of this.busy) connection.kill("KILL");
      listener.close();
    }
  }

  /** What a reload does to the connections of the old worker: who waits for a request is let go. */
  endIdle(): void {
    for (const socket of this.idle) socket.close();
    this.idle.clear();
  }

  private *guarded(socket: StreamSocket): Task<void> {
    try {
      const opened = this.options.open === undefined ? undefined : yield* this.options.open(socket);
      if (this.options.open !== undefined && opened === undefined) return;
      yield* this.converse(socket, opened ?? { stream: socket, scheme: "http" });
    } finally {
      this.idle.delete(socket);
      socket.close();
    }
  }

  private *converse(socket: StreamSocket, opened: Opened): Task<void> {
    const { queue } = this.process.host;
    const reader = new HttpReader(opened.stream, () => queue.now);
    const from = socket.remote();
    if (from === undefined) return;
    const connection = this.numbers.next();
    for (let served = 1; ; served++) {
      const patience = served === 1 ? HEADER_TIMEOUT : this.options.keepalive().timeout;
      reader.deadline = addTime(queue.now, patience);
      if (served > 1) this.idle.add(socket);
      const read = yield* reader.head();
      this.idle.delete(socket);
      const malformed = !read.ok && read.error.kind === "malformed";
      if (!read.ok && !malformed) return;
      const head = read.ok && read.value.head.kind === "request" ? read.value.head : undefined;
      const base = { from, to: socket.local(), connection, began: queue.now };
      const about = { ...base, scheme: opened.scheme, serverName: opened.serverName };
      if (head === undefined || (opened.plain ?? false)) {
        yield* this.refuse({ ...about, head: head ?? NO_REQUEST, body: NOTHING, length: 0 }, opened);
        return;
      }
      const body = yield* this.body(reader, opened.stream, head);
      if (body === undefined) return;
      const length = (read.ok ? read.value.bytes.length : 0) + body.length;
      const exchange = this.exchange({ ...about, head, body, length }, opened, served);
      yield* this.options.handle(exchange);
      if (!exchange.keepsAlive) return;
    }
  }

  private exchange(request: Received, opened: Opened, served: number): Exchange {
    const { server, keepalive } = this.options;
    const { timeout, requests } = keepalive();
    const keepsAlive = timeout > 0 && served < requests;
    const now = (): Nanos => this.process.host.queue.now;
    return new Exchange({ request, socket: opened.stream, server, keepsAlive, now });
  }

  /** What is no HTTP, or comes without TLS where TLS is spoken. */
  private *refuse(request: Received, opened: Opened): Task<void> {
    const exchange = this.exchange(request, opened, Infinity);
    const plain = opened.plain ?? false;
    yield* exchange.page(400, [], plain ? "The plain HTTP request was sent to HTTPS port" : "");
  }

  private *body(reader: HttpReader, stream: ByteStream, head: HttpRequest): Task<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    reader.deadline = addTime(this.process.host.queue.now, HEADER_TIMEOUT);
    if (httpField(head, "Expect")?.toLowerCase() === "100-continue") yield* sendAll(stream, CONTINUE);
    const read = yield* reader.body(requestFraming(head), function* (piece) {
      pieces.push(piece);
    });
    return read.ok && read.value === 0 ? concat(pieces) : undefined;
  }
}

const NO_REQUEST: HttpRequest = { kind: "request", method: "", target: "", version: "HTTP/1.0", fields: [] };
