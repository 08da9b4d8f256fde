import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { type Nanos, NANOS_PER_SECOND, seconds } from "../../sim/time.ts";
import { IPV4_ANY, parseIpv4, type Ipv4 } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { encodeHttp, httpField, type HttpResponse } from "../../wire/http.ts";
import { program, refuse } from "../args/exit.ts";
import { HttpReader, responseFraming } from "../http/connection.ts";
import { parseUrl, resolveUrl, type Url } from "../http/url.ts";
import { strerror } from "../os/errno.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { isIpv6Text } from "../resolver/addresses.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import { connectStream, leave, sendAll } from "../stream/stream.ts";
import { momentOf, strftime } from "../text/strftime.ts";
import { readWgetOptions, type WgetOptions } from "./options.ts";
import { doneText, progressText } from "./progress.ts";

/** wget(1) 1.21 over HTTP/1.1. */

const STATUS_NETWORK = 4;
const STATUS_SERVER = 8;
const READ_TIMEOUT = 900;
const MAX_REDIRECTS = 20;
/** Pauses between tries grow by a second up to this. */
const MAX_PAUSE = 10;

type Attempt =
  | { readonly kind: "done"; readonly status: number }
  /** Worth another try; `text` is what was wrong. */
  | { readonly kind: "again"; readonly text: string }
  | { readonly kind: "moved"; readonly url: string };

class Wget {
  private readonly process: Process;
  private readonly options: WgetOptions;

  constructor(process: Process, options: WgetOptions) {
    this.process = process;
    this.options = options;
  }

  private get now(): string {
    const at = EPOCH_SECONDS + Math.floor(this.process.host.queue.now / NANOS_PER_SECOND);
    return strftime("%Y-%m-%d %H:%M:%S", momentOf(at));
  }

  /** What -q and -nv leave out. */
  private *log(text: string): Task<void> {
    if (!this.options.quiet && !this.options.terse) yield* this.process.printError(text);
  }

  *fetch(text: string): Task<number> {
    let address = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
    if (this.options.spider) yield* this.log("Spider mode enabled. Check if remote file exists.\n");
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const url = parseUrl(address);
      if (!url.ok) {
        yield* this.process.printError(`${address}: Invalid host name.\n`);
        return 1;
      }
      if (url.value.scheme !== "http" && url.value.scheme !== "https") refuse(`wget: ${url.value.scheme}`);
      const attempt = yield* this.tries(address, url.value);
      if (attempt.kind === "done") return attempt.status;
      if (attempt.kind === "moved") address = attempt.url;
    }
    yield* this.log(`${MAX_REDIRECTS} redirections exceeded.\n`);
    return STATUS_SERVER;
  }

  private *tries(address: string, url: Url): Task<Attempt> {
    const most = this.options.tries === 0 ? Infinity : this.options.tries;
    for (let count = 1; ; count++) {
      const which = count > 1 ? `(try:${String(count).padStart(2)})  ` : "";
      yield* this.log(`--${this.now}--  ${which}${address}\n`);
      const attempt = yield* this.once(address, url);
      if (attempt.kind !== "again") return attempt;
      yield* this.log(attempt.text);
      if (count >= most) {
        yield* this.log("Giving up.\n\n");
        return { kind: "done", status: STATUS_NETWORK };
      }
      yield* this.log("Retrying.\n\n");
      yield* sleep(seconds(Math.min(count, this.options.waitRetry ?? MAX_PAUSE)));
    }
  }

  private *once(address: string, url: Url): Task<Attempt> {
    const { process, options } = this;
    const target = yield* this.resolve(url);
    if (target === undefined) return { kind: "done", status: STATUS_NETWORK };
    if (url.scheme === "https") refuse("wget: https");
    const socket = process.net.socket.tcp(process.argv.join(" "));
    try {
      const port = url.port ?? 80;
      const literal = parseIpv4(url.host) !== undefined;
      const name = literal ? url.host : `${url.host} (${url.host})|${formatAddress(target)}|`;
      yield* this.log(`Connecting to ${name}:${port}... `);
      if (options.bindAddress !== undefined)
        socket.bind({ address: parseIpv4(options.bindAddress) ?? IPV4_ANY, port: 0 });
      const limit = options.connectTimeout === undefined ? undefined : seconds(options.connectTimeout);
      const connected = yield* connectStream(socket, { address: target, port }, limit);
      if (connected !== "connected") {
        const errno = connected === "timeout" ? "ETIMEDOUT" : connected.errno;
        const text = `failed: ${strerror(errno)}.\n`;
        const fatal = errno === "ECONNREFUSED" || errno === "ENETUNREACH" || errno === "EHOSTUNREACH";
        if (!fatal) return { kind: "again", text };
        yield* this.log(text);
        return { kind: "done", status: STATUS_NETWORK };
      }
      yield* this.log("connected.\n");
      return yield* this.request(socket, address, url);
    } finally {
      socket.close();
    }
  }

  private *resolve(url: Url): Task<Ipv4 | undefined> {
    if (isIpv6Text(url.host)) refuse("wget: IPv6");
    const literal = parseIpv4(url.host);
    if (literal !== undefined) return literal;
    yield* this.log(`Resolving ${url.host} (${url.host})... `);
    const found = yield* resolveHost(this.process, url.host);
    if (!found.ok) {
      yield* this.log(`failed: ${RESOLVE_TEXT[found.error]}.\n`);
      const text = `unable to resolve host address ‘${url.host}’\n`;
      if (!this.options.quiet) yield* this.process.printError(`wget: ${text}`);
      return undefined;
    }
    const addresses = found.value.addresses.map(formatAddress);
    yield* this.log(`${addresses.slice(0, 3).join(", ")}${addresses.length > 3 ? ", ..." : ""}\n`);
    return found.value.addresses[0];
  }

  private *request(socket: StreamSocket, address: string, url: Url): Task<Attempt> {
    const { options } = this;
    const body = options.postData === undefined ? undefined : utf8Encode(options.postData);
    const method = options.spider ? "HEAD" : body === undefined ? "GET" : "POST";
    const port = url.port === undefined || url.port === 80 ? "" : `:${url.port}`;
    const own = [
      { name: "Host", value: url.host + port },
      { name: "User-Agent", value: options.userAgent ?? "Wget/1.21.3" },
      { name: "Accept", value: "*/*" },
      { name: "Accept-Encoding", value: "identity" },
      { name: "Connection", value: "Keep-Alive" },
    ];
    const given = options.headers.map((line) => {
      const [, name = line, value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      return { name, value };
    });
    const fields = own.map((f) => given.find((g) => g.name.toLowerCase() === f.name.toLowerCase()) ?? f);
    fields.push(...given.filter((g) => !fields.includes(g)));
    if (body !== undefined) {
      fields.push({ name: "Content-Type", value: "application/x-www-form-urlencoded" });
      fields.push({ name: "Content-Length", value: String(body.length) });
    }
    const head = encodeHttp({ kind: "request", method, target: url.target, version: "HTTP/1.1", fields });
    yield* this.log("HTTP request sent, awaiting response... ");
    const wrong =
      (yield* sendAll(socket, head)) ?? (body === undefined ? undefined : yield* sendAll(socket, body));
    if (wrong !== undefined)
      return { kind: "again", text: `Failed writing HTTP request: ${strerror(wrong)}.\n` };
    const reader = new HttpReader(socket, () => this.process.host.queue.now);
    reader.deadline = (this.process.host.queue.now + seconds(options.readTimeout ?? READ_TIMEOUT)) as Nanos;
    const read = yield* reader.head();
    if (!read.ok || read.value.head.kind !== "response") {
      const error = read.ok ? undefined : read.error;
      if (error?.kind === "timeout")
        return { kind: "again", text: "Read error (Connection timed out) in headers.\n" };
      if (error?.kind === "errno")
        return { kind: "again", text: `Read error (${strerror(error.errno)}) in headers.\n` };
      return { kind: "again", text: "No data received.\n" };
    }
    return yield* this.response(reader, method, read.value.head, read.value.bytes, address, url);
  }

  private *response(
    reader: HttpReader,
    method: string,
    head: HttpResponse,
    bytes: Uint8Array,
    address: string,
    url: Url,
  ): Task<Attempt> {
    const { options } = this;
    if (options.showServer) {
      const lines = utf8Decode(bytes).trimEnd().split("\r\n");
      yield* this.log(`\n${lines.map((line) => `  ${line}\n`).join("")}`);
    } else yield* this.log(`${head.status} ${head.reason}\n`);
    const location = httpField(head, "Location");
    if (head.status >= 300 && head.status < 400 && location !== undefined) {
      yield* this.log(`Location: ${location} [following]\n`);
      return { kind: "moved", url: resolveUrl(url, location) };
    }
    if (head.status >= 400) {
      if (!options.quiet) {
        if (options.terse) yield* this.process.printError(`${address}:\n`);
        yield* this.process.printError(
          `${this.now} ERROR ${head.status}: ${head.reason}.\n${options.terse ? "" : "\n"}`,
        );
      }
      return { kind: "done", status: STATUS_SERVER };
    }
    const length = httpField(head, "Content-Length");
    const type = httpField(head, "Content-Type")?.replace(/;.*$/, "");
    yield* this.log(`Length: ${length ?? "unspecified"}${type === undefined ? "" : ` [${type}]`}\n`);
    if (options.spider) {
      yield* this.log(
        "Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n",
      );
      return { kind: "done", status: 0 };
    }
    return yield* this.save(reader, method, head, address, url);
  }

  private *save(
    reader: HttpReader,
    method: string,
    head: HttpResponse,
    address: string,
    url: Url,
  ): Task<Attempt> {
    const { process, options } = this;
    const file = this.fileFor(url);
    const shown = file === undefined ? "STDOUT" : (options.output ?? file);
    yield* this.log(`Saving to: ‘${shown}’\n`);
    let received = 0;
    const started = process.host.queue.now;
    const sink = function* (piece: Uint8Array): Task<void> {
      if (file === undefined) yield* process.stdout.write(piece);
      else if (file !== "/dev/null")
        process.host.fs.write(resolvePath(process.cwd, file), piece, received === 0 ? "truncate" : "append");
      received += piece.length;
    };
    const framing = responseFraming(method, head);
    const body = yield* reader.body(framing, sink);
    const total = framing.kind === "length" ? framing.length : undefined;
    if (!body.ok || body.value > 0) {
      const text = `${this.now} (0.00 B/s) - Connection closed at byte ${received}. `;
      return { kind: "again", text };
    }
    const elapsed = process.host.queue.now - started;
    yield* this.log(`${progressText(received, total, elapsed)}\n`);
    const place = file === undefined ? "written to stdout" : `‘${shown}’ saved`;
    yield* this.log(doneText(this.now, received, total, elapsed, place));
    if (options.terse && !options.quiet) {
      const size = total === undefined ? `${received}` : `${received}/${total}`;
      yield* process.printError(`${this.now} URL:${address} [${size}] -> "${options.output ?? shown}" [1]\n`);
    }
    return { kind: "done", status: 0 };
  }

  /** Undefined is standard output. Without -O a name is made that is not taken yet. */
  private fileFor(url: Url): string | undefined {
    const { output } = this.options;
    if (output !== undefined) return output === "-" ? undefined : output;
    const base = url.target.replace(/^.*\//, "") || "index.html";
    const taken = (name: string): boolean =>
      this.process.host.fs.stat(resolvePath(this.process.cwd, name)) !== undefined;
    let name = base;
    for (let i = 1; taken(name); i++) name = `${base}.${i}`;
    return name;
  }
}

function* main(process: Process): Task<number> {
  const options = readWgetOptions(process.argv);
  const wget = new Wget(process, options);
  let status = 0;
  for (const url of options.urls) status = Math.max(status, yield* wget.fetch(url));
  yield* leave();
  return status;
}

export const wget = program(main);
