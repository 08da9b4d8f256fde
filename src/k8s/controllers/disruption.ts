import { matches, objectSelector } from "../../formats/selector.ts";
import {
  ApiClient,
  type ApiStore,
  type Condition,
  type Pod,
  type PodDisruptionBudget,
} from "../api/index.ts";
import { withCondition } from "../api/conditions.ts";
import { controllerOf, hasEnded, isReady } from "../api/pods.ts";
import type { Controller } from "./context.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

/** A count, or a share of `total`, rounded up. Models: intstr.GetScaledValueFromIntOrPercent. */
function scaled(value: number | string, total: number): number {
  if (typeof value === "number") return value;
  return value.endsWith("%") ? Math.ceil((Number.parseInt(value, 10) * total) / 100) : Number(value);
}

/** How many pods of a budget may go at the moment. Models: pkg/controller/disruption. */
class DisruptionController {
  private readonly client: ApiClient;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "disruption-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("PodDisruptionBudget", ({ type, object }) => {
      if (type !== "DELETED") this.work.add(objectKey(object));
    });
    this.client.watch("Pod", ({ object }) => {
      const { namespace = "", labels } = object.metadata;
      for (const budget of this.client.list("PodDisruptionBudget", { namespace }))
        if (selects(budget, labels)) this.work.add(objectKey(budget));
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const budget = this.client.get("PodDisruptionBudget", namespace, name);
    if (budget === undefined) return "done";
    const pods = this.client
      .list("Pod", { namespace })
      .filter((pod) => selects(budget, pod.metadata.labels) && !hasEnded(pod));
    const healthy = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
    const expected = this.expected(pods);
    const { minAvailable, maxUnavailable } = budget.spec ?? {};
    const desired =
      maxUnavailable === undefined
        ? scaled(minAvailable ?? 1, expected)
        : Math.max(0, expected - scaled(maxUnavailable, expected));
    const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired);
    const condition: Condition = {
      type: "DisruptionAllowed",
      status: allowed > 0 ? "True" : "False",
      reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
      message: "",
      observedGeneration: budget.metadata.generation ?? 1,
    };
    const now = this.client.store.timestamp();
    this.client.updateStatus("PodDisruptionBudget", namespace, name, (current) => ({
      ...current,
      status: {
        conditions: withCondition(current.status?.conditions, condition, now),
        currentHealthy: healthy,
        desiredHealthy: desired,
        disruptionsAllowed: allowed,
        expectedPods: expected,
        observedGeneration: current.metadata.generation ?? 1,
      },
    }));
    return "done";
  }

  /** What their controllers want; pods without one count as they are. Models: getExpectedPodCount. */
  private expected(pods: readonly Pod[]): number {
    const seen = new Set<string>();
    let total = 0;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      const { namespace = "" } = pod.metadata;
      if (owner === undefined) {
        total++;
        continue;
      }
      if (seen.has(owner.uid)) continue;
      seen.add(owner.uid);
      const set =
        owner.kind === "ReplicaSet"
          ? this.client.get("ReplicaSet", namespace, owner.name)
          : owner.kind === "StatefulSet"
            ? this.client.get("StatefulSet", namespace, owner.name)
            : owner.kind === "ReplicationController"
              ? this.client.get("ReplicationController", namespace, owner.name)
              : undefined;
      total += set?.spec.replicas ?? pods.filter((each) => controllerOf(each)?.uid === owner.uid).length;
    }
    return total;
  }
}

/** Whether a budget is about a pod with these labels. */
export function selects(
  { spec }: PodDisruptionBudget,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return spec?.selector !== undefined && matches(objectSelector(spec.selector), labels);
}

export const disruptionController: Controller = {
  name: "disruption-controller",
  start({ store }) {
    new DisruptionController(store);
  },
};
