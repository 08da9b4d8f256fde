import { nanos } from "../../sim/time.ts";
import { ApiClient, type ApiStore, EventRecorder, type Pod, type PodTemplate } from "../api/index.ts";
import { equalsSelector, matches } from "../../formats/selector.ts";
import { availableAt, controllerOf, isActive, isReady } from "../api/pods.ts";
import type { ReplicaSet, ReplicationController } from "../api/types.ts";
import { omitZero } from "./omit-zero.ts";
import type { Controller } from "./context.ts";
import { createPod, deletionOrder } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

/** At most so many pods are made or deleted in one go. Models: replicaset.BurstReplicas. */
const BURST_REPLICAS = 500;

type Owner = ReplicaSet | ReplicationController;
type OwnerKind = "ReplicaSet" | "ReplicationController";

interface Wanted {
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly template: PodTemplate | undefined;
}

/** Keeps the number of pods that a ReplicaSet or a ReplicationController asks for. Models: pkg/controller/replicaset. */
class ReplicaController {
  private readonly kind: OwnerKind;
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;

  constructor(store: ApiStore, kind: OwnerKind, name: string) {
    this.kind = kind;
    this.client = new ApiClient(store, name);
    this.events = new EventRecorder(this.client, name);
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch(kind, ({ type, object }) => {
      if (type !== "DELETED") this.work.add(objectKey(object));
    });
    this.client.watch("Pod", ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === kind) this.work.add(`${object.metadata.namespace ?? ""}/${owner.name}`);
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const owner: Owner | undefined =
      this.kind === "ReplicaSet"
        ? this.client.get("ReplicaSet", namespace, name)
        : this.client.get("ReplicationController", namespace, name);
    if (owner === undefined) return "done";
    const { replicas = 1, minReadySeconds = 0, template } = owner.spec;
    const wanted = { replicas, minReadySeconds, template };
    const pods = this.client.owned("Pod", owner).filter(isActive);
    const failure =
      owner.metadata.deletionTimestamp === undefined ? this.scale(owner, wanted, pods) : undefined;
    this.report(owner, wanted, failure);
    return failure === undefined ? "done" : "retry";
  }

  /** The API server's refusal when a pod could not be made. */
  private scale(owner: Owner, wanted: Wanted, pods: readonly Pod[]): string | undefined {
    const missing = Math.min(wanted.replicas - pods.length, BURST_REPLICAS);
    for (let i = 0; i < missing && wanted.template !== undefined; i++) {
      const made = createPod(this.client, owner, wanted.template);
      if (!made.ok) {
        this.note(owner, "Warning", "FailedCreate", `Error creating: ${made.error.message}`);
        return made.error.message;
      }
      this.note(owner, "Normal", "SuccessfulCreate", `Created pod: ${made.value.metadata.name}`);
    }
    const surplus = Math.min(pods.length - wanted.replicas, BURST_REPLICAS);
    if (surplus <= 0) return undefined;
    for (const pod of deletionOrder(pods).slice(0, surplus)) {
      this.client.delete("Pod", pod.metadata.namespace ?? "", pod.metadata.name);
      this.note(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
    }
    return undefined;
  }

  private report(owner: Owner, wanted: Wanted, failure: string | undefined): void {
    const { store } = this.client;
    const pods = this.client.owned("Pod", owner).filter(isActive);
    const ready = pods.filter(isReady);
    const times = ready.map((pod) => availableAt(pod, wanted.minReadySeconds) ?? nanos(0));
    const next = times.filter((at) => at > store.now).toSorted((a, b) => a - b)[0];
    if (next !== undefined) this.work.add(objectKey(owner), nanos(next - store.now));
    const labels = equalsSelector(wanted.template?.metadata?.labels ?? {});
    const labelled = pods.filter((pod) => matches(labels, pod.metadata.labels));
    const status = {
      replicas: pods.length,
      ...omitZero({
        fullyLabeledReplicas: labelled.length,
        readyReplicas: ready.length,
        availableReplicas: times.filter((at) => at <= store.now).length,
      }),
      observedGeneration: owner.metadata.generation ?? 1,
      ...(failure === undefined ? {} : { conditions: this.failed(owner, failure) }),
    };
    if (this.kind === "ReplicaSet") this.write("ReplicaSet", owner, status);
    else this.write("ReplicationController", owner, status);
  }

  private write(kind: OwnerKind, owner: Owner, status: Owner["status"]): void {
    this.client.updateStatus(kind, owner.metadata.namespace ?? "", owner.metadata.name, (now) => ({
      ...now,
      status,
    }));
  }

  private failed(owner: Owner, message: string): NonNullable<Owner["status"]>["conditions"] {
    const earlier = owner.status?.conditions?.find((c) => c.type === "ReplicaFailure");
    const lastTransitionTime = earlier?.lastTransitionTime ?? this.client.store.timestamp();
    return [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message, lastTransitionTime }];
  }

  private note(owner: Owner, type: "Normal" | "Warning", reason: string, message: string): void {
    this.events.record(owner, { type, reason, message });
  }
}

export const replicaSetController: Controller = {
  name: "replicaset-controller",
  start({ store }) {
    new ReplicaController(store, "ReplicaSet", "replicaset-controller");
  },
};

export const replicationController: Controller = {
  name: "replicationcontroller-controller",
  start({ store }) {
    new ReplicaController(store, "ReplicationController", "replication-controller");
  },
};
