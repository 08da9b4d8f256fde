import type { Ipv4 } from "../../wire/address.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Host } from "../../userland/os/host.ts";
import type { Process } from "../../userland/os/process.ts";
import type { NetworkConfigList } from "../cni/config.ts";
import type { CniResult } from "../cni/result.ts";
import type { ContainerLog } from "./log.ts";

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface PortMapping {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

/** runtime.v1.PodSandboxConfig. */
export interface SandboxConfig {
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly hostname: string;
  readonly hostNetwork: boolean;
  readonly dns: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  /** The address that it must get (CNI_ARGS IP=). */
  readonly ip?: string | undefined;
  /** Limits in bits a second; undefined is none. */
  readonly bandwidth?: { readonly ingress: number | undefined; readonly egress: number | undefined };
}

/** A path of the node that appears in the container. */
export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
}

export interface ListenPort {
  readonly port: number;
  readonly protocol: string;
}

/** runtime.v1.ContainerConfig. */
export interface ContainerConfig {
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  /** Others wait for its end: an init container, or one of a pod that runs once and serves nothing. */
  readonly runsToEnd?: boolean;
  /** Overrides the image's entrypoint when not empty. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly workingDir: string;
  readonly mounts: readonly Mount[];
  /** Declared containerPorts: what the stand-in for an unknown image listens on. */
  readonly ports: readonly ListenPort[];
}

/** `ready` while its pause process lives; a sandbox that is not keeps nothing but its name. */
export type SandboxState = "ready" | "notready";

export interface Sandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdAt: Nanos;
  readonly netns: NetnsId;
  /** /var/run/netns/cni-...; empty with hostNetwork. */
  readonly netnsPath: string;
  state: SandboxState;
  /** Of eth0; absent with hostNetwork. */
  ip: Ipv4 | undefined;
  result: CniResult | undefined;
  /** The network that it was attached to: DEL uses the configuration of then, as it is cached. */
  network: NetworkConfigList | undefined;
  pause: Process | undefined;
  /** Whether the runtime still holds the namespace. */
  netnsHeld: boolean;
}

export type ContainerState = "created" | "running" | "exited";

export interface RuntimeContainer {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly config: ContainerConfig;
  readonly host: Host;
  readonly log: ContainerLog;
  readonly createdAt: Nanos;
  state: ContainerState;
  process: Process | undefined;
  startedAt: Nanos;
  finishedAt: Nanos;
  exitCode: number;
  /** Completed, Error, StartError ... */
  reason: string;
  message: string;
}

/** Everything about sandboxes and containers that a journal or a board wants to know. */
export type RuntimeEvent = {
  readonly time: Nanos;
  readonly node: string;
  readonly pod: PodIdentity;
  readonly sandboxId: string;
} & (
  | {
      readonly kind: "netns-created" | "sandbox-started" | "sandbox-stopped" | "sandbox-removed";
      readonly netns: NetnsId;
    }
  | { readonly kind: "network-attached"; readonly netns: NetnsId; readonly result: CniResult }
  | {
      readonly kind: "container-created" | "container-started" | "container-exited" | "container-removed";
      readonly container: string;
      readonly containerId: string;
    }
);

export type RuntimeObserver = (event: RuntimeEvent) => void;
