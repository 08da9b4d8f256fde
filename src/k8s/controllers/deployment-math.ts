import type { Deployment, ReplicaSet } from "../api/index.ts";

/** `3` or `25%` of `total`; surges round up, the unavailable down. Models: intstr.GetScaledValueFromIntOrPercent. */
function scaled(value: number | string | undefined, total: number, round: (n: number) => number): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  return round((total * Number(value.replace("%", ""))) / 100);
}

/** How many pods a rolling update may have above and below the wanted number. Models: deploymentutil.ResolveFenceposts. */
export function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === "Recreate") return { surge: 0, unavailable: replicas };
  const surge = scaled(strategy?.rollingUpdate?.maxSurge, replicas, Math.ceil);
  const unavailable = scaled(strategy?.rollingUpdate?.maxUnavailable, replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
export const availableIn = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;

export function sum(sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}

/** The size that the newest ReplicaSet should have now. Models: deploymentutil.NewRSNewReplicas. */
export function newSize(deployment: Deployment, all: readonly ReplicaSet[], newest: ReplicaSet): number {
  const { replicas = 1, strategy } = deployment.spec;
  const own = sizeOf(newest);
  if (strategy?.type === "Recreate" || own >= replicas) return replicas;
  const room = replicas + fenceposts(deployment).surge - sum(all, sizeOf);
  return room <= 0 ? own : Math.min(own + room, replicas);
}

/**
 * The sizes of the old ReplicaSets after one step: what is not available goes first, then as many as availability
 * allows. Models: deployment rolling.go reconcileOldReplicaSets.
 */
export function oldSizes(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  newest: ReplicaSet,
): ReadonlyMap<ReplicaSet, number> {
  const minimum = (deployment.spec.replicas ?? 1) - fenceposts(deployment).unavailable;
  const unavailableNew = sizeOf(newest) - availableIn(newest);
  let removable = sum([...old, newest], sizeOf) - minimum - unavailableNew;
  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  for (const set of old) {
    const unhealthy = Math.max(0, Math.min(sizeOf(set) - availableIn(set), removable));
    sizes.set(set, sizeOf(set) - unhealthy);
    removable -= unhealthy;
  }
  let spare = sum([...old, newest], availableIn) - minimum;
  for (const set of old) {
    const down = Math.max(0, Math.min(sizes.get(set) ?? 0, spare));
    sizes.set(set, (sizes.get(set) ?? 0) - down);
    spare -= down;
  }
  return sizes;
}
