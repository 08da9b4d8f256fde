import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Host } from "../../userland/os/host.ts";
import type { Process } from "../../userland/os/process.ts";
import type { Ipv4, Ipv4Prefix, Mac } from "../../wire/address.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { ContainerLog } from "../runtime/log.ts";
import type { Mount } from "../runtime/types.ts";

/** Which layout of firewall rules and which MAC addresses: today's, or those of 20.10 that most tutorials show. */
export type Generation = "current" | "classic";

/** What dockerd is started with. Models: dockerd(8), as far as networks go. */
export interface DaemonOptions {
  readonly generation: Generation;
  /** Address and length of docker0; the first of the default pools that is free unless told. */
  readonly bip?: Ipv4Prefix;
  readonly userlandProxy: boolean;
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly mtu: number;
}

export const DEFAULT_DAEMON: DaemonOptions = {
  generation: "current",
  userlandProxy: true,
  icc: true,
  masquerade: true,
  mtu: 1500,
};

export type PortProtocol = "tcp" | "udp";

/** `-p`: a port of the container that is to be reached through the host. */
export interface PortSpec {
  /** Undefined: every address of the host. */
  readonly hostIp: Ipv4 | undefined;
  /** 0: the engine chooses. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: PortProtocol;
}

/** A published port as it came to be: one for each family of the host. */
export interface PortBinding {
  readonly hostIp: Ipv4 | Ipv6;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: PortProtocol;
  /** docker-proxy, when there is one. */
  readonly proxy: Process | undefined;
}

export type NetworkDriver = "bridge" | "host" | "null";

export interface DockerNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  readonly created: Nanos;
  /** The bridge's device; empty for host and none. */
  readonly bridge: string;
  readonly subnet: Ipv4Prefix | undefined;
  readonly gateway: Ipv4 | undefined;
  readonly internal: boolean;
  readonly icc: boolean;
  readonly masquerade: boolean;
  /** The subnet was the user's choice: only then may a container ask for an address. */
  readonly subnetGiven: boolean;
  /** docker0: no embedded DNS, not to be removed. */
  readonly isDefault: boolean;
  readonly options: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly endpoints: Map<string, Endpoint>;
}

/** A container's place in a network. */
export interface Endpoint {
  readonly id: string;
  readonly network: DockerNetwork;
  readonly container: string;
  readonly address: Ipv4;
  readonly mac: Mac;
  /** eth0, eth1 ... */
  readonly device: string;
  /** Its other end, a port of the bridge. */
  readonly port: string;
}

/** What a container asks of one network. */
export interface Attachment {
  readonly network: string;
  readonly address: Ipv4 | undefined;
  readonly aliases: readonly string[];
}

export type NetworkMode =
  | { readonly kind: "bridge" }
  | { readonly kind: "host" }
  | { readonly kind: "none" }
  /** Shares another container's namespace. */
  | { readonly kind: "container"; readonly id: string };

/** `docker create`: what is asked for. */
export interface ContainerSpec {
  readonly name: string | undefined;
  readonly image: string;
  /** Replaces the image's entrypoint. */
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly workingDir: string | undefined;
  readonly hostname: string | undefined;
  readonly labels: readonly (readonly [string, string])[];
  readonly ports: readonly PortSpec[];
  readonly publishAll: boolean;
  readonly exposed: readonly { readonly port: number; readonly protocol: PortProtocol }[];
  readonly mode: NetworkMode;
  /** As given to --network: `bridge`, `host`, `container:ID`, a name. */
  readonly modeText: string;
  readonly attachments: readonly Attachment[];
  readonly dns: readonly string[];
  readonly extraHosts: readonly (readonly [string, string])[];
  readonly mounts: readonly Mount[];
  readonly sysctls: readonly (readonly [string, string])[];
  readonly mac: Mac | undefined;
  readonly autoRemove: boolean;
  /** -i or -t: standard input stays open. */
  readonly openStdin: boolean;
}

export type ContainerState = "created" | "running" | "exited";

/** What holds a container's namespace while it runs. */
export interface DockerSandbox {
  readonly id: string;
  readonly netns: NetnsId;
  /** Empty with the host's namespace. */
  readonly key: string;
  /** Ends the embedded DNS. */
  stopResolver: (() => void) | undefined;
  /** Whether this container made the namespace, and gives it back. */
  readonly own: boolean;
}

export interface DockerContainer {
  readonly id: string;
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly created: Nanos;
  readonly path: string;
  readonly args: readonly string[];
  readonly log: ContainerLog;
  /** A node of a kind cluster: made elsewhere, shown here. */
  readonly adopted: boolean;
  state: ContainerState;
  host: Host | undefined;
  sandbox: DockerSandbox | undefined;
  process: Process | undefined;
  startedAt: Nanos;
  finishedAt: Nanos;
  exitCode: number;
  /** What a program that ends in good order when it is told to leaves as its status. */
  orderlyExit: number | undefined;
  error: string;
  /** What it is attached to, also while it does not run; kept in the order of attaching. */
  readonly attachments: Attachment[];
  /** By the network's name; empty while it does not run. */
  readonly endpoints: Map<string, Endpoint>;
  bindings: PortBinding[];
  /** The network that the default route and the published ports use. */
  gatewayNetwork: string | undefined;
}

/** What a journal or a board wants to know. */
export interface DockerEvent {
  readonly kind:
    | "container-created"
    | "container-started"
    | "container-exited"
    | "container-removed"
    | "sandbox-started"
    | "network-attached"
    | "sandbox-stopped";
  readonly container: DockerContainer;
}

export type DockerObserver = (event: DockerEvent) => void;

/** A network with containers that somebody else made with Docker's means before the engine was asked: kind's. */
export interface AdoptedNetwork {
  readonly name: string;
  readonly bridge: string;
  readonly subnet: Ipv4Prefix;
  readonly gateway: Ipv4;
  readonly nodes: readonly {
    readonly name: string;
    readonly image: string;
    readonly address: Ipv4;
    readonly netns: NetnsId;
    /** The machine, when somebody wants something of it. */
    readonly host: () => Host;
    readonly ports?: readonly PortSpec[];
  }[];
}

/** Where an engine works. */
export interface DockerSurroundings {
  readonly host: Host;
  readonly observe?: DockerObserver | undefined;
  adopt?: (() => AdoptedNetwork) | undefined;
  /** What a container's namespace is called in captures; its own name unless told. */
  readonly label?: (container: string) => string;
  /** The engine's version, unless the environment of its first command names another. */
  readonly version?: "29" | "20.10";
  /** What `dockerd` was told on its command line; it goes before daemon.json. */
  flags?: Partial<DaemonOptions>;
}
