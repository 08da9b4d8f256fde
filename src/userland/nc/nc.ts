import type { IfIndex, StreamEndpoint, StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { serviceName } from "../../formats/services.ts";
import { seconds } from "../../sim/time.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import { IPV6_ANY } from "../../wire/address6.ts";
import { formatAddress, type IpAddress, isAnyAddress, isIpv4 } from "../../wire/ip-address.ts";
import { fail, program } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { inetAton, isIpv6Text } from "../resolver/addresses.ts";
import { parseScoped } from "../resolver/scoped.ts";
import { acceptStream, connectStream, leave } from "../stream/stream.ts";
import { RESOLVE_TEXT, resolveAddress, resolveHost } from "../resolver/resolver.ts";
import { type NcOptions, readNcOptions } from "./options.ts";
import { Relay } from "./relay.ts";
import { listenTcp, openTcp, TcpChannel } from "./tcp.ts";
import { bindUdp, openUdp, testUdp, UdpChannel } from "./udp.ts";

/** nc(1): netcat-openbsd 1.219 as Debian 12 has it. */

function die(text: string): never {
  fail(1, `nc: ${text}\n`);
}

/** An address, and the device that a link-local one is on. */
interface Found {
  readonly address: IpAddress;
  readonly scope?: IfIndex;
}

function* addressOf(process: Process, options: NcOptions, name: string, port?: string): Task<Found> {
  const where = port === undefined ? "getaddrinfo" : `getaddrinfo for host "${name}" port ${port}`;
  const six = isIpv6Text(name);
  if (six ? options.family === "inet" : options.family === "inet6")
    die(`${where}: Address family for hostname not supported`);
  if (six) return parseScoped(process, name) ?? die(`${where}: ${RESOLVE_TEXT.EAI_NONAME}`);
  if (options.numeric) return { address: inetAton(name) ?? die(`${where}: ${RESOLVE_TEXT.EAI_NONAME}`) };
  const resolved = yield* resolveHost(process, name);
  if (!resolved.ok) die(`${where}: ${RESOLVE_TEXT[resolved.error]}`);
  return { address: resolved.value.addresses[0]! };
}

/** The address that stands for all, of the family that is meant. */
function anyAddress(options: NcOptions, like?: IpAddress): IpAddress {
  return (like === undefined ? options.family === "inet6" : !isIpv4(like)) ? IPV6_ANY : IPV4_ANY;
}

/** -v: who is there. Models: report_sock. */
function* report(
  process: Process,
  options: NcOptions,
  what: string,
  end: StreamEndpoint & Found,
): Task<void> {
  const link = end.scope === undefined ? undefined : process.net.link.byIndex(end.scope);
  let host: string | undefined = formatAddress(end.address) + (link === undefined ? "" : `%${link.name}`);
  if (!options.numeric && isIpv4(end.address)) host = yield* resolveAddress(process, end.address);
  // No name server that is modelled knows names of IPv6 addresses.
  else if (!options.numeric && !isAnyAddress(end.address)) host = undefined;
  yield* process.printError(
    host === undefined ? `nc: getnameinfo: ${RESOLVE_TEXT.EAI_AGAIN}\n` : `${what} on ${host} ${end.port}\n`,
  );
}

function* listen(process: Process, options: NcOptions): Task<number> {
  const found =
    options.host === undefined
      ? { address: anyAddress(options) }
      : yield* addressOf(process, options, options.host);
  const local = { ...found, port: Number(options.ports[0]) & 0xffff };
  if (!options.udp) return yield* serveTcp(process, options, local);
  do {
    const socket = openUdp(process, options, local.address);
    const channel = new UdpChannel(socket);
    try {
      const bound = bindUdp(socket, local);
      if (!bound.ok) die(strerror(bound.error.errno));
      if (options.verbose) yield* report(process, options, "Bound", local);
      if (options.keep) yield* new Relay(process, options, channel).run();
      else yield* serveOne(process, options, channel);
    } finally {
      channel.close();
    }
  } while (options.keep);
  return 0;
}

/** nc -l: one connection, or with -k one after the other. */
function* serveTcp(process: Process, options: NcOptions, local: StreamEndpoint): Task<number> {
  const listener = openTcp(process, options, local.address);
  try {
    const listening = listenTcp(listener, local);
    if (!listening.ok) die(strerror(listening.error.errno));
    if (options.verbose) yield* report(process, options, "Listening", local);
    do {
      const socket = yield* acceptStream(listener);
      if (socket === undefined) return 1;
      if (!options.keep) listener.close();
      try {
        const from = socket.remote();
        if (options.verbose && from !== undefined)
          yield* report(process, options, "Connection received", from);
        yield* new Relay(process, options, new TcpChannel(socket)).run();
      } finally {
        socket.close();
      }
    } while (options.keep);
    return 0;
  } finally {
    listener.close();
  }
}

/** Waits for the first datagram, however long, and talks to its sender only. */
function* serveOne(process: Process, options: NcOptions, channel: UdpChannel): Task<void> {
  const { socket } = channel;
  for (;;) {
    const received = socket.receive();
    if (!received.ok) die(`recvfrom: ${strerror(received.error.errno)}`);
    const first = received.value;
    if (first === undefined) {
      yield* socket.readable.wait();
      continue;
    }
    const connected = socket.connect(first.from);
    if (!connected.ok) die(`connect: ${strerror(connected.error.errno)}`);
    if (options.verbose) yield* report(process, options, "Connection received", first.from);
    yield* new Relay(process, options, new UdpChannel(socket, first)).run();
    return;
  }
}

/** remote_connect(): undefined when there is no way there. */
function* connectUdp(process: Process, options: NcOptions, port: string): Task<UdpChannel | undefined> {
  const host = options.host ?? "";
  const found = yield* addressOf(process, options, host, port);
  const socket = openUdp(process, options, found.address);
  if (options.source !== undefined || options.sourcePort !== undefined) {
    const local =
      options.source === undefined
        ? { address: anyAddress(options, found.address) }
        : yield* addressOf(process, options, options.source);
    const sourcePort = Number(options.sourcePort ?? 0);
    if (Number.isNaN(sourcePort)) die("getaddrinfo: Servname not supported for ai_socktype");
    const bound = socket.bind({ ...local, port: sourcePort & 0xffff });
    if (!bound.ok) {
      socket.close();
      die(`bind failed: ${strerror(bound.error.errno)}`);
    }
  }
  const connected = socket.connect({ ...found, port: Number(port) });
  if (connected.ok) return new UdpChannel(socket);
  socket.close();
  if (options.verbose)
    yield* process.printError(
      `nc: connect to ${host} port ${port} (udp) failed: ${strerror(connected.error.errno)}\n`,
    );
  return undefined;
}

/** -s and -p. */
function* bindSource(
  process: Process,
  options: NcOptions,
  socket: StreamSocket,
  like: IpAddress,
): Task<void> {
  if (options.source === undefined && options.sourcePort === undefined) return;
  const { address } =
    options.source === undefined
      ? { address: anyAddress(options, like) }
      : yield* addressOf(process, options, options.source);
  const port = Number(options.sourcePort ?? 0);
  if (Number.isNaN(port)) die("getaddrinfo: Servname not supported for ai_socktype");
  const bound = socket.bind({ address, port: port & 0xffff });
  if (bound.ok) return;
  socket.close();
  die(`bind failed: ${strerror(bound.error.errno)}`);
}

/** remote_connect() and what follows for one port; whether it was open. */
function* talkTcp(process: Process, options: NcOptions, port: string): Task<boolean> {
  const host = options.host ?? "";
  const { address, scope } = yield* addressOf(process, options, host, port);
  const socket = openTcp(process, options, address);
  try {
    yield* bindSource(process, options, socket, address);
    if (scope !== undefined) socket.setOptions({ device: scope });
    const timeout = options.timeout === undefined ? undefined : seconds(options.timeout);
    const connected = yield* connectStream(socket, { address, port: Number(port) }, timeout);
    if (connected !== "connected") {
      const failed =
        connected === "timeout"
          ? "timed out: Operation now in progress"
          : `failed: ${strerror(connected.errno)}`;
      if (options.verbose) yield* process.printError(`nc: connect to ${host} port ${port} (tcp) ${failed}\n`);
      return false;
    }
    if (options.verbose) {
      const service = options.numeric ? undefined : serviceName(Number(port), "tcp");
      yield* process.printError(`Connection to ${host} ${port} port [tcp/${service ?? "*"}] succeeded!\n`);
    }
    if (!options.scan) yield* new Relay(process, options, new TcpChannel(socket)).run();
    socket.close();
    yield* leave();
    return true;
  } finally {
    socket.close();
  }
}

/** One port after the other; 1 when the last of them failed. */
function* connect(process: Process, options: NcOptions): Task<number> {
  let status = 1;
  if (!options.udp) {
    for (const port of options.ports) if (yield* talkTcp(process, options, port)) status = 0;
    return status;
  }
  for (const port of options.ports) {
    const channel = yield* connectUdp(process, options, port);
    if (channel === undefined) continue;
    try {
      status = 0;
      if (options.verbose || options.scan) {
        const open = yield* testUdp(channel.socket, options.timeout);
        if (!open) {
          status = 1;
          continue;
        }
        if (options.verbose)
          yield* process.printError(`Connection to ${options.host ?? ""} ${port} port [udp/*] succeeded!\n`);
      }
      if (!options.scan) yield* new Relay(process, options, channel).run();
    } finally {
      channel.close();
    }
  }
  return status;
}

function* main(process: Process): Task<number> {
  const options = readNcOptions(process.argv);
  return yield* options.listen ? listen(process, options) : connect(process, options);
}

export const nc = program(main);
