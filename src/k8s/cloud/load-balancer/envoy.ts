import type { DatagramSocket, StreamSocket } from "../../../kernel/uapi/index.ts";
import { Coroutine, Signal, sleep, type Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import type { Process } from "../../../userland/os/process.ts";
import { acceptStream, connectStream } from "../../../userland/stream/stream.ts";
import { inPrefix, type Ipv4, IPV4_ANY, type Ipv4Prefix } from "../../../wire/address.ts";
import { probeHttp } from "../../kubelet/network-probe.ts";
import { relay } from "../../relay.ts";
import { formatIpv4 } from "../../../wire/address.ts";

const CONNECT_TIMEOUT = seconds(5);
const BACKLOG = 128;
/** Health checks as cloud-provider-kind configures them. */
const CHECK_TIMEOUT = seconds(5);
const CHECK_INTERVAL = seconds(3);
const UNHEALTHY_AFTER = 3;

/** One port of the Service: where the balancer listens and which port of the nodes it leads to. */
export interface BalancedPort {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  readonly nodePort: number;
}

export interface BalancerConfig {
  readonly ports: readonly BalancedPort[];
  readonly nodes: readonly Ipv4[];
  readonly healthCheckPort: number;
  /** sessionAffinity: ClientIP: a client's address chooses the node. */
  readonly sticky: boolean;
  /** Who may come in; everybody when empty. */
  readonly sourceRanges: readonly Ipv4Prefix[];
}

/** What the balancer knows of a node. A node is not used before it has passed a check. */
class Backend {
  readonly address: Ipv4;
  healthy = false;
  private failures = 0;

  constructor(address: Ipv4) {
    this.address = address;
  }

  note(passed: boolean): void {
    this.failures = passed ? 0 : this.failures + 1;
    if (passed) this.healthy = true;
    else if (this.failures >= UNHEALTHY_AFTER) this.healthy = false;
  }
}

/**
 * The proxy in a balancer's box: it checks the nodes' health over HTTP and joins every connection to one with a healthy
 * node's port. Models: envoy's tcp_proxy and udp_proxy with the configuration that cloud-provider-kind writes.
 */
export class Envoy {
  private readonly process: Process;
  private readonly config: BalancerConfig;
  private readonly backends: readonly Backend[];
  private readonly tasks: Coroutine<void>[] = [];

  constructor(process: Process, config: BalancerConfig) {
    this.process = process;
    this.config = config;
    this.backends = config.nodes.map((address) => new Backend(address));
  }

  *run(): Task<number> {
    for (const backend of this.backends) this.start(this.check(backend));
    for (const port of this.config.ports)
      this.start(port.protocol === "TCP" ? this.serve(port) : this.serveDatagrams(port));
    try {
      yield* new Signal().wait();
      return 0;
    } finally {
      for (const task of this.tasks) task.kill("KILL");
    }
  }

  private start(task: Task<void>): void {
    this.tasks.push(new Coroutine(this.process.host.queue, task).start());
  }

  private *check(backend: Backend): Task<void> {
    const host = formatIpv4(backend.address);
    const target = {
      address: backend.address,
      host,
      port: this.config.healthCheckPort,
      timeout: CHECK_TIMEOUT,
    };
    for (;;) {
      const failure = yield* probeHttp(this.process, target, {
        scheme: "http",
        path: "/healthz",
        fields: [{ name: "User-Agent", value: "Envoy/HC" }],
      });
      backend.note(failure === undefined);
      yield* sleep(CHECK_INTERVAL);
    }
  }

  private allowed(client: Ipv4): boolean {
    const { sourceRanges } = this.config;
    return (
      sourceRanges.length === 0 ||
      sourceRanges.some(({ address, length }) => inPrefix(client, address, length))
    );
  }

  private choose(client: Ipv4): Backend | undefined {
    const healthy = this.backends.filter((backend) => backend.healthy);
    if (healthy.length === 0 || !this.allowed(client)) return undefined;
    const at = this.config.sticky
      ? Math.imul(client, 0x9e3779b1) >>> 0
      : this.process.host.random.below(healthy.length);
    return healthy[at % healthy.length];
  }

  private *serve(port: BalancedPort): Task<void> {
    const listener = this.process.net.socket.tcp("envoy");
    listener.setOptions({ reuseAddress: true });
    if (!listener.bind({ address: IPV4_ANY, port: port.port }).ok || !listener.listen(BACKLOG).ok) {
      listener.close();
      return;
    }
    const busy: Coroutine<void>[] = [];
    try {
      for (;;) {
        const socket = yield* acceptStream(listener, "envoy");
        if (socket === undefined) return;
        busy.push(new Coroutine(this.process.host.queue, this.join(socket, port)).start());
      }
    } finally {
      for (const each of busy) each.kill("KILL");
      listener.close();
    }
  }

  /** No healthy node, or one that does not answer: the client's connection is closed. */
  private *join(socket: StreamSocket, port: BalancedPort): Task<void> {
    const client = socket.remote()?.address;
    const backend = typeof client === "number" ? this.choose(client) : undefined;
    if (backend === undefined) {
      socket.close();
      return;
    }
    const upstream = this.process.net.socket.tcp("envoy");
    const remote = { address: backend.address, port: port.nodePort };
    if ((yield* connectStream(upstream, remote, CONNECT_TIMEOUT)) === "connected") {
      yield* relay(this.process.host.queue, socket, upstream);
      return;
    }
    upstream.close();
    socket.close();
  }

  private *serveDatagrams(port: BalancedPort): Task<void> {
    const listener = this.process.net.socket.udp("envoy");
    const sessions = new Map<string, DatagramSocket>();
    const tasks: Coroutine<void>[] = [];
    try {
      if (!listener.bind({ address: IPV4_ANY, port: port.port }).ok) return;
      for (;;) {
        const got = listener.receive();
        const datagram = got.ok ? got.value : undefined;
        if (datagram === undefined) {
          yield* listener.readable.wait();
          continue;
        }
        const { from } = datagram;
        const key = `${from.address}:${from.port}`;
        const known = sessions.get(key) ?? this.session(from.address, port);
        if (known === undefined) continue;
        if (!sessions.has(key)) {
          sessions.set(key, known);
          const back = this.back(known, (bytes) => listener.send(bytes, from));
          tasks.push(new Coroutine(this.process.host.queue, back).start());
        }
        known.send(datagram.bytes);
      }
    } finally {
      for (const task of tasks) task.kill("KILL");
      for (const session of sessions.values()) session.close();
      listener.close();
    }
  }

  private session(client: Ipv4, port: BalancedPort): DatagramSocket | undefined {
    const backend = this.choose(client);
    if (backend === undefined) return undefined;
    const socket = this.process.net.socket.udp("envoy");
    if (socket.connect({ address: backend.address, port: port.nodePort }).ok) return socket;
    socket.close();
    return undefined;
  }

  private *back(session: DatagramSocket, answer: (bytes: Uint8Array) => void): Task<void> {
    for (;;) {
      const got = session.receive();
      if (got.ok && got.value !== undefined) answer(got.value.bytes);
      else if (session.closed) return;
      else yield* session.readable.wait();
    }
  }
}
