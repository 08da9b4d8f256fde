import type { DatagramSocket, Endpoint, NetApi, StreamSocket } from "../../kernel/uapi/index.ts";
import { Coroutine, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { waitAny } from "../../userland/select/select.ts";
import { acceptStream, connectStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import { formatAddress, isIpv4 } from "../../wire/ip-address.ts";
import type { PortProtocol } from "./types.ts";

/** A container's port that a host's port leads to. */
export interface ProxyTarget {
  readonly protocol: PortProtocol;
  readonly hostIp: Ipv4 | Ipv6;
  readonly hostPort: number;
  readonly address: Ipv4;
  readonly port: number;
}

/** A socket that the daemon has bound and hands over. */
export type BoundSocket =
  | { readonly kind: "tcp"; readonly socket: StreamSocket }
  | { readonly kind: "udp"; readonly socket: DatagramSocket }
  | { readonly kind: "udp6"; readonly socket: DatagramSocket<Ipv6> };

export const PROXY = "docker-proxy";
/** A client that is silent this long is forgotten. Models: cmd/docker-proxy UDPConnTrackTimeout. */
const UDP_TIMEOUT = seconds(90);
const BACKLOG = 4096;

/** Binds a host's port, as the daemon does before it starts the proxy; undefined when somebody has it. */
export function bindHostPort(net: NetApi, target: ProxyTarget): BoundSocket | undefined {
  const { hostIp: address, hostPort: port } = target;
  if (target.protocol === "tcp") {
    const socket = net.socket.tcp(PROXY, isIpv4(address) ? "inet" : "inet6");
    socket.setOptions({ reuseAddress: true, ...(isIpv4(address) ? {} : { v6Only: true }) });
    if (socket.bind({ address, port }).ok && socket.listen(BACKLOG).ok) return { kind: "tcp", socket };
    socket.close();
    return undefined;
  }
  if (isIpv4(address)) {
    const socket = net.socket.udp(PROXY);
    if (socket.bind({ address, port }).ok) return { kind: "udp", socket };
    socket.close();
    return undefined;
  }
  const socket = net.socket.udp6(PROXY);
  socket.setOptions({ v6Only: true });
  if (socket.bind({ address, port }).ok) return { kind: "udp6", socket };
  socket.close();
  return undefined;
}

/** The words that `ps` shows. */
export function proxyArguments(target: ProxyTarget): readonly string[] {
  return [
    "/usr/bin/docker-proxy",
    "-proto",
    target.protocol,
    "-host-ip",
    formatAddress(target.hostIp),
    "-host-port",
    String(target.hostPort),
    "-container-ip",
    formatIpv4(target.address),
    "-container-port",
    String(target.port),
    "-use-listen-fd",
  ];
}

/** Passes on what `from` says to `to` until it has said all, then says so. */
function* pump(from: StreamSocket, to: StreamSocket): Task<void> {
  for (;;) {
    const got = yield* receiveSome(from);
    if (got === "timeout" || !got.ok) break;
    if (got.value === null) {
      to.shutdown("write");
      return;
    }
    if ((yield* sendAll(to, got.value)) !== undefined) break;
  }
  from.close();
  to.close();
}

function* relayStream(process: Process, client: StreamSocket, target: ProxyTarget): Task<void> {
  const backend = process.net.socket.tcp(PROXY);
  let there: Coroutine<void> | undefined;
  try {
    const connected = yield* connectStream(backend, { address: target.address, port: target.port });
    if (connected !== "connected") return;
    there = new Coroutine(process.host.queue, pump(client, backend)).start();
    yield* pump(backend, client);
    yield* there.join();
  } finally {
    there?.kill("KILL");
    client.close();
    backend.close();
  }
}

function* serveStreams(process: Process, listener: StreamSocket, target: ProxyTarget): Task<number> {
  const busy = new Set<Coroutine<void>>();
  try {
    for (;;) {
      const client = yield* acceptStream(listener, PROXY);
      if (client === undefined) return 0;
      for (const old of busy) if (!old.alive) busy.delete(old);
      busy.add(new Coroutine(process.host.queue, relayStream(process, client, target)).start());
    }
  } finally {
    for (const connection of busy) connection.kill("KILL");
    listener.close();
  }
}

/** Answers of the container for one client. */
function* relayAnswers<A extends Ipv4 | Ipv6>(
  backend: DatagramSocket,
  listener: DatagramSocket<A>,
  client: Endpoint<A>,
): Task<void> {
  try {
    for (;;) {
      const answer = backend.receive();
      // A port that nobody listens on is the container's business: the client hears nothing.
      if (!answer.ok) continue;
      if (answer.value !== undefined) listener.send(answer.value.bytes, client);
      else if (!(yield* waitAny([backend.readable], UDP_TIMEOUT))) return;
    }
  } finally {
    backend.close();
  }
}

function* serveDatagrams<A extends Ipv4 | Ipv6>(
  process: Process,
  listener: DatagramSocket<A>,
  target: ProxyTarget,
): Task<number> {
  const clients = new Map<string, { backend: DatagramSocket; task: Coroutine<void> }>();
  try {
    for (;;) {
      const got = listener.receive();
      if (!got.ok) continue;
      if (got.value === undefined) {
        yield* listener.readable.wait();
        continue;
      }
      const { from, bytes } = got.value;
      const key = `${formatAddress(from.address)}/${from.port}`;
      let known = clients.get(key);
      if (known?.task.alive !== true) {
        const backend = process.net.socket.udp(PROXY);
        backend.connect({ address: target.address, port: target.port });
        const task = new Coroutine(process.host.queue, relayAnswers(backend, listener, from));
        known = { backend, task };
        clients.set(key, known);
        backend.send(bytes);
        task.start();
      } else known.backend.send(bytes);
    }
  } finally {
    for (const { task } of clients.values()) task.kill("KILL");
    listener.close();
  }
}

/** docker-proxy: carries what DNAT does not catch, from a socket of the host to the container. Models: cmd/docker-proxy. */
export function dockerProxy(bound: BoundSocket, target: ProxyTarget): Program {
  return (process) => {
    switch (bound.kind) {
      case "tcp":
        return serveStreams(process, bound.socket, target);
      case "udp":
        return serveDatagrams(process, bound.socket, target);
      case "udp6":
        return serveDatagrams(process, bound.socket, target);
    }
  };
}
