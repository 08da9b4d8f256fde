import { utf8Encode } from "../../base/utf8.ts";
import { concat } from "../../base/bytes.ts";
import type { Task } from "../../sim/task.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { parseUrl, resolveUrl, type Url } from "../http/url.ts";
import { leave } from "../stream/stream.ts";
import { type CurlOptions, readCurlOptions } from "./options.ts";
import { Progress } from "./progress.ts";
import { type Outcome, Transfer } from "./transfer.ts";
import { writeOut } from "./write-out.ts";

/** curl(1) 7.88 over HTTP/1.1. */

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 47;

/** -d: joined with `&`; `@file` is read. */
function requestBody(process: Process, options: CurlOptions): Uint8Array | undefined {
  if (options.data.length === 0) return undefined;
  const parts = options.data.map((text) => {
    if (text.startsWith("\u0000")) return utf8Encode(text.slice(1));
    if (!text.startsWith("@")) return utf8Encode(text);
    const read = process.host.fs.read(resolvePath(process.cwd, text.slice(1)));
    return read.ok ? read.value.filter((b) => b !== 10 && b !== 13) : new Uint8Array(0);
  });
  const and = utf8Encode("&");
  return concat(parts.flatMap((part, i) => (i === 0 ? [part] : [and, part])));
}

function checked(text: string): Url {
  const url = parseUrl(text);
  if (!url.ok) fail(3, "curl: (3) URL using bad/illegal format or missing URL\n");
  const { scheme } = url.value;
  if (scheme !== "http" && scheme !== "https") {
    if (
      ["ftp", "file", "ftps", "smtp", "telnet", "gopher", "dict", "ldap", "imap", "pop3", "ws"].includes(
        scheme,
      )
    )
      refuse(`curl: ${scheme}`);
    fail(1, `curl: (1) Protocol "${scheme}" not supported or disabled in libcurl\n`);
  }
  return url.value;
}

/** Where the body goes: a file of -o or -O, or standard output. */
function sink(process: Process, options: CurlOptions, url: Url): (bytes: Uint8Array) => Task<void> {
  const name = options.remoteName ? url.target.replace(/\?.*$/, "").replace(/^.*\//, "") : options.output;
  if (name === undefined || name === "-")
    return function* (bytes) {
      yield* process.stdout.write(bytes);
    };
  if (name === "/dev/null") return function* () {};
  const path = resolvePath(process.cwd, name);
  let begun = false;
  return function* (bytes) {
    process.host.fs.write(path, bytes, begun ? "append" : "truncate");
    begun = true;
  };
}

/** One URL with the redirections it leads to. */
function* fetchOne(process: Process, options: CurlOptions, text: string): Task<Outcome> {
  let url = checked(text);
  let method: string | undefined;
  let body = options.get || options.head ? undefined : requestBody(process, options);
  let address = text;
  const most = Math.min(options.maxRedirects, MAX_REDIRECTS + 3);
  const progress = new Progress(process, options);
  for (let redirects = 0; ; redirects++) {
    const transfer = new Transfer(process, options, url, progress, sink(process, options, url));
    const outcome = yield* transfer.run(method, body);
    const { response } = outcome;
    const location = response === undefined ? undefined : outcome.location;
    const goesOn =
      options.follow && outcome.code === 0 && location !== undefined && REDIRECTS.has(response?.status ?? 0);
    if (!goesOn) return { ...outcome, url: address, redirects };
    if (redirects >= most)
      return {
        ...outcome,
        code: 47,
        message: `Maximum (${most}) redirects followed`,
        url: address,
        redirects,
      };
    address = resolveUrl(url, location);
    url = checked(address);
    if (response !== undefined && response.status <= 303 && body !== undefined) {
      body = undefined;
      method = "GET";
    }
  }
}

function* main(process: Process): Task<number> {
  const options = readCurlOptions(process.argv);
  let status = 0;
  for (const text of options.urls) {
    const outcome = yield* fetchOne(process, options, text);
    status = outcome.code;
    if (outcome.code !== 0 && (!options.silent || options.showError))
      yield* process.printError(`curl: (${outcome.code}) ${outcome.message}\n`);
    if (options.writeOut !== undefined) yield* process.print(writeOut(options.writeOut, outcome));
  }
  yield* leave();
  return status;
}

export const curl = program(main);
