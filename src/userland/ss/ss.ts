import type { SocketInfo, StreamEndpoint } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { serviceName } from "../../formats/services.ts";
import { NANOS_PER_MILLI } from "../../sim/time.ts";
import { formatAddress, isAnyAddress, isIpv4 } from "../../wire/ip-address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import type { Process } from "../os/process.ts";
import { readFilter, type SocketFilter } from "./filter.ts";

/** ss(8) of iproute2 6.1: UDP, raw and TCP sockets. Models: misc/ss.c, its columns as wide as their widest cell. */

const LONG: readonly LongOption[] = [
  { name: "numeric", argument: "none", short: "n" },
  { name: "all", argument: "none", short: "a" },
  { name: "listening", argument: "none", short: "l" },
  { name: "tcp", argument: "none", short: "t" },
  { name: "udp", argument: "none", short: "u" },
  { name: "raw", argument: "none", short: "w" },
  { name: "ipv4", argument: "none", short: "4" },
  { name: "ipv6", argument: "none", short: "6" },
  { name: "no-header", argument: "none", short: "H" },
  { name: "processes", argument: "none", short: "p" },
  { name: "options", argument: "none", short: "o" },
  { name: "kill", argument: "none", short: "K" },
  { name: "version", argument: "none", short: "V" },
];

const NETID: Readonly<Record<SocketInfo["kind"], string>> = {
  udp: "udp",
  icmp: "icmp",
  tcp: "tcp",
  "tcp-listen": "tcp",
};

/** TCP states as ss spells them, where that differs from RFC 9293. */
const STATE: Readonly<Record<string, string>> = {
  ESTABLISHED: "ESTAB",
  "SYN-RECEIVED": "SYN-RECV",
  CLOSED: "UNCONN",
};

function stateOf(socket: SocketInfo): string {
  if (socket.kind === "tcp-listen") return "LISTEN";
  if (socket.kind === "tcp") return STATE[socket.state] ?? socket.state;
  return socket.remote === undefined ? "UNCONN" : "ESTAB";
}

function port(socket: SocketInfo, end: StreamEndpoint | undefined, numeric: boolean): string {
  if (socket.kind === "icmp" && end !== undefined) return "icmp";
  if (end === undefined || end.port === 0) return "*";
  const name = numeric ? undefined : serviceName(end.port, socket.kind === "udp" ? "udp" : "tcp");
  return name ?? String(end.port);
}

/** `*` stands for both families, `[::]` for IPv6 alone. */
function address(end: StreamEndpoint | undefined, socket: SocketInfo): string {
  const { local } = socket;
  if (socket.v6Only === true && (end === undefined || isAnyAddress(end.address))) return "[::]:";
  if (end === undefined)
    return isIpv4(local.address) ? "0.0.0.0:" : isAnyAddress(local.address) ? "*:" : "[::]:";
  if (isIpv4(end.address)) return `${formatAddress(end.address)}:`;
  return isAnyAddress(end.address) ? "*:" : `[${formatAddress(end.address)}]:`;
}

/** Milliseconds as ss prints them: `53sec`, `1.204ms` (its own notation of 1.204 s), `204ms`, `119min`. */
function timerText(nanos: number): string {
  const total = Math.floor(nanos / NANOS_PER_MILLI);
  let ms = total % 1000;
  let seconds = Math.floor(total / 1000) % 60;
  const minutes = Math.floor(total / 60_000);
  let text = "";
  if (minutes > 0) {
    ms = 0;
    text += `${minutes}min`;
    if (minutes > 9) seconds = 0;
  }
  if (seconds > 0) {
    if (seconds > 9) ms = 0;
    text += `${seconds}${ms > 0 ? "." : "sec"}`;
  }
  if (ms > 0) text += `${String(ms).padStart(3, "0")}ms`;
  return text;
}

/** Who holds the sockets: the programs of this host by their command lines, descriptors in the order of the sockets. */
function users(process: Process, sockets: readonly SocketInfo[]): (socket: SocketInfo) => string {
  const holders = new Map([...process.host.processes.values()].map((p) => [p.argv.join(" "), p]));
  const next = new Map<number, number>();
  const texts = new Map<SocketInfo, string>();
  for (const socket of sockets) {
    const holder = holders.get(socket.owner);
    if (holder === undefined || socket.owner === "") continue;
    const fd = next.get(holder.pid) ?? 3;
    next.set(holder.pid, fd + 1);
    const name = (holder.argv[0] ?? "?").replace(/^.*\//, "").slice(0, 15);
    texts.set(socket, ` users:(("${name}",pid=${holder.pid},fd=${fd}))`);
  }
  return (socket) => texts.get(socket) ?? "";
}

interface Shown {
  readonly numeric: boolean;
  readonly users: ((socket: SocketInfo) => string) | undefined;
  readonly timers: boolean;
}

function cells(socket: SocketInfo, shown: Shown): readonly string[] {
  const { timer } = socket;
  const timerCell =
    shown.timers && timer !== undefined
      ? ` timer:(${timer.name},${timerText(timer.left)},${timer.retransmits})`
      : "";
  return [
    NETID[socket.kind],
    stateOf(socket),
    String(socket.receiveQueue).padEnd(6),
    String(socket.sendQueue).padEnd(6),
    address(socket.local, socket),
    port(socket, socket.local, shown.numeric),
    address(socket.remote, socket),
    port(socket, socket.remote, shown.numeric),
    `${shown.users?.(socket) ?? ""}${timerCell}`,
  ];
}

const TITLES = [
  "Netid",
  "State",
  "Recv-Q",
  "Send-Q",
  "Local Address:",
  "Port",
  "Peer Address:",
  "Port",
  "Process",
];
/** Columns that are set to the right, and those that nothing separates from the one before. */
const RIGHT = new Set([4, 6]);
const JOINED = new Set([5, 7, 8]);

function table(rows: readonly (readonly string[])[], hidden: ReadonlySet<number>, header: boolean): string {
  const lines = header ? [TITLES, ...rows] : rows;
  const widths = TITLES.map((_, i) => Math.max(0, ...lines.map((row) => row[i]!.length)));
  const columns = TITLES.map((_, i) => i).filter((i) => !hidden.has(i));
  const line = (row: readonly string[]): string =>
    columns
      .map((i, place) => {
        const cell = RIGHT.has(i) ? row[i]!.padStart(widths[i]!) : row[i]!.padEnd(widths[i]!);
        return (place === 0 || JOINED.has(i) ? "" : " ") + cell;
      })
      .join("");
  return lines.map((row) => `${line(row)}\n`).join("");
}

const ORDER: readonly SocketInfo["kind"][] = ["icmp", "udp", "tcp-listen", "tcp"];

function isListening(socket: SocketInfo): boolean {
  return socket.kind === "tcp-listen" || (socket.kind !== "tcp" && socket.remote === undefined);
}

/** States that are shown only when asked for: a plain `ss -t` has those that are about to be something. */
const HIDDEN: ReadonlySet<string> = new Set(["TIME-WAIT", "SYN-RECEIVED", "CLOSED"]);

function wantedOf(given: ReadonlySet<string>, filter: SocketFilter): (socket: SocketInfo) => boolean {
  const kinds = ["t", "u", "w"].filter((letter) => given.has(letter));
  return (socket) => {
    const letter = socket.kind === "udp" ? "u" : socket.kind === "icmp" ? "w" : "t";
    if (kinds.length > 0 && !kinds.includes(letter)) return false;
    if (given.has("4") && !given.has("6") && !isIpv4(socket.local.address)) return false;
    if (given.has("6") && !given.has("4") && isIpv4(socket.local.address)) return false;
    if (!filter.matches(socket)) return false;
    if (filter.states !== undefined) {
      const state = letter === "t" ? socket.state : socket.remote === undefined ? "CLOSED" : "ESTABLISHED";
      return filter.states.has(state);
    }
    if (given.has("a")) return true;
    if (isListening(socket) !== given.has("l")) return false;
    return !HIDDEN.has(socket.state);
  };
}

const UNMODELLED = "bBdDeEfFgimMOrsSTxXzZ0";

function* main(process: Process): Task<number> {
  const letters = "haletuwxAfp0146nbBdDeEF:giKmMoOPrsSTVXxzZHN:";
  const { options, operands, complaint } = getopt(["ss", ...process.argv.slice(1)], letters, LONG);
  if (complaint !== undefined) fail(255, complaint);
  const given = new Set(options.map(({ letter }) => letter));
  if (given.has("V")) {
    yield* process.print("ss utility, iproute2-6.1.0\n");
    return 0;
  }
  const missing = [...given].find((letter) => UNMODELLED.includes(letter));
  if (missing !== undefined) refuse(`ss -${missing}`);
  const filter = readFilter(operands);
  const all = process.net.socket.list();
  const wanted = all.filter(wantedOf(given, filter));
  // What cannot be ended is passed over.
  const rows = given.has("K") ? wanted.filter((socket) => process.net.socket.destroy(socket).ok) : wanted;
  rows.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const shown: Shown = {
    numeric: given.has("n"),
    users: given.has("p") ? users(process, all) : undefined,
    timers: given.has("o"),
  };
  const hidden = new Set<number>();
  if (["t", "u", "w"].filter((letter) => given.has(letter)).length === 1) hidden.add(0);
  if (filter.states?.size === 1) hidden.add(1);
  yield* process.print(
    table(
      rows.map((row) => cells(row, shown)),
      hidden,
      !given.has("H"),
    ),
  );
  return 0;
}

export const ss = program(main);
