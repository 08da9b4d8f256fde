import { seconds } from "../../sim/time.ts";
import { withCondition } from "../api/conditions.ts";
import { ApiClient, type ApiStore, EventRecorder, type HorizontalPodAutoscaler } from "../api/index.ts";
import type { Controller } from "./context.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const PERIOD = seconds(15);
const NO_METRICS =
  "unable to get metrics for resource %: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";

/**
 * The autoscaler of a cluster without metrics-server, as kind makes it: it says that it gets no metrics, and keeps the
 * count between minReplicas and maxReplicas. Models: pkg/controller/podautoscaler.
 */
class AutoscalerController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "horizontal-pod-autoscaler");
    this.events = new EventRecorder(this.client, "horizontal-pod-autoscaler");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("HorizontalPodAutoscaler", ({ type, object }) => {
      if (type === "ADDED") this.work.add(objectKey(object), PERIOD);
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const hpa = this.client.get("HorizontalPodAutoscaler", namespace, name);
    if (hpa === undefined) return "done";
    this.work.add(key, PERIOD);
    const { kind, name: target } = hpa.spec.scaleTargetRef;
    const replicas = this.replicasOf(namespace, kind, target);
    if (replicas === undefined) {
      const message = `${kind.toLowerCase()}s.apps "${target}" not found`;
      this.events.record(hpa, { type: "Warning", reason: "FailedGetScale", message });
      return "done";
    }
    const { minReplicas = 1, maxReplicas } = hpa.spec;
    const wanted = replicas === 0 ? 0 : Math.min(maxReplicas, Math.max(minReplicas, replicas));
    if (wanted !== replicas) this.scale(hpa, namespace, kind, target, wanted, replicas > maxReplicas);
    this.report(hpa, namespace, replicas, wanted);
    return "done";
  }

  private replicasOf(namespace: string, kind: string, name: string): number | undefined {
    if (kind === "Deployment") return this.client.get("Deployment", namespace, name)?.spec.replicas;
    if (kind === "StatefulSet") return this.client.get("StatefulSet", namespace, name)?.spec.replicas;
    if (kind === "ReplicaSet") return this.client.get("ReplicaSet", namespace, name)?.spec.replicas;
    return undefined;
  }

  private scale(
    hpa: HorizontalPodAutoscaler,
    namespace: string,
    kind: string,
    name: string,
    replicas: number,
    over: boolean,
  ): void {
    if (kind === "Deployment")
      this.client.modify("Deployment", namespace, name, (o) => ({ ...o, spec: { ...o.spec, replicas } }));
    else if (kind === "StatefulSet")
      this.client.modify("StatefulSet", namespace, name, (o) => ({ ...o, spec: { ...o.spec, replicas } }));
    else this.client.modify("ReplicaSet", namespace, name, (o) => ({ ...o, spec: { ...o.spec, replicas } }));
    const why = over
      ? "Current number of replicas above Spec.MaxReplicas"
      : "Current number of replicas below Spec.MinReplicas";
    const message = `New size: ${replicas}; reason: ${why}`;
    this.events.record(hpa, { type: "Normal", reason: "SuccessfulRescale", message });
  }

  private report(hpa: HorizontalPodAutoscaler, namespace: string, current: number, desired: number): void {
    const resource = hpa.spec.metrics?.[0]?.resource?.name ?? "cpu";
    const why = NO_METRICS.replace("%", resource);
    const invalid = "invalid metrics (1 invalid out of 1), first error is: failed to get";
    const message = `the HPA was unable to compute the replica count: failed to get ${resource} utilization: ${why}`;
    this.events.record(hpa, {
      type: "Warning",
      reason: "FailedGetResourceMetric",
      message: `failed to get ${resource} utilization: ${why}`,
    });
    this.events.record(hpa, {
      type: "Warning",
      reason: "FailedComputeMetricsReplicas",
      message: `${invalid} ${resource} resource metric value: failed to get ${resource} utilization: ${why}`,
    });
    const now = this.client.store.timestamp();
    const able = {
      type: "AbleToScale",
      status: "True",
      reason: "SucceededGetScale",
      message: "the HPA controller was able to get the target's current scale",
    };
    const active = { type: "ScalingActive", status: "False", reason: "FailedGetResourceMetric", message };
    this.client.updateStatus("HorizontalPodAutoscaler", namespace, hpa.metadata.name, (object) => ({
      ...object,
      status: {
        ...object.status,
        currentReplicas: current,
        desiredReplicas: current === desired ? (object.status?.desiredReplicas ?? 0) : desired,
        conditions: withCondition(withCondition(object.status?.conditions, able, now), active, now),
      },
    }));
  }
}

export const autoscalerController: Controller = {
  name: "horizontal-pod-autoscaler-controller",
  start({ store }) {
    new AutoscalerController(store);
  },
};
