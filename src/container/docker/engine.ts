import { err, must, ok, type Result } from "../../base/result.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { nanos } from "../../sim/time.ts";
import type { Host } from "../../userland/os/host.ts";
import { ContainerLog } from "../runtime/log.ts";
import { createFirewall, type Firewall } from "./firewall.ts";
import { imageFacts } from "./images.ts";
import { randomName } from "./names.ts";
import { Networks, type NetworkSpec } from "./networks.ts";
import { PortMapper } from "./ports.ts";
import { DOCKERD, Sandboxes } from "./sandbox.ts";
import {
  type AdoptedNetwork,
  type Attachment,
  type ContainerSpec,
  type DaemonOptions,
  DEFAULT_DAEMON,
  type DockerContainer,
  type DockerEvent,
  type DockerNetwork,
  type DockerSurroundings,
} from "./types.ts";

const HEX = "0123456789abcdef";

/**
 * dockerd on one host: its networks, its containers, and what they need of the host's devices and rules. It starts when
 * it is first asked, as by systemd's docker.socket. What it refuses it says in the daemon's words.
 */
export class DockerEngine {
  readonly host: Host;
  readonly options: DaemonOptions;
  readonly containers = new Map<string, DockerContainer>();
  readonly networks: Networks;
  readonly sandboxes: Sandboxes;
  readonly ports: PortMapper;
  readonly net: NetApi;
  readonly random: Random;
  /** Fires when a container has ended or is gone. */
  readonly changed = new Signal();
  /** Images that somebody used or pulled: reference to ID. */
  readonly images = new Map<string, string>();
  private readonly firewall: Firewall;
  private readonly surroundings: DockerSurroundings;

  constructor(surroundings: DockerSurroundings, options: Partial<DaemonOptions> = {}) {
    this.surroundings = surroundings;
    this.options = { ...DEFAULT_DAEMON, ...options };
    this.host = surroundings.host;
    this.random = this.host.random.fork();
    this.net = this.host.kernel.open(this.host.netns, { name: DOCKERD, detail: "bridge driver" });
    this.firewall = createFirewall(this.net, this.options);
    const shared = {
      net: this.net,
      random: this.random,
      options: this.options,
      firewall: this.firewall,
    };
    this.networks = new Networks({ ...shared, now: () => this.host.queue.now });
    this.sandboxes = new Sandboxes({
      ...shared,
      host: this.host,
      networks: this.networks,
      label: surroundings.label ?? ((name) => name),
      running: () => [...this.containers.values()].filter(({ state }) => state === "running"),
    });
    this.ports = new PortMapper(this.host, this.firewall, this.options.userlandProxy);
    this.start();
  }

  /** Forwarding, chains, docker0. Models: drivers/bridge setup_ip_forwarding.go, setup_bridgenetfiltering.go. */
  private start(): void {
    const { sysctl, xtables } = this.net;
    this.firewall.setUp();
    const forwarding = sysctl.get("net/ipv4/ip_forward");
    if (forwarding.ok && forwarding.value === "0") {
      sysctl.set("net/ipv4/ip_forward", "1");
      xtables.commit("ip", "filter", [{ op: "policy", chain: "FORWARD", policy: "DROP" }]);
    }
    sysctl.set("net/bridge/bridge-nf-call-iptables", "1");
    const adopted = this.surroundings.adopt?.();
    this.networks.createDefaults();
    if (adopted !== undefined) this.adopt(adopted);
  }

  /** By name, by ID, or by the beginning of an ID. */
  find(reference: string): DockerContainer | undefined {
    const all = [...this.containers.values()];
    const name = reference.replace(/^\//, "");
    return (
      this.containers.get(reference) ??
      all.find((container) => container.name === name) ??
      (reference === "" ? undefined : all.find(({ id }) => id.startsWith(reference)))
    );
  }

  /** Newest first, as lists show them. */
  newestFirst(): readonly DockerContainer[] {
    return [...this.containers.values()].reverse();
  }

  /** `docker create`. */
  create(spec: ContainerSpec): Result<DockerContainer, string> {
    const named = spec.name === undefined ? undefined : this.find(`/${spec.name}`);
    if (named !== undefined && named.name === spec.name)
      return err(
        `Conflict. The container name "/${spec.name}" is already in use by container "${named.id}". ` +
          "You have to remove (or rename) that container to be able to reuse that name.",
      );
    const refusal = this.refuseAttachments(spec);
    if (refusal !== undefined) return err(refusal);
    const facts = imageFacts(spec.image);
    const entrypoint = spec.entrypoint ?? facts.entrypoint;
    const command = spec.command.length > 0 || spec.entrypoint !== undefined ? spec.command : facts.command;
    const words = [...entrypoint, ...command];
    const id = this.random.text(64, HEX);
    const container: DockerContainer = {
      id,
      name: spec.name ?? randomName(this.random, (name) => this.find(name) !== undefined),
      spec,
      created: this.host.queue.now,
      path: words[0] ?? "",
      args: words.slice(1),
      log: new ContainerLog(this.host.queue),
      adopted: false,
      state: "created",
      host: undefined,
      sandbox: undefined,
      process: undefined,
      startedAt: nanos(0),
      finishedAt: nanos(0),
      exitCode: 0,
      orderlyExit: undefined,
      error: "",
      attachments: [...spec.attachments],
      endpoints: new Map(),
      bindings: [],
      gatewayNetwork: undefined,
    };
    this.containers.set(id, container);
    this.imageId(spec.image);
    this.emit("container-created", container);
    return ok(container);
  }

  /** An image is there as soon as somebody names it: there is no registry that could fail. */
  imageId(reference: string): string {
    const known = this.images.get(reference);
    if (known !== undefined) return known;
    const id = this.random.text(64, HEX);
    this.images.set(reference, id);
    return id;
  }

  /** Forgets a container that does not run. */
  forget(container: DockerContainer): void {
    this.containers.delete(container.id);
    this.emit("container-removed", container);
    this.changed.fire();
  }

  createNetwork(spec: NetworkSpec): Result<DockerNetwork, string> {
    return this.networks.create(spec);
  }

  removeNetwork(network: DockerNetwork): Result<void, string> {
    if (network.endpoints.size === 0 && this.isAdopted(network))
      return err(`network ${network.name} belongs to a cluster`);
    return this.networks.remove(network);
  }

  /** `docker network connect`. */
  connect(container: DockerContainer, network: DockerNetwork, attachment: Attachment): Result<void, string> {
    if (container.spec.mode.kind === "container")
      return err(
        `container sharing network namespace with another container or host cannot be connected to any other network`,
      );
    if (container.spec.mode.kind === "host" || network.driver === "host")
      return err("container cannot be connected to host network or disconnected from it");
    if (network.driver === "null" || container.spec.mode.kind === "none")
      return err(
        "container cannot be connected to multiple networks with one of the networks in private (none) mode",
      );
    if (container.attachments.some((a) => a.network === network.name))
      return err(`endpoint with name ${container.name} already exists in network ${network.name}`);
    const refusal = refuseAddress(network, attachment);
    if (refusal !== undefined) return err(refusal);
    if (container.state === "running") {
      const attached = this.sandboxes.attach(container, network, attachment);
      if (!attached.ok) return attached;
    }
    container.attachments.push(attachment);
    return container.state === "running" ? this.settleGateway(container) : ok();
  }

  /** `docker network disconnect`. */
  disconnect(container: DockerContainer, network: DockerNetwork): Result<void, string> {
    const at = container.attachments.findIndex((a) => a.network === network.name);
    if (at < 0) return err(`container ${container.id} is not connected to the network ${network.name}`);
    container.attachments.splice(at, 1);
    if (container.state !== "running") return ok();
    if (container.gatewayNetwork === network.name) this.unpublish(container);
    this.sandboxes.detach(container, network);
    return this.settleGateway(container);
  }

  /** The way out and the published ports follow the network that now leads outwards. */
  settleGateway(container: DockerContainer): Result<void, string> {
    const network = this.sandboxes.chooseGateway(container);
    if (network?.name === container.gatewayNetwork) return ok();
    this.unpublish(container);
    container.gatewayNetwork = network?.name;
    const endpoint = network === undefined ? undefined : container.endpoints.get(network.name);
    if (network === undefined || endpoint === undefined) return ok();
    const published = this.ports.publish(network, endpoint.address, container.spec.ports);
    if (!published.ok)
      return err(
        `driver failed programming external connectivity on endpoint ${container.name} (${endpoint.id}): ${published.error}`,
      );
    container.bindings = [...published.value];
    return ok();
  }

  unpublish(container: DockerContainer): void {
    const endpoint = container.endpoints.get(container.gatewayNetwork ?? "");
    if (endpoint !== undefined) this.ports.unpublish(endpoint.network, endpoint.address, container.bindings);
    container.bindings = [];
    container.gatewayNetwork = undefined;
  }

  emit(kind: DockerEvent["kind"], container: DockerContainer): void {
    this.surroundings.observe?.({ kind, container });
  }

  /** Waits until a container does not run. */
  *waitFor(container: DockerContainer): Task<number> {
    while (container.state === "running") yield* this.changed.wait();
    return container.exitCode;
  }

  private isAdopted(network: DockerNetwork): boolean {
    return [...this.containers.values()].some((c) => c.adopted && c.endpoints.has(network.name));
  }

  private refuseAttachments(spec: ContainerSpec): string | undefined {
    for (const attachment of spec.attachments) {
      const network = this.networks.find(attachment.network);
      const refusal = network === undefined ? undefined : refuseAddress(network, attachment);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** A cluster's nodes are containers that run already. */
  private adopt(adopted: AdoptedNetwork): void {
    const network = this.networks.adopt(adopted);
    for (const { name, image, address, netns, host, ports = [] } of adopted.nodes) {
      const attachment: Attachment = { network: network.name, address: undefined, aliases: [] };
      const made = this.create({
        ...BLANK_SPEC,
        name,
        image,
        hostname: name,
        modeText: network.name,
        attachments: [attachment],
        ports,
      });
      if (!made.ok) throw new Error(`bug: ${made.error}`);
      const container: DockerContainer = {
        ...made.value,
        path: "/usr/local/bin/entrypoint",
        args: ["/sbin/init"],
        adopted: true,
        created: nanos(0),
        state: "running",
        get host() {
          return host();
        },
        sandbox: {
          id: this.random.text(64, HEX),
          netns,
          key: "",
          stopResolver: undefined,
          own: false,
        },
      };
      this.containers.set(container.id, container);
      must(this.networks.poolOf(network).take(address).ok ? true : undefined, `address of ${name}`);
      const inside = this.host.kernel.open(netns, { name: DOCKERD });
      const endpoint = {
        id: this.random.text(64, HEX),
        network,
        container: name,
        address,
        mac: must(inside.link.byName("eth0"), "eth0").mac,
        device: "eth0",
        port: "",
      };
      network.endpoints.set(container.id, endpoint);
      container.endpoints.set(network.name, endpoint);
      container.gatewayNetwork = network.name;
      // A port that is taken stays unpublished: the cluster stands already.
      const published = this.ports.publish(network, address, ports);
      if (published.ok) container.bindings = [...published.value];
    }
  }
}

/** A container of which nothing is asked. */
export const BLANK_SPEC: ContainerSpec = {
  name: undefined,
  image: "",
  entrypoint: undefined,
  command: [],
  env: [],
  workingDir: undefined,
  hostname: undefined,
  labels: [],
  ports: [],
  publishAll: false,
  exposed: [],
  mode: { kind: "bridge" },
  modeText: "bridge",
  attachments: [],
  dns: [],
  extraHosts: [],
  mounts: [],
  sysctls: [],
  mac: undefined,
  autoRemove: false,
  openStdin: false,
};

/** Models: daemon/container_operations.go validateEndpointSettings. */
function refuseAddress(network: DockerNetwork, attachment: Attachment): string | undefined {
  const head = `invalid config for network ${network.name}: invalid endpoint settings:\n`;
  if (attachment.aliases.length > 0 && network.isDefault)
    return `${head}network-scoped aliases are only supported for user-defined networks`;
  if (attachment.address === undefined) return undefined;
  if (network.isDefault) return `${head}user-specified IP address is supported on user-defined networks only`;
  if (!network.subnetGiven)
    return `${head}user specified IP address is supported only when connecting to networks with user configured subnets`;
  return undefined;
}
