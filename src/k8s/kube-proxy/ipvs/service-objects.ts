import type { IpvsServiceSpec } from "../../../kernel/uapi/index.ts";
import { type Address, isV4 } from "../../../formats/iptables/address.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import { choose, type Endpoint } from "../endpoint.ts";
import type { Backed, ProxyConfig } from "../proxier.ts";
import { holds, type Protocol, type ServicePort } from "../service-port.ts";
import { ipPart, netPart, portPart, PROTOCOL_NUMBERS, put, type SetContents, type SetName } from "./sets.ts";

/** A virtual server as it should be, with the servers behind it by `address:port`. */
export interface VirtualServer {
  readonly spec: IpvsServiceSpec;
  readonly protocol: Protocol;
  readonly servers: ReadonlyMap<string, { readonly address: Ipv4; readonly port: number }>;
}

/** What all services together ask of the node. */
export interface IpvsObjects {
  readonly sets: SetContents;
  /** Addresses of kube-ipvs0. */
  readonly addresses: Set<Ipv4>;
  readonly servers: Map<string, VirtualServer>;
}

export interface IpvsPlace {
  readonly config: ProxyConfig;
  readonly scheduler: string;
  /** The node's addresses that answer node ports. */
  readonly nodeAddresses: readonly Ipv4[];
  /** Addresses on other devices than kube-ipvs0. */
  readonly taken: ReadonlySet<Ipv4>;
}

/** The work on one service port. Models: the loop of (*Proxier).syncProxyRules of pkg/proxy/ipvs. */
class Writer {
  private readonly place: IpvsPlace;
  private readonly out: IpvsObjects;
  private readonly port: ServicePort;
  private readonly endpoints: readonly Endpoint[];
  private readonly inside: readonly Endpoint[];
  private readonly outside: readonly Endpoint[];

  constructor(place: IpvsPlace, out: IpvsObjects, { port, endpoints }: Backed) {
    this.place = place;
    this.out = out;
    this.port = port;
    this.endpoints = endpoints;
    const { cluster, local } = choose(endpoints, port, place.config.node);
    // Without one of its own a node of policy Local uses everybody's: there is no rule here that could drop it.
    const near = local.length > 0 ? local : cluster;
    this.inside = port.internalLocal ? near : cluster;
    this.outside = port.externalLocal ? near : cluster;
  }

  write(): void {
    const { port, out } = this;
    for (const { address, port: number, local } of this.endpoints)
      if (local)
        put(out.sets, "KUBE-LOOP-BACK", ipPart(address), portPart(port.protocol, number), ipPart(address));
    this.toAddress("KUBE-CLUSTER-IP", port.clusterIp);
    this.serve(port.clusterIp, port.number, this.inside, true);
    const external = port.externalLocal ? "KUBE-EXTERNAL-IP-LOCAL" : "KUBE-EXTERNAL-IP";
    for (const address of port.externalIps) {
      this.toAddress(external, address);
      this.serve(address, port.number, this.outside, true);
    }
    for (const address of port.loadBalancerIps) this.loadBalancer(address);
    if (port.nodePort !== 0) this.nodePort();
    if (port.healthCheckNodePort !== 0)
      put(out.sets, "KUBE-HEALTH-CHECK-NODE-PORT", portPart(undefined, port.healthCheckNodePort));
  }

  private toAddress(set: SetName, address: Address): void {
    put(this.out.sets, set, ipPart(address), portPart(this.port.protocol, this.port.number));
  }

  private loadBalancer(address: Address): void {
    const { port, out, place } = this;
    this.toAddress("KUBE-LOAD-BALANCER", address);
    if (port.externalLocal) this.toAddress("KUBE-LOAD-BALANCER-LOCAL", address);
    if (port.sourceRanges.length > 0) {
      this.toAddress("KUBE-LOAD-BALANCER-FW", address);
      const [ip, number] = [ipPart(address), portPart(port.protocol, port.number)];
      const { nodeIp } = place.config;
      for (const range of port.sourceRanges) {
        put(out.sets, "KUBE-LOAD-BALANCER-SOURCE-CIDR", ip, number, netPart(range));
        // What the node sends to the address comes from the address.
        if (nodeIp !== undefined && holds(range, nodeIp))
          put(out.sets, "KUBE-LOAD-BALANCER-SOURCE-IP", ip, number, ip);
      }
    }
    this.serve(address, port.number, this.outside, true);
  }

  private nodePort(): void {
    const { port, out, place } = this;
    const names: readonly SetName[] =
      port.protocol === "TCP"
        ? ["KUBE-NODE-PORT-TCP", "KUBE-NODE-PORT-LOCAL-TCP"]
        : port.protocol === "UDP"
          ? ["KUBE-NODE-PORT-UDP", "KUBE-NODE-PORT-LOCAL-UDP"]
          : ["KUBE-NODE-PORT-SCTP-HASH", "KUBE-NODE-PORT-LOCAL-SCTP-HASH"];
    for (const name of port.externalLocal ? names : names.slice(0, 1)) {
      if (port.protocol !== "SCTP") put(out.sets, name, portPart(undefined, port.nodePort));
      else
        for (const node of place.nodeAddresses)
          put(out.sets, name, ipPart(node), portPart("SCTP", port.nodePort));
    }
    for (const node of place.nodeAddresses) this.serve(node, port.nodePort, this.outside, false);
  }

  private serve(address: Address, number: number, endpoints: readonly Endpoint[], bind: boolean): void {
    const { port, out, place } = this;
    if (!isV4(address)) return;
    const { protocol } = port;
    if (bind && !place.taken.has(address)) out.addresses.add(address);
    const servers = new Map<string, { address: Ipv4; port: number }>();
    for (const endpoint of endpoints)
      if (isV4(endpoint.address))
        servers.set(`${endpoint.address}:${endpoint.port}`, {
          address: endpoint.address,
          port: endpoint.port,
        });
    const spec: IpvsServiceSpec = {
      key: { protocol: PROTOCOL_NUMBERS[protocol], address, port: number },
      scheduler: place.scheduler,
      ...(port.affinity > 0 ? { persistent: port.affinity } : {}),
    };
    out.servers.set(`${protocol} ${address}:${number}`, { spec, protocol, servers });
  }
}

export function addService(place: IpvsPlace, out: IpvsObjects, backed: Backed): void {
  new Writer(place, out, backed).write();
}
