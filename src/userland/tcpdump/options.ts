import { SNAPLEN } from "../../wire/pcap.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { fail, refuse } from "../args/exit.ts";

/** The command line of tcpdump 4.99.3. */

const VERSION = `tcpdump version 4.99.3
libpcap version 1.10.3 (with TPACKET_V3)
OpenSSL 3.0.19 27 Jan 2026
`;

const USAGE = `Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
		[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
		[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
		[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
		[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
		[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
		[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
		[ -z postrotate-command ] [ -Z user ] [ expression ]
`;

const LETTERS = "AB:bc:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:#";

/** Options without a letter stand under a letter that no option has. */
const LONGS: readonly LongOption[] = [
  { name: "buffer-size", argument: "required", short: "B" },
  { name: "list-interfaces", argument: "none", short: "D" },
  { name: "help", argument: "none", short: "h" },
  { name: "interface", argument: "required", short: "i" },
  { name: "monitor-mode", argument: "none", short: "I" },
  { name: "time-stamp-type", argument: "required", short: "j" },
  { name: "list-time-stamp-types", argument: "none", short: "J" },
  { name: "micro", argument: "none", short: "(" },
  { name: "nano", argument: "none", short: ")" },
  { name: "dont-verify-checksums", argument: "none", short: "K" },
  { name: "list-data-link-types", argument: "none", short: "L" },
  { name: "no-optimize", argument: "none", short: "O" },
  { name: "no-promiscuous-mode", argument: "none", short: "p" },
  { name: "direction", argument: "required", short: "Q" },
  { name: "snapshot-length", argument: "required", short: "s" },
  { name: "absolute-tcp-sequence-numbers", argument: "none", short: "S" },
  { name: "packet-buffered", argument: "none", short: "U" },
  { name: "linktype", argument: "required", short: "y" },
  { name: "immediate-mode", argument: "none", short: "!" },
  { name: "relinquish-privileges", argument: "required", short: "Z" },
  { name: "count", argument: "none", short: "=" },
  { name: "number", argument: "none", short: "#" },
  { name: "print", argument: "none", short: "%" },
  { name: "version", argument: "none", short: "@" },
];

export interface TcpdumpOptions {
  /** -A, -AA. */
  ascii: number;
  link: boolean;
  count: number | undefined;
  listDevices: boolean;
  device: string | undefined;
  immediate: boolean;
  noChecksums: boolean;
  lineBuffered: boolean;
  numeric: boolean;
  promiscuous: boolean;
  quiet: boolean;
  direction: "in" | "out" | "both";
  read: string | undefined;
  write: string | undefined;
  snaplen: number;
  absoluteSequence: boolean;
  /** How many -t. */
  time: number;
  packetBuffered: boolean;
  verbose: number;
  hex: number;
  /** -X, -XX. */
  hexAscii: number;
  /** --count: only the number of packets. */
  onlyCount: boolean;
  numbered: boolean;
  /** --print: also what is written. */
  print: boolean;
  expression: string;
}

function defaults(): TcpdumpOptions {
  return {
    ascii: 0,
    link: false,
    count: undefined,
    listDevices: false,
    device: undefined,
    immediate: false,
    noChecksums: false,
    lineBuffered: false,
    numeric: false,
    promiscuous: true,
    quiet: false,
    direction: "both",
    read: undefined,
    write: undefined,
    snaplen: SNAPLEN,
    absoluteSequence: false,
    time: 0,
    packetBuffered: false,
    verbose: 0,
    hex: 0,
    hexAscii: 0,
    onlyCount: false,
    numbered: false,
    print: false,
    expression: "",
  };
}

function error(text: string): never {
  fail(1, `tcpdump: ${text}\n`);
}

function packetCount(value: string): number {
  const count = /^\s*[+-]?\d+$/.test(value) ? Number(value) : 0;
  if (count <= 0) error(`invalid packet count ${value}`);
  return count;
}

function snapshotLength(value: string): number {
  const length = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : -1;
  if (length < 0 || length > SNAPLEN) error(`invalid snaplen ${value} (must be >= 0 and <= ${SNAPLEN})`);
  return length === 0 ? SNAPLEN : length;
}

function direction(value: string): TcpdumpOptions["direction"] {
  switch (value.toLowerCase()) {
    case "in":
      return "in";
    case "out":
      return "out";
    case "inout":
      return "both";
    default:
      return error(`unknown capture direction \`${value}'`);
  }
}

type Setter = (options: TcpdumpOptions, value: string) => void;

const SETTERS: Readonly<Record<string, Setter>> = {
  A: (o) => {
    o.ascii++;
  },
  B: () => undefined,
  c: (o, value) => void (o.count = packetCount(value)),
  D: (o) => void (o.listDevices = true),
  e: (o) => void (o.link = true),
  i: (o, value) => void (o.device = value),
  "!": (o) => void (o.immediate = true),
  K: (o) => void (o.noChecksums = true),
  l: (o) => void (o.lineBuffered = true),
  n: (o) => void (o.numeric = true),
  p: (o) => void (o.promiscuous = false),
  q: (o) => void (o.quiet = true),
  Q: (o, value) => void (o.direction = direction(value)),
  r: (o, value) => void (o.read = value),
  s: (o, value) => void (o.snaplen = snapshotLength(value)),
  S: (o) => void (o.absoluteSequence = true),
  t: (o) => {
    o.time++;
  },
  U: (o) => void (o.packetBuffered = true),
  v: (o) => {
    o.verbose++;
  },
  w: (o, value) => void (o.write = value),
  x: (o) => {
    o.hex++;
  },
  X: (o) => {
    o.hexAscii++;
  },
  "(": () => undefined,
  "=": (o) => void (o.onlyCount = true),
  "#": (o) => void (o.numbered = true),
  "%": (o) => void (o.print = true),
};

export function readTcpdumpOptions(argv: readonly string[]): TcpdumpOptions {
  const given = getopt(argv, LETTERS, LONGS);
  const options = defaults();
  for (const { letter, value = "" } of given.options) {
    if (letter === "h") fail(0, VERSION + USAGE);
    if (letter === "@") fail(0, VERSION);
    // Whose rights it runs with makes no difference here.
    if (letter === "Z") continue;
    const set = SETTERS[letter];
    if (set === undefined) refuse(`tcpdump -${letter}`);
    set(options, value);
  }
  if (given.complaint !== undefined) fail(1, given.complaint + VERSION + USAGE);
  options.expression = given.operands.join(" ");
  return options;
}
