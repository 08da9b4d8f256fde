import type { ContainerRuntime } from "../../container/runtime/cri.ts";
import { background } from "../../container/background.ts";
import type { EventQueue } from "../../sim/queue.ts";
import { type Coroutine, Signal, type Task } from "../../sim/task.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import type { Host } from "../../userland/os/host.ts";
import type { ApiClient, EventRecorder } from "../api/index.ts";
import type { ClusterDns } from "./dns.ts";
import type { ContainerRecord, PodState } from "./pod-state.ts";

/** What every part of one node's kubelet works with. */
export interface KubeletContext {
  readonly host: Host;
  readonly hostIp: string;
  readonly runtime: ContainerRuntime;
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly dns: () => ClusterDns;
  readonly pulls: Turnstile;
  readonly tasks: Tasks;
  /** Addresses that the cluster knows already, by the pod's uid: their sandboxes get them and no others. */
  readonly promised: Map<string, string>;
}

/** What a kubelet does beside everything else; it ends with the kubelet. */
export class Tasks {
  private readonly queue: EventQueue;
  private readonly running = new Set<Coroutine<void>>();

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  start(task: Task<void>): Coroutine<void> {
    for (const each of this.running) if (!each.alive) this.running.delete(each);
    const started = background(this.queue, task);
    this.running.add(started);
    return started;
  }

  kill(): void {
    for (const task of this.running) task.kill("KILL");
    this.running.clear();
  }
}

/** Lets one in at a time: images are pulled one after the other. Models: kubelet serializeImagePulls. */
export class Turnstile {
  private busy = false;
  private readonly free = new Signal();

  *enter(): Task<void> {
    while (this.busy) yield* this.free.wait();
    this.busy = true;
  }

  /** Whoever was inside is gone. */
  reset(): void {
    this.busy = false;
  }

  leave(): void {
    this.busy = false;
    this.free.fire();
  }
}

/** `least` and up to half as much again. Models: wait.Jitter with factor 0.5. */
export function jitter(context: KubeletContext, leastMs: number): Nanos {
  return millis(leastMs * (1 + context.host.random.unit() / 2));
}

/** Records an event about a pod, or about one of its containers. */
export function note(
  context: KubeletContext,
  state: PodState,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  record?: ContainerRecord,
): void {
  const field = record?.isInit === true ? "initContainers" : "containers";
  context.events.record(state.pod, {
    type,
    reason,
    message,
    ...(record !== undefined && { fieldPath: `spec.${field}{${record.spec.name}}` }),
  });
}

/** `NAME_NAMESPACE(UID)`, as messages name a pod. */
export function podText(state: PodState): string {
  const { name, namespace = "default", uid } = state.pod.metadata;
  return `${name}_${namespace}(${uid})`;
}
