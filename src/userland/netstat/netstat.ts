import type { SocketInfo, StreamEndpoint } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { interfaces, shortForm } from "../ifconfig/interfaces.ts";
import type { Process } from "../os/process.ts";
import { routeTable } from "../route/table.ts";

/** netstat(8) of net-tools 2.10: sockets, -r and -i. */

const LONG: readonly LongOption[] = [
  { name: "route", argument: "none", short: "r" },
  { name: "interfaces", argument: "none", short: "i" },
  { name: "listening", argument: "none", short: "l" },
  { name: "all", argument: "none", short: "a" },
  { name: "numeric", argument: "none", short: "n" },
  { name: "udp", argument: "none", short: "u" },
  { name: "tcp", argument: "none", short: "t" },
  { name: "raw", argument: "none", short: "w" },
  { name: "extend", argument: "none", short: "e" },
  { name: "programs", argument: "none", short: "p" },
  { name: "inet", argument: "none", short: "4" },
  { name: "statistics", argument: "none", short: "s" },
];

const INTERFACE_TITLES =
  "Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

const TITLES = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n";

function endpoint(end: StreamEndpoint | undefined): string {
  if (end === undefined) return "0.0.0.0:*";
  return `${formatAddress(end.address)}:${end.port === 0 ? "*" : end.port}`;
}

const PROTOCOL: Readonly<Record<SocketInfo["kind"], string>> = {
  udp: "udp",
  icmp: "raw",
  tcp: "tcp",
  "tcp-listen": "tcp",
};

function stateOf(socket: SocketInfo): string {
  if (socket.kind === "tcp-listen") return "LISTEN";
  if (socket.kind === "tcp") return socket.state.replace("-", "_");
  if (socket.kind === "icmp") return "7";
  return socket.remote === undefined ? "" : "ESTABLISHED";
}

function line(socket: SocketInfo): string {
  const local = socket.kind === "icmp" ? `${formatAddress(socket.local.address)}:1` : endpoint(socket.local);
  return (
    `${PROTOCOL[socket.kind].padEnd(5)} ${String(socket.receiveQueue).padStart(6)} ` +
    `${String(socket.sendQueue).padStart(6)} ${local.padEnd(23)} ${endpoint(socket.remote).padEnd(23)} ` +
    `${stateOf(socket).padEnd(11)}\n`
  );
}

const ORDER = ["tcp-listen", "tcp", "udp", "icmp"];

function* sockets(process: Process, given: ReadonlySet<string>): Task<number> {
  const kinds = given.has("t") || given.has("u") || given.has("w");
  const waits = (s: SocketInfo): boolean =>
    s.kind === "tcp-listen" || (s.kind !== "tcp" && s.remote === undefined);
  const wanted = (s: SocketInfo): boolean => {
    if (kinds && !given.has(s.kind === "udp" ? "u" : s.kind === "icmp" ? "w" : "t")) return false;
    if (given.has("a")) return true;
    return given.has("l") ? waits(s) : !waits(s);
  };
  const shown = process.net.socket.list().filter(wanted);
  shown.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const which = given.has("a") ? "servers and established" : given.has("l") ? "only servers" : "w/o servers";
  let text = `Active Internet connections (${which})\n${TITLES}`;
  for (const socket of shown) text += line(socket);
  if (!kinds && !given.has("4"))
    text += `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node   Path\n`;
  yield* process.print(text);
  return 0;
}

function* main(process: Process): Task<number> {
  const argv = ["netstat", ...process.argv.slice(1)];
  const { options, complaint } = getopt(argv, "A:CFMacdegphilnNorstuSWUvwx64?Z", LONG);
  if (complaint !== undefined) fail(3, complaint);
  const given = new Set(options.map(({ letter }) => letter));
  for (const letter of ["s", "g", "M", "x", "6", "c", "p"])
    if (given.has(letter)) refuse(`netstat -${letter}`);
  if (given.has("r")) {
    yield* process.print(routeTable(process, given.has("e") ? 3 : 2, given.has("n")));
    return 0;
  }
  if (given.has("i")) {
    const shown = interfaces(process).filter((i) => !i.isAlias && (given.has("a") || i.link.up));
    yield* process.print(INTERFACE_TITLES + shown.map(shortForm).join(""));
    return 0;
  }
  return yield* sockets(process, given);
}

export const netstat = program(main);
