import { utf8Encode } from "../../base/utf8.ts";
import { type Address, formatAddress } from "../../formats/iptables/address.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { Coroutine } from "../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { type HttpAnswer, serveHttp } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import { EPOCH_SECONDS } from "../../userland/shell/specials.ts";
import { momentOf, strftime } from "../../userland/text/strftime.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import type { Backed } from "./proxier.ts";

const BACKLOG = 4096;
const HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT";

/** A Service that a load balancer asks this node about. */
interface Checked {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** Its ready servers on this node. */
  readonly local: Set<string>;
}

interface Listener {
  readonly sockets: readonly StreamSocket[];
  readonly tasks: readonly Coroutine<void>[];
}

/** The servers on health check node ports. Models: pkg/proxy/healthcheck/service_health.go. */
export class HealthChecks {
  private readonly process: Process;
  private readonly listeners = new Map<number, Listener>();
  private checked = new Map<number, Checked>();

  constructor(process: Process) {
    this.process = process;
  }

  /** Listens for what is wanted and no longer for what is not; `addresses` are those that answer, all when empty. */
  sync(backed: readonly Backed[], addresses: readonly Address[]): void {
    this.checked = checkedServices(backed);
    for (const [port, listener] of this.listeners) if (!this.checked.has(port)) this.close(port, listener);
    for (const port of this.checked.keys()) if (!this.listeners.has(port)) this.listen(port, addresses);
  }

  stop(): void {
    for (const [port, listener] of this.listeners) this.close(port, listener);
  }

  private listen(port: number, addresses: readonly Address[]): void {
    const { process } = this;
    const sockets: StreamSocket[] = [];
    for (const address of addresses.length === 0 ? [IPV4_ANY] : addresses) {
      const socket = process.net.socket.tcp("kube-proxy");
      socket.setOptions({ reuseAddress: true });
      if (socket.bind({ address, port }).ok && socket.listen(BACKLOG).ok) sockets.push(socket);
      else socket.close();
    }
    const answer = () => this.answer(port);
    const options = { version: "HTTP/1.1", headFirst: false } as const;
    const tasks = sockets.map((socket) =>
      new Coroutine(
        process.host.queue,
        serveHttp(
          process,
          socket,
          function* () {
            return answer();
          },
          options,
        ),
      ).start(),
    );
    this.listeners.set(port, { sockets, tasks });
  }

  private close(port: number, { sockets, tasks }: Listener): void {
    for (const task of tasks) task.kill("KILL");
    for (const socket of sockets) socket.close();
    this.listeners.delete(port);
  }

  /** 200 when a server is here, 503 when none is; whatever path is asked. */
  private answer(port: number): HttpAnswer {
    const { namespace = "", name = "", local } = this.checked.get(port) ?? {};
    const count = local?.size ?? 0;
    const text =
      `{\n\t"service": {\n\t\t"namespace": "${namespace}",\n\t\t"name": "${name}"\n\t},\n` +
      `\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": true\n}`;
    const body = utf8Encode(text);
    const moment = momentOf(EPOCH_SECONDS + Math.floor(this.process.host.queue.now / NANOS_PER_SECOND));
    return {
      status: count > 0 ? 200 : 503,
      reason: count > 0 ? "OK" : "Service Unavailable",
      fields: [
        { name: "Content-Type", value: "application/json" },
        { name: "X-Content-Type-Options", value: "nosniff" },
        { name: "X-Load-Balancing-Endpoint-Weight", value: String(count) },
        { name: "Date", value: strftime(HTTP_DATE, moment) },
        { name: "Content-Length", value: String(body.length) },
      ],
      body,
    };
  }
}

/** By health check port; a server counts once, however many ports it has. Models: HealthCheckNodePorts, LocalReadyEndpoints. */
function checkedServices(backed: readonly Backed[]): Map<number, Checked> {
  const found = new Map<number, Checked>();
  for (const { port, endpoints } of backed) {
    const { healthCheckNodePort, namespace, service } = port;
    if (healthCheckNodePort === 0) continue;
    const checked = found.get(healthCheckNodePort) ?? {
      namespace,
      name: service,
      port: healthCheckNodePort,
      local: new Set<string>(),
    };
    found.set(healthCheckNodePort, checked);
    for (const { local, ready, address } of endpoints)
      if (local && ready) checked.local.add(formatAddress(address));
  }
  return found;
}
