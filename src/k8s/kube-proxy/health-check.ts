import { type Address, formatAddress } from "../../formats/iptables/address.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { page, servePages } from "../../userland/http/pages.ts";
import type { HttpAnswer } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import { EPOCH_SECONDS } from "../../userland/shell/specials.ts";
import { momentOf, strftime } from "../../userland/text/strftime.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import type { Backed } from "./proxier.ts";

const HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT";

/** A Service that a load balancer asks this node about. */
interface Checked {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** Its ready servers on this node. */
  readonly local: Set<string>;
}

type Stops = readonly (() => void)[];

/** The servers on health check node ports. Models: pkg/proxy/healthcheck/service_health.go. */
export class HealthChecks {
  private readonly process: Process;
  private readonly listeners = new Map<number, Stops>();
  private checked = new Map<number, Checked>();

  constructor(process: Process) {
    this.process = process;
  }

  /** Listens for what is wanted and no longer for what is not; `addresses` are those that answer, all when empty. */
  sync(backed: readonly Backed[], addresses: readonly Address[]): void {
    this.checked = checkedServices(backed);
    for (const [port, stops] of this.listeners) if (!this.checked.has(port)) this.close(port, stops);
    for (const port of this.checked.keys()) if (!this.listeners.has(port)) this.listen(port, addresses);
  }

  stop(): void {
    for (const [port, stops] of this.listeners) this.close(port, stops);
  }

  private listen(port: number, addresses: readonly Address[]): void {
    const stops = (addresses.length === 0 ? [IPV4_ANY] : addresses).flatMap((address) => {
      const at = { name: "kube-proxy", address, port };
      const stop = servePages(this.process, at, () => this.answer(port));
      return stop === undefined ? [] : [stop];
    });
    this.listeners.set(port, stops);
  }

  private close(port: number, stops: Stops): void {
    for (const stop of stops) stop();
    this.listeners.delete(port);
  }

  /** 200 when a server is here, 503 when none is; whatever path is asked. */
  private answer(port: number): HttpAnswer {
    const { namespace = "", name = "", local } = this.checked.get(port) ?? {};
    const count = local?.size ?? 0;
    const text =
      `{\n\t"service": {\n\t\t"namespace": "${namespace}",\n\t\t"name": "${name}"\n\t},\n` +
      `\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": true\n}`;
    const moment = momentOf(EPOCH_SECONDS + Math.floor(this.process.host.queue.now / NANOS_PER_SECOND));
    return page(count > 0 ? 200 : 503, text, "application/json", [
      { name: "X-Content-Type-Options", value: "nosniff" },
      { name: "X-Load-Balancing-Endpoint-Weight", value: String(count) },
      { name: "Date", value: strftime(HTTP_DATE, moment) },
    ]);
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
