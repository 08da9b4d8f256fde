import { type Deployment, type DaemonSet, isA } from "../api/index.ts";
import { conditionOf } from "../api/conditions.ts";
import type { ResourceInfo } from "../api/resources.ts";
import type { AnyObject, StatefulSet } from "../api/types.ts";

/** How far a rollout is: what `kubectl rollout status` says. Models: polymorphichelpers rollout_status.go. */
export type RolloutState = { readonly text: string; readonly done: boolean } | { readonly failure: string };

const going = (text: string): RolloutState => ({ text: `${text}\n`, done: false });
const done = (text: string): RolloutState => ({ text: `${text}\n`, done: true });

function ofDeployment({ metadata, spec, status = {} }: Deployment): RolloutState {
  const { name, generation = 0 } = metadata;
  if (generation > (status.observedGeneration ?? 0))
    return going("Waiting for deployment spec update to be observed...");
  if (conditionOf(status.conditions, "Progressing")?.reason === "ProgressDeadlineExceeded")
    return { failure: `deployment "${name}" exceeded its progress deadline` };
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const waiting = `Waiting for deployment "${name}" rollout to finish: `;
  const wanted = spec.replicas ?? 1;
  if (updatedReplicas < wanted)
    return going(`${waiting}${updatedReplicas} out of ${wanted} new replicas have been updated...`);
  if (replicas > updatedReplicas)
    return going(`${waiting}${replicas - updatedReplicas} old replicas are pending termination...`);
  if (availableReplicas < updatedReplicas)
    return going(`${waiting}${availableReplicas} of ${updatedReplicas} updated replicas are available...`);
  return done(`deployment "${name}" successfully rolled out`);
}

function ofDaemonSet({ metadata, spec, status = {} }: DaemonSet): RolloutState {
  const { name, generation = 0 } = metadata;
  if (spec.updateStrategy?.type === "OnDelete")
    return { failure: "rollout status is only available for RollingUpdate strategy type" };
  if (generation > (status.observedGeneration ?? 0))
    return going("Waiting for daemon set spec update to be observed...");
  const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  const waiting = `Waiting for daemon set "${name}" rollout to finish: `;
  if (updatedNumberScheduled < desiredNumberScheduled)
    return going(
      `${waiting}${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated...`,
    );
  if (numberAvailable < desiredNumberScheduled)
    return going(`${waiting}${numberAvailable} of ${desiredNumberScheduled} updated pods are available...`);
  return done(`daemon set "${name}" successfully rolled out`);
}

function ofStatefulSet({ metadata, spec, status = {} }: StatefulSet): RolloutState {
  if (spec.updateStrategy?.type === "OnDelete")
    return { failure: "rollout status is only available for RollingUpdate strategy type" };
  const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = status;
  if (observedGeneration === 0 || (metadata.generation ?? 0) > observedGeneration)
    return going("Waiting for statefulset spec update to be observed...");
  const wanted = spec.replicas ?? 1;
  if (readyReplicas < wanted) return going(`Waiting for ${wanted - readyReplicas} pods to be ready...`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    if (updatedReplicas < wanted - partition)
      return going(
        `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${wanted - partition} new pods have been updated...`,
      );
    return done(`partitioned roll out complete: ${updatedReplicas} new pods have been updated...`);
  }
  const { updateRevision = "", currentRevision = "" } = status;
  return updateRevision === currentRevision
    ? done(
        `statefulset rolling update complete ${status.currentReplicas ?? 0} pods at revision ${currentRevision}...`,
      )
    : going(
        `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
      );
}

export function rolloutState(resource: ResourceInfo, object: AnyObject): RolloutState {
  if (isA("Deployment", object)) return ofDeployment(object);
  if (isA("DaemonSet", object)) return ofDaemonSet(object);
  if (isA("StatefulSet", object)) return ofStatefulSet(object);
  const kind = resource.group === "" ? object.kind : `${object.kind}.${resource.group}`;
  return { failure: `no status viewer has been implemented for ${kind}` };
}
