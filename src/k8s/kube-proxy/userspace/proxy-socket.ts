import type { DatagramSocket, Endpoint as Datagrams, StreamSocket } from "../../../kernel/uapi/index.ts";
import { Coroutine, type Task } from "../../../sim/task.ts";
import { addTime, millis, type Nanos } from "../../../sim/time.ts";
import type { Process } from "../../../userland/os/process.ts";
import { waitAny } from "../../../userland/select/select.ts";
import { acceptStream, connectStream, receiveSome, sendAll } from "../../../userland/stream/stream.ts";
import { formatIpv4, IPV4_ANY } from "../../../wire/address.ts";
import { formatAddress } from "../../../wire/ip-address.ts";
import type { LoadBalancer } from "./load-balancer.ts";

/** What listens for one service port and copies bytes to a server. Models: pkg/proxy/userspace/proxysocket.go. */
export interface ProxySocket {
  /** The port that the kernel chose. */
  readonly port: number;
  close(): void;
}

/** How long each attempt to reach a server may take; the next one goes to the next server. */
const DIAL_TIMEOUTS = [millis(250), millis(500), millis(1000), millis(2000)] as const;
/** A client of UDP that has been silent so long is forgotten: udpIdleTimeout. */
const UDP_IDLE = millis(250);
const BACKLOG = 4096;
const OWNER = "kube-proxy";

/** Coroutines that end together. */
class Tasks {
  private readonly process: Process;
  private readonly running = new Set<Coroutine<void>>();

  constructor(process: Process) {
    this.process = process;
  }

  start(task: Task<void>): Coroutine<void> {
    for (const old of this.running) if (!old.alive) this.running.delete(old);
    const started = new Coroutine(this.process.host.queue, task);
    this.running.add(started);
    return started.start();
  }

  stop(): void {
    for (const task of this.running) task.kill("KILL");
  }
}

export function tcpProxy(process: Process, balancer: LoadBalancer): ProxySocket | undefined {
  const listener = process.net.socket.tcp(OWNER);
  if (!listener.bind({ address: IPV4_ANY, port: 0 }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return undefined;
  }
  const tasks = new Tasks(process);
  tasks.start(acceptAll(process, listener, balancer, tasks));
  return {
    port: listener.local().port,
    close() {
      tasks.stop();
      listener.close();
    },
  };
}

function* acceptAll(
  process: Process,
  listener: StreamSocket,
  balancer: LoadBalancer,
  tasks: Tasks,
): Task<void> {
  for (;;) {
    const client = yield* acceptStream(listener, OWNER);
    if (client === undefined) return;
    tasks.start(relay(process, client, balancer, tasks));
  }
}

/** A connection of its own to a server; whichever side ends first ends both. Models: ProxyTCP. */
function* relay(process: Process, client: StreamSocket, balancer: LoadBalancer, tasks: Tasks): Task<void> {
  let server: StreamSocket | undefined;
  try {
    const remote = client.remote();
    const from = remote === undefined ? "" : formatAddress(remote.address);
    server = yield* dial(process, from, balancer);
    if (server === undefined) return;
    const other = tasks.start(copy(server, client));
    try {
      yield* copy(client, server);
    } finally {
      other.kill("KILL");
    }
  } finally {
    client.close();
    server?.close();
  }
}

/** Tries one server after the other, more patient each time. Models: TryConnectEndpoints. */
function* dial(process: Process, client: string, balancer: LoadBalancer): Task<StreamSocket | undefined> {
  let reset = false;
  for (const timeout of DIAL_TIMEOUTS) {
    const endpoint = balancer.next(client, process.host.queue.now, reset);
    if (endpoint === undefined) return undefined;
    const socket = process.net.socket.tcp(OWNER);
    let connected = false;
    try {
      connected =
        (yield* connectStream(socket, { address: endpoint.address, port: endpoint.port }, timeout)) ===
        "connected";
    } finally {
      if (!connected) socket.close();
    }
    if (connected) return socket;
    reset = true;
  }
  return undefined;
}

function* copy(from: StreamSocket, to: StreamSocket): Task<void> {
  try {
    for (;;) {
      const got = yield* receiveSome(from);
      if (got === "timeout" || !got.ok || got.value === null) return;
      if ((yield* sendAll(to, got.value)) !== undefined) return;
    }
  } finally {
    from.close();
    to.close();
  }
}

export function udpProxy(process: Process, balancer: LoadBalancer): ProxySocket | undefined {
  const socket = process.net.socket.udp(OWNER);
  if (!socket.bind({ address: IPV4_ANY, port: 0 }).ok) {
    socket.close();
    return undefined;
  }
  const tasks = new Tasks(process);
  tasks.start(receiveAll(process, socket, balancer, tasks));
  return {
    port: socket.local().port,
    close() {
      tasks.stop();
      socket.close();
    },
  };
}

/** A client's own socket towards a server, and when it was last used. */
interface Session {
  readonly socket: DatagramSocket;
  used: Nanos;
}

function* receiveAll(
  process: Process,
  socket: DatagramSocket,
  balancer: LoadBalancer,
  tasks: Tasks,
): Task<void> {
  const sessions = new Map<string, Session>();
  for (;;) {
    const got = socket.receive();
    if (socket.closed) return;
    if (!got.ok) continue;
    if (got.value === undefined) {
      yield* socket.readable.wait();
      continue;
    }
    const { bytes, from } = got.value;
    const key = `${formatIpv4(from.address)}:${from.port}`;
    const session = sessions.get(key) ?? open(process, formatIpv4(from.address), balancer);
    if (session === undefined) continue;
    session.used = process.host.queue.now;
    if (!sessions.has(key)) {
      sessions.set(key, session);
      tasks.start(answers(process, session, socket, from, () => sessions.delete(key)));
    }
    session.socket.send(bytes);
  }
}

function open(process: Process, client: string, balancer: LoadBalancer): Session | undefined {
  const { now } = process.host.queue;
  const endpoint = balancer.next(client, now, false);
  if (endpoint === undefined || typeof endpoint.address !== "number") return undefined;
  const socket = process.net.socket.udp(OWNER);
  if (socket.connect({ address: endpoint.address, port: endpoint.port }).ok) return { socket, used: now };
  socket.close();
  return undefined;
}

/** What the server says goes back to the client, until nobody has said anything for a while. Models: proxyClient. */
function* answers(
  process: Process,
  session: Session,
  back: DatagramSocket,
  client: Datagrams,
  forget: () => void,
): Task<void> {
  const { socket } = session;
  try {
    for (;;) {
      const got = socket.receive();
      if (!got.ok) return;
      if (got.value === undefined) {
        const left = addTime(session.used, UDP_IDLE) - process.host.queue.now;
        if (left <= 0) return;
        yield* waitAny([socket.readable], left as Nanos);
        continue;
      }
      session.used = process.host.queue.now;
      back.send(got.value.bytes, client);
    }
  } finally {
    forget();
    socket.close();
  }
}
