import { servicePort } from "../../formats/services.ts";
import type { DatagramSocket, StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { type Ipv4, IPV4_ANY, formatIpv4 } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import { resolvePath } from "../os/fs.ts";
import { sinkFile, sourceFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { isIpv6Text } from "../resolver/addresses.ts";
import { resolveHost } from "../resolver/resolver.ts";
import { connectStream } from "../stream/stream.ts";
import { commandWords, type SocatAddress } from "./address.ts";
import { commandEnd, datagramEnd, type End, fileEnd, pipeEnd, streamEnd } from "./end.ts";

/** What an address is once it is open: an end, or something that gives an end to each who comes. */
export type Opened =
  | { readonly kind: "end"; readonly end: End }
  | { readonly kind: "listener"; readonly socket: StreamSocket; readonly fork: boolean }
  | {
      readonly kind: "datagrams";
      readonly socket: DatagramSocket;
      readonly mode: "listen" | "from" | "all";
      readonly fork: boolean;
    };

function die(process: Process, text: string): never {
  fail(1, `socat[${process.pid}] E ${text}\n`);
}

export function portOf(process: Process, word: string | undefined): number {
  const port = word !== undefined && /^\d+$/.test(word) ? Number(word) : servicePort(word ?? "");
  return port ?? die(process, `getaddrinfo "NULL", "${word ?? ""}": Servname not supported for ai_socktype`);
}

function* addressOf(process: Process, name: string): Task<Ipv4> {
  if (isIpv6Text(name.replace(/^\[|\]$/g, ""))) refuse("socat: IPv6");
  const found = yield* resolveHost(process, name);
  return found.ok
    ? found.value.addresses[0]!
    : die(process, `getaddrinfo("${name}", "NULL", {1,2,1,6}, {}): Name or service not known`);
}

function* localOf(
  process: Process,
  address: SocatAddress,
  port: number,
): Task<{ address: Ipv4; port: number }> {
  const bind = address.options.get("bind");
  const [host = "", service] = bind?.split(":") ?? [];
  return {
    address: host === "" ? IPV4_ANY : yield* addressOf(process, host),
    port: service === undefined ? port : portOf(process, service),
  };
}

function common(process: Process, { options }: SocatAddress): Parameters<StreamSocket["setOptions"]>[0] {
  const device = options.get("so-bindtodevice") ?? options.get("interface");
  const link = device === undefined ? undefined : process.net.link.byName(device);
  if (device !== undefined && link === undefined)
    die(process, `setsockopt(5, 1, 25, "${device}"): No such device`);
  const ttl = options.get("ttl");
  const tos = options.get("tos");
  const mark = options.get("so-mark");
  return {
    ...(link !== undefined && { device: link.index }),
    ...(ttl !== undefined && { ttl: Number(ttl) }),
    ...(tos !== undefined && { tos: Number(tos) }),
    ...(mark !== undefined && { mark: Number(mark) }),
    ...(options.has("reuseaddr") && { reuseAddress: options.get("reuseaddr") !== "0" }),
  };
}

function* tcpListen(process: Process, address: SocatAddress): Task<Opened> {
  const port = portOf(process, address.parameters[0]);
  const socket = process.net.socket.tcp(process.argv.join(" "));
  const { options } = address;
  socket.setOptions({ ...common(process, address), ...(options.has("reuseport") && { reusePort: true }) });
  const local = yield* localOf(process, address, port);
  const bound = socket.bind(local);
  if (!bound.ok) {
    socket.close();
    die(
      process,
      `bind(5, {AF=2 ${formatIpv4(local.address)}:${local.port}}, 16): ${strerror(bound.error.errno)}`,
    );
  }
  const listening = socket.listen(Number(options.get("backlog") ?? 5));
  if (!listening.ok) die(process, `listen(5, 5): ${strerror(listening.error.errno)}`);
  return { kind: "listener", socket, fork: options.has("fork") };
}

function* tcpConnect(process: Process, address: SocatAddress): Task<Opened> {
  const [host = "", service] = address.parameters;
  const port = portOf(process, service);
  const remote = { address: yield* addressOf(process, host), port };
  const socket = process.net.socket.tcp(process.argv.join(" "));
  socket.setOptions(common(process, address));
  const { options } = address;
  if (options.has("bind") || options.has("sourceport")) {
    const local = yield* localOf(process, address, Number(options.get("sourceport") ?? 0));
    const bound = socket.bind(local);
    if (!bound.ok) {
      socket.close();
      die(
        process,
        `bind(5, {AF=2 ${formatIpv4(local.address)}:${local.port}}, 16): ${strerror(bound.error.errno)}`,
      );
    }
  }
  const limit = options.get("connect-timeout");
  const connected = yield* connectStream(
    socket,
    remote,
    limit === undefined ? undefined : seconds(Number(limit)),
  );
  if (connected === "connected") return { kind: "end", end: streamEnd(process, socket) };
  socket.close();
  const why = strerror(connected === "timeout" ? "ETIMEDOUT" : connected.errno);
  return die(process, `connect(5, AF=2 ${formatIpv4(remote.address)}:${port}, 16): ${why}`);
}

function* udp(process: Process, address: SocatAddress, kind: "listen" | "from" | "all" | "to"): Task<Opened> {
  const socket = process.net.socket.udp(process.argv.join(" "));
  const fork = address.options.has("fork");
  socket.setOptions({ ...common(process, address), ...(fork && { reuseAddress: true }) });
  const [first = "", second] = address.parameters;
  const port = kind === "to" ? Number(address.options.get("sourceport") ?? 0) : portOf(process, first);
  const local = yield* localOf(process, address, port);
  if (kind !== "to" || port !== 0 || address.options.has("bind")) {
    const bound = socket.bind(local);
    if (!bound.ok) {
      socket.close();
      die(
        process,
        `bind(5, {AF=2 ${formatIpv4(local.address)}:${local.port}}, 16): ${strerror(bound.error.errno)}`,
      );
    }
  }
  if (kind !== "to") return { kind: "datagrams", socket, mode: kind, fork };
  const remote = { address: yield* addressOf(process, first), port: portOf(process, second) };
  const connected = socket.connect(remote);
  if (!connected.ok) {
    socket.close();
    die(
      process,
      `connect(5, AF=2 ${formatIpv4(remote.address)}:${remote.port}, 16): ${strerror(connected.error.errno)}`,
    );
  }
  return { kind: "end", end: datagramEnd(socket, undefined) };
}

function file(process: Process, path: string): Opened {
  const at = resolvePath(process.cwd, path);
  const read = process.host.fs.read(at);
  if (at === "/dev/null" || read.ok) {
    const input = sourceFile(read.ok ? read.value : new Uint8Array(0));
    const output = sinkFile((bytes) => void process.host.fs.write(at, bytes, "append"));
    return { kind: "end", end: fileEnd(input, at === "/dev/null" ? sinkFile(() => undefined) : output) };
  }
  return die(process, `open("${path}", 02, 0666): ${strerror(read.error)}`);
}

export function* openAddress(process: Process, address: SocatAddress): Task<Opened> {
  const { keyword, parameters } = address;
  const end = (it: End): Opened => ({ kind: "end", end: it });
  switch (keyword) {
    case "-":
    case "STDIO":
      return end(fileEnd(process.stdin, process.stdout));
    case "STDIN":
      return end(fileEnd(process.stdin, undefined));
    case "STDOUT":
      return end(fileEnd(undefined, process.stdout));
    case "STDERR":
      return end(fileEnd(undefined, process.stderr));
    case "PIPE":
    case "ECHO":
      return end(pipeEnd());
    case "EXEC":
      return end(commandEnd(process, commandWords(parameters[0] ?? "")));
    case "SYSTEM":
      return end(commandEnd(process, ["sh", "-c", parameters[0] ?? ""]));
    case "OPEN":
    case "FILE":
    case "GOPEN":
      return file(process, parameters[0] ?? "");
    case "TCP-LISTEN":
    case "TCP-L":
    case "TCP4-LISTEN":
    case "TCP4-L":
      return yield* tcpListen(process, address);
    case "TCP":
    case "TCP4":
    case "TCP-CONNECT":
    case "TCP4-CONNECT":
      return yield* tcpConnect(process, address);
    case "UDP-LISTEN":
    case "UDP-L":
    case "UDP4-LISTEN":
    case "UDP4-L":
      return yield* udp(process, address, "listen");
    case "UDP-RECVFROM":
    case "UDP4-RECVFROM":
      return yield* udp(process, address, "from");
    case "UDP-RECV":
    case "UDP4-RECV":
      return yield* udp(process, address, "all");
    case "UDP":
    case "UDP4":
    case "UDP-CONNECT":
    case "UDP4-CONNECT":
    case "UDP-SENDTO":
    case "UDP4-SENDTO":
    case "UDP-DATAGRAM":
    case "UDP4-DATAGRAM":
      return yield* udp(process, address, "to");
    default:
      return keyword.includes("/") ? file(process, keyword) : refuse(`socat: the address ${keyword}`);
  }
}
