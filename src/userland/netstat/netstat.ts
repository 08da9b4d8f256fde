import type { SocketInfo, StreamEndpoint } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { serviceName } from "../../formats/services.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { formatAddress, type IpAddress, isIpv4 } from "../../wire/ip-address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { interfaces, shortForm } from "../ifconfig/interfaces.ts";
import type { Process } from "../os/process.ts";
import { resolveAddress } from "../resolver/resolver.ts";
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
  { name: "timers", argument: "none", short: "o" },
  { name: "programs", argument: "none", short: "p" },
  { name: "inet", argument: "none", short: "4" },
  { name: "statistics", argument: "none", short: "s" },
];

const INTERFACE_TITLES =
  "Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

const TITLES = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ";

const PROTOCOL: Readonly<Record<SocketInfo["kind"], "udp" | "raw" | "tcp">> = {
  udp: "udp",
  icmp: "raw",
  tcp: "tcp",
  "tcp-listen": "tcp",
};

/** TCP states as net-tools spells them, where a dash for an underscore is not all. */
const STATE: Readonly<Record<string, string>> = {
  "SYN-RECEIVED": "SYN_RECV",
  "FIN-WAIT-1": "FIN_WAIT1",
  "FIN-WAIT-2": "FIN_WAIT2",
  CLOSED: "CLOSE",
};

function stateOf(socket: SocketInfo): string {
  if (socket.kind === "tcp-listen") return "LISTEN";
  if (socket.kind === "tcp") return STATE[socket.state] ?? socket.state.replaceAll("-", "_");
  if (socket.kind === "icmp") return "7";
  return socket.remote === undefined ? "" : "ESTABLISHED";
}

/** `10.1.0.1:http`; names unless -n. */
function* endpoint(
  process: Process,
  socket: SocketInfo,
  end: StreamEndpoint | undefined,
  numeric: boolean,
): Task<string> {
  const protocol = PROTOCOL[socket.kind];
  if (end === undefined) return isIpv4(socket.local.address) ? "0.0.0.0:*" : ":::*";
  let host: string | undefined = plainText(end.address);
  if (!numeric && isIpv4(end.address) && end.address !== 0)
    host = yield* resolveAddress(process, end.address);
  host ??= plainText(end.address);
  if (socket.kind === "icmp") return `${host}:1`;
  const name = numeric || protocol === "raw" ? undefined : serviceName(end.port, protocol);
  return `${host}:${end.port === 0 ? "*" : (name ?? String(end.port))}`;
}

/** -p. */
function holderOf(process: Process, socket: SocketInfo): string {
  const holder =
    socket.owner === ""
      ? undefined
      : [...process.host.processes.values()].find((p) => p.argv.join(" ") === socket.owner);
  if (holder === undefined) return "-";
  return `${holder.pid}/${(holder.argv[0] ?? "?").replace(/^.*\//, "").slice(0, 15)}`;
}

/** -o: seconds left, retransmissions and probes. */
function timerOf(socket: SocketInfo): string {
  const { timer } = socket;
  if (timer === undefined) return "off (0.00/0/0)";
  const name = timer.name === "persist" ? "probe" : timer.name;
  return `${name} (${(timer.left / NANOS_PER_SECOND).toFixed(2)}/${timer.retransmits}/0)`;
}

function* line(process: Process, socket: SocketInfo, given: ReadonlySet<string>): Task<string> {
  const numeric = given.has("n");
  const local = yield* endpoint(process, socket, socket.local, numeric);
  const remote = yield* endpoint(process, socket, socket.remote, numeric);
  const name = PROTOCOL[socket.kind] + (isIpv4(socket.local.address) ? "" : "6");
  return (
    `${name.padEnd(5)} ${String(socket.receiveQueue).padStart(6)} ` +
    `${String(socket.kind === "tcp-listen" ? 0 : socket.sendQueue).padStart(6)} ${local.padEnd(23)} ${remote.padEnd(23)} ` +
    `${stateOf(socket).padEnd(11)}${given.has("p") ? ` ${holderOf(process, socket).padEnd(20)}` : ""}` +
    `${given.has("o") ? ` ${timerOf(socket)}` : ""}\n`
  );
}

/** net-tools shows ::ffff:10.0.0.1 as IPv4. */
function plainText(address: IpAddress): string {
  return formatAddress(address).replace(/^::ffff:(?=\d+\.)/, "");
}

const ORDER = ["tcp-listen", "tcp", "udp", "icmp"];

function* sockets(process: Process, given: ReadonlySet<string>): Task<number> {
  const kinds = given.has("t") || given.has("u") || given.has("w");
  const waits = (s: SocketInfo): boolean =>
    s.kind === "tcp-listen" || (s.kind !== "tcp" && s.remote === undefined);
  const wanted = (s: SocketInfo): boolean => {
    if (kinds && !given.has(s.kind === "udp" ? "u" : s.kind === "icmp" ? "w" : "t")) return false;
    if (given.has("4") && !given.has("6") && !isIpv4(s.local.address)) return false;
    if (given.has("6") && !given.has("4") && isIpv4(s.local.address)) return false;
    if (given.has("a")) return true;
    return given.has("l") ? waits(s) : !waits(s);
  };
  const shown = process.net.socket.list().filter(wanted);
  shown.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const which = given.has("a") ? "servers and established" : given.has("l") ? "only servers" : "w/o servers";
  const more = `${given.has("p") ? " PID/Program name    " : ""}${given.has("o") ? " Timer" : ""}`;
  let text = `Active Internet connections (${which})\n${TITLES}${more}\n`;
  for (const socket of shown) text += yield* line(process, socket, given);
  if (!kinds && !given.has("4") && !given.has("6"))
    text += `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node   Path\n`;
  yield* process.print(text);
  return 0;
}

function* main(process: Process): Task<number> {
  const argv = ["netstat", ...process.argv.slice(1)];
  const { options, complaint } = getopt(argv, "A:CFMacdegphilnNorstuSWUvwx64?Z", LONG);
  if (complaint !== undefined) fail(3, complaint);
  const given = new Set(options.map(({ letter }) => letter));
  for (const letter of ["s", "g", "M", "x", "c"]) if (given.has(letter)) refuse(`netstat -${letter}`);
  if (given.has("6") && given.has("r")) refuse("netstat -6 -r");
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
