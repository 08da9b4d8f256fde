import { type Address, formatAddress, isV4 } from "../../../formats/iptables/address.ts";
import { type Choice, choose, type Endpoint } from "../endpoint.ts";
import type { Backed, ProxyConfig } from "../proxier.ts";
import { holds, isExternal, portId, type ServicePort } from "../service-port.ts";
import { detectText, MARK, rangeText } from "./fixed.ts";
import { endpointBase, serviceBase } from "./names.ts";

/** An element of one of the table's sets and maps, as nft(8) writes it. */
export interface Element {
  readonly set: string;
  readonly key: string;
  /** Of a map: its verdict. */
  readonly verdict?: string;
  readonly comment?: string;
}

/** What one service port adds to the table. */
export interface ServiceObjects {
  readonly elements: readonly Element[];
  /** Sets that remember clients, by name: for so many seconds. */
  readonly affinity: ReadonlyMap<string, number>;
  /** Chains of its own, with their rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

/** The work on one service port. Models: the loop of (*Proxier).syncProxyRules of pkg/proxy/nftables. */
class Writer {
  readonly elements: Element[] = [];
  readonly affinity = new Map<string, number>();
  readonly chains = new Map<string, string[]>();
  private readonly config: ProxyConfig;
  private readonly port: ServicePort;
  private readonly choice: Choice;
  private readonly base: string;
  /** `tcp . 80`, `tcp`. */
  private readonly proto: string;

  constructor(config: ProxyConfig, { port, endpoints }: Backed) {
    this.config = config;
    this.port = port;
    this.choice = choose(endpoints, port, config.node);
    this.base = serviceBase(port);
    this.proto = port.protocol.toLowerCase();
  }

  write(): void {
    const { port, choice, base } = this;
    const inside = port.internalLocal ? choice.local : choice.cluster;
    const outside = (port.externalLocal ? choice.local : choice.cluster).length > 0;
    const usable = choice.reachable.length > 0;
    const internal = `${port.internalLocal ? "local" : "service"}-${base}`;
    this.elements.push({ set: "cluster-ips", key: formatAddress(port.clusterIp) });
    if (inside.length > 0) this.serve(port.clusterIp, internal);
    else this.refuse(port.clusterIp);
    for (const address of [...port.externalIps, ...port.loadBalancerIps]) {
      if (usable) this.serve(address, `external-${base}`);
      if (!outside) this.refuse(address);
    }
    if (usable && this.guarded) this.firewall();
    if (port.nodePort !== 0) this.nodePort(usable, outside);
    for (const endpoint of choice.reachable) if (endpoint.local) this.hairpin(endpoint);
    if (usable) this.ownChains();
  }

  private get guarded(): boolean {
    return this.port.loadBalancerIps.length > 0 && this.port.sourceRanges.length > 0;
  }

  private key(address: Address): string {
    return `${formatAddress(address)} . ${this.proto} . ${this.port.number}`;
  }

  private serve(address: Address, chain: string): void {
    this.elements.push({ set: "service-ips", key: this.key(address), verdict: `goto ${chain}` });
  }

  /** Nothing is behind it here: nothing anywhere, or only elsewhere. */
  private get refusal(): Pick<Element, "verdict" | "comment"> {
    return { verdict: this.choice.any ? "drop" : "goto reject-chain", comment: portId(this.port) };
  }

  private refuse(address: Address): void {
    this.elements.push({ set: "no-endpoint-services", key: this.key(address), ...this.refusal });
  }

  private nodePort(usable: boolean, outside: boolean): void {
    const key = `${this.proto} . ${this.port.nodePort}`;
    if (usable) this.elements.push({ set: "service-nodeports", key, verdict: `goto external-${this.base}` });
    if (!outside) this.elements.push({ set: "no-endpoint-nodeports", key, ...this.refusal });
  }

  /** A pod that comes back to itself: its own address would make it answer without us. */
  private hairpin({ address, port }: Endpoint): void {
    const text = formatAddress(address);
    this.elements.push({ set: "hairpin-connections", key: `${text} . ${text} . ${this.proto} . ${port}` });
  }

  private firewall(): void {
    const { config, port, base } = this;
    const chain = `firewall-${base}`;
    for (const address of port.loadBalancerIps)
      this.elements.push({ set: "firewall-ips", key: this.key(address), verdict: `goto ${chain}` });
    const allowed = port.sourceRanges.map(rangeText);
    const { nodeIp } = config;
    if (nodeIp !== undefined && port.sourceRanges.some((range) => holds(range, nodeIp)))
      allowed.push(...port.loadBalancerIps.map(formatAddress));
    this.chains.set(chain, [`${config.family} saddr != { ${allowed.join(", ")} } drop`]);
  }

  private ownChains(): void {
    const { port, choice, base } = this;
    const usesCluster = !port.internalLocal || isExternal(port);
    const usesLocal = port.internalLocal || (port.externalLocal && isExternal(port));
    if (port.affinity > 0) for (const endpoint of choice.reachable) this.endpointChain(endpoint);
    if (usesCluster && choice.cluster.length > 0)
      this.chains.set(`service-${base}`, this.balance(choice.cluster));
    const localChain = usesLocal && choice.local.length > 0;
    if (localChain) this.chains.set(`local-${base}`, this.balance(choice.local));
    if (isExternal(port)) this.chains.set(`external-${base}`, this.external(localChain));
  }

  private external(localChain: boolean): string[] {
    const { config, port, base } = this;
    const cluster = `goto service-${base}`;
    if (!port.externalLocal) return [`mark set mark or ${MARK} comment "masquerade"`, cluster];
    const rules: string[] = [];
    if (config.detector !== undefined)
      rules.push(
        `${detectText(config, config.detector, true)} ${cluster} comment "short-circuit pod traffic"`,
      );
    rules.push(
      `fib saddr type local mark set mark or ${MARK} comment "masquerade local traffic"`,
      `fib saddr type local ${cluster} comment "short-circuit local traffic"`,
    );
    if (localChain) rules.push(`goto local-${base}`);
    return rules;
  }

  /** First those that have been here lately, then each with the same chance. */
  private balance(endpoints: readonly Endpoint[]): string[] {
    const { config, port } = this;
    const pick = `numgen random mod ${endpoints.length}`;
    if (port.affinity === 0) {
      const targets = endpoints.map((e, i) => `${i} : ${formatAddress(e.address)} . ${e.port}`);
      return [
        `meta l4proto ${this.proto} dnat ${config.family} addr . port to ${pick} map { ${targets.join(", ")} }`,
      ];
    }
    const bases = endpoints.map((endpoint) => endpointBase(port, endpoint));
    return [
      ...bases.map((base) => `${config.family} saddr @affinity-${base} goto endpoint-${base}`),
      `${pick} vmap { ${bases.map((base, i) => `${i} : goto endpoint-${base}`).join(", ")} }`,
    ];
  }

  private endpointChain(endpoint: Endpoint): void {
    const { config, port } = this;
    const base = endpointBase(port, endpoint);
    const { address } = endpoint;
    const host = isV4(address) ? formatAddress(address) : `[${formatAddress(address)}]`;
    this.affinity.set(`affinity-${base}`, port.affinity);
    this.chains.set(`endpoint-${base}`, [
      `update @affinity-${base} { ${config.family} saddr }`,
      `meta l4proto ${this.proto} dnat to ${host}:${endpoint.port}`,
    ]);
  }
}

export function serviceObjects(config: ProxyConfig, backed: Backed): ServiceObjects {
  const writer = new Writer(config, backed);
  writer.write();
  return writer;
}
