import type { SocketInfo, StreamEndpoint } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import type { Process } from "../os/process.ts";

/** ss(8) of iproute2 6.1: UDP, raw and TCP sockets. Models: misc/ss.c, its columns as wide as their widest cell. */

const LONG: readonly LongOption[] = [
  { name: "numeric", argument: "none", short: "n" },
  { name: "all", argument: "none", short: "a" },
  { name: "listening", argument: "none", short: "l" },
  { name: "tcp", argument: "none", short: "t" },
  { name: "udp", argument: "none", short: "u" },
  { name: "raw", argument: "none", short: "w" },
  { name: "ipv4", argument: "none", short: "4" },
  { name: "no-header", argument: "none", short: "H" },
  { name: "version", argument: "none", short: "V" },
];

const NETID: Readonly<Record<SocketInfo["kind"], string>> = {
  udp: "udp",
  icmp: "icmp",
  tcp: "tcp",
  "tcp-listen": "tcp",
};

function stateOf(socket: SocketInfo): string {
  if (socket.kind === "tcp-listen") return "LISTEN";
  if (socket.kind === "tcp") return socket.state === "ESTABLISHED" ? "ESTAB" : socket.state;
  return socket.remote === undefined ? "UNCONN" : "ESTAB";
}

function port(socket: SocketInfo, end: StreamEndpoint | undefined): string {
  if (socket.kind === "icmp" && end !== undefined) return "icmp";
  return end === undefined || end.port === 0 ? "*" : String(end.port);
}

function address(end: StreamEndpoint | undefined): string {
  return `${end === undefined ? "0.0.0.0" : formatAddress(end.address)}:`;
}

function cells(socket: SocketInfo): readonly string[] {
  return [
    NETID[socket.kind],
    stateOf(socket),
    String(socket.receiveQueue),
    String(socket.sendQueue),
    address(socket.local),
    port(socket, socket.local),
    address(socket.remote),
    port(socket, socket.remote),
    "",
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

function table(rows: readonly (readonly string[])[], withNetid: boolean, header: boolean): string {
  const lines = header ? [TITLES, ...rows] : rows;
  const widths = TITLES.map((_, i) => Math.max(0, ...lines.map((row) => row[i]!.length)));
  const columns = TITLES.map((_, i) => i).filter((i) => i > 0 || withNetid);
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

const UNMODELLED = "bBdDeEfFgiKmMoOpPrsSTxXzZ06";

function* main(process: Process): Task<number> {
  const letters = "haletuwxAfp0146nbBdDeEF:giKmMoOPrsSTVXzZHN:";
  const { options, operands, complaint } = getopt(["ss", ...process.argv.slice(1)], letters, LONG);
  if (complaint !== undefined) fail(255, complaint);
  const given = new Set(options.map(({ letter }) => letter));
  if (given.has("V")) {
    yield* process.print("ss utility, iproute2-6.1.0\n");
    return 0;
  }
  const missing = [...given].find((letter) => UNMODELLED.includes(letter));
  if (missing !== undefined) refuse(`ss -${missing}`);
  if (operands.length > 0) refuse("a filter of ss");
  const kinds = ["t", "u", "w"].filter((letter) => given.has(letter));
  const wanted = (socket: SocketInfo): boolean => {
    const letter = socket.kind === "udp" ? "u" : socket.kind === "icmp" ? "w" : "t";
    if (kinds.length > 0 && !kinds.includes(letter)) return false;
    return given.has("a") || isListening(socket) === given.has("l");
  };
  const shown = process.net.socket.list().filter(wanted);
  shown.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  yield* process.print(table(shown.map(cells), kinds.length !== 1, !given.has("H")));
  return 0;
}

export const ss = program(main);
