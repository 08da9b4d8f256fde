import type { Result } from "../../base/result.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Process } from "../../userland/os/process.ts";

export interface LogOptions {
  readonly container?: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** The last so many lines; all when absent. */
  readonly tail?: number;
  /** Nothing that is older. */
  readonly since?: Nanos;
  /** Stands before every line. */
  readonly prefix?: string;
}

/** Which container of which pod, by name; the pod is known to exist and to be bound to a node. */
export interface ContainerTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly container: string;
}

/** Which pod, where no container is meant. */
export type PodTarget = Omit<ContainerTarget, "container">;

/**
 * What the API server asks of a node's kubelet on behalf of `kubectl exec` and `kubectl logs`. The kubelets of the
 * cluster implement it together; kubectl has chosen the container and checked that the pod runs.
 */
export interface ContainerRuntimeAccess {
  /**
   * Runs `argv` in the container with `process`'s standard files; the value is its exit status. -1 when it could not
   * be started at all: then the reason is on standard error already.
   */
  exec(target: ContainerTarget, argv: readonly string[], process: Process): Task<number>;
  /** Prints the container's log to `process`'s standard output; the value is the exit status. */
  logs(target: ContainerTarget, options: LogOptions, process: Process): Task<number>;
  /** A connection to a port of the pod, made inside its namespace; the error as the runtime words it. */
  dial(target: PodTarget, port: number): Task<Result<StreamSocket, string>>;
}
