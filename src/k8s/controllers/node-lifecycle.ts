import { nanos, seconds } from "../../sim/time.ts";
import { sameJson } from "../../formats/json.ts";
import { ApiClient, type ApiStore, EventRecorder, type Node, type Pod, type Taint } from "../api/index.ts";
import { conditionOf, withCondition } from "../api/conditions.ts";
import { tolerates } from "../scheduler/predicates.ts";
import type { Controller } from "./context.ts";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";

/** Node condition and status to the taint that says so. Models: node_lifecycle_controller nodeConditionToTaintKeyStatusMap. */
const CONDITION_TAINTS: readonly (readonly [condition: string, status: string, taint: string])[] = [
  ["Ready", "False", NOT_READY],
  ["Ready", "Unknown", UNREACHABLE],
  ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
];

const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
const OWN_KEYS: ReadonlySet<string> = new Set([
  ...CONDITION_TAINTS.map(([, , taint]) => taint),
  UNSCHEDULABLE,
]);

function readyStatus(node: Node): string {
  return conditionOf(node.status?.conditions, "Ready")?.status ?? "Unknown";
}

/**
 * Turns a node's conditions into taints, and taints into evictions. While no node at all is ready nobody is evicted:
 * then it is the control plane that is cut off. Models: pkg/controller/nodelifecycle and tainteviction.
 * That a node becomes Unknown is node-monitor.ts's business. Not modelled: leases as objects.
 */
class NodeLifecycle {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly taintEvents: EventRecorder;
  private readonly ready = new Set<string>();

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "node-controller");
    this.events = new EventRecorder(this.client, "node-controller");
    this.taintEvents = new EventRecorder(this.client, "taint-eviction-controller");
    this.client.watch("Node", ({ type, object, before }) => {
      if (type === "DELETED") this.removed(object);
      else this.sync(object, before);
    });
    this.client.watch("Pod", ({ type, object }) => {
      if (type !== "DELETED" && (object.spec.nodeName ?? "") !== "") this.placed(object);
    });
  }

  private sync(node: Node, before: Node | undefined): void {
    const { name } = node.metadata;
    if (before === undefined) {
      const message = `Node ${name} event: Registered Node ${name} in Controller`;
      this.events.record(node, { type: "Normal", reason: "RegisteredNode", message });
    }
    const wasDisrupted = this.ready.size === 0;
    if (readyStatus(node) === "True") this.ready.add(name);
    else this.ready.delete(name);
    this.taint(name);
    if (wasDisrupted !== (this.ready.size === 0))
      for (const each of this.client.list("Node")) this.taint(each.metadata.name);
    if (before !== undefined && readyStatus(before) === "True" && readyStatus(node) !== "True")
      this.unready(node);
    if (!sameJson(node.spec?.taints, before?.spec?.taints)) this.evictFrom(node);
  }

  private taint(name: string): void {
    this.client.modify("Node", "", name, (node) => {
      const wanted = this.taintsFor(node);
      const current = node.spec?.taints ?? [];
      const foreign = current.filter((taint) => !OWN_KEYS.has(taint.key));
      const own = wanted.map(
        (taint) => current.find((each) => each.key === taint.key && each.effect === taint.effect) ?? taint,
      );
      const taints = [...foreign, ...own];
      if (sameJson(taints, current)) return node;
      const { taints: _, ...spec } = node.spec ?? {};
      return { ...node, spec: { ...spec, ...(taints.length > 0 ? { taints } : {}) } };
    });
  }

  private taintsFor(node: Node): readonly Taint[] {
    const timeAdded = this.client.store.timestamp();
    const keys = CONDITION_TAINTS.filter(
      ([type, status]) => conditionOf(node.status?.conditions, type)?.status === status,
    ).map(([, , taint]) => taint);
    const noSchedule = [...keys, ...(node.spec?.unschedulable === true ? [UNSCHEDULABLE] : [])];
    const noExecute =
      this.ready.size === 0 ? [] : keys.filter((key) => key === NOT_READY || key === UNREACHABLE);
    return [
      ...noSchedule.map((key): Taint => ({ effect: "NoSchedule", key })),
      ...noExecute.map((key): Taint => ({ effect: "NoExecute", key, timeAdded })),
    ];
  }

  /** Pods of a node that is no longer ready are not ready either: Services stop sending to them. */
  private unready(node: Node): void {
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
    this.events.record(node, { type: "Normal", reason: "NodeNotReady", message });
    const now = this.client.store.timestamp();
    for (const pod of this.client.list("Pod", { nodeName: node.metadata.name })) {
      if (conditionOf(pod.status?.conditions, "Ready")?.status !== "True") continue;
      const ready = { type: "Ready", status: "False", reason: "NodeNotReady" };
      this.client.updateStatus("Pod", pod.metadata.namespace ?? "", pod.metadata.name, (current) => ({
        ...current,
        status: { ...current.status, conditions: withCondition(current.status?.conditions, ready, now) },
      }));
    }
  }

  private removed(node: Node): void {
    this.ready.delete(node.metadata.name);
    const message = `Node ${node.metadata.name} event: Removing Node ${node.metadata.name} from Controller`;
    this.events.record(node, { type: "Normal", reason: "RemovingNode", message });
    for (const pod of this.client.list("Pod", { nodeName: node.metadata.name })) {
      this.client.delete("Pod", pod.metadata.namespace ?? "", pod.metadata.name, { gracePeriodSeconds: 0 });
    }
  }

  private evictFrom(node: Node): void {
    if (!(node.spec?.taints ?? []).some((taint) => taint.effect === "NoExecute")) return;
    for (const pod of this.client.list("Pod", { nodeName: node.metadata.name })) this.placed(pod);
  }

  /** Deletes the pod when its node has taints that it does not tolerate, or not for ever. */
  private placed(pod: Pod): void {
    const grace = this.graceFor(pod);
    if (grace === undefined) return;
    const { namespace = "", name, uid } = pod.metadata;
    const { store } = this.client;
    store.queue.after(grace === 0 ? nanos(0) : seconds(grace), () => {
      store.whenServing(() => this.evict(namespace, name, uid));
    });
  }

  private evict(namespace: string, name: string, uid: string): void {
    const now = this.client.get("Pod", namespace, name);
    if (now?.metadata.uid !== uid || now.metadata.deletionTimestamp !== undefined) return;
    if (this.graceFor(now) === undefined) return;
    this.taintEvents.record(now, {
      type: "Normal",
      reason: "TaintManagerEviction",
      message: `Marking for deletion Pod ${namespace}/${name}`,
    });
    this.client.delete("Pod", namespace, name);
  }

  /** After how many seconds the pod has to go; undefined when it may stay. */
  private graceFor(pod: Pod): number | undefined {
    const node = this.client.get("Node", "", pod.spec.nodeName ?? "");
    const taints = (node?.spec?.taints ?? []).filter((taint) => taint.effect === "NoExecute");
    if (taints.length === 0) return undefined;
    const patience = taints.map((taint) => {
      const covering = (pod.spec.tolerations ?? []).filter((each) => tolerates(each, taint));
      return covering.length === 0
        ? 0
        : Math.min(...covering.map((each) => each.tolerationSeconds ?? Infinity));
    });
    const least = Math.min(...patience);
    return Number.isFinite(least) ? Math.max(0, least) : undefined;
  }
}

export const nodeLifecycleController: Controller = {
  name: "node-lifecycle-controller",
  start({ store }) {
    new NodeLifecycle(store);
  },
};
