import { err, must, ok, type Result } from "../../base/result.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import { ipv4, type Ipv4, type Ipv4Prefix } from "../../wire/address.ts";
import type { Nanos } from "../../sim/time.ts";
import { createBridge, deleteDevice, randomMac } from "./bridge.ts";
import type { Firewall } from "./firewall.ts";
import { AddressPool, freePool, hasHostBits, overlaps, subnetOf } from "./ipam.ts";
import type { AdoptedNetwork, DaemonOptions, DockerNetwork } from "./types.ts";

const HEX = "0123456789abcdef";

/** `docker network create`: what is asked for. */
export interface NetworkSpec {
  readonly name: string;
  readonly driver: string;
  readonly subnet: Ipv4Prefix | undefined;
  readonly gateway: Ipv4 | undefined;
  readonly internal: boolean;
  readonly options: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
}

const OPTION = "com.docker.network.bridge.";
/** Driver options that change nothing that is modelled differently are refused by the caller. */
export const KNOWN_OPTIONS: readonly string[] = [
  `${OPTION}name`,
  `${OPTION}enable_icc`,
  `${OPTION}enable_ip_masquerade`,
];

export interface NetworksContext {
  readonly net: NetApi;
  readonly random: Random;
  readonly options: DaemonOptions;
  readonly firewall: Firewall;
  readonly now: () => Nanos;
}

/** The engine's networks and their addresses. Models: libnetwork's controller and its bridge driver. */
export class Networks {
  readonly byId = new Map<string, DockerNetwork>();
  private readonly pools = new Map<string, AddressPool>();
  private readonly context: NetworksContext;

  constructor(context: NetworksContext) {
    this.context = context;
  }

  list(): readonly DockerNetwork[] {
    return [...this.byId.values()];
  }

  /** By name, by ID, or by the beginning of an ID. */
  find(reference: string): DockerNetwork | undefined {
    const all = this.list();
    return (
      all.find(({ id }) => id === reference) ??
      all.find(({ name }) => name === reference) ??
      (reference === "" ? undefined : all.find(({ id }) => id.startsWith(reference)))
    );
  }

  poolOf(network: DockerNetwork): AddressPool {
    return must(this.pools.get(network.id), `pool of ${network.name}`);
  }

  /** bridge, host and none, which are always there. */
  createDefaults(): void {
    const { options } = this.context;
    for (const [name, driver] of [
      ["none", "null"],
      ["host", "host"],
    ] as const)
      this.put({ ...this.blank(name), driver });
    const subnet = options.bip === undefined ? freePool(this.taken()) : subnetOf(options.bip);
    const network = this.bridgeNetwork(
      {
        name: "bridge",
        driver: "bridge",
        subnet: subnet ?? { address: ipv4(0xac110000), length: 16 },
        gateway: options.bip?.address,
        internal: false,
        options: new Map([
          [`${OPTION}default_bridge`, "true"],
          [`${OPTION}enable_icc`, String(options.icc)],
          [`${OPTION}enable_ip_masquerade`, String(options.masquerade)],
          [`${OPTION}host_binding_ipv4`, "0.0.0.0"],
          [`${OPTION}name`, "docker0"],
          ["com.docker.network.driver.mtu", String(options.mtu)],
        ]),
        labels: new Map(),
      },
      true,
    );
    if (!network.ok) throw new Error(`bug: docker0: ${network.error}`);
  }

  create(spec: NetworkSpec): Result<DockerNetwork, string> {
    if (this.list().some(({ name }) => name === spec.name))
      return err(`network with name ${spec.name} already exists`);
    if (spec.driver === "host" || spec.driver === "null")
      return err(`only one instance of "${spec.driver}" network is allowed`);
    if (spec.driver !== "bridge")
      return err(
        `could not find plugin ${spec.driver} in v1 plugin registry: plugin "${spec.driver}" not found`,
      );
    if (spec.subnet !== undefined && hasHostBits(spec.subnet))
      return err("invalid network config:\ninvalid subnet: it should be the network's own address");
    return this.bridgeNetwork(spec, false);
  }

  /** A network whose bridge and containers are there already. */
  adopt(adopted: AdoptedNetwork): DockerNetwork {
    const { firewall } = this.context;
    const network: DockerNetwork = {
      ...this.blank(adopted.name),
      id: adopted.bridge.replace(/^br-/, "") + this.context.random.text(52, HEX),
      driver: "bridge",
      bridge: adopted.bridge,
      subnet: adopted.subnet,
      gateway: adopted.gateway,
      options: new Map([[`${OPTION}enable_ip_masquerade`, "true"]]),
    };
    this.put(network);
    const pool = new AddressPool(adopted.subnet);
    pool.take(adopted.gateway);
    this.pools.set(network.id, pool);
    firewall.addNetwork(network);
    return network;
  }

  remove(network: DockerNetwork): Result<void, string> {
    if (network.driver !== "bridge" || network.isDefault)
      return err(`${network.name} is a pre-defined network and cannot be removed`);
    if (network.endpoints.size > 0) {
      const who = [...network.endpoints.values()].map(
        ({ container, id }) => `name:"${container}" id:"${id.slice(0, 12)}"`,
      );
      return err(
        `error while removing network: network ${network.name} has active endpoints (${who.join(", ")})`,
      );
    }
    this.context.firewall.removeNetwork(network);
    deleteDevice(this.context.net, network.bridge);
    this.byId.delete(network.id);
    this.pools.delete(network.id);
    return ok();
  }

  private blank(name: string): DockerNetwork {
    return {
      id: this.context.random.text(64, HEX),
      name,
      driver: "null",
      created: this.context.now(),
      bridge: "",
      subnet: undefined,
      gateway: undefined,
      internal: false,
      icc: true,
      masquerade: true,
      subnetGiven: false,
      isDefault: false,
      options: new Map(),
      labels: new Map(),
      endpoints: new Map(),
    };
  }

  private put(network: DockerNetwork): void {
    this.byId.set(network.id, network);
  }

  private bridgeNetwork(spec: NetworkSpec, isDefault: boolean): Result<DockerNetwork, string> {
    const { net, random, options, firewall } = this.context;
    const subnet = spec.subnet ?? freePool(this.taken());
    if (subnet === undefined) return err("all predefined address pools have been fully subnetted");
    if (this.list().some((n) => n.subnet !== undefined && overlaps(n.subnet, subnet)))
      return err("invalid pool request: Pool overlaps with other one on this address space");
    const base = this.blank(spec.name);
    const bridge = spec.options.get(`${OPTION}name`) ?? `br-${base.id.slice(0, 12)}`;
    const pool = new AddressPool(subnet);
    const gateway = pool.take(spec.gateway);
    if (!gateway.ok) return gateway;
    const network: DockerNetwork = {
      ...base,
      driver: "bridge",
      bridge,
      subnet,
      gateway: gateway.value,
      internal: spec.internal,
      icc: spec.options.get(`${OPTION}enable_icc`) !== "false",
      masquerade: spec.options.get(`${OPTION}enable_ip_masquerade`) !== "false",
      subnetGiven: spec.subnet !== undefined,
      isDefault,
      options: spec.options,
      labels: spec.labels,
    };
    const mac = randomMac(random, options.generation);
    const made = createBridge(net, bridge, { mac, mtu: options.mtu, gateway: gateway.value, subnet });
    if (!made.ok) return made;
    if (!options.userlandProxy) net.sysctl.set(`net/ipv4/conf/${bridge}/route_localnet`, "1");
    this.pools.set(network.id, pool);
    this.put(network);
    firewall.addNetwork(network);
    return ok(network);
  }

  /** What the networks and the host's own devices use. */
  private taken(): readonly Ipv4Prefix[] {
    const own = this.list().flatMap(({ subnet }) => subnet ?? []);
    const host = this.context.net.address
      .list()
      .map(({ local, prefixLength }) => subnetOf({ address: local, length: prefixLength }));
    return [...own, ...host];
  }
}
