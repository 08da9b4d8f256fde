import { err, must, ok, type Result } from "../../base/result.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import type { Host } from "../../userland/os/host.ts";
import { NO_COST, Process } from "../../userland/os/process.ts";
import { formatAddress, isIpv4 } from "../../wire/ip-address.ts";
import { IPV4_ANY, type Ipv4 } from "../../wire/address.ts";
import { type Ipv6, parseIpv6 } from "../../wire/address6.ts";
import type { Firewall } from "./firewall.ts";
import {
  bindHostPort,
  type BoundSocket,
  dockerProxy,
  PROXY,
  proxyArguments,
  type ProxyTarget,
} from "./proxy.ts";
import type { DockerNetwork, PortBinding, PortSpec } from "./types.ts";

const IPV6_ANY = must(parseIpv6("::"), "::");
/** Models: libnetwork/portallocator: the range of net.ipv4.ip_local_port_range, from its start. */
const FIRST_EPHEMERAL = 32768;
const LAST_EPHEMERAL = 60999;

/** Host ports of containers: their sockets, proxies and rules. Models: drivers/bridge/port_mapping_linux.go. */
export class PortMapper {
  private readonly host: Host;
  private readonly net: NetApi;
  private readonly firewall: Firewall;
  private readonly userlandProxy: boolean;
  private readonly allocated = new Set<string>();
  /** Sockets without a proxy. */
  private readonly held = new Map<string, BoundSocket>();
  private nextEphemeral = FIRST_EPHEMERAL;

  constructor(host: Host, firewall: Firewall, userlandProxy: boolean) {
    this.host = host;
    this.net = host.kernel.open(host.netns, { name: PROXY, detail: "published port" });
    this.firewall = firewall;
    this.userlandProxy = userlandProxy;
  }

  /** Publishes all or nothing; the message is what the daemon says of the one that failed. */
  publish(
    network: DockerNetwork,
    address: Ipv4,
    specs: readonly PortSpec[],
  ): Result<readonly PortBinding[], string> {
    const bindings: PortBinding[] = [];
    for (const spec of specs) {
      const published = this.publishOne(network, address, spec);
      if (!published.ok) {
        this.unpublish(network, address, bindings);
        return published;
      }
      bindings.push(...published.value);
    }
    return ok(bindings);
  }

  unpublish(network: DockerNetwork, address: Ipv4, bindings: readonly PortBinding[]): void {
    for (const binding of bindings) {
      const key = keyOf(binding, binding.hostPort);
      this.allocated.delete(key);
      this.held.get(key)?.socket.close();
      this.held.delete(key);
      binding.proxy?.kill("KILL");
      this.firewall.removePort(network, address, binding);
    }
  }

  private publishOne(
    network: DockerNetwork,
    address: Ipv4,
    spec: PortSpec,
  ): Result<readonly PortBinding[], string> {
    const addresses: readonly (Ipv4 | Ipv6)[] =
      spec.hostIp === undefined ? [IPV4_ANY, ...(this.hasIpv6() ? [IPV6_ANY] : [])] : [spec.hostIp];
    const hostPort = spec.hostPort === 0 ? this.ephemeral(addresses, spec) : spec.hostPort;
    const bindings: PortBinding[] = [];
    for (const hostIp of addresses) {
      const target = { protocol: spec.protocol, hostIp, hostPort, address, port: spec.containerPort };
      const proxy = this.bind(target);
      if (!proxy.ok) {
        this.unpublish(network, address, bindings);
        return proxy;
      }
      const { containerPort, protocol } = spec;
      const binding: PortBinding = { hostIp, hostPort, containerPort, protocol, proxy: proxy.value };
      this.firewall.addPort(network, address, binding);
      bindings.push(binding);
    }
    return ok(bindings);
  }

  /** The socket is the daemon's first: it fails where somebody listens already. */
  private bind(target: ProxyTarget): Result<Process | undefined, string> {
    const shown = `${shownAddress(target.hostIp)}:${target.hostPort}`;
    const key = keyOf(target, target.hostPort);
    const any = keyOf(
      { protocol: target.protocol, hostIp: isIpv4(target.hostIp) ? IPV4_ANY : IPV6_ANY },
      target.hostPort,
    );
    const taken = this.allocated.has(key) || this.allocated.has(any) || this.anySpecific(target);
    if (taken) return err(`Bind for ${shown} failed: port is already allocated`);
    const bound = bindHostPort(this.net, target);
    if (bound === undefined)
      return err(`failed to bind host port ${shown}/${target.protocol}: address already in use`);
    this.allocated.add(key);
    if (!this.userlandProxy) {
      // The socket alone keeps the port: nobody else may listen where the kernel leads connections away.
      this.held.set(key, bound);
      return ok(undefined);
    }
    return ok(this.spawn(target, dockerProxy(bound, target)));
  }

  private spawn(target: ProxyTarget, program: Parameters<typeof Process.spawn>[1]): Process {
    const options = {
      argv: proxyArguments(target),
      env: new Map<string, string>(),
      cwd: "/",
      netns: this.host.netns,
      files: new Map(),
    };
    return Process.spawn(this.host, program, options, NO_COST);
  }

  /** 0.0.0.0 is refused where one address has the port already. */
  private anySpecific(target: ProxyTarget): boolean {
    if (!isIpv4(target.hostIp) || target.hostIp !== IPV4_ANY) return false;
    const end = `:${target.hostPort}/${target.protocol}`;
    return [...this.allocated].some((key) => key.endsWith(end) && !key.startsWith("::"));
  }

  private ephemeral(addresses: readonly (Ipv4 | Ipv6)[], spec: PortSpec): number {
    for (let tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
      const port = this.nextEphemeral;
      this.nextEphemeral = port === LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
      const free = addresses.every((hostIp) => {
        if (this.allocated.has(keyOf({ protocol: spec.protocol, hostIp }, port))) return false;
        const target = { protocol: spec.protocol, hostIp, hostPort: port, address: IPV4_ANY, port: 0 };
        const bound = bindHostPort(this.net, target);
        bound?.socket.close();
        return bound !== undefined;
      });
      if (free) return port;
    }
    return LAST_EPHEMERAL;
  }

  /** Models: netutils.IsV6Listenable. */
  private hasIpv6(): boolean {
    const socket = this.net.socket.tcp(PROXY, "inet6");
    const bound = socket.bind({ address: must(parseIpv6("::1"), "::1"), port: 0 });
    socket.close();
    return bound.ok;
  }
}

function keyOf(at: { readonly protocol: string; readonly hostIp: Ipv4 | Ipv6 }, port: number): string {
  return `${formatAddress(at.hostIp)}:${port}/${at.protocol}`;
}

/** As messages and lists show it: IPv6 in brackets. */
export function shownAddress(address: Ipv4 | Ipv6): string {
  return isIpv4(address) ? formatAddress(address) : `[${formatAddress(address)}]`;
}
