import type { Controller, ControllerContext } from "./context.ts";
import { cronJobController } from "./cronjob.ts";
import { daemonSetController } from "./daemonset.ts";
import { deploymentController } from "./deployment.ts";
import { disruptionController } from "./disruption.ts";
import { endpointsController } from "./endpoints.ts";
import { endpointsMirroringController } from "./endpoints-mirroring.ts";
import { garbageCollector } from "./garbage-collector.ts";
import { autoscalerController } from "./horizontal-pod-autoscaler.ts";
import { jobController } from "./job.ts";
import { namespaceController } from "./namespace.ts";
import { nodeIpamController } from "./node-ipam.ts";
import { nodeLifecycleController } from "./node-lifecycle.ts";
import { replicaSetController, replicationController } from "./replicaset.ts";
import { persistentVolumeController } from "./persistent-volume.ts";
import { serviceAccountController } from "./service-account.ts";
import { statefulSetController } from "./statefulset.ts";

/** The control loops of kube-controller-manager; one more is one more entry. */
export const CONTROLLERS: readonly Controller[] = [
  namespaceController,
  serviceAccountController,
  nodeIpamController,
  nodeLifecycleController,
  daemonSetController,
  deploymentController,
  statefulSetController,
  jobController,
  cronJobController,
  replicaSetController,
  replicationController,
  persistentVolumeController,
  disruptionController,
  autoscalerController,
  endpointsController,
  endpointsMirroringController,
  garbageCollector,
];

export function startControllers(context: ControllerContext): void {
  for (const controller of CONTROLLERS) controller.start(context);
}

export type { Controller, ControllerContext } from "./context.ts";
