import type { DatagramSocket, Endpoint } from "../../kernel/uapi/index.ts";
import { type Coroutine, Signal, sleep, spawn, type Task } from "../../sim/task.ts";
import { millis, type Nanos, seconds } from "../../sim/time.ts";
import { formatIpv4, type Ipv4, IPV4_ANY } from "../../wire/address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";
import { waitAny } from "../select/select.ts";
import { type NcOptions, portNumber, readOptions, USAGE } from "./options.ts";

/** nc(1) of netcat-openbsd 1.219, its UDP side. TCP is refused by name. */

/** What a system call and its answer from the same machine take. */
const SYSTEM_CALL = millis(1);
/** Seconds that a scanned UDP port has to complain, unless -w says otherwise (UDP_SCAN_TIMEOUT). */
const SCAN_SECONDS = 3;

/** Reads standard input beside the network: each piece goes to `take`, the end to `ended`. */
class Input {
  readonly changed = new Signal();
  ended = false;
  private readonly pump: Coroutine<void> | undefined;

  constructor(process: Process, skip: boolean, take: (bytes: Uint8Array) => void) {
    if (skip) {
      this.ended = true;
      return;
    }
    this.pump = spawn(process.host.queue, this.run(process, take));
  }

  private *run(process: Process, take: (bytes: Uint8Array) => void): Task<void> {
    for (let part = yield* process.stdin.read(); part !== null; part = yield* process.stdin.read()) {
      take(part);
      this.changed.fire();
    }
    this.ended = true;
    this.changed.fire();
  }

  stop(): void {
    this.pump?.kill("KILL");
  }
}

/** Standard input to the socket, datagrams to standard output, until -w's silence, -q, or an error. Models: readwrite. */
function* transfer(process: Process, options: NcOptions, socket: DatagramSocket): Task<void> {
  let failed = false;
  const input = new Input(process, options.noStdin, (bytes) => {
    // A listener that keeps all peers has nobody to send to.
    if (socket.remote() !== undefined && !socket.send(bytes).ok) failed = true;
  });
  try {
    for (;;) {
      for (let more = true; more;) {
        const got = socket.receive();
        if (!got.ok) return;
        more = got.value !== undefined;
        if (got.value !== undefined) yield* process.stdout.write(got.value.bytes);
      }
      if (failed) return;
      if (input.ended && options.quitAfter === 0) return;
      const after = input.ended ? options.quitAfter : undefined;
      const limit = Math.min(options.timeout ?? Infinity, after ?? Infinity);
      const wait: Nanos | undefined = limit === Infinity ? undefined : seconds(limit);
      if (!(yield* waitAny([socket.readable, input.changed], wait))) return;
    }
  } finally {
    input.stop();
  }
}

function* addressOf(process: Process, name: string, port: string): Task<Ipv4> {
  const found = yield* resolveHost(process, name);
  const address = found.ok ? found.value.addresses[0] : undefined;
  if (address !== undefined) return address;
  const reason = found.ok ? RESOLVE_TEXT.EAI_NODATA : RESOLVE_TEXT[found.error];
  fail(1, `nc: getaddrinfo for host "${name}" port ${port}: ${reason}\n`);
}

/** Binds to -s and -p. */
function* bound(process: Process, options: NcOptions, local: Endpoint): Task<DatagramSocket> {
  const socket = process.net.socket.udp(process.argv.join(" "));
  socket.setOptions({
    reuseAddress: options.listen,
    broadcast: options.broadcast,
    ...(options.ttl === undefined ? {} : { ttl: options.ttl }),
  });
  if (local.address === IPV4_ANY && local.port === 0) return socket;
  const result = socket.bind(local);
  if (result.ok) return socket;
  socket.close();
  yield* sleep(0 as Nanos);
  fail(
    1,
    options.listen
      ? `nc: ${strerror(result.error.errno)}\n`
      : `nc: bind failed: ${strerror(result.error.errno)}\n`,
  );
}

/** Does the port complain? Models: udptest. */
function* complains(options: NcOptions, socket: DatagramSocket): Task<boolean> {
  const mark = Uint8Array.of(0x58);
  for (let i = 0; i < 2; i++) {
    if (!socket.send(mark).ok) return true;
    yield* sleep(SYSTEM_CALL);
  }
  for (let i = 0; i < (options.timeout ?? SCAN_SECONDS); i++) {
    yield* sleep(seconds(1));
    if (!socket.send(mark).ok) return true;
  }
  return false;
}

function* talk(process: Process, options: NcOptions, host: string, ports: readonly number[]): Task<number> {
  const source = options.source === undefined ? IPV4_ANY : yield* addressOf(process, options.source, "0");
  const address = yield* addressOf(process, host, String(ports[0] ?? 0));
  let status = 0;
  for (const port of ports) {
    const socket = yield* bound(process, options, { address: source, port: options.localPort });
    try {
      const connected = socket.connect({ address, port });
      if (!connected.ok) {
        const reason = strerror(connected.error.errno);
        if (options.verbose)
          yield* process.printError(`nc: connect to ${host} port ${port} (udp) failed: ${reason}\n`);
        status = 1;
        continue;
      }
      if ((options.verbose || options.scan) && (yield* complains(options, socket))) {
        status = 1;
        continue;
      }
      if (options.verbose)
        yield* process.printError(`Connection to ${host} ${port} port [udp/*] succeeded!\n`);
      status = 0;
      if (!options.scan) yield* transfer(process, options, socket);
    } finally {
      socket.close();
    }
  }
  return status;
}

/** Waits for the first datagram without taking it from the one who comes after. Models: recvfrom with MSG_PEEK. */
function* listen(process: Process, options: NcOptions, local: Endpoint): Task<number> {
  const socket = yield* bound(process, options, local);
  try {
    if (options.verbose) yield* process.printError(`Bound on ${formatIpv4(local.address)} ${local.port}\n`);
    if (options.keep) {
      yield* transfer(process, options, socket);
      return 0;
    }
    for (;;) {
      const got = socket.receive();
      if (got.ok && got.value !== undefined) {
        socket.connect(got.value.from);
        if (options.verbose) {
          const from = `${formatIpv4(got.value.from.address)} ${got.value.from.port}`;
          yield* process.printError(`Connection received on ${from}\n`);
        }
        yield* process.stdout.write(got.value.bytes);
        break;
      }
      yield* socket.readable.wait();
    }
    yield* transfer(process, options, socket);
    return 0;
  } finally {
    socket.close();
  }
}

/** `80`, or a range to scan as in `5000-5002`. */
function portList(text: string): readonly number[] {
  const range = /^(\d+)-(\d+)$/.exec(text);
  if (range === null) return [portNumber(text)];
  const [low, high] = [portNumber(range[1]!), portNumber(range[2]!)];
  const [from, to] = low <= high ? [low, high] : [high, low];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

export const nc = program(function* (process: Process): Task<number> {
  const options = readOptions(process.argv);
  const [first, second, ...rest] = options.operands;
  if (rest.length > 0 || (first === undefined && (!options.listen || options.localPort === 0)))
    fail(1, USAGE);
  if (options.listen) {
    if (!options.udp) refuse("nc over TCP");
    const host = second === undefined && options.localPort === 0 ? undefined : first;
    const port =
      options.localPort !== 0 && second === undefined ? options.localPort : portNumber(second ?? first ?? "");
    const address = host === undefined ? IPV4_ANY : yield* addressOf(process, host, String(port));
    return yield* listen(process, options, { address, port });
  }
  if (second === undefined) fail(1, "nc: missing port number\n");
  const ports = portList(second);
  if (!options.udp) refuse("nc over TCP");
  return yield* talk(process, options, first ?? "", ports);
});
