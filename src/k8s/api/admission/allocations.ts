import type { Random } from "../../../sim/random.ts";
import {
  broadcast,
  formatIpv4,
  inPrefix,
  type Ipv4,
  ipv4,
  network,
  parseIpv4,
  parsePrefix,
} from "../../../wire/address.ts";
import { must } from "../../../base/result.ts";
import { type AnyObject, isA } from "../types.ts";

/** --service-node-port-range of the API server. */
export interface NodePortRange {
  readonly first: number;
  readonly last: number;
}

const NODE_PORTS: NodePortRange = { first: 30000, last: 32767 };

/** Which cluster addresses and node ports the stored Services hold. Models: pkg/registry/core/service/{ipallocator,portallocator}. */
export class ServiceAllocations {
  private readonly base: Ipv4;
  private readonly length: number;
  readonly subnet: string;
  private readonly addresses = new Set<string>();
  readonly nodePorts: NodePortRange;
  private readonly ports = new Set<number>();

  constructor(subnet: string, nodePorts = NODE_PORTS) {
    this.nodePorts = nodePorts;
    const prefix = must(parsePrefix(subnet), `service subnet in ${subnet}`);
    this.subnet = subnet;
    this.base = network(prefix.address, prefix.length);
    this.length = prefix.length;
  }

  /** Follows a write to the store. */
  update(before: AnyObject | undefined, after: AnyObject | undefined): void {
    this.each(
      before,
      (address) => this.addresses.delete(address),
      (port) => this.ports.delete(port),
    );
    this.each(
      after,
      (address) => this.addresses.add(address),
      (port) => this.ports.add(port),
    );
  }

  addressTaken(address: string): boolean {
    return this.addresses.has(address);
  }

  portTaken(port: number): boolean {
    return this.ports.has(port);
  }

  contains(address: string): boolean {
    const value = parseIpv4(address);
    return value !== undefined && inPrefix(value, this.base, this.length);
  }

  /** The subnet's first address: the Service `kubernetes`. */
  first(): string {
    return formatIpv4(ipv4(this.base + 1));
  }

  /** A free address from the upper part of the subnet; the lower 256 (or a sixteenth) stay for fixed ones. */
  freeAddress(random: Random): string | undefined {
    const last = broadcast(this.base, this.length) - 1;
    const size = last - this.base;
    const lower = Math.min(Math.max(16, Math.floor(size / 16)), 256);
    const start = Math.min(this.base + lower, last);
    const span = last - start + 1;
    const offset = random.below(span);
    for (let i = 0; i < span; i++) {
      const address = formatIpv4(ipv4(start + ((offset + i) % span)));
      if (!this.addresses.has(address)) return address;
    }
    return undefined;
  }

  /** A free node port; `also` are those that the same request has just been given. */
  freePort(random: Random, also: ReadonlySet<number>): number | undefined {
    const { first, last } = this.nodePorts;
    const span = last - first + 1;
    const offset = random.below(span);
    for (let i = 0; i < span; i++) {
      const port = first + ((offset + i) % span);
      if (!this.ports.has(port) && !also.has(port)) return port;
    }
    return undefined;
  }

  private each(object: AnyObject | undefined, address: (a: string) => void, port: (p: number) => void): void {
    if (object === undefined || !isA("Service", object)) return;
    const { clusterIP = "", ports = [], healthCheckNodePort } = object.spec;
    if (clusterIP !== "" && clusterIP !== "None") address(clusterIP);
    for (const { nodePort } of ports) if (nodePort !== undefined) port(nodePort);
    if (healthCheckNodePort !== undefined && healthCheckNodePort !== 0) port(healthCheckNodePort);
  }
}
