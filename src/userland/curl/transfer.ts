import { concat } from "../../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { base64Encode } from "../../formats/base64.ts";
import type { StreamEndpoint, StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { type Nanos, NANOS_PER_MILLI, seconds } from "../../sim/time.ts";
import { type Ipv4, IPV4_ANY, parseIpv4 } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { encodeHttp, httpField, type HttpField, type HttpHead, type HttpResponse } from "../../wire/http.ts";
import { refuse } from "../args/exit.ts";
import { HttpReader, type ReadFailure, responseFraming } from "../http/connection.ts";
import { resolveUrl, type Url } from "../http/url.ts";
import { strerror } from "../os/errno.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { isIpv6Text } from "../resolver/addresses.ts";
import { resolveHost } from "../resolver/resolver.ts";
import { type ByteStream, connectStream, sendAll } from "../stream/stream.ts";
import type { TlsStream } from "../tls/stream.ts";
import type { CurlOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import { CLOSE_NOTIFY_TOLD, secure } from "./secure.ts";

/** How a transfer went; `code` and `message` are libcurl's. Times in virtual nanoseconds since it began. */
export interface Outcome {
  readonly code: number;
  readonly message: string;
  readonly url: string;
  readonly method: string;
  readonly redirects: number;
  readonly response: HttpResponse | undefined;
  readonly location: string | undefined;
  readonly received: number;
  readonly uploaded: number;
  readonly headBytes: number;
  readonly requestBytes: number;
  readonly local: StreamEndpoint | undefined;
  readonly remote: StreamEndpoint | undefined;
  readonly nameTime: number;
  readonly connectTime: number;
  readonly firstByteTime: number;
  readonly totalTime: number;
}

interface Failure {
  readonly code: number;
  readonly message: string;
}

/** libcurl's default when --connect-timeout is absent. */
const CONNECT_TIMEOUT = seconds(300);

/** One request and its response. */
export class Transfer {
  private readonly process: Process;
  private readonly options: CurlOptions;
  private readonly url: Url;
  private readonly progress: Progress;
  private readonly sink: (bytes: Uint8Array) => Task<void>;
  private readonly started: Nanos;
  private readonly draft: { -readonly [K in keyof Outcome]: Outcome[K] };
  private said = false;
  private secured: TlsStream | undefined;

  constructor(
    process: Process,
    options: CurlOptions,
    url: Url,
    progress: Progress,
    sink: (bytes: Uint8Array) => Task<void>,
  ) {
    this.process = process;
    this.options = options;
    this.url = url;
    this.progress = progress;
    this.sink = sink;
    this.started = process.host.queue.now;
    this.draft = {
      code: 0,
      message: "",
      url: "",
      method: "GET",
      redirects: 0,
      response: undefined,
      location: undefined,
      received: 0,
      uploaded: 0,
      headBytes: 0,
      requestBytes: 0,
      local: undefined,
      remote: undefined,
      nameTime: 0,
      connectTime: 0,
      firstByteTime: 0,
      totalTime: 0,
    };
  }

  private get usualPort(): number {
    return this.url.scheme === "https" ? 443 : 80;
  }

  private get port(): number {
    return this.url.port ?? this.usualPort;
  }

  private get elapsed(): number {
    return this.process.host.queue.now - this.started;
  }

  private get milliseconds(): number {
    return Math.floor(this.elapsed / NANOS_PER_MILLI);
  }

  /** -v. */
  private *tell(text: string): Task<void> {
    if (this.options.verbose) yield* this.process.printError(text);
  }

  *run(method: string | undefined, body: Uint8Array | undefined): Task<Outcome> {
    const { options, draft } = this;
    draft.method = options.method ?? method ?? (options.head ? "HEAD" : body === undefined ? "GET" : "POST");
    yield* this.progress.begin();
    const failure = yield* this.talk(body);
    draft.totalTime = this.elapsed;
    if (!this.said) yield* this.progress.end();
    yield* this.tell("* Closing connection 0\n");
    if (this.secured !== undefined) yield* this.tell(CLOSE_NOTIFY_TOLD);
    if (failure !== undefined) return { ...draft, ...failure };
    return { ...draft };
  }

  private *talk(body: Uint8Array | undefined): Task<Failure | undefined> {
    const address = yield* this.resolve();
    if (typeof address !== "number") return address;
    this.draft.nameTime = this.elapsed;
    const socket = this.process.net.socket.tcp(this.process.argv.join(" "));
    try {
      const failure = yield* this.connect(socket, address);
      if (failure !== undefined) return failure;
      if (this.url.scheme !== "https") return yield* this.exchange(socket, body);
      const secured = yield* this.secure(socket);
      if (!("stream" in secured)) return secured;
      this.secured = secured.stream;
      return yield* this.exchange(secured.stream, body);
    } finally {
      this.secured?.closeNotify();
      socket.close();
    }
  }

  private *secure(socket: StreamSocket): Task<{ readonly stream: TlsStream } | Failure> {
    const left =
      this.options.maxTime === undefined ? CONNECT_TIMEOUT : seconds(this.options.maxTime) - this.elapsed;
    return yield* secure(this.process, socket, {
      host: this.url.host,
      insecure: this.options.insecure,
      timeout: Math.max(0, left) as Nanos,
      tell: (text) => this.tell(text),
    });
  }

  /** The address: of --resolve, a literal, or what the resolver says. */
  private *resolve(): Task<Ipv4 | Failure> {
    const { host } = this.url;
    const { port } = this;
    if (isIpv6Text(host)) refuse("curl: IPv6");
    for (const entry of this.options.resolve) {
      const [, name, at, address] = /^\+?([^:]+):(\d+):(.+)$/.exec(entry) ?? [];
      const parsed = parseIpv4(address ?? "");
      if (name === undefined || parsed === undefined)
        return { code: 49, message: `Couldn't parse CURLOPT_RESOLVE entry '${entry}'` };
      yield* this.tell(`* Added ${name}:${at}:${address} to DNS cache\n`);
      if (name !== host || Number(at) !== port) continue;
      yield* this.tell(`* Hostname ${host} was found in DNS cache\n`);
      return parsed;
    }
    const found = yield* resolveHost(this.process, host);
    if (found.ok) return found.value.addresses[0]!;
    yield* this.tell(`* Could not resolve host: ${host}\n`);
    this.said = this.options.verbose;
    return { code: 6, message: `Could not resolve host: ${host}` };
  }

  private *connect(socket: StreamSocket, address: Ipv4): Task<Failure | undefined> {
    const { options } = this;
    const { host } = this.url;
    const { port } = this;
    const { iface, localPort } = options;
    socket.setOptions({ noDelay: true, keepAlive: true });
    if (iface !== undefined || localPort !== undefined) {
      const link = iface === undefined ? undefined : this.process.net.link.byName(iface.replace(/^if!/, ""));
      const source = iface === undefined ? IPV4_ANY : parseIpv4(iface.replace(/^host!/, ""));
      if (link !== undefined) socket.setOptions({ device: link.index });
      else if (source === undefined) return { code: 45, message: `Couldn't bind to '${iface}'` };
      const bound = socket.bind({ address: source ?? IPV4_ANY, port: localPort ?? 0 });
      if (!bound.ok) {
        yield* this.tell(`* bind failed with errno: ${strerror(bound.error.errno)}\n`);
        return { code: 45, message: `bind failed with errno 98: ${strerror(bound.error.errno)}` };
      }
    }
    yield* this.tell(`*   Trying ${formatAddress(address)}:${port}...\n`);
    const most = options.connectTimeout === undefined ? CONNECT_TIMEOUT : seconds(options.connectTimeout);
    const total = options.maxTime === undefined ? Infinity : seconds(options.maxTime);
    const connected = yield* connectStream(socket, { address, port }, Math.min(most, total) as Nanos);
    if (connected === "connected") {
      this.draft.connectTime = this.elapsed;
      this.draft.local = socket.local();
      this.draft.remote = socket.remote();
      yield* this.tell(`* Connected to ${host} (${formatAddress(address)}) port ${port} (#0)\n`);
      return undefined;
    }
    if (connected === "timeout") {
      // The real one wakes a millisecond late.
      const ms = this.milliseconds + 1;
      if (total <= most) return { code: 28, message: `Connection timed out after ${ms} milliseconds` };
      return {
        code: 28,
        message: `Failed to connect to ${host} port ${port} after ${ms} ms: Timeout was reached`,
      };
    }
    const why = strerror(connected.errno);
    const immediate = connected.errno === "ENETUNREACH" && this.elapsed === 0;
    yield* this.tell(
      immediate
        ? `* Immediate connect fail for ${formatAddress(address)}: ${why}\n`
        : `* connect to ${formatAddress(address)} port ${port} failed: ${why}\n`,
    );
    const message = `Failed to connect to ${host} port ${port} after ${this.milliseconds} ms: Couldn't connect to server`;
    yield* this.tell(`* ${message}\n`);
    return { code: 7, message };
  }

  /** The fields that -H does not replace or, with an empty value, take away. */
  private fields(body: Uint8Array | undefined): HttpField[] {
    const { options, url } = this;
    const given = options.headers.map((line) => {
      const [, name = line, value = ""] = /^([^:;]+)[:;]\s*(.*)$/.exec(line) ?? [];
      return { name, value, empty: line.endsWith(";") };
    });
    const port = url.port === undefined || this.port === this.usualPort ? "" : `:${url.port}`;
    const own: HttpField[] = [
      { name: "Host", value: (url.host.includes(":") ? `[${url.host}]` : url.host) + port },
    ];
    if (options.user !== undefined)
      own.push({ name: "Authorization", value: `Basic ${base64Encode(utf8Encode(options.user))}` });
    if (options.range !== undefined) own.push({ name: "Range", value: `bytes=${options.range}` });
    if (options.userAgent !== "") own.push({ name: "User-Agent", value: options.userAgent ?? "curl/7.88.1" });
    own.push({ name: "Accept", value: "*/*" });
    if (options.referer !== undefined) own.push({ name: "Referer", value: options.referer });
    const isGiven = (name: string): boolean => given.some((g) => g.name.toLowerCase() === name.toLowerCase());
    const fields = own
      .map((f) => (f.name === "Host" ? (given.find((g) => g.name.toLowerCase() === "host") ?? f) : f))
      .filter((f) => f.name.toLowerCase() === "host" || !isGiven(f.name));
    fields.push(...given.filter((g) => g.name.toLowerCase() !== "host" && (g.value !== "" || g.empty)));
    if (body === undefined) return fields.map(({ name, value }) => ({ name, value }));
    if (!isGiven("Content-Length")) fields.push({ name: "Content-Length", value: String(body.length) });
    if (!isGiven("Content-Type"))
      fields.push({ name: "Content-Type", value: "application/x-www-form-urlencoded" });
    return fields.map(({ name, value }) => ({ name, value }));
  }

  private *exchange(socket: ByteStream, body: Uint8Array | undefined): Task<Failure | undefined> {
    const { options, draft } = this;
    const query = options.get && options.data.length > 0 ? options.data.join("&") : undefined;
    const target =
      query === undefined
        ? this.url.target
        : `${this.url.target}${this.url.target.includes("?") ? "&" : "?"}${query}`;
    const version = options.http10 ? "HTTP/1.0" : "HTTP/1.1";
    const head = encodeHttp({
      kind: "request",
      method: draft.method,
      target,
      version,
      fields: this.fields(body),
    });
    yield* this.tell(
      utf8Decode(head)
        .split("\r\n")
        .slice(0, -1)
        .map((line) => `> ${line}\n`)
        .join(""),
    );
    draft.requestBytes = head.length;
    draft.uploaded = body?.length ?? 0;
    const wrong = yield* sendAll(socket, body === undefined ? head : concat([head, body]));
    if (wrong !== undefined) return { code: 55, message: `Send failure: ${strerror(wrong)}` };
    if (body !== undefined && options.verbose) yield* this.tell(`} [${body.length} bytes data]\n`);
    const reader = new HttpReader(socket, () => this.process.host.queue.now);
    if (options.maxTime !== undefined) reader.deadline = (this.started + seconds(options.maxTime)) as Nanos;
    return yield* this.response(reader);
  }

  private *response(reader: HttpReader): Task<Failure | undefined> {
    const { options, draft } = this;
    for (;;) {
      const read = yield* reader.head();
      if (!read.ok) return this.failed(read.error, true);
      const { head, bytes } = read.value;
      if (head.kind !== "response") return { code: 1, message: "Received HTTP/0.9 when not allowed" };
      draft.firstByteTime = this.elapsed;
      draft.headBytes += bytes.length;
      draft.response = head;
      const place = httpField(head, "Location");
      draft.location = place === undefined ? undefined : resolveUrl(this.url, place);
      yield* this.tellHead(head, bytes);
      if (head.status >= 200) break;
    }
    const { response } = draft;
    if (options.fail && response.status >= 400)
      return { code: 22, message: `The requested URL returned error: ${response.status}` };
    const framing = responseFraming(draft.method, response);
    this.progress.total = framing.kind === "length" ? framing.length : undefined;
    const follows =
      options.follow && draft.location !== undefined && response.status >= 300 && response.status < 400;
    const verbose = options.verbose;
    const body = yield* reader.body(framing, (piece) => this.take(piece, follows, verbose));
    if (!body.ok) return this.failed(body.error, false);
    if (body.value > 0 && framing.kind === "length")
      return { code: 18, message: `transfer closed with ${body.value} bytes remaining to read` };
    return undefined;
  }

  private *take(piece: Uint8Array, follows: boolean, verbose: boolean): Task<void> {
    this.draft.received += piece.length;
    this.progress.received += piece.length;
    if (verbose) yield* this.tell(`{ [${piece.length} bytes data]\n`);
    if (!follows) yield* this.sink(piece);
  }

  private *tellHead(head: HttpHead, bytes: Uint8Array): Task<void> {
    const { options } = this;
    if (this.secured !== undefined) yield* this.tell("{ [5 bytes data]\n");
    if (head.version === "HTTP/1.0") yield* this.tell("* HTTP 1.0, assume close after body\n");
    yield* this.tell(
      utf8Decode(bytes)
        .split("\r\n")
        .slice(0, -1)
        .map((line) => `< ${line}\n`)
        .join(""),
    );
    if (options.dumpHeader === "-") yield* this.process.stdout.write(bytes);
    else if (options.dumpHeader !== undefined)
      this.process.host.fs.write(resolvePath(this.process.cwd, options.dumpHeader), bytes, "truncate");
    if (options.include || options.head) yield* this.sink(bytes);
  }

  private failed(failure: ReadFailure, inHead: boolean): Failure {
    switch (failure.kind) {
      case "closed":
        return inHead
          ? { code: 52, message: "Empty reply from server" }
          : { code: 18, message: "transfer closed with outstanding read data remaining" };
      case "malformed":
        return { code: 1, message: "Received HTTP/0.9 when not allowed" };
      case "errno":
        return { code: 56, message: `Recv failure: ${strerror(failure.errno)}` };
      case "timeout": {
        const total = this.progress.total;
        const of = total === undefined ? "" : ` out of ${total}`;
        return {
          code: 28,
          message: `Operation timed out after ${this.milliseconds + 1} milliseconds with ${this.draft.received}${of} bytes received`,
        };
      }
    }
  }
}
