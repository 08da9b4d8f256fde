import { addTime, type Nanos, seconds } from "../../sim/time.ts";
import { ApiClient, type ApiStore, type Condition, timestamp } from "../api/index.ts";

/** --node-monitor-grace-period, and the period in which it is looked at. */
const GRACE = seconds(50);
const PERIOD = seconds(5);

/** What the kubelet itself says of a node. */
const OF_KUBELET = new Set(["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"]);

const monitors = new WeakMap<ApiStore, NodeMonitor>();

/** The node controller's watch over the kubelets of a cluster. */
export function nodeMonitor(store: ApiStore): NodeMonitor {
  let monitor = monitors.get(store);
  if (monitor === undefined) {
    monitor = new NodeMonitor(store);
    monitors.set(store, monitor);
  }
  return monitor;
}

/**
 * A node whose kubelet is silent for too long becomes Unknown. Kubelets that cannot reach the API server say so here, instead
 * of all others renewing a lease every ten seconds. Models: pkg/controller/nodelifecycle tryUpdateNodeHealth.
 */
export class NodeMonitor {
  private readonly client: ApiClient;
  private readonly silent = new Map<string, Nanos>();

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "node-controller");
  }

  /** Nothing is heard of the node from now on. */
  lost(node: string): void {
    const { queue } = this.client.store;
    const since = queue.now;
    this.silent.set(node, since);
    queue.at(addTime(addTime(since, GRACE), PERIOD), () => this.look(node, since));
  }

  /** A controller that was off itself gives everybody the whole time again. */
  private look(node: string, since: Nanos): void {
    const { store } = this.client;
    if (this.silent.get(node) !== since) return;
    if (store.down) store.whenServing(() => this.silent.get(node) === since && this.lost(node));
    else this.markUnknown(node);
  }

  heard(node: string): void {
    this.silent.delete(node);
  }

  private markUnknown(name: string): void {
    const now = timestamp(this.client.store.queue.now);
    const unknown = (condition: Condition): Condition =>
      OF_KUBELET.has(condition.type)
        ? {
            ...condition,
            status: "Unknown",
            reason: "NodeStatusUnknown",
            message: "Kubelet stopped posting node status.",
            lastTransitionTime: now,
          }
        : condition;
    this.client.updateStatus("Node", "", name, (node) => ({
      ...node,
      status: { ...node.status, conditions: (node.status?.conditions ?? []).map(unknown) },
    }));
  }
}
