import { must } from "../../base/result.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import type { Host } from "../../userland/os/host.ts";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import { background } from "../background.ts";
import { advertise, containerMac, deleteDevice, type Plug, plugIn, setGateway } from "./bridge.ts";
import type { Firewall } from "./firewall.ts";
import { externalServers } from "./etc.ts";
import type { Networks } from "./networks.ts";
import { Resolver } from "./resolver.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Attachment, DaemonOptions, DockerContainer, DockerNetwork, DockerSandbox } from "./types.ts";

const HEX = "0123456789abcdef";
export const DOCKERD = "dockerd";

export interface SandboxContext {
  readonly host: Host;
  readonly net: NetApi;
  readonly random: Random;
  readonly options: DaemonOptions;
  readonly firewall: Firewall;
  readonly networks: Networks;
  /** What a container's namespace is called. */
  readonly label: (container: string) => string;
  /** Every container that runs: whose names the embedded DNS knows. */
  readonly running: () => readonly DockerContainer[];
}

/** Namespaces of containers and what is plugged into them. Models: libnetwork's sandbox, endpoint and osl. */
export class Sandboxes {
  private readonly context: SandboxContext;

  constructor(context: SandboxContext) {
    this.context = context;
  }

  /** A namespace with lo up. */
  create(container: DockerContainer): DockerSandbox {
    const { host, random } = this.context;
    const netns = host.kernel.createNetns(this.context.label(container.name));
    const id = random.text(64, HEX);
    const inside = host.kernel.open(netns, { name: DOCKERD, detail: `container ${container.name}` });
    const lo = must(inside.link.byName("lo"), "lo");
    inside.link.change(lo.index, { up: true });
    // Linux gives a new namespace the first one's IPv4 settings, where Docker has switched forwarding on.
    inside.sysctl.set(
      "net/ipv4/ip_forward",
      this.context.net.sysctl.get("net/ipv4/ip_forward").ok ? "1" : "0",
    );
    inside.sysctl.set("net/ipv4/ip_unprivileged_port_start", "0");
    const key = `/var/run/docker/netns/${id.slice(0, 12)}`;
    host.netnsFiles.set(key, netns);
    return { id, netns, key, stopResolver: undefined, own: true };
  }

  /** The namespace of the host or of another container. */
  share(netns: DockerSandbox["netns"], id: string, key: string): DockerSandbox {
    this.context.host.kernel.holdNetns(netns);
    return { id, netns, key, stopResolver: undefined, own: false };
  }

  release(sandbox: DockerSandbox): void {
    sandbox.stopResolver?.();
    sandbox.stopResolver = undefined;
    if (sandbox.own) this.context.host.netnsFiles.delete(sandbox.key);
    this.context.host.kernel.releaseNetns(sandbox.netns);
  }

  inside(container: DockerContainer): NetApi {
    const sandbox = must(container.sandbox, `sandbox of ${container.name}`);
    return this.context.host.kernel.open(sandbox.netns, {
      name: DOCKERD,
      detail: `container ${container.name}`,
    });
  }

  /** Plugs the container into a network. */
  attach(container: DockerContainer, network: DockerNetwork, attachment: Attachment): Result<void, string> {
    const { random, options, firewall, net, networks } = this.context;
    const taken = networks.poolOf(network).take(attachment.address);
    if (!taken.ok) return err(taken.error);
    const address = taken.value;
    const inside = this.inside(container);
    const plug: Plug = {
      bridge: network.bridge,
      port: `veth${random.text(7, HEX)}`,
      netns: inside.netns,
      device: freeDevice(inside),
      mac: container.spec.mac ?? containerMac(address, random, options.generation),
      mtu: options.mtu,
      address,
      length: network.subnet?.length ?? 32,
      hairpin: !options.userlandProxy,
    };
    plugIn(net, inside, plug);
    firewall.addEndpoint(network, address);
    if (options.generation === "current") background(this.context.host.queue, advertise(inside, plug));
    const endpoint = {
      id: random.text(64, HEX),
      network,
      container: container.name,
      address,
      mac: plug.mac,
      device: plug.device,
      port: plug.port,
    };
    network.endpoints.set(container.id, endpoint);
    container.endpoints.set(network.name, endpoint);
    if (!network.isDefault) this.startResolver(container);
    return ok();
  }

  detach(container: DockerContainer, network: DockerNetwork): void {
    const endpoint = container.endpoints.get(network.name);
    if (endpoint === undefined) return;
    this.context.firewall.removeEndpoint(network, endpoint.address);
    deleteDevice(this.context.net, endpoint.port);
    this.context.networks.poolOf(network).release(endpoint.address);
    network.endpoints.delete(container.id);
    container.endpoints.delete(network.name);
  }

  /** The network that the way out leads through: the first by name of those that have one. Models: libnetwork Endpoint.Less. */
  chooseGateway(container: DockerContainer): DockerNetwork | undefined {
    const own = [...container.endpoints.values()].map(({ network }) => network);
    const outward = own.filter(({ internal }) => !internal);
    const [first] = (outward.length > 0 ? outward : own).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const endpoint = first === undefined ? undefined : container.endpoints.get(first.name);
    const gateway = first?.internal === true ? undefined : first?.gateway;
    setGateway(this.inside(container), endpoint?.device ?? "", gateway);
    return first;
  }

  private startResolver(container: DockerContainer): void {
    const sandbox = must(container.sandbox, `sandbox of ${container.name}`);
    if (sandbox.stopResolver !== undefined) return;
    const { host, net } = this.context;
    const resolver = new Resolver(this.inside(container), net, host.queue, {
      resolve: (name) => this.resolve(container, name),
      nameOf: (address) => this.nameOf(container, address),
      external: () => externalServers(host.fs, container.spec.dns),
    });
    sandbox.stopResolver = resolver.start();
  }

  /** Names of the containers in the same networks: their own, their aliases, the beginning of their ID, their host names. */
  private resolve(container: DockerContainer, name: string): readonly Ipv4[] | undefined {
    const found: Ipv4[] = [];
    for (const { network } of container.endpoints.values()) {
      if (network.isDefault) continue;
      const suffix = `.${network.name.toLowerCase()}`;
      const bare = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
      for (const other of this.context.running()) {
        const endpoint = other.endpoints.get(network.name);
        if (endpoint !== undefined && namesOf(other, network).has(bare)) found.push(endpoint.address);
      }
    }
    return found.length > 0 ? found : undefined;
  }

  private nameOf(container: DockerContainer, address: Ipv4): string | undefined {
    for (const { network } of container.endpoints.values())
      for (const endpoint of network.endpoints.values())
        if (endpoint.address === address && !network.isDefault)
          return `${endpoint.container}.${network.name}`;
    return undefined;
  }
}

/** What a container is called in a network, in lower case. */
export function dnsNames(container: DockerContainer, network: string): readonly string[] {
  const aliases = container.attachments.find((a) => a.network === network)?.aliases ?? [];
  const { hostname } = container.spec;
  return [
    ...new Set([
      container.name,
      ...aliases,
      container.id.slice(0, 12),
      ...(hostname === undefined ? [] : [hostname]),
    ]),
  ];
}

function namesOf(container: DockerContainer, network: DockerNetwork): ReadonlySet<string> {
  return new Set(dnsNames(container, network.name).map((name) => name.toLowerCase()));
}

function freeDevice(inside: NetApi): string {
  for (let i = 0; ; i++) if (inside.link.byName(`eth${i}`) === undefined) return `eth${i}`;
}

export function addressText(container: DockerContainer): string | undefined {
  const first = [...container.endpoints.values()][0];
  return first === undefined ? undefined : formatIpv4(first.address);
}
