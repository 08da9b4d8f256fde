import { concat } from "../../../base/bytes.ts";
import { utf8Encode } from "../../../base/utf8.ts";
import type { StreamEndpoint } from "../../../kernel/uapi/index.ts";
import type { Nanos } from "../../../sim/time.ts";
import type { Task } from "../../../sim/task.ts";
import { staysOpen } from "../../../userland/http/connection.ts";
import { type ByteStream, sendAll } from "../../../userland/stream/stream.ts";
import { encodeHttp, httpField, type HttpField, type HttpRequest } from "../../../wire/http.ts";
import { httpDate } from "./clock.ts";
import { reasonOf, statusPage } from "./pages.ts";

/** A request as it came, whole. */
export interface Received {
  readonly head: HttpRequest;
  readonly body: Uint8Array;
  /** Of head and body: $request_length. */
  readonly length: number;
  readonly from: StreamEndpoint;
  readonly to: StreamEndpoint;
  readonly scheme: "http" | "https";
  /** What the client's handshake named, with https. */
  readonly serverName?: string | undefined;
  /** Number of the connection in the error log. */
  readonly connection: number;
  readonly began: Nanos;
}

export interface ReplyHead {
  readonly status: number;
  readonly reason?: string;
  /** Date, Server, Content-Type, Content-Length, Connection and Transfer-Encoding are set here. */
  readonly fields: readonly HttpField[];
  readonly contentType: string | undefined;
  /** Undefined: not known before its end. */
  readonly length: number | undefined;
}

const LAST_CHUNK = utf8Encode("0\r\n\r\n");

/** One request and what is answered to it. The head's fields are in nginx's order. Models: ngx_http_header_filter_module.c. */
export class Exchange {
  readonly request: Received;
  /** What stands in the header Server and below pages; undefined when no such header is sent. */
  readonly server: string | undefined;
  private readonly socket: ByteStream;
  private readonly now: () => Nanos;
  private readonly added: HttpField[] = [];
  private chunked = false;
  private bodyless: boolean;
  /** Whether the connection serves another request afterwards. */
  keepsAlive: boolean;
  status = 0;
  /** $body_bytes_sent. */
  bodyBytes = 0;
  broken = false;

  constructor(options: {
    request: Received;
    socket: ByteStream;
    server: string | undefined;
    keepsAlive: boolean;
    now: () => Nanos;
  }) {
    this.request = options.request;
    this.socket = options.socket;
    this.server = options.server;
    this.now = options.now;
    this.keepsAlive = options.keepsAlive && staysOpen(options.request.head);
    this.bodyless = options.request.head.method === "HEAD";
  }

  /** A field of whatever is answered, behind the others. */
  add(name: string, value: string): void {
    this.added.push({ name, value });
  }

  /** The header's value, "" without it. */
  header(name: string): string {
    return httpField(this.request.head, name) ?? "";
  }

  *begin(head: ReplyHead): Task<void> {
    const { status, length } = head;
    this.status = status;
    const empty = status === 204 || status === 304 || status < 200;
    if (empty) this.bodyless = true;
    this.chunked = length === undefined && !empty && this.request.head.version === "HTTP/1.1";
    if (length === undefined && !this.chunked && !empty) this.keepsAlive = false;
    const fields: HttpField[] = [];
    const add = (name: string, value: string | undefined): void => {
      if (value !== undefined) fields.push({ name, value });
    };
    add("Server", this.server);
    add("Date", httpDate(this.now()));
    add("Content-Type", head.contentType);
    if (!empty) add("Content-Length", length === undefined ? undefined : String(length));
    const early = ["last-modified", "location"];
    const isEarly = ({ name }: HttpField): boolean => early.includes(name.toLowerCase());
    fields.push(...head.fields.filter(isEarly));
    if (this.chunked) add("Transfer-Encoding", "chunked");
    add("Connection", this.keepsAlive ? "keep-alive" : "close");
    fields.push(...head.fields.filter((field) => !isEarly(field)), ...this.added);
    const reason = head.reason ?? reasonOf(status);
    yield* this.send(encodeHttp({ kind: "response", version: "HTTP/1.1", status, reason, fields }));
  }

  *piece(bytes: Uint8Array): Task<void> {
    if (this.bodyless || bytes.length === 0) return;
    this.bodyBytes += bytes.length;
    if (!this.chunked) return yield* this.send(bytes);
    const size = utf8Encode(`${bytes.length.toString(16)}\r\n`);
    yield* this.send(concat([size, bytes, utf8Encode("\r\n")]));
  }

  *end(): Task<void> {
    if (this.chunked && !this.bodyless) yield* this.send(LAST_CHUNK);
  }

  private *send(bytes: Uint8Array): Task<void> {
    if (this.broken) return;
    if ((yield* sendAll(this.socket, bytes)) === undefined) return;
    this.broken = true;
    this.keepsAlive = false;
  }

  /** A whole answer of nginx's own. */
  *reply(
    status: number,
    contentType: string | undefined,
    body: string,
    fields: readonly HttpField[] = [],
  ): Task<void> {
    const bytes = utf8Encode(body);
    yield* this.begin({ status, contentType, length: bytes.length, fields });
    yield* this.piece(bytes);
    yield* this.end();
  }

  /** nginx's page for a status; faults of the request end the connection, as nginx does it. */
  *page(status: number, fields: readonly HttpField[] = [], more = ""): Task<void> {
    if ([400, 413, 414, 408, 500, 501].includes(status)) this.keepsAlive = false;
    yield* this.reply(status, "text/html", statusPage(status, this.server ?? "nginx", more), fields);
  }
}
