import type { Result } from "../../base/result.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import type { Task } from "../../sim/task.ts";
import type { Process } from "../../userland/os/process.ts";
import type { NetworkConfig } from "./config.ts";
import type { ExternalInterface } from "./external.ts";
import type { Klog } from "./klog.ts";
import type { Lease, LeaseEvent } from "./lease.ts";

/** What this node announces; the subnet comes from the node's podCIDR. */
export type LeaseAttributes = Pick<Lease, "publicIp" | "backendType" | "backendData">;

export interface BackendContext {
  readonly net: NetApi;
  /** flanneld itself: its files and environment, and the queue that what it does on the side runs on. */
  readonly process: Process;
  readonly log: Klog;
  readonly random: Random;
  readonly external: ExternalInterface;
  readonly config: NetworkConfig;
  /** The VTEP's MAC that an earlier run left in the node's annotation. */
  readonly storedMac: () => Task<string>;
  /** Writes the node's annotations and answers its lease. */
  readonly acquireLease: (attributes: LeaseAttributes) => Task<Result<Lease, string>>;
}

/** A backend at work. */
export interface BackendNetwork {
  readonly lease: Lease;
  /** What fits into one packet of the overlay: FLANNEL_MTU. */
  readonly mtu: number;
  /** Called once when the network begins to run; the result ends what it started. */
  start(): Task<() => void>;
  /** Another node came, changed or went. */
  handle(event: LeaseEvent): Task<void>;
}

/** How packets get from node to node: one folder below backends/ each, one line in backends/index.ts. */
export interface Backend {
  /** `Backend.Type` of net-conf.json. */
  readonly type: string;
  /** Why it cannot serve on this interface. Models: the backend's constructor. */
  refuses?(external: ExternalInterface): string | undefined;
  /** Makes devices and takes the lease. The error ends flanneld. */
  register(context: BackendContext): Task<Result<BackendNetwork, string>>;
}
