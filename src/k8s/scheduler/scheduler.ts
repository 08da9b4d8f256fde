import { seconds, millis } from "../../sim/time.ts";
import { sameJson } from "../../formats/json.ts";
import type { Random } from "../../sim/random.ts";
import { withCondition } from "../api/conditions.ts";
import { ApiClient, type ApiStore, EventRecorder, keyOf, type Node, type Pod } from "../api/index.ts";
import { hasEnded } from "../api/pods.ts";
import { hopelessMessage, type Misfit, misfit, unschedulableMessage, WRONG_VOLUME } from "./filter.ts";
import { demandOf, Groups, NodeInfo, type PodDemand } from "./node-info.ts";
import { PodQueue } from "./pod-queue.ts";
import { namedNodes } from "./predicates.ts";
import { best } from "./score.ts";
import { SELECTED_NODE, type VolumeDemand, volumeDemand, volumesFit } from "./volumes.ts";

const NAME = "default-scheduler";
/** One pod's turn. */
const CYCLE = millis(1);
const FIRST_BACKOFF_SECONDS = 1;
const LONGEST_BACKOFF_SECONDS = 10;
/** Enough nodes to choose among, even in a large cluster. Models: numFeasibleNodesToFind. */
const MIN_FEASIBLE = 100;

function feasibleToFind(nodes: number): number {
  if (nodes < MIN_FEASIBLE) return nodes;
  const percent = Math.max(5, 50 - Math.floor(nodes / 125));
  return Math.max(MIN_FEASIBLE, Math.floor((nodes * percent) / 100));
}

/**
 * kube-scheduler with its default profile: filter, score, bind. What fits nowhere waits, with the reason in its
 * condition and in an event, until a node changes or a pod goes. Not modelled: preemption, inter-pod affinity.
 */
export class Scheduler {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly random: Random;
  private readonly nodes = new Map<string, NodeInfo>();
  private readonly groups = new Groups();
  private order: readonly NodeInfo[] | null = null;
  private start = 0;
  /** Where the search puts what it finds: one list for all pods, longer than what was found last. */
  private readonly fitting: NodeInfo[] = [];
  private readonly active = new PodQueue();
  /** Pods that fit nowhere: how often they were tried, and whether the next try has been arranged. */
  private readonly unschedulable = new Map<string, { readonly attempts: number; readonly due: boolean }>();
  /** Pods that have their node and wait for volumes to be made there. */
  private readonly reserved = new Map<string, { readonly demand: PodDemand; readonly info: NodeInfo }>();
  private running = false;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, NAME);
    this.events = new EventRecorder(this.client, NAME);
    this.random = store.random.fork();
    this.client.watch("Node", ({ type, object, before }) => this.nodeChanged(type, object, before));
    this.client.watch("Pod", ({ type, object }) => this.podChanged(type, object));
    this.client.watch("PersistentVolumeClaim", () => this.claimChanged());
  }

  /** A claim came, or found its volume: those who wait for it go on. */
  private claimChanged(): void {
    for (const [key, { demand, info }] of this.reserved) {
      const pod = this.find(key);
      if (pod === undefined) this.reserved.delete(key);
      else if (volumeDemand(this.client, pod).unbound.length === 0) {
        this.reserved.delete(key);
        this.bind(pod, demand, info);
      }
    }
    this.retryAll();
  }

  private nodeChanged(type: string, node: Node, before: Node | undefined): void {
    const { name } = node.metadata;
    const known = this.nodes.get(name);
    if (type === "DELETED") {
      known?.leave();
      this.nodes.delete(name);
      this.order = null;
      return;
    }
    if (known === undefined) {
      const info = new NodeInfo(node, this.groups);
      this.nodes.set(name, info);
      this.order = null;
      for (const pod of this.client.list("Pod", { nodeName: name }))
        if (!hasEnded(pod)) info.add(demandOf(pod));
    } else known.set(node);
    if (before === undefined || mattersToPods(before, node)) this.retryAll();
  }

  private podChanged(type: string, pod: Pod): void {
    const { nodeName = "", schedulerName = NAME, schedulingGates = [] } = pod.spec;
    const key = keyOf(pod);
    if (nodeName !== "") {
      this.unschedulable.delete(key);
      const info = this.nodes.get(nodeName);
      if (type !== "DELETED" && !hasEnded(pod)) {
        if (info?.pods.has(pod.metadata.uid) === false) info.add(demandOf(pod));
      } else if (info?.pods.has(pod.metadata.uid) === true) {
        info.remove(pod.metadata.uid);
        this.retryAll();
      }
      return;
    }
    if (type === "DELETED" || pod.metadata.deletionTimestamp !== undefined) {
      this.unschedulable.delete(key);
      return;
    }
    if (schedulerName !== NAME || this.unschedulable.has(key) || this.reserved.has(key)) return;
    if (schedulingGates.length > 0) this.gate(pod);
    else this.enqueue(pod);
  }

  private gate(pod: Pod): void {
    const message = "Scheduling is blocked due to non-empty scheduling gates";
    this.say(pod, "SchedulingGated", message);
  }

  private enqueue(pod: Pod): void {
    this.active.add(keyOf(pod), pod.spec.priority ?? 0);
    if (this.running) return;
    this.running = true;
    this.client.store.queue.after(CYCLE, () => this.cycle());
  }

  /** Something changed that may help: what waits is tried again, the longer the more often it failed. */
  private retryAll(): void {
    for (const [key, { attempts, due }] of this.unschedulable) {
      if (due) continue;
      this.unschedulable.set(key, { attempts, due: true });
      const wait = Math.min(FIRST_BACKOFF_SECONDS * 2 ** (attempts - 1), LONGEST_BACKOFF_SECONDS);
      this.client.store.queue.after(seconds(wait), () => this.retry(key));
    }
  }

  private retry(key: string): void {
    if (!this.unschedulable.has(key)) return;
    const pod = this.find(key);
    if (pod !== undefined) this.enqueue(pod);
  }

  private find(key: string): Pod | undefined {
    const at = key.indexOf("/");
    return this.client.get("Pod", key.slice(0, at), key.slice(at + 1));
  }

  private cycle(): void {
    this.client.store.whenServing(() => this.turn());
  }

  private turn(): void {
    const key = this.active.take();
    if (this.active.size > 0) this.client.store.queue.after(CYCLE, () => this.cycle());
    else this.running = false;
    const pod = key === undefined ? undefined : this.find(key);
    if (pod === undefined || (pod.spec.nodeName ?? "") !== "" || pod.metadata.deletionTimestamp !== undefined)
      return;
    this.schedule(pod);
  }

  private schedule(pod: Pod): void {
    const demand = demandOf(pod);
    const volumes = volumeDemand(this.client, pod);
    if (volumes.problem !== undefined) {
      this.park(pod, hopelessMessage(this.nodes.size, volumes.problem));
      return;
    }
    const misfits: Misfit[] = [];
    const fitting = this.filter(demand, volumes, misfits);
    if (fitting === 0) {
      const none = "no nodes available to schedule pods";
      this.park(pod, misfits.length === 0 ? none : unschedulableMessage(misfits));
      return;
    }
    const chosen = best(demand, this.fitting, fitting, this.groups, this.random);
    if (volumes.unbound.length === 0) this.bind(pod, demand, chosen);
    else this.reserve(pod, demand, chosen, volumes);
  }

  /** The claims' provisioners are told where; the pod is bound when the volumes are there. Models: BindPodVolumes. */
  private reserve(pod: Pod, demand: PodDemand, info: NodeInfo, { unbound }: VolumeDemand): void {
    this.unschedulable.delete(keyOf(pod));
    this.reserved.set(keyOf(pod), { demand, info });
    for (const { metadata } of unbound)
      this.client.modify("PersistentVolumeClaim", metadata.namespace ?? "", metadata.name, (claim) => ({
        ...claim,
        metadata: {
          ...claim.metadata,
          annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: info.node.metadata.name },
        },
      }));
  }

  /** Looks at the nodes in turn, from where the last pod's search ended; the result is how many `fitting` begins with. */
  private filter(demand: PodDemand, volumes: VolumeDemand, misfits: Misfit[]): number {
    const fits = (info: NodeInfo): Misfit | undefined =>
      misfit(demand, info) ?? (volumesFit(volumes, info.node) ? undefined : WRONG_VOLUME);
    let found = 0;
    for (const name of (demand.choosy ? namedNodes(demand.pod.spec) : undefined) ?? []) {
      const info = this.nodes.get(name);
      if (info !== undefined && fits(info) === undefined) this.fitting[found++] = info;
    }
    if (found > 0) return found;
    const order = (this.order ??= [...this.nodes.values()]);
    const enough = feasibleToFind(order.length);
    let seen = 0;
    for (; seen < order.length && found < enough; seen++) {
      const info = order[(this.start + seen) % order.length]!;
      const problem = fits(info);
      if (problem === undefined) this.fitting[found++] = info;
      else misfits.push(problem);
    }
    this.start = order.length === 0 ? 0 : (this.start + seen) % order.length;
    return found;
  }

  private bind(pod: Pod, demand: PodDemand, info: NodeInfo): void {
    const { namespace = "", name } = pod.metadata;
    const nodeName = info.node.metadata.name;
    const now = this.client.store.timestamp();
    const scheduled = {
      type: "PodScheduled",
      status: "True",
      observedGeneration: pod.metadata.generation ?? 1,
    };
    const bound = this.client.modify(
      "Pod",
      namespace,
      name,
      (current) => ({
        ...current,
        spec: { ...current.spec, nodeName },
        status: { ...current.status, conditions: withCondition(current.status?.conditions, scheduled, now) },
      }),
      "bind",
    );
    if (!bound.ok) return;
    this.unschedulable.delete(keyOf(pod));
    info.add({ ...demand, pod: bound.value });
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    this.events.record(pod, { type: "Normal", reason: "Scheduled", message });
  }

  private park(pod: Pod, message: string): void {
    const key = keyOf(pod);
    this.unschedulable.set(key, { attempts: (this.unschedulable.get(key)?.attempts ?? 0) + 1, due: false });
    this.say(pod, "Unschedulable", message);
    this.events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
  }

  private say(pod: Pod, reason: string, message: string): void {
    const now = this.client.store.timestamp();
    const observedGeneration = pod.metadata.generation ?? 1;
    const condition = { type: "PodScheduled", status: "False", reason, message, observedGeneration };
    this.client.updateStatus("Pod", pod.metadata.namespace ?? "", pod.metadata.name, (current) => ({
      ...current,
      status: { ...current.status, conditions: withCondition(current.status?.conditions, condition, now) },
    }));
  }
}

/** Labels, taints, room and cordon: what decides where a pod fits. */
function mattersToPods(before: Node, after: Node): boolean {
  return !(
    sameJson(before.spec, after.spec) &&
    sameJson(before.metadata.labels, after.metadata.labels) &&
    sameJson(before.status?.allocatable, after.status?.allocatable)
  );
}

export function startScheduler(store: ApiStore): Scheduler {
  return new Scheduler(store);
}
