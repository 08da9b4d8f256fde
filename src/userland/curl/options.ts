import { fail, refuse } from "../args/exit.ts";

/** The command line of curl 7.88. */
export interface CurlOptions {
  silent: boolean;
  showError: boolean;
  include: boolean;
  head: boolean;
  verbose: boolean;
  fail: boolean;
  follow: boolean;
  insecure: boolean;
  get: boolean;
  noBuffer: boolean;
  output: string | undefined;
  remoteName: boolean;
  dumpHeader: string | undefined;
  writeOut: string | undefined;
  /** Seconds. */
  maxTime: number | undefined;
  connectTimeout: number | undefined;
  method: string | undefined;
  headers: string[];
  data: string[];
  userAgent: string | undefined;
  user: string | undefined;
  referer: string | undefined;
  resolve: string[];
  connectTo: string[];
  iface: string | undefined;
  /** --local-port: the first of the range. */
  localPort: number | undefined;
  http10: boolean;
  retry: number;
  maxRedirects: number;
  range: string | undefined;
  urls: string[];
}

const HINT = "curl: try 'curl --help' or 'curl --manual' for more information\n";

function die(text: string): never {
  fail(2, `curl: ${text}\n${HINT}`);
}

type Reader = (draft: CurlOptions, value: string, name: string) => void;

function number(value: string, name: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) die(`option ${name}: expected a proper numerical parameter`);
  return Number(value);
}

interface Row {
  readonly letter: string;
  readonly long: string;
  readonly takes: boolean;
  readonly read: Reader;
}

const flag = (letter: string, long: string, read: (draft: CurlOptions) => void): Row => ({
  letter,
  long,
  takes: false,
  read,
});
const value = (letter: string, long: string, read: Reader): Row => ({ letter, long, takes: true, read });
const missing = (letter: string, long: string, takes: boolean): Row => ({
  letter,
  long,
  takes,
  read: (_draft, _value, name) => refuse(`curl ${name}`),
});

const ROWS: readonly Row[] = [
  flag("s", "silent", (d) => void (d.silent = true)),
  flag("S", "show-error", (d) => void (d.showError = true)),
  flag("i", "include", (d) => void (d.include = true)),
  flag("I", "head", (d) => void (d.head = true)),
  flag("v", "verbose", (d) => void (d.verbose = true)),
  flag("f", "fail", (d) => void (d.fail = true)),
  flag("L", "location", (d) => void (d.follow = true)),
  flag("k", "insecure", (d) => void (d.insecure = true)),
  flag("G", "get", (d) => void (d.get = true)),
  flag("N", "no-buffer", (d) => void (d.noBuffer = true)),
  flag("O", "remote-name", (d) => void (d.remoteName = true)),
  flag("0", "http1.0", (d) => void (d.http10 = true)),
  flag("4", "ipv4", () => undefined),
  flag("", "http1.1", () => undefined),
  flag("", "no-keepalive", () => undefined),
  flag("", "tcp-nodelay", () => undefined),
  flag("", "no-progress-meter", (d) => void (d.silent = d.showError = true)),
  value("o", "output", (d, v) => void (d.output = v)),
  value("D", "dump-header", (d, v) => void (d.dumpHeader = v)),
  value("w", "write-out", (d, v) => void (d.writeOut = v)),
  value("m", "max-time", (d, v, n) => void (d.maxTime = number(v, n))),
  value("", "connect-timeout", (d, v, n) => void (d.connectTimeout = number(v, n))),
  value("X", "request", (d, v) => void (d.method = v)),
  value("H", "header", (d, v) => void d.headers.push(v)),
  value("d", "data", (d, v) => void d.data.push(v)),
  value("", "data-raw", (d, v) => void d.data.push(v.startsWith("@") ? `\u0000${v}` : v)),
  value("A", "user-agent", (d, v) => void (d.userAgent = v)),
  value("u", "user", (d, v) => void (d.user = v)),
  value("e", "referer", (d, v) => void (d.referer = v)),
  value("r", "range", (d, v) => void (d.range = v)),
  value("", "resolve", (d, v) => void d.resolve.push(v)),
  value("", "connect-to", (d, v) => void d.connectTo.push(v)),
  value("", "interface", (d, v) => void (d.iface = v)),
  value("", "local-port", (d, v, n) => void (d.localPort = number(v.replace(/-.*$/, ""), n))),
  value("", "retry", (d, v, n) => void (d.retry = number(v, n))),
  value("", "max-redirs", (d, v, n) => void (d.maxRedirects = number(v, n))),
  value("", "url", (d, v) => void d.urls.push(v)),
  missing("6", "ipv6", false),
  missing("x", "proxy", true),
  missing("T", "upload-file", true),
  missing("F", "form", true),
  missing("b", "cookie", true),
  missing("c", "cookie-jar", true),
  missing("K", "config", true),
  missing("E", "cert", true),
  missing("", "cacert", true),
  missing("", "cert", true),
  missing("", "key", true),
  missing("", "http2", false),
  missing("", "compressed", false),
  missing("", "unix-socket", true),
  missing("Z", "parallel", false),
  missing("#", "progress-bar", false),
];

/** Word by word; operands are URLs. Models: tool_getparam.c. */
export function readCurlOptions(argv: readonly string[]): CurlOptions {
  const draft: CurlOptions = {
    silent: false,
    showError: false,
    include: false,
    head: false,
    verbose: false,
    fail: false,
    follow: false,
    insecure: false,
    get: false,
    noBuffer: false,
    output: undefined,
    remoteName: false,
    dumpHeader: undefined,
    writeOut: undefined,
    maxTime: undefined,
    connectTimeout: undefined,
    method: undefined,
    headers: [],
    data: [],
    userAgent: undefined,
    user: undefined,
    referer: undefined,
    resolve: [],
    connectTo: [],
    iface: undefined,
    localPort: undefined,
    http10: false,
    retry: 0,
    maxRedirects: 50,
    range: undefined,
    urls: [],
  };
  const words = argv.slice(1);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--version" || word === "-V") refuse(`curl ${word}`);
    if (word.startsWith("--") && word.length > 2) readLong(draft, word, words);
    else if (word.startsWith("-") && word.length > 1) readShort(draft, word, words);
    else draft.urls.push(word);
  }
  if (draft.urls.length === 0) fail(2, HINT);
  return draft;
}

function readLong(draft: CurlOptions, word: string, words: string[]): void {
  const name = word.slice(2);
  const exact = ROWS.find((row) => row.long === name);
  const near = ROWS.filter((row) => row.long.startsWith(name));
  const row = exact ?? (near.length === 1 ? near[0] : undefined);
  if (row === undefined) die(`option ${word}: is ${near.length > 1 ? "ambiguous" : "unknown"}`);
  row.read(draft, row.takes ? argument(word, words) : "", word);
}

function readShort(draft: CurlOptions, word: string, words: string[]): void {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const row = ROWS.find((r) => r.letter === letter);
    if (row === undefined) die(`option ${word}: is unknown`);
    if (!row.takes) {
      row.read(draft, "", `-${letter}`);
      continue;
    }
    const rest = word.slice(i + 1);
    row.read(draft, rest === "" ? argument(`-${letter}`, words) : rest, `-${letter}`);
    return;
  }
}

function argument(name: string, words: string[]): string {
  return words.shift() ?? die(`option ${name}: requires parameter`);
}
