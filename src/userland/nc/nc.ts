import type { Endpoint } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { formatIpv4, type Ipv4, IPV4_ANY } from "../../wire/address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { inetAton, isIpv6Text } from "../resolver/addresses.ts";
import { RESOLVE_TEXT, resolveAddress, resolveHost } from "../resolver/resolver.ts";
import { type NcOptions, readNcOptions } from "./options.ts";
import { Relay } from "./relay.ts";
import { bindUdp, openUdp, testUdp, UdpChannel } from "./udp.ts";

/** nc(1): netcat-openbsd 1.219 as Debian 12 has it. */

function die(text: string): never {
  fail(1, `nc: ${text}\n`);
}

function* addressOf(process: Process, options: NcOptions, name: string, port?: string): Task<Ipv4> {
  if (isIpv6Text(name)) refuse("IPv6");
  const where = port === undefined ? "getaddrinfo" : `getaddrinfo for host "${name}" port ${port}`;
  if (options.numeric) return inetAton(name) ?? die(`${where}: ${RESOLVE_TEXT.EAI_NONAME}`);
  const resolved = yield* resolveHost(process, name);
  if (!resolved.ok) die(`${where}: ${RESOLVE_TEXT[resolved.error]}`);
  return resolved.value.addresses[0]!;
}

/** -v: who is there. Models: report_sock. */
function* report(process: Process, options: NcOptions, what: string, end: Endpoint): Task<void> {
  let host: string | undefined = formatIpv4(end.address);
  if (!options.numeric) host = yield* resolveAddress(process, end.address);
  yield* process.printError(
    host === undefined ? `nc: getnameinfo: ${RESOLVE_TEXT.EAI_AGAIN}\n` : `${what} on ${host} ${end.port}\n`,
  );
}

function* listen(process: Process, options: NcOptions): Task<number> {
  if (!options.udp) refuse("TCP (nc -l without -u)");
  const address = options.host === undefined ? IPV4_ANY : yield* addressOf(process, options, options.host);
  const local = { address, port: Number(options.ports[0]) & 0xffff };
  do {
    const socket = openUdp(process, options);
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
  const address = yield* addressOf(process, options, host, port);
  const socket = openUdp(process, options);
  if (options.source !== undefined || options.sourcePort !== undefined) {
    const local =
      options.source === undefined ? IPV4_ANY : yield* addressOf(process, options, options.source);
    const sourcePort = Number(options.sourcePort ?? 0);
    if (Number.isNaN(sourcePort)) die("getaddrinfo: Servname not supported for ai_socktype");
    const bound = socket.bind({ address: local, port: sourcePort & 0xffff });
    if (!bound.ok) {
      socket.close();
      die(`bind failed: ${strerror(bound.error.errno)}`);
    }
  }
  const connected = socket.connect({ address, port: Number(port) });
  if (connected.ok) return new UdpChannel(socket);
  socket.close();
  if (options.verbose)
    yield* process.printError(
      `nc: connect to ${host} port ${port} (udp) failed: ${strerror(connected.error.errno)}\n`,
    );
  return undefined;
}

/** One port after the other; 1 when the last of them failed. */
function* connect(process: Process, options: NcOptions): Task<number> {
  if (!options.udp) refuse("TCP (nc without -u)");
  let status = 1;
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
