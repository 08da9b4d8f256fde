import type { DatagramSocket, KernelError } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import {
  formatIpv6,
  type Ipv6,
  IPV6_ANY,
  IPV6_LOOPBACK,
  isLinkLocal6,
  isMulticast6,
  parseIpv6,
  sameIpv6,
} from "../../wire/address6.ts";
import { ICMPV6_ECHO_REPLY } from "../../wire/icmpv6.ts";
import { fail } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { parseScoped } from "../resolver/scoped.ts";
import { PING6, scopedText } from "./family.ts";
import type { PingOptions } from "./options.ts";
import { PingSession } from "./session.ts";

/** ping(8) by IPv6. Models: iputils ping/ping6_common.c ping6_run. */

/** The port that the connected UDP socket names; nothing is sent there. */
const PROBE_PORT = 1025;

function complain(what: string, error: KernelError): never {
  fail(2, `ping: ${what}: ${strerror(error.errno)}\n`);
}

interface Source {
  readonly address: Ipv6 | undefined;
  readonly device: string | undefined;
}

function readSource(process: Process, options: PingOptions): Source {
  let address: Ipv6 | undefined;
  let device: string | undefined;
  for (const word of options.sources) {
    const parsed = parseIpv6(word);
    if (parsed === undefined) device = word;
    else address = parsed;
  }
  if (device !== undefined && process.net.link.byName(device) === undefined)
    fail(2, `ping: unknown iface: ${device}\n`);
  return { address, device };
}

/** Addresses whose link is not asked for: the probe says nothing of them. */
function isOfLink(address: Ipv6): boolean {
  return isLinkLocal6(address) || (isMulticast6(address) && (address[0]! & 15) === 2);
}

/** The source that the route to `target` brings. A target on the link is not connected to, so none is known. */
function probe(process: Process, source: Source, target: Ipv6): Ipv6 {
  if (isOfLink(target)) return IPV6_ANY;
  const socket = process.net.socket.udp6("ping");
  try {
    const device = source.device === undefined ? undefined : process.net.link.byName(source.device);
    if (device !== undefined) socket.setOptions({ device: device.index });
    const result = socket.connect({ address: target, port: PROBE_PORT });
    if (!result.ok) complain("connect", result.error);
    return socket.local().address;
  } finally {
    socket.close();
  }
}

function openSocket(
  process: Process,
  options: PingOptions,
  source: Source,
  target: Ipv6,
): DatagramSocket<Ipv6> {
  const socket = process.net.socket.icmp6("ping", (type) => type === ICMPV6_ECHO_REPLY);
  const device = source.device === undefined ? undefined : process.net.link.byName(source.device);
  if (device !== undefined) socket.setOptions({ device: device.index });
  socket.setOptions({ receiveErrors: true });
  const discover = options.mtuDiscover ?? (isMulticast6(target) ? "do" : undefined);
  if (discover !== undefined) socket.setOptions({ mtuDiscover: discover });
  if (options.tos !== undefined) socket.setOptions({ tos: options.tos });
  if (options.mark !== undefined) socket.setOptions({ mark: options.mark });
  if (options.ttl !== undefined) socket.setOptions({ ttl: options.ttl });
  if (source.address !== undefined) {
    const bound = socket.bind({ address: source.address, port: 0 });
    if (!bound.ok) complain("bind icmp socket", bound.error);
  }
  return socket;
}

function banner(options: PingOptions, name: string, target: string, from: Ipv6, source: Source): string {
  let text = "";
  if (options.pattern !== undefined)
    text += `PATTERN: 0x${options.pattern.map((byte) => byte.toString(16).padStart(2, "0")).join("")}\n`;
  text += `PING ${name}(${target}) `;
  if (source.device !== undefined || source.address !== undefined || options.strictSource)
    text += `from ${formatIpv6(source.address ?? from)} ${source.device ?? ""}: `;
  return `${text}${options.size} data bytes\n`;
}

/** Pings an address that was written as one. */
export function* ping6(process: Process, options: PingOptions): Task<number> {
  const name = options.target;
  const written = parseScoped(process, name);
  if (written === undefined) fail(2, `ping: ${name}: Name or service not known\n`);
  if (options.verbose)
    yield* process.print(
      "ping: sock4.fd: 3 (socktype: SOCK_RAW), sock6.fd: 4 (socktype: SOCK_RAW), hints.ai_family: AF_UNSPEC\n\n" +
        `ai->ai_family: AF_INET6, ai->ai_canonname: '${name}'\n`,
    );
  const source = readSource(process, options);
  const from = source.address ?? probe(process, source, written.address);
  if (source.device !== undefined && source.address === undefined) {
    const index = process.net.link.byName(source.device)?.index;
    const own = process.net.ipv6.address.list().some((a) => a.dev === index && sameIpv6(a.local, from));
    if (!own)
      yield* process.printError(
        `ping: Warning: source address might be selected on device other than: ${source.device}\n`,
      );
  }
  const socket = openSocket(process, options, source, written.address);
  const shown = sameIpv6(written.address, IPV6_ANY) ? name : scopedText(process.net, written);
  const target = sameIpv6(written.address, IPV6_ANY) ? { ...written, address: IPV6_LOOPBACK } : written;
  options.numeric = true;
  try {
    yield* process.print(banner(options, name, shown, from, source));
    return yield* new PingSession(process, options, PING6, socket, target, name).run();
  } finally {
    socket.close();
  }
}
