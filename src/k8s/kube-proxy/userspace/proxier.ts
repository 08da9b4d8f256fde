import { ok, type Result } from "../../../base/result.ts";
import type { Process } from "../../../userland/os/process.ts";
import { ChainWriter } from "../iptables/chain-writer.ts";
import type { Backed, Proxier, ProxyConfig, Wanted } from "../proxier.ts";
import { portId, type ServicePort } from "../service-port.ts";
import { LoadBalancer } from "./load-balancer.ts";
import { JUMPS, type Portal, portalChains } from "./portals.ts";
import { type ProxySocket, tcpProxy, udpProxy } from "./proxy-socket.ts";

interface Served {
  readonly port: ServicePort;
  readonly socket: ProxySocket;
  readonly balancer: LoadBalancer;
}

/**
 * The first proxy mode: connections are led to a port of kube-proxy itself, which makes a second connection to a server
 * and copies bytes. Servers see the node, not the client. Models: pkg/proxy/userspace of v1.20; gone since v1.26.
 */
export class UserspaceProxier implements Proxier {
  private readonly config: ProxyConfig;
  private readonly process: Process;
  private readonly writer: ChainWriter;
  private readonly served = new Map<string, Served>();

  constructor(config: ProxyConfig, process: Process) {
    this.config = config;
    this.process = process;
    this.writer = new ChainWriter(process.net, config.family);
  }

  sync({ backed }: Wanted): Result<void, string> {
    const { nodeIp } = this.config;
    if (nodeIp === undefined) return { ok: false, error: "no address of the node" };
    const wanted = new Set<string>();
    for (const one of backed) wanted.add(this.serve(one));
    for (const [name, { socket }] of this.served) {
      if (wanted.has(name)) continue;
      socket.close();
      this.served.delete(name);
    }
    const portals = [...this.served.values()].map(({ port, socket }): Portal => ({
      port,
      proxyPort: socket.port,
    }));
    const chains = portalChains(portals, nodeIp);
    for (const table of ["nat", "filter"] as const) {
      const there = this.writer.ensure(table, chains[table].keys(), JUMPS);
      if (!there.ok) return there;
      const done = this.writer.write(table, chains[table]);
      if (!done.ok) return done;
    }
    return ok();
  }

  /** Somebody listens for the port; one that changed gets another listener. Answers its name. */
  private serve({ port, endpoints }: Backed): string {
    const name = `${portId(port)}/${port.protocol}`;
    let served = this.served.get(name);
    if (served !== undefined && served.port !== port) {
      served.socket.close();
      served = undefined;
      this.served.delete(name);
    }
    if (served === undefined) {
      const balancer = new LoadBalancer(port.affinity);
      const socket =
        port.protocol === "TCP"
          ? tcpProxy(this.process, balancer)
          : port.protocol === "UDP"
            ? udpProxy(this.process, balancer)
            : undefined;
      if (socket === undefined) return name;
      served = { port, socket, balancer };
      this.served.set(name, served);
    }
    served.balancer.update(endpoints.filter(({ ready }) => ready));
    return name;
  }

  stop(): void {
    for (const { socket } of this.served.values()) socket.close();
  }
}
