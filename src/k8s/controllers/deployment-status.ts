import { type Nanos, seconds } from "../../sim/time.ts";
import { conditionOf, withCondition } from "../api/conditions.ts";
import type { Condition, Deployment, ReplicaSet } from "../api/index.ts";
import { parseTimestamp, timestamp } from "../api/time.ts";
import { omitZero } from "./omit-zero.ts";
import { availableIn, fenceposts, sizeOf, sum } from "./deployment-math.ts";

interface Moment {
  readonly now: Nanos;
  /** The newest ReplicaSet was made just now. */
  readonly isNew: boolean;
}

interface Report {
  readonly status: NonNullable<Deployment["status"]>;
  /** Progress has to be looked at again when the deadline has passed. */
  readonly recheck: boolean;
}

/** Models: deployment sync.go calculateStatus and progress.go syncRolloutStatus. */
export function deploymentStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  moment: Moment,
): Report {
  const { replicas = 1 } = deployment.spec;
  const total = sum(sets, (set) => set.status?.replicas ?? 0);
  const updated = newest?.status?.replicas ?? 0;
  const ready = sum(sets, (set) => set.status?.readyReplicas ?? 0);
  const available = sum(sets, availableIn);
  const unavailable = Math.max(0, sum(sets, sizeOf) - available);
  const enough = available >= replicas - fenceposts(deployment).unavailable;
  const now = timestamp(moment.now);
  const withAvailable = withCondition(deployment.status?.conditions, availability(enough, now), now);
  const complete = updated === replicas && total === replicas && available >= replicas;
  const progress = progressing(deployment, newest, {
    ...moment,
    complete,
    moved: hasMoved(deployment, updated, ready, available),
  });
  const conditions = progress === undefined ? withAvailable : withCondition(withAvailable, progress, now);
  return {
    status: {
      ...(deployment.status?.collisionCount === undefined
        ? {}
        : { collisionCount: deployment.status.collisionCount }),
      observedGeneration: deployment.metadata.generation ?? 1,
      ...omitZero({
        replicas: total,
        updatedReplicas: updated,
        readyReplicas: ready,
        availableReplicas: available,
        unavailableReplicas: unavailable,
      }),
      conditions,
    },
    recheck: !complete && progress?.status === "True",
  };
}

function availability(enough: boolean, now: string): Condition {
  return {
    type: "Available",
    status: enough ? "True" : "False",
    lastUpdateTime: now,
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough
      ? "Deployment has minimum availability."
      : "Deployment does not have minimum availability.",
  };
}

function hasMoved(deployment: Deployment, updated: number, ready: number, available: number): boolean {
  const before = deployment.status;
  return (
    updated > (before?.updatedReplicas ?? 0) ||
    ready > (before?.readyReplicas ?? 0) ||
    available > (before?.availableReplicas ?? 0)
  );
}

interface Progress extends Moment {
  readonly complete: boolean;
  readonly moved: boolean;
}

function progressing(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  { now, isNew, complete, moved }: Progress,
): Condition | undefined {
  if (newest === undefined) return undefined;
  const set = `ReplicaSet "${newest.metadata.name}"`;
  const earlier = conditionOf(deployment.status?.conditions, "Progressing");
  const lastUpdateTime = timestamp(now);
  const say = (reason: string, message: string, status = "True"): Condition => ({
    type: "Progressing",
    status,
    reason,
    message,
    lastUpdateTime,
  });
  if (complete) {
    return earlier?.reason === "NewReplicaSetAvailable"
      ? earlier
      : say("NewReplicaSetAvailable", `${set} has successfully progressed.`);
  }
  if (isNew) return say("NewReplicaSetCreated", `Created new replica set "${newest.metadata.name}"`);
  if (moved || earlier === undefined) return say("ReplicaSetUpdated", `${set} is progressing.`);
  const since = parseTimestamp(earlier.lastUpdateTime ?? "") ?? now;
  const deadline = since + seconds(deployment.spec.progressDeadlineSeconds ?? 600);
  if (earlier.status === "True" && earlier.reason !== "NewReplicaSetAvailable" && now > deadline) {
    return say("ProgressDeadlineExceeded", `${set} has timed out progressing.`, "False");
  }
  return earlier;
}
