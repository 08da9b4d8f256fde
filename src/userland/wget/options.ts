import { fail, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";

/** The command line of GNU Wget 1.21. */
export interface WgetOptions {
  quiet: boolean;
  /** -nv. */
  terse: boolean;
  showServer: boolean;
  spider: boolean;
  output: string | undefined;
  /** 0 is for ever. */
  tries: number;
  connectTimeout: number | undefined;
  readTimeout: number | undefined;
  waitRetry: number | undefined;
  headers: string[];
  userAgent: string | undefined;
  postData: string | undefined;
  bindAddress: string | undefined;
  urls: readonly string[];
}

const USAGE = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n";

/** Long options stand for letters that wget itself does not use. */
const LONG: readonly LongOption[] = [
  { name: "quiet", argument: "none", short: "q" },
  { name: "no-verbose", argument: "none", short: "1" },
  { name: "server-response", argument: "none", short: "S" },
  { name: "spider", argument: "none", short: "2" },
  { name: "output-document", argument: "required", short: "O" },
  { name: "tries", argument: "required", short: "t" },
  { name: "timeout", argument: "required", short: "T" },
  { name: "connect-timeout", argument: "required", short: "3" },
  { name: "read-timeout", argument: "required", short: "5" },
  { name: "dns-timeout", argument: "required", short: "6" },
  { name: "waitretry", argument: "required", short: "7" },
  { name: "header", argument: "required", short: "8" },
  { name: "user-agent", argument: "required", short: "U" },
  { name: "post-data", argument: "required", short: "9" },
  { name: "bind-address", argument: "required", short: "0" },
  { name: "inet4-only", argument: "none", short: "4" },
  { name: "no-check-certificate", argument: "none", short: "4" },
  { name: "no-proxy", argument: "none", short: "4" },
];

const LETTERS = "qSO:t:T:U:4dvn:bcNprkKmHELxPA:R:D:l:i:w:a:o:hV";

type Reader = (draft: WgetOptions, value: string) => void;

function number(text: string, what: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : fail(2, `wget: ${what}: Invalid number ‘${text}’.\n`);
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["q", (d) => void (d.quiet = true)],
  ["1", (d) => void (d.terse = true)],
  ["S", (d) => void (d.showServer = true)],
  ["2", (d) => void (d.spider = true)],
  ["O", (d, v) => void (d.output = v)],
  ["t", (d, v) => void (d.tries = v === "inf" ? 0 : number(v, "--tries"))],
  ["T", (d, v) => void (d.connectTimeout = d.readTimeout = number(v, "--timeout"))],
  ["3", (d, v) => void (d.connectTimeout = number(v, "--connect-timeout"))],
  ["5", (d, v) => void (d.readTimeout = number(v, "--read-timeout"))],
  ["6", () => undefined],
  ["7", (d, v) => void (d.waitRetry = number(v, "--waitretry"))],
  ["8", (d, v) => void d.headers.push(v)],
  ["U", (d, v) => void (d.userAgent = v)],
  ["9", (d, v) => void (d.postData = v)],
  ["0", (d, v) => void (d.bindAddress = v)],
  ["4", () => undefined],
]);

export function readWgetOptions(argv: readonly string[]): WgetOptions {
  const { options, operands, complaint } = getopt(["wget", ...argv.slice(1)], LETTERS, LONG);
  if (complaint !== undefined) fail(2, complaint + USAGE);
  const draft: WgetOptions = {
    quiet: false,
    terse: false,
    showServer: false,
    spider: false,
    output: undefined,
    tries: 20,
    connectTimeout: undefined,
    readTimeout: undefined,
    waitRetry: undefined,
    headers: [],
    userAgent: undefined,
    postData: undefined,
    bindAddress: undefined,
    urls: operands,
  };
  for (const { letter, value = "" } of options) {
    if (letter === "n" && value === "v") draft.terse = true;
    else if (READERS.has(letter)) READERS.get(letter)?.(draft, value);
    else refuse(`wget -${letter}${letter === "n" ? value : ""}`);
  }
  if (operands.length === 0) fail(1, `wget: missing URL\n${USAGE}`);
  return draft;
}
