import { type Described, flag, int, intOrText, list, may, struct, text, unread } from "../schema.ts";
import { condition, labelSelector, typeMeta } from "./meta.ts";
import { podTemplate } from "./pod.ts";
import { claimTemplate } from "./storage.ts";

const deploymentSpec = struct("DeploymentSpec", {
  replicas: may(int),
  selector: labelSelector,
  template: podTemplate,
  strategy: may(
    struct("DeploymentStrategy", {
      type: may(text),
      rollingUpdate: may(
        struct("RollingUpdateDeployment", { maxSurge: may(intOrText), maxUnavailable: may(intOrText) }),
      ),
    }),
  ),
  minReadySeconds: may(int),
  revisionHistoryLimit: may(int),
  progressDeadlineSeconds: may(int),
  paused: may(flag),
});

export const deployment = struct("Deployment", {
  ...typeMeta,
  spec: deploymentSpec,
  status: may(
    struct("DeploymentStatus", {
      observedGeneration: may(int),
      replicas: may(int),
      updatedReplicas: may(int),
      readyReplicas: may(int),
      availableReplicas: may(int),
      unavailableReplicas: may(int),
      terminatingReplicas: may(int),
      collisionCount: may(int),
      conditions: may(list(condition)),
    }),
  ),
});

export const replicaSet = struct("ReplicaSet", {
  ...typeMeta,
  spec: struct("ReplicaSetSpec", {
    replicas: may(int),
    minReadySeconds: may(int),
    selector: labelSelector,
    template: may(podTemplate),
  }),
  status: may(
    struct("ReplicaSetStatus", {
      replicas: may(int),
      fullyLabeledReplicas: may(int),
      readyReplicas: may(int),
      availableReplicas: may(int),
      terminatingReplicas: may(int),
      observedGeneration: may(int),
      conditions: may(list(condition)),
    }),
  ),
});

export const daemonSet = struct("DaemonSet", {
  ...typeMeta,
  spec: struct("DaemonSetSpec", {
    selector: labelSelector,
    template: podTemplate,
    updateStrategy: may(
      struct("DaemonSetUpdateStrategy", {
        type: may(text),
        rollingUpdate: may(
          struct("RollingUpdateDaemonSet", { maxSurge: may(intOrText), maxUnavailable: may(intOrText) }),
        ),
      }),
    ),
    minReadySeconds: may(int),
    revisionHistoryLimit: may(int),
  }),
  status: may(
    struct("DaemonSetStatus", {
      currentNumberScheduled: may(int),
      desiredNumberScheduled: may(int),
      numberAvailable: may(int),
      numberMisscheduled: may(int),
      numberReady: may(int),
      numberUnavailable: may(int),
      updatedNumberScheduled: may(int),
      observedGeneration: may(int),
      collisionCount: may(int),
      conditions: may(list(condition)),
    }),
  ),
});

export const statefulSet = struct("StatefulSet", {
  ...typeMeta,
  spec: struct("StatefulSetSpec", {
    replicas: may(int),
    selector: labelSelector,
    template: podTemplate,
    serviceName: may(text),
    podManagementPolicy: may(text),
    updateStrategy: may(
      struct("StatefulSetUpdateStrategy", {
        type: may(text),
        rollingUpdate: may(
          struct("RollingUpdateStatefulSetStrategy", { partition: may(int), maxUnavailable: may(intOrText) }),
        ),
      }),
    ),
    minReadySeconds: may(int),
    revisionHistoryLimit: may(int),
    ordinals: may(struct("StatefulSetOrdinals", { start: may(int) })),
    volumeClaimTemplates: may(list(claimTemplate)),
    persistentVolumeClaimRetentionPolicy: may(
      struct("StatefulSetPersistentVolumeClaimRetentionPolicy", {
        whenDeleted: may(text),
        whenScaled: may(text),
      }),
    ),
  }),
  status: may(
    struct("StatefulSetStatus", {
      observedGeneration: may(int),
      replicas: may(int),
      readyReplicas: may(int),
      availableReplicas: may(int),
      currentReplicas: may(int),
      updatedReplicas: may(int),
      currentRevision: may(text),
      updateRevision: may(text),
      collisionCount: may(int),
      conditions: may(list(condition)),
    }),
  ),
});

export const jobSpec = struct("JobSpec", {
  parallelism: may(int),
  completions: may(int),
  activeDeadlineSeconds: may(int),
  backoffLimit: may(int),
  selector: may(labelSelector),
  manualSelector: may(flag),
  template: podTemplate,
  ttlSecondsAfterFinished: may(int),
  completionMode: may(text),
  suspend: may(flag),
  podReplacementPolicy: may(text),
  ...unread(["podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "maxFailedIndexes", "managedBy"]),
});

export const job = struct("Job", {
  ...typeMeta,
  spec: jobSpec,
  status: may(
    struct("JobStatus", {
      conditions: may(list(condition)),
      startTime: may(text),
      completionTime: may(text),
      active: may(int),
      ready: may(int),
      terminating: may(int),
      succeeded: may(int),
      failed: may(int),
      ...unread(["completedIndexes", "failedIndexes", "uncountedTerminatedPods"]),
    }),
  ),
});

export const controllerRevision = struct("ControllerRevision", {
  ...typeMeta,
  revision: int,
  ...unread(["data"]),
});

export type DeploymentSpec = Described<typeof deploymentSpec>;
