import { fail, refuse } from "../args/exit.ts";
import { getopt, type GivenOption } from "../args/getopt.ts";
import { HELP, USAGE } from "./usage.ts";

/** The command line of netcat-openbsd 1.219 with Debian's patches. Models: netcat.c main, build_ports. */
export interface NcOptions {
  /** -4 or -6. */
  family?: "inet" | "inet6";
  udp: boolean;
  listen: boolean;
  keep: boolean;
  scan: boolean;
  verbose: boolean;
  numeric: boolean;
  shutdown: boolean;
  broadcast: boolean;
  noStdin: boolean;
  crlf: boolean;
  randomPorts: boolean;
  /** -w, seconds; undefined is for ever. */
  timeout: number | undefined;
  /** -q, seconds after the end of standard input; undefined is never. */
  quit: number | undefined;
  /** -i, seconds. */
  interval: number;
  /** -W: datagrams. */
  receiveLimit: number;
  tos: number | undefined;
  ttl: number | undefined;
  source: string | undefined;
  sourcePort: string | undefined;
  host: string | undefined;
  /** Where to listen, or the ports to go to. */
  ports: readonly string[];
}

const LETTERS = "46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz";
const UNMODELLED = "FmPStUVXxZ";

function die(text: string): never {
  fail(1, `nc: ${text}\n`);
}

/** strtonum(3) and its words. */
function number(word: string, least: number, most: number, what: string): number {
  const value = /^\s*[+-]?\d+$/.test(word) ? Number(word) : NaN;
  if (Number.isNaN(value)) die(`${what} invalid: ${word}`);
  if (value < least) die(`${what} too small: ${word}`);
  return value > most ? die(`${what} too large: ${word}`) : value;
}

const INT_MAX = 2147483647;

/** map_tos(): names of services and DSCP classes, or a number. */
const TOS_NAMES: ReadonlyMap<string, number> = new Map([
  ["critical", 0xa0],
  ["ef", 0xb8],
  ["inetcontrol", 0xc0],
  ["lowcost", 0x02],
  ["lowdelay", 0x10],
  ["netcontrol", 0xe0],
  ["reliability", 0x04],
  ["throughput", 0x08],
]);

function parseTos(word: string): number {
  const value =
    TOS_NAMES.get(word) ?? (/^0x[0-9a-f]+$/i.test(word) || /^\d+$/.test(word) ? Number(word) : NaN);
  return value >= 0 && value <= 255 ? value : die(`illegal tos value ${word}`);
}

type Reader = (draft: NcOptions, value: string) => void;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["4", (draft) => void (draft.family = "inet")],
  ["6", (draft) => void (draft.family = "inet6")],
  ["u", (draft) => void (draft.udp = true)],
  ["l", (draft) => void (draft.listen = true)],
  ["k", (draft) => void (draft.keep = true)],
  ["z", (draft) => void (draft.scan = true)],
  ["v", (draft) => void (draft.verbose = true)],
  ["n", (draft) => void (draft.numeric = true)],
  ["N", (draft) => void (draft.shutdown = true)],
  ["b", (draft) => void (draft.broadcast = true)],
  ["d", (draft) => void (draft.noStdin = true)],
  ["C", (draft) => void (draft.crlf = true)],
  ["r", (draft) => void (draft.randomPorts = true)],
  ["w", (draft, value) => void (draft.timeout = number(value, 0, INT_MAX / 1000, "timeout"))],
  ["q", (draft, value) => void (draft.quit = readQuit(value))],
  ["i", (draft, value) => void (draft.interval = number(value, 0, INT_MAX, "interval"))],
  ["W", (draft, value) => void (draft.receiveLimit = number(value, 1, INT_MAX, "receive limit"))],
  ["T", (draft, value) => void (draft.tos = parseTos(value))],
  ["M", (draft, value) => void (draft.ttl = number(value, 0, 255, "ttl"))],
  ["s", (draft, value) => void (draft.source = value)],
  ["p", (draft, value) => void (draft.sourcePort = value)],
]);

function readQuit(word: string): number | undefined {
  const value = number(word, -INT_MAX, INT_MAX, "quit timer");
  return value < 0 ? undefined : value;
}

function readOption(draft: NcOptions, { letter, value = "" }: GivenOption): void {
  if (letter === "h") fail(0, HELP);
  if (UNMODELLED.includes(letter)) refuse(`nc -${letter}`);
  READERS.get(letter)?.(draft, value);
}

/** Services that /etc/services knows and that a lab may name. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ["domain", 53],
  ["http", 80],
  ["https", 443],
  ["ntp", 123],
  ["ssh", 22],
  ["tftp", 69],
]);

function portNumber(word: string): number {
  return SERVICES.get(word) ?? number(word, 1, 65535, "port number");
}

/** One port, or the ports of a range in rising order. */
export function portList(word: string): readonly string[] {
  const range = /^(.+)-(.+)$/.exec(word);
  if (range === null || SERVICES.has(word)) return [String(portNumber(word))];
  const [low, high] = [portNumber(range[1]!), portNumber(range[2]!)].sort((a, b) => a - b);
  return Array.from({ length: high! - low! + 1 }, (_, i) => String(low! + i));
}

function readOperands(draft: NcOptions, operands: readonly string[]): void {
  const [first, second] = operands;
  if (draft.listen) {
    const port = second ?? first ?? draft.sourcePort;
    draft.host = second === undefined && draft.sourcePort === undefined ? undefined : first;
    if (port === undefined) die("missing port number");
    draft.ports = [second ?? (draft.sourcePort === undefined ? port : draft.sourcePort)];
    if (draft.scan) die("cannot use -z and -l");
    return;
  }
  if (draft.keep) die("must use -l with -k");
  if (first === undefined) fail(1, USAGE);
  if (second === undefined) die("missing port number");
  draft.host = first;
  draft.ports = operands.slice(1).flatMap(portList);
}

export function readNcOptions(argv: readonly string[]): NcOptions {
  const { options, operands, complaint } = getopt(["nc", ...argv.slice(1)], LETTERS);
  const draft: NcOptions = {
    udp: false,
    listen: false,
    keep: false,
    scan: false,
    verbose: false,
    numeric: false,
    shutdown: false,
    broadcast: false,
    noStdin: false,
    crlf: false,
    randomPorts: false,
    timeout: undefined,
    quit: undefined,
    interval: 0,
    receiveLimit: 0,
    tos: undefined,
    ttl: undefined,
    source: undefined,
    sourcePort: undefined,
    host: undefined,
    ports: [],
  };
  for (const option of options) readOption(draft, option);
  if (complaint !== undefined) fail(1, complaint + USAGE);
  readOperands(draft, operands);
  return draft;
}
