import { nanos, type Nanos, seconds } from "../../sim/time.ts";
import { conditionOf } from "./conditions.ts";
import { parseTimestamp } from "./time.ts";
import type { OwnerReference, Pod } from "./types.ts";

/** Questions about pods that controllers, the scheduler and kubectl ask alike. Models: pkg/api/v1/pod. */

export function isReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, "Ready")?.status === "True";
}

/** Not ended and not on its way out. Models: controller.IsPodActive. */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** When a ready pod has been so for `minReadySeconds`; undefined while it is not ready. */
export function availableAt(pod: Pod, minReadySeconds: number): Nanos | undefined {
  const ready = conditionOf(pod.status?.conditions, "Ready");
  if (ready?.status !== "True") return undefined;
  const since = parseTimestamp(ready.lastTransitionTime ?? "") ?? nanos(0);
  return nanos(since + (minReadySeconds === 0 ? 0 : seconds(minReadySeconds)));
}

export function controllerOf(object: {
  readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] | undefined };
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}
