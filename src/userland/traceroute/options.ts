import { IPV4_ANY } from "../../wire/address.ts";
import { parseIpv6 } from "../../wire/address6.ts";
import type { IpAddress } from "../../wire/ip-address.ts";
import type { Task } from "../../sim/task.ts";
import { fail, refuse } from "../args/exit.ts";
import { parseUnsigned } from "../args/words.ts";
import type { Process } from "../os/process.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";
import { isIpv6Text } from "../resolver/addresses.ts";
import { USAGE } from "./usage.ts";

/** The command line of traceroute(8) 2.1.2, which is not getopt's. Models: libsupp/clif.c and the option tables of traceroute.c. */

export interface TracerouteOptions {
  method: "default" | "udp" | "icmp";
  numeric: boolean;
  dontFragment: boolean;
  firstHop: number;
  maxHops: number;
  /** Probes in flight at once. */
  simultaneous: number;
  perHop: number;
  /** -w MAX,HERE,NEAR; seconds and factors. */
  waitSeconds: number;
  hereFactor: number;
  nearFactor: number;
  /** -z, seconds between probes. */
  sendSeconds: number;
  port: number | undefined;
  sourcePort: number | undefined;
  tos: number | undefined;
  mark: number | undefined;
  device: string | undefined;
  source: IpAddress | undefined;
  target: IpAddress;
  name: string;
  packetLength: number | undefined;
  version: boolean;
}

interface Option {
  readonly letter: string;
  readonly long?: string;
  /** How the option's argument is called; absent: it takes none. */
  readonly argument?: string;
}

const OPTIONS: readonly Option[] = [
  { letter: "4" },
  { letter: "6" },
  { letter: "d", long: "debug" },
  { letter: "F", long: "dont-fragment" },
  { letter: "f", long: "first", argument: "first_ttl" },
  { letter: "g", long: "gateway", argument: "gate,..." },
  { letter: "I", long: "icmp" },
  { letter: "T", long: "tcp" },
  { letter: "i", long: "interface", argument: "device" },
  { letter: "m", long: "max-hops", argument: "max_ttl" },
  { letter: "N", long: "sim-queries", argument: "squeries" },
  { letter: "n" },
  { letter: "p", long: "port", argument: "port" },
  { letter: "t", long: "tos", argument: "tos" },
  { letter: "l", long: "flowlabel", argument: "flow_label" },
  { letter: "w", long: "wait", argument: "MAX,HERE,NEAR" },
  { letter: "q", long: "queries", argument: "nqueries" },
  { letter: "r" },
  { letter: "s", long: "source", argument: "src_addr" },
  { letter: "z", long: "sendwait", argument: "sendwait" },
  { letter: "e", long: "extensions" },
  { letter: "A", long: "as-path-lookups" },
  { letter: "M", long: "module", argument: "name" },
  { letter: "O", long: "options", argument: "OPTS,..." },
  { letter: "1", long: "sport", argument: "num" },
  { letter: "2", long: "fwmark", argument: "num" },
  { letter: "U", long: "udp" },
  { letter: "D", long: "dccp" },
  { letter: "P", long: "protocol", argument: "prot" },
  { letter: "3", long: "mtu" },
  { letter: "5", long: "back" },
  { letter: "V", long: "version" },
  { letter: "h", long: "help" },
];

/** An option as it was written, with its argument and the place of that in the command line. */
interface Given {
  readonly letter: string;
  readonly written: string;
  readonly value: string;
  readonly place: number;
}

function bad(text: string): never {
  fail(2, text);
}

function badOption(word: string, place: number): never {
  bad(`Bad option \`${word}' (argc ${place})\n`);
}

function readLong(word: string, place: number): Given {
  const equals = word.indexOf("=");
  const key = word.slice(2, equals < 0 ? undefined : equals);
  const matching = OPTIONS.filter(({ long }) => long?.startsWith(key) === true);
  const option =
    matching.find(({ long }) => long === key) ?? (matching.length === 1 ? matching[0] : undefined);
  if (option === undefined) badOption(word.slice(0, equals < 0 ? undefined : equals), place);
  const written = `--${option.long ?? ""}`;
  if (option.argument !== undefined && equals < 0)
    bad(`Option \`${written}' (argc ${place}) requires an argument: \`${written}=${option.argument}'\n`);
  return { letter: option.letter, written, value: equals < 0 ? "" : word.slice(equals + 1), place };
}

const isShort = (letter: string): boolean => !/[1235h]/.test(letter);

/** The letters of one word; only a first letter may have its argument attached. */
function readShort(argv: readonly string[], place: number, given: Given[]): number {
  const word = argv[place]!;
  for (let i = 1; i < word.length; i++) {
    const option = OPTIONS.find(({ letter }) => letter === word[i] && isShort(letter));
    const written = `-${word[i]}`;
    if (option === undefined) badOption(written, place);
    if (option.argument === undefined) {
      given.push({ letter: option.letter, written, value: "", place });
      continue;
    }
    const attached = i === 1 ? word.slice(2) : "";
    if (attached !== "") {
      given.push({ letter: option.letter, written, value: attached, place });
      return place;
    }
    const value = i === word.length - 1 ? argv[place + 1] : undefined;
    if (value === undefined)
      bad(`Option \`${written}' (argc ${place}) requires an argument: \`${written} ${option.argument}'\n`);
    given.push({ letter: option.letter, written, value, place: place + 1 });
    return place + 1;
  }
  return place;
}

interface CommandLine {
  readonly given: readonly Given[];
  readonly operands: readonly { readonly word: string; readonly place: number }[];
}

function split(argv: readonly string[]): CommandLine {
  const given: Given[] = [];
  const operands: { word: string; place: number }[] = [];
  for (let place = 1; place < argv.length; place++) {
    const word = argv[place]!;
    if (word.startsWith("--") && word.length > 2) given.push(readLong(word, place));
    else if (word.startsWith("-") && word.length > 1 && word !== "--") place = readShort(argv, place, given);
    else operands.push({ word, place });
  }
  return { given, operands };
}

function cannotHandle({ written, value, place }: Given): never {
  bad(`Cannot handle \`${written}' option with arg \`${value}' (argc ${place})\n`);
}

function number(option: Given): number {
  return parseUnsigned(option.value) ?? cannotHandle(option);
}

function readWait(draft: TracerouteOptions, option: Given): void {
  const parts = option.value.split(",");
  const values = parts.map(Number);
  if (parts.length > 3 || parts.some((part) => part.trim() === "") || values.some(Number.isNaN))
    cannotHandle(option);
  draft.waitSeconds = values[0] ?? 0;
  draft.hereFactor = values[1] ?? 0;
  draft.nearFactor = values[2] ?? 0;
}

function readSendWait(draft: TracerouteOptions, option: Given): void {
  const value = Number(option.value);
  if (option.value === "" || Number.isNaN(value)) cannotHandle(option);
  draft.sendSeconds = value >= 10 ? value / 1000 : value;
}

function readModule(draft: TracerouteOptions, name: string): void {
  if (name === "default" || name === "udp" || name === "icmp") draft.method = name;
  else if (["tcp", "tcpconn", "udplite", "dccp", "raw"].includes(name)) refuse(`traceroute -M ${name}`);
  else bad(`Unknown traceroute module ${name}\n`);
}

const UNMODELLED: ReadonlyMap<string, string> = new Map([
  ["T", "traceroute -T (TCP)"],
  ["g", "a source route (traceroute -g)"],
  ["A", "traceroute -A"],
  ["O", "traceroute -O"],
  ["D", "traceroute -D (DCCP)"],
  ["P", "traceroute -P"],
  ["3", "traceroute --mtu"],
  ["5", "traceroute --back"],
]);

type Reader = (draft: TracerouteOptions, option: Given) => void;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["F", (draft) => void (draft.dontFragment = true)],
  ["f", (draft, option) => void (draft.firstHop = number(option))],
  ["I", (draft) => void (draft.method = "icmp")],
  ["i", (draft, option) => void (draft.device = option.value)],
  ["m", (draft, option) => void (draft.maxHops = number(option))],
  ["N", (draft, option) => void (draft.simultaneous = number(option))],
  ["n", (draft) => void (draft.numeric = true)],
  ["p", (draft, option) => void (draft.port = number(option) & 0xffff)],
  ["t", (draft, option) => void (draft.tos = number(option) & 0xff)],
  ["w", readWait],
  ["q", (draft, option) => void (draft.perHop = number(option))],
  ["z", readSendWait],
  ["M", (draft, option) => readModule(draft, option.value)],
  ["U", (draft) => void (draft.method = "udp")],
  ["1", (draft, option) => void (draft.sourcePort = number(option))],
  ["2", (draft, option) => void (draft.mark = number(option))],
  ["V", (draft) => void (draft.version = true)],
  ["h", () => fail(0, USAGE)],
]);

function check(draft: TracerouteOptions): void {
  if (draft.firstHop === 0 || draft.firstHop > draft.maxHops) bad("first hop out of range\n");
  if (draft.maxHops > 255) bad("max hops cannot be more than 255\n");
  if (draft.perHop === 0 || draft.perHop > 10) bad("no more than 10 probes per hop\n");
  const { waitSeconds, hereFactor, nearFactor } = draft;
  if (waitSeconds < 0 || hereFactor < 0 || nearFactor < 0)
    bad(`bad wait specifications \`${waitSeconds},${hereFactor},${nearFactor}' used\n`);
  if (draft.packetLength !== undefined && draft.packetLength > 65000)
    bad(`too big packetlen ${draft.packetLength} specified\n`);
  if (draft.sourcePort !== undefined) draft.simultaneous = 1;
}

function* readHost(
  process: Process,
  word: string,
  complaint: string,
  family: string | undefined,
): Task<{ address: IpAddress; name: string }> {
  const six = isIpv6Text(word);
  if ((family === "4" && six) || (family === "6" && !six))
    bad(`${word}: Address family for hostname not supported\n${complaint}`);
  if (six) {
    const address = parseIpv6(word) ?? bad(`${word}: ${RESOLVE_TEXT.EAI_NONAME}\n${complaint}`);
    return { address, name: word };
  }
  const resolved = yield* resolveHost(process, word);
  if (!resolved.ok) bad(`${word}: ${RESOLVE_TEXT[resolved.error]}\n${complaint}`);
  return { address: resolved.value.addresses[0]!, name: word };
}

export function* readTracerouteOptions(process: Process): Task<TracerouteOptions> {
  const draft: TracerouteOptions = {
    method: "default",
    numeric: false,
    dontFragment: false,
    firstHop: 1,
    maxHops: 30,
    simultaneous: 16,
    perHop: 3,
    waitSeconds: 5,
    hereFactor: 3,
    nearFactor: 10,
    sendSeconds: 0,
    port: undefined,
    sourcePort: undefined,
    tos: undefined,
    mark: undefined,
    device: undefined,
    source: undefined,
    target: IPV4_ANY,
    name: "",
    packetLength: undefined,
    version: false,
  };
  const { given, operands } = split(process.argv);
  const family = given.findLast(({ letter }) => letter === "4" || letter === "6")?.letter;
  for (const option of given) {
    const missing = UNMODELLED.get(option.letter);
    if (missing !== undefined) refuse(missing);
    if (option.letter === "s") {
      const complaint = `Cannot handle \`-s' option with arg \`${option.value}' (argc ${option.place})\n`;
      draft.source = (yield* readHost(process, option.value, complaint, family)).address;
    } else READERS.get(option.letter)?.(draft, option);
  }
  if (draft.version) return draft;
  const [host, length, extra] = operands;
  if (host === undefined) {
    if (process.argv.length > 1) bad('Specify "host" missing argument.\n');
    yield* process.print(USAGE);
    fail(0, "");
  }
  const complaint = `Cannot handle "host" cmdline arg \`${host.word}' on position 1 (argc ${host.place})\n`;
  const { address, name } = yield* readHost(process, host.word, complaint, family);
  if (length !== undefined)
    draft.packetLength =
      parseUnsigned(length.word) ??
      bad(`Cannot handle "packetlen" cmdline arg \`${length.word}' on position 2 (argc ${length.place})\n`);
  if (extra !== undefined) bad(`Extra arg \`${extra.word}' (position 3, argc ${extra.place})\n`);
  draft.target = address;
  draft.name = name;
  check(draft);
  return draft;
}
