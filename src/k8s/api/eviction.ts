import { matches, objectSelector } from "../../formats/selector.ts";
import type { ApiClient } from "./client.ts";
import { isReady } from "./pods.ts";
import type { Pod, PodDisruptionBudget } from "./types.ts";

const TWO_BUDGETS =
  "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";

/** What the API server says to an eviction: `later` asks to try again (429). */
export type Evicted =
  | { readonly kind: "evicted" }
  | { readonly kind: "later"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

function budgetsOf(client: ApiClient, { metadata }: Pod): readonly PodDisruptionBudget[] {
  return client.list("PodDisruptionBudget", { namespace: metadata.namespace ?? "" }).filter(({ spec }) => {
    const selector = spec?.selector;
    return selector !== undefined && matches(objectSelector(selector), metadata.labels);
  });
}

/** Whether a budget does not mind the pod's end: it has ended, has not begun, or is unwell while the others are enough. */
function isFree(pod: Pod, { status, spec }: PodDisruptionBudget): boolean {
  const phase = pod.status?.phase ?? "Pending";
  if (phase !== "Running" || pod.metadata.deletionTimestamp !== undefined) return true;
  if (isReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** The subresource pods/eviction: a deletion that budgets may hold up. Models: registry/core/pod/storage/eviction.go. */
export function evictPod(
  client: ApiClient,
  pod: Pod,
  options: { readonly gracePeriodSeconds?: number },
): Evicted {
  const { namespace = "", name } = pod.metadata;
  const [budget, second] = budgetsOf(client, pod);
  if (second !== undefined) return { kind: "refused", message: TWO_BUDGETS };
  if (budget !== undefined && !isFree(pod, budget)) {
    if ((budget.status?.disruptionsAllowed ?? 0) <= 0)
      return {
        kind: "later",
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
      };
    client.updateStatus("PodDisruptionBudget", namespace, budget.metadata.name, (now) => ({
      ...now,
      status: {
        ...now.status,
        disruptionsAllowed: (now.status?.disruptionsAllowed ?? 1) - 1,
        disruptedPods: { ...now.status?.disruptedPods, [name]: client.store.timestamp() },
      },
    }));
  }
  client.delete("Pod", namespace, name, options);
  return { kind: "evicted" };
}
