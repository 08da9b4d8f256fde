import type { SocketOptions } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import { getopt, type GivenOption } from "../args/getopt.ts";
import { parseUnsigned } from "../args/words.ts";
import { isIpv6Text } from "../resolver/addresses.ts";
import { USAGE } from "./usage.ts";

/** The command line of ping(8). Models: iputils ping/ping.c main. */
export interface PingOptions {
  target: string;
  /** -c; 0 is without end. */
  count: number;
  /** -i, milliseconds. */
  interval: number;
  /** -W, milliseconds. */
  linger: number;
  /** -w, milliseconds; 0 is none. */
  deadline: number;
  /** -s. */
  size: number;
  ttl: number | undefined;
  tos: number | undefined;
  mark: number | undefined;
  /** -I: names of devices or addresses, in their order. */
  sources: string[];
  strictSource: boolean;
  mtuDiscover: SocketOptions["mtuDiscover"];
  preload: number;
  pattern: readonly number[] | undefined;
  identifier: number | undefined;
  quiet: boolean;
  numeric: boolean;
  flood: boolean;
  adaptive: boolean;
  outstanding: boolean;
  verbose: boolean;
  timestamps: boolean;
  audible: boolean;
  broadcast: boolean;
  version: boolean;
  warnings: string[];
}

const LETTERS = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";

function usage(): never {
  fail(2, USAGE);
}

/** strtol_or_err(). */
export function number(word: string, least: number, most: number, mostText = String(most)): number {
  const value = /^[+-]?\d+$/.test(word) ? Number(word) : parseUnsigned(word);
  if (value === undefined) fail(1, `ping: invalid argument: '${word}'\n`);
  if (value < least || value > most)
    fail(1, `ping: invalid argument: '${word}': out of range: ${least} <= value <= ${mostText}\n`);
  return value;
}

/** ping_strtod(): a decimal number; what follows it is only warned of. */
function decimal(draft: PingOptions, word: string): number {
  const match = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(word);
  if (match === null || match[0] !== word)
    draft.warnings.push(
      "ping: option argument contains garbage: " +
        word +
        "\nping: this will become fatal error in the future\n",
    );
  return match === null ? 0 : Number(match[0]);
}

/** fill(): -p. */
function pattern(word: string): readonly number[] {
  const bad = /[^0-9a-fA-F]/.exec(word);
  if (bad !== null) fail(2, `ping: patterns must be specified as hex digits: ${word.slice(bad.index)}\n`);
  return (word.match(/.{1,2}/g) ?? []).slice(0, 16).map((pair) => parseInt(pair, 16));
}

const MTU_DISCOVER: ReadonlyMap<string, SocketOptions["mtuDiscover"]> = new Map([
  ["do", "do"],
  ["dont", "dont"],
  ["want", "want"],
]);

const INT_MAX = 2147483647;

function readTos(word: string): number {
  const value = /^0x/i.test(word) ? parseInt(word, 16) : Number(word);
  if (!(value >= 0 && value <= 255))
    fail(2, `ping: the decimal value of TOS bits must be in range 0-255: ${word}\n`);
  return value;
}

function readLinger(draft: PingOptions, word: string): number {
  const value = decimal(draft, word);
  if (value < 0 || value > INT_MAX / 1000000) fail(2, `ping: bad linger time: ${word}\n`);
  return Math.trunc(value * 1000);
}

function readInterval(draft: PingOptions, word: string): number {
  return Math.max(0, Math.trunc(decimal(draft, word) * 1000));
}

type Reader = (draft: PingOptions, value: string) => void;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["4", () => undefined],
  ["6", () => undefined],
  ["a", (draft) => void (draft.audible = true)],
  ["A", (draft) => void (draft.adaptive = true)],
  ["b", (draft) => void (draft.broadcast = true)],
  ["B", (draft) => void (draft.strictSource = true)],
  ["c", (draft, value) => void (draft.count = number(value, 1, Number.MAX_VALUE, "9223372036854775807"))],
  ["d", () => undefined],
  ["D", (draft) => void (draft.timestamps = true)],
  ["e", (draft, value) => void (draft.identifier = number(value, 0, 65535))],
  ["f", (draft) => void (draft.flood = true)],
  ["i", (draft, value) => void (draft.interval = readInterval(draft, value))],
  ["I", (draft, value) => void draft.sources.push(value)],
  ["l", (draft, value) => void (draft.preload = number(value, 1, 65536))],
  ["m", (draft, value) => void (draft.mark = number(value, 0, 4294967295))],
  ["n", (draft) => void (draft.numeric = true)],
  ["O", (draft) => void (draft.outstanding = true)],
  ["p", (draft, value) => void (draft.pattern = pattern(value))],
  ["q", (draft) => void (draft.quiet = true)],
  ["Q", (draft, value) => void (draft.tos = readTos(value))],
  ["s", (draft, value) => void (draft.size = number(value, 0, INT_MAX))],
  ["S", () => undefined],
  ["t", (draft, value) => void (draft.ttl = number(value, 0, 255))],
  ["U", () => undefined],
  ["v", (draft) => void (draft.verbose = true)],
  ["V", (draft) => void (draft.version = true)],
  ["w", (draft, value) => void (draft.deadline = number(value, 0, INT_MAX) * 1000)],
  ["W", (draft, value) => void (draft.linger = readLinger(draft, value))],
]);

function readOption(draft: PingOptions, { letter, value = "" }: GivenOption): void {
  if (letter === "M") {
    draft.mtuDiscover = MTU_DISCOVER.get(value) ?? fail(2, `ping: invalid -M argument: ${value}\n`);
    return;
  }
  if (letter === "h" || letter === "?") usage();
  const read = READERS.get(letter);
  if (read === undefined) refuse(`ping -${letter}`);
  read(draft, value);
}

/** MAXWAIT: 10 seconds. */
const LINGER = 10_000;

export function readPingOptions(argv: readonly string[]): PingOptions {
  const { options, operands, complaint } = getopt(["ping", ...argv.slice(1)], LETTERS);
  const draft: PingOptions = {
    target: operands.at(-1) ?? "",
    count: 0,
    interval: -1,
    linger: LINGER,
    deadline: 0,
    size: 56,
    ttl: undefined,
    tos: undefined,
    mark: undefined,
    sources: [],
    strictSource: false,
    mtuDiscover: undefined,
    preload: 1,
    pattern: undefined,
    identifier: undefined,
    quiet: false,
    numeric: false,
    flood: false,
    adaptive: false,
    outstanding: false,
    verbose: false,
    timestamps: false,
    audible: false,
    broadcast: false,
    version: false,
    warnings: [],
  };
  const families = new Set(
    options.map(({ letter }) => letter).filter((letter) => letter === "4" || letter === "6"),
  );
  if (families.size > 1) fail(2, "ping: only one -4 or -6 option may be specified\n");
  for (const option of options) readOption(draft, option);
  if (complaint !== undefined) fail(2, complaint + USAGE);
  if (draft.version) return draft;
  if (operands.length === 0) fail(1, "ping: usage error: Destination address required\n");
  if (operands.length > 1) refuse("a source route (ping with several destinations)");
  const six = isIpv6Text(draft.target);
  if (families.has("6") ? !six : families.has("4") && six)
    fail(2, `ping: ${draft.target}: Address family for hostname not supported\n`);
  if (draft.interval < 0) draft.interval = draft.flood ? 0 : draft.adaptive ? 0 : 1000;
  return draft;
}
