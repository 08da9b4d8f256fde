import { background } from "../../container/background.ts";
import type { Exchange } from "../../container/servers/nginx/exchange.ts";
import { Connections, HttpServer } from "../../container/servers/nginx/server.ts";
import { KeepalivePool } from "../../container/servers/nginx/upstream.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { type Coroutine, sleep, type Task } from "../../sim/task.ts";
import { millis, NANOS_PER_SECOND, nanos } from "../../sim/time.ts";
import type { Process } from "../../userland/os/process.ts";
import { type Ipv4, IPV4_ANY, IPV4_LOOPBACK } from "../../wire/address.ts";
import { Balancers } from "./balancer.ts";
import { Handler, type Running } from "./handler.ts";
import type { Options } from "./options.ts";
import { acceptTls, type CertificateFor } from "./tls.ts";

const BACKLOG = 4096;
const RELOAD = millis(90);

/** The nginx process: listeners, workers' memory, reloads. One worker stands for all. Models: nginx 1.27.1 with ingress-nginx' Lua. */
export class Nginx {
  private readonly process: Process;
  private readonly options: Options;
  private readonly balancers: Balancers;
  private readonly tasks: Coroutine<void>[] = [];
  private readonly listeners: StreamSocket[] = [];
  private readonly servers: HttpServer[] = [];
  private readonly connections = new Connections();
  private pool: KeepalivePool;
  private running: Running;
  private readonly certificate: CertificateFor;
  /** The Lua side has its first backends. */
  initialized = false;

  constructor(process: Process, options: Options, running: Running, certificate: CertificateFor) {
    this.process = process;
    this.options = options;
    this.running = running;
    this.certificate = certificate;
    this.balancers = new Balancers(process.host.random);
    this.pool = new KeepalivePool(process.host.queue, running.settings.upstreamKeepalive);
  }

  /** Opens the ports; the text is why that failed. */
  start(): string | undefined {
    const handler = new Handler({
      process: this.process,
      running: () => this.running,
      balancers: this.balancers,
      pool: () => this.pool,
      healthPath: this.options.text("health-check-path"),
    });
    const handle = (exchange: Exchange): Task<void> => handler.handle(exchange);
    const internal = (exchange: Exchange): Task<void> => this.internal(exchange);
    const ports = ["http-port", "https-port", "default-server-port", "status-port"].map((name) =>
      this.options.number(name),
    );
    const [http = 0, https = 0, otherwise = 0, status = 0] = ports;
    return (
      this.listen(IPV4_ANY, http, handle) ??
      this.listen(IPV4_ANY, https, handle, true) ??
      this.listen(IPV4_ANY, otherwise, (exchange) => exchange.page(404)) ??
      this.listen(IPV4_LOOPBACK, status, internal)
    );
  }

  /** 127.0.0.1:10246: health. */
  private *internal(exchange: Exchange): Task<void> {
    const { target } = exchange.request.head;
    if (target === this.options.text("health-check-path")) yield* exchange.reply(200, "text/html", "");
    else if (target === "/is-dynamic-lb-initialized") {
      if (this.initialized) yield* exchange.reply(200, "text/html", "OK\n");
      else yield* exchange.page(500);
    } else yield* exchange.page(404);
  }

  private listen(
    address: Ipv4,
    port: number,
    handle: (exchange: Exchange) => Task<void>,
    tls = false,
  ): string | undefined {
    const listener = this.process.net.socket.tcp("nginx");
    listener.setOptions({ reuseAddress: true });
    if (!listener.bind({ address, port }).ok || !listener.listen(BACKLOG).ok) {
      listener.close();
      return `bind() to 0.0.0.0:${port} failed (98: Address in use)`;
    }
    const server = new HttpServer(this.process, this.connections, {
      server: undefined,
      keepalive: () => ({
        timeout: this.running.settings.keepAlive,
        requests: this.running.settings.keepAliveRequests,
      }),
      handle,
      ...(tls ? { open: (socket: StreamSocket) => acceptTls(this.process, socket, this.certificate) } : {}),
    });
    this.servers.push(server);
    this.listeners.push(listener);
    this.tasks.push(background(this.process.host.queue, server.serve(listener)));
    return undefined;
  }

  /** New workers with another configuration; the old ones let their idle connections go. */
  *reload(running: Running): Task<void> {
    yield* sleep(RELOAD);
    this.running = running;
    this.pool.close();
    this.pool = new KeepalivePool(this.process.host.queue, running.settings.upstreamKeepalive);
    for (const server of this.servers) server.endIdle();
  }

  /** The backends reach the Lua side at its next look, once a second. */
  syncBackends({ configuration }: Running): void {
    const { queue } = this.process.host;
    const rest = NANOS_PER_SECOND - (queue.now % NANOS_PER_SECOND);
    queue.after(nanos(rest), () => {
      this.balancers.sync(configuration.backends);
      this.initialized = true;
    });
  }

  /** No new connections; those that wait for a request end. */
  quit(): void {
    for (const listener of this.listeners) listener.close();
    for (const server of this.servers) server.endIdle();
  }

  kill(): void {
    for (const task of this.tasks) task.kill("KILL");
    this.quit();
    this.pool.close();
  }
}
