import type { DatagramSocket, IfIndex, KernelError } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { formatIpv4, type Ipv4, isMulticast } from "../../wire/address.ts";
import { Exit, fail, program } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import type { Process, Program } from "../os/process.ts";
import { inetAton, isIpv6Text } from "../resolver/addresses.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";
import { PING4 } from "./family.ts";
import { type PingOptions, readPingOptions } from "./options.ts";
import { ping6 } from "./ping6.ts";
import { PingSession } from "./session.ts";

/** ping(8) of iputils 20221126: who is pinged, from where, and how it ends. */

const VERSION = `ping from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

/** The port that the connected UDP socket names; nothing is sent there. */
const PROBE_PORT = 1025;

function complain(what: string, error: KernelError): never {
  fail(2, `ping: ${what}: ${strerror(error.errno)}\n`);
}

interface Source {
  /** -I ADDRESS. */
  readonly address: Ipv4 | undefined;
  /** -I DEVICE. */
  readonly device: string | undefined;
}

function readSource(options: PingOptions): Source {
  let address: Ipv4 | undefined;
  let device: string | undefined;
  for (const word of options.sources) {
    const parsed = inetAton(word);
    if (parsed === undefined) device = word;
    else address = parsed;
  }
  return { address, device };
}

function deviceIndex(process: Process, name: string): IfIndex {
  const device = process.net.link.byName(name);
  if (device === undefined) fail(2, `ping: SO_BINDTODEVICE ${name}: No such device\n`);
  return device.index;
}

/** A connected UDP socket tells which source address the route to `target` brings, and whether there is a route. */
function* probe(process: Process, options: PingOptions, source: Source, target: Ipv4): Task<Ipv4> {
  const socket = process.net.socket.udp("ping");
  try {
    if (source.device !== undefined) {
      socket.setOptions({ device: deviceIndex(process, source.device) });
    }
    if (options.tos !== undefined) socket.setOptions({ tos: options.tos });
    if (options.mark !== undefined) socket.setOptions({ mark: options.mark });
    const remote = { address: target, port: PROBE_PORT };
    let result = socket.connect(remote);
    if (!result.ok && result.error.errno === "EACCES") {
      if (!options.broadcast)
        fail(2, "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n");
      yield* process.printError("WARNING: pinging broadcast address\n");
      socket.setOptions({ broadcast: true });
      result = socket.connect(remote);
    }
    if (!result.ok) complain("connect", result.error);
    return socket.local().address;
  } finally {
    socket.close();
  }
}

/** The warning of -I DEVICE when the source address is not one of the device's. */
function* warnOfForeignSource(process: Process, device: string, source: Ipv4): Task<void> {
  const index = deviceIndex(process, device);
  const own = process.net.address.list().some((a) => a.dev === index && a.local === source);
  if (!own)
    yield* process.printError(
      `ping: Warning: source address might be selected on device other than: ${device}\n`,
    );
}

function openSocket(process: Process, options: PingOptions, source: Source, target: Ipv4): DatagramSocket {
  const socket = process.net.socket.icmp("ping", (type) => [0, 3, 4, 5, 11, 12].includes(type));
  if (source.device !== undefined) {
    socket.setOptions({ device: deviceIndex(process, source.device) });
  }
  socket.setOptions({ receiveErrors: true, broadcast: options.broadcast });
  if (options.mtuDiscover !== undefined) socket.setOptions({ mtuDiscover: options.mtuDiscover });
  if (options.tos !== undefined) socket.setOptions({ tos: options.tos });
  if (options.mark !== undefined) socket.setOptions({ mark: options.mark });
  if (source.address !== undefined) {
    const bound = socket.bind({ address: source.address, port: 0 });
    if (!bound.ok) complain("bind", bound.error);
  }
  if (options.ttl !== undefined) {
    const set = options.ttl === 0 ? undefined : socket.setOptions({ ttl: options.ttl });
    const kind = isMulticast(target) ? "multicast" : "unicast";
    if (set === undefined) fail(2, `ping: cannot set ${kind} time-to-live: Invalid argument\n`);
    if (!set.ok) complain(`cannot set ${kind} time-to-live`, set.error);
  }
  return socket;
}

function* resolve(process: Process, options: PingOptions): Task<{ address: Ipv4; name: string }> {
  const resolved = yield* resolveHost(process, options.target);
  if (!resolved.ok) fail(2, `ping: ${options.target}: ${RESOLVE_TEXT[resolved.error]}\n`);
  if (resolved.value.literal) options.numeric = true;
  return { address: resolved.value.addresses[0]!, name: resolved.value.name };
}

/** The lines before the first packet. */
function banner(options: PingOptions, name: string, target: Ipv4, from: Ipv4, source: Source): string {
  let text = "";
  if (options.pattern !== undefined)
    text += `PATTERN: 0x${options.pattern.map((byte) => byte.toString(16).padStart(2, "0")).join("")}\n`;
  text += `PING ${name} (${formatIpv4(target)}) `;
  if (source.device !== undefined || source.address !== undefined || options.strictSource)
    text += `from ${formatIpv4(source.address ?? from)} ${source.device ?? ""}: `;
  return `${text}${options.size}(${options.size + 28}) bytes of data.\n`;
}

function* main(process: Process): Task<number> {
  const options = readPingOptions(process.argv);
  if (options.version) {
    yield* process.print(VERSION);
    return 0;
  }
  yield* process.printError(options.warnings.join(""));
  if (isIpv6Text(options.target)) return yield* ping6(process, options);
  const { address, name } = yield* resolve(process, options);
  if (options.verbose)
    yield* process.print(
      "ping: sock4.fd: 3 (socktype: SOCK_RAW), sock6.fd: 4 (socktype: SOCK_RAW), hints.ai_family: AF_UNSPEC\n\n" +
        `ai->ai_family: AF_INET, ai->ai_canonname: '${name}'\n`,
    );
  const source = readSource(options);
  // Who names a source address need not ask the route for one: then not even an unreachable target is noticed here.
  const from = source.address ?? (yield* probe(process, options, source, address));
  // 0.0.0.0 is this host: the probe's own address.
  const target = address === 0 ? from : address;
  if (source.device !== undefined) yield* warnOfForeignSource(process, source.device, from);
  const socket = openSocket(process, options, source, target);
  try {
    yield* process.print(banner(options, name, target, from, source));
    return yield* new PingSession(process, options, PING4, socket, { address: target, port: 0 }, name).run();
  } finally {
    socket.close();
  }
}

export const ping = program(main);

/** `ping4`, `ping6`: links to ping, which goes by the name that it was called by. */
export const pingFamily = (family: "4" | "6"): Program =>
  program(function* (process) {
    process.argv = ["ping", `-${family}`, ...process.argv.slice(1)];
    try {
      return yield* main(process);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      fail(error.status, error.text.replace(/^ping:/, `ping${family}:`));
    }
  });
