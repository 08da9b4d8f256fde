import { Signal, sleep, type Task } from "../../sim/task.ts";
import { millis, seconds } from "../../sim/time.ts";
import { removeTree } from "../../container/files.ts";
import { type Pod, timestamp } from "../api/index.ts";
import { type KubeletContext } from "./context.ts";
import { newPodState, type PodState } from "./pod-state.ts";
import { podStatus } from "./status.ts";
import { type Again, killPod, syncPod } from "./sync.ts";
import { podDir } from "./volumes.ts";

/** From the pod's arrival to its first pass: admission, cgroups, directories. */
const ADMISSION_COST = millis(30);

/** The task that keeps one pod as it should be. Models: kubelet podWorkers. */
export class PodWorker {
  readonly state: PodState;
  private readonly context: KubeletContext;
  private readonly poked = new Signal();
  private dirty = false;
  /** The object is gone from the API server. */
  private gone = false;

  /** `known`: what the node's disk remembers of the pod. */
  constructor(context: KubeletContext, pod: Pod, known?: PodState) {
    this.context = context;
    this.state = known ?? newPodState(pod, timestamp(context.host.queue.now));
    this.state.pod = pod;
  }

  /** A new version of the object. */
  update(pod: Pod): void {
    const before = this.state.pod;
    this.state.pod = pod;
    const deleting = pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp;
    if (deleting || pod.metadata.generation !== before.metadata.generation) this.poke();
  }

  /** The object vanished without waiting for us: forced deletion, or the node's objects were swept away. */
  forget(): void {
    this.gone = true;
    this.poke();
  }

  /** Something happened to the pod: look again. */
  poke(): void {
    this.dirty = true;
    this.poked.fire();
  }

  *run(): Task<void> {
    yield* this.pause(ADMISSION_COST);
    this.publish();
    while (!this.ending()) {
      this.dirty = false;
      const again = this.ended() ? undefined : yield* syncPod(this.context, this.state, () => this.publish());
      this.publish();
      if (this.ended()) yield* this.releaseSandbox();
      if (!this.ending()) yield* this.pause(again);
    }
    yield* this.terminate();
  }

  private ending(): boolean {
    return this.gone || this.state.pod.metadata.deletionTimestamp !== undefined;
  }

  private ended(): boolean {
    const { phase } = podStatus(this.state, this.context.hostIp, "");
    return phase === "Succeeded" || phase === "Failed";
  }

  /** What has run to its end gives its address back. */
  private *releaseSandbox(): Task<void> {
    const { sandbox } = this.state;
    if (sandbox?.state === "ready") yield* this.context.runtime.stopPodSandbox(sandbox.id);
  }

  private *pause(again: Again): Task<void> {
    if (this.dirty) return;
    if (again === undefined) yield* this.poked.wait();
    else yield* this.poked.waitAtMost(again);
  }

  private *terminate(): Task<void> {
    const { context, state } = this;
    const grace = this.gone ? 0 : (state.pod.metadata.deletionGracePeriodSeconds ?? 30);
    while (!(yield* killPod(context, state, seconds(grace)))) yield* sleep(seconds(10));
    this.publish();
    if (state.sandbox !== undefined) context.runtime.removePodSandbox(state.sandbox.id);
    removeTree(context.host.fs, podDir(state.pod));
    const { namespace = "default", name } = state.pod.metadata;
    while (context.client.store.down) yield* sleep(seconds(5));
    if (!this.gone) context.client.delete("Pod", namespace, name, { gracePeriodSeconds: 0 });
  }

  /** Writes the status if it says anything new. */
  private publish(): void {
    if (this.gone) return;
    const { client, host, hostIp } = this.context;
    const { namespace = "default", name, uid } = this.state.pod.metadata;
    const now = timestamp(host.queue.now);
    client.updateStatus("Pod", namespace, name, (current) =>
      current.metadata.uid === uid
        ? { ...current, status: podStatus({ ...this.state, pod: current }, hostIp, now) }
        : current,
    );
  }
}
