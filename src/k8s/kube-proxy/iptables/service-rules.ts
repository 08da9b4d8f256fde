import type { XtMatch, XtRule } from "../../../kernel/uapi/index.ts";
import type { Address } from "../../../formats/iptables/address.ts";
import { type Choice, choose, type Endpoint, endpointText } from "../endpoint.ts";
import { addressRange, detect } from "../local-detector.ts";
import { endpointChain, serviceHash } from "../names.ts";
import type { ProxyConfig } from "../proxier.ts";
import { holds, isExternal, portId, type ServicePort } from "../service-port.ts";
import { ACCEPT, comment, DROP, emptiness, host, jump, toPort, toService } from "./build.ts";

/** What one service port adds: rules in the shared chains, and chains of its own. */
export interface ServiceRules {
  readonly filter: {
    readonly services: readonly XtRule[];
    readonly externalServices: readonly XtRule[];
    readonly nodePorts: readonly XtRule[];
    readonly firewall: readonly XtRule[];
  };
  readonly nat: {
    readonly services: readonly XtRule[];
    readonly nodePorts: readonly XtRule[];
    readonly chains: ReadonlyMap<string, readonly XtRule[]>;
  };
}

interface Names {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** The work on one service port; the comments of its rules. Models: the loop of (*Proxier).syncProxyRules. */
class Writer {
  readonly filter = {
    services: [] as XtRule[],
    externalServices: [] as XtRule[],
    nodePorts: [] as XtRule[],
    firewall: [] as XtRule[],
  };
  readonly natServices: XtRule[] = [];
  readonly natNodePorts: XtRule[] = [];
  readonly chains = new Map<string, XtRule[]>();
  private readonly config: ProxyConfig;
  private readonly port: ServicePort;
  private readonly choice: Choice;
  private readonly names: Names;
  private readonly id: string;
  /** Something could answer, somewhere. */
  private readonly usable: boolean;
  private readonly internal: string;

  constructor(config: ProxyConfig, port: ServicePort, choice: Choice) {
    this.config = config;
    this.port = port;
    this.choice = choice;
    this.id = portId(port);
    const hash = serviceHash(port);
    this.names = {
      cluster: `KUBE-SVC-${hash}`,
      local: `KUBE-SVL-${hash}`,
      external: `KUBE-EXT-${hash}`,
      firewall: `KUBE-FW-${hash}`,
    };
    this.usable = choice.reachable.length > 0;
    this.internal = port.internalLocal ? this.names.local : this.names.cluster;
  }

  write(): void {
    const { port, choice } = this;
    const inside = port.internalLocal ? choice.local : choice.cluster;
    const outside = port.externalLocal ? choice.local : choice.cluster;
    this.clusterIp(inside.length > 0);
    for (const address of port.externalIps) this.externalIp(address, outside.length > 0);
    for (const address of port.loadBalancerIps) this.loadBalancer(address, outside.length > 0);
    this.nodePort(outside.length > 0);
    this.healthCheck();
    if (this.usable) this.ownChains();
  }

  private clusterIp(reachable: boolean): void {
    const { config, port, id } = this;
    if (reachable) {
      const match = toService(config.family, port, port.clusterIp, `${id} cluster IP`);
      this.natServices.push({ ...match, ...jump(this.internal) });
      return;
    }
    const { text, target } = emptiness(config.family, port, this.choice.any);
    this.filter.services.push({ ...toService(config.family, port, port.clusterIp, text), ...target });
  }

  private refuse(match: (text: string) => Pick<XtRule, "dest" | "protocol" | "matches">): void {
    const { text, target } = emptiness(this.config.family, this.port, this.choice.any);
    this.filter.externalServices.push({ ...match(text), ...target });
  }

  private externalIp(address: Address, reachable: boolean): void {
    const { config, port, id } = this;
    if (this.usable) {
      const match = toService(config.family, port, address, `${id} external IP`);
      this.natServices.push({ ...match, ...jump(this.names.external) });
    }
    if (!reachable) this.refuse((text) => toService(config.family, port, address, text));
  }

  private loadBalancer(address: Address, reachable: boolean): void {
    const { config, port, id, names } = this;
    const guarded = port.sourceRanges.length > 0;
    if (this.usable) {
      const match = toService(config.family, port, address, `${id} loadbalancer IP`);
      this.natServices.push({ ...match, ...jump(guarded ? names.firewall : names.external) });
      if (guarded) {
        const text = `${id} traffic not accepted by ${names.firewall}`;
        this.filter.firewall.push({ ...toService(config.family, port, address, text), ...DROP });
      }
    }
    if (!reachable) this.refuse((text) => toService(config.family, port, address, text));
  }

  private nodePort(reachable: boolean): void {
    const { port, id } = this;
    if (port.nodePort === 0) return;
    if (this.usable)
      this.natNodePorts.push({ ...toPort(port.protocol, id, port.nodePort), ...jump(this.names.external) });
    if (reachable) return;
    const local: XtMatch = { kind: "addrtype", dest: { types: ["LOCAL"] } };
    this.refuse((text) => {
      const { protocol, matches } = toPort(port.protocol, text, port.nodePort);
      const [said, ...rest] = matches;
      return { ...(protocol === undefined ? {} : { protocol }), matches: [said!, local, ...rest] };
    });
  }

  private healthCheck(): void {
    const { healthCheckNodePort } = this.port;
    if (healthCheckNodePort === 0) return;
    const match = toPort("TCP", `${this.id} health check node port`, healthCheckNodePort);
    this.filter.nodePorts.push({ ...match, ...ACCEPT });
  }

  private ownChains(): void {
    const { port, names, choice } = this;
    const usesCluster = !port.internalLocal || isExternal(port);
    const usesLocal = port.internalLocal || (port.externalLocal && isExternal(port));
    const clusterChain = usesCluster && choice.cluster.length > 0;
    const localChain = usesLocal && choice.local.length > 0;
    if (clusterChain) this.chains.set(names.cluster, []);
    if (localChain) this.chains.set(names.local, []);
    if (isExternal(port)) this.externalChain(localChain);
    if (port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0) this.firewallChain();
    this.masqueradeInside();
    if (clusterChain) this.balance(names.cluster, choice.cluster);
    if (localChain) this.balance(names.local, choice.local);
    for (const endpoint of choice.reachable) this.endpointChain(endpoint);
  }

  /** Traffic to the cluster IP from outside the cluster is masqueraded, so that its answers come back this way. */
  private masqueradeInside(): void {
    const { config, port, id } = this;
    const chain = this.chains.get(this.internal);
    if (chain === undefined) return;
    const match = toService(config.family, port, port.clusterIp, `${id} cluster IP`);
    if (config.masqueradeAll) chain.push({ ...match, ...jump("KUBE-MARK-MASQ") });
    else if (config.detector !== undefined)
      chain.push({ ...detect(config.detector, false), ...match, ...jump("KUBE-MARK-MASQ") });
  }

  private externalChain(localChain: boolean): void {
    const { config, port, id, names } = this;
    const rules: XtRule[] = [];
    this.chains.set(names.external, rules);
    if (!port.externalLocal) {
      const text = `masquerade traffic for ${id} external destinations`;
      rules.push({ matches: [comment(text)], ...jump("KUBE-MARK-MASQ") });
      rules.push({ matches: [], ...jump(names.cluster) });
      return;
    }
    if (config.detector !== undefined) {
      const text = `pod traffic for ${id} external destinations`;
      rules.push({ ...detect(config.detector, true), matches: [comment(text)], ...jump(names.cluster) });
    }
    const local: XtMatch = { kind: "addrtype", source: { types: ["LOCAL"] } };
    const marked = comment(`masquerade LOCAL traffic for ${id} external destinations`);
    const routed = comment(`route LOCAL traffic for ${id} external destinations`);
    rules.push({ matches: [marked, local], ...jump("KUBE-MARK-MASQ") });
    rules.push({ matches: [routed, local], ...jump(names.cluster) });
    if (localChain) rules.push({ matches: [], ...jump(names.local) });
  }

  private firewallChain(): void {
    const { config, port, id, names } = this;
    const rules: XtRule[] = [];
    this.chains.set(names.firewall, rules);
    const text = comment(`${id} loadbalancer IP`);
    let fromNode = false;
    for (const range of port.sourceRanges) {
      rules.push({ source: addressRange(range), matches: [text], ...jump(names.external) });
      if (config.nodeIp !== undefined && holds(range, config.nodeIp)) fromNode = true;
    }
    if (fromNode) {
      for (const address of port.loadBalancerIps)
        rules.push({ source: host(config.family, address), matches: [text], ...jump(names.external) });
    }
    rules.push({ matches: [comment(`other traffic to ${id} will be dropped by KUBE-PROXY-FIREWALL`)] });
  }

  /** First those that have been here lately, then each with its share of the chance. */
  private balance(chain: string, endpoints: readonly Endpoint[]): void {
    const { config, port, id } = this;
    const rules = this.chains.get(chain);
    if (rules === undefined) return;
    const said = (endpoint: Endpoint): XtMatch[] =>
      config.large ? [] : [comment(`${id} -> ${endpointText(endpoint)}`)];
    if (port.affinity > 0) {
      for (const endpoint of endpoints) {
        const name = endpointChain(port, endpoint);
        const recent: XtMatch = {
          kind: "recent",
          name,
          action: "rcheck",
          seconds: port.affinity,
          reap: true,
          side: "source",
        };
        rules.push({ matches: [...said(endpoint), recent], ...jump(name) });
      }
    }
    for (const [i, endpoint] of endpoints.entries()) {
      const left = endpoints.length - i;
      const chance: XtMatch[] =
        left > 1 ? [{ kind: "statistic", mode: "random", probability: probability(left) }] : [];
      rules.push({ matches: [...said(endpoint), ...chance], ...jump(endpointChain(port, endpoint)) });
    }
  }

  private endpointChain(endpoint: Endpoint): void {
    const { config, port, id } = this;
    const name = endpointChain(port, endpoint);
    if (this.chains.has(name)) return;
    const said = config.large ? [] : [comment(id)];
    const recent: XtMatch[] =
      port.affinity > 0 ? [{ kind: "recent", name, action: "set", side: "source" }] : [];
    const { protocol, matches } = toPort(port.protocol, id);
    const [, transport] = matches;
    const { address } = endpoint;
    this.chains.set(name, [
      { source: host(config.family, address), matches: said, ...jump("KUBE-MARK-MASQ") },
      {
        ...(protocol === undefined ? {} : { protocol }),
        matches: [...said, ...recent, transport!],
        target: {
          kind: "DNAT",
          range: { minAddress: address, maxAddress: address, minPort: endpoint.port, maxPort: endpoint.port },
        },
      },
    ]);
  }
}

/** Of 2^31, from the ten digits that kube-proxy writes. */
function probability(left: number): number {
  return Math.round(Number((1 / left).toFixed(10)) * 0x80000000);
}

export function serviceRules(
  config: ProxyConfig,
  port: ServicePort,
  endpoints: readonly Endpoint[],
): ServiceRules {
  const writer = new Writer(config, port, choose(endpoints, port, config.node));
  writer.write();
  return {
    filter: writer.filter,
    nat: { services: writer.natServices, nodePorts: writer.natNodePorts, chains: writer.chains },
  };
}
