import { sortedJson } from "../../formats/json.ts";
import { nanos } from "../../sim/time.ts";
import {
  ApiClient,
  type ApiStore,
  EventRecorder,
  type Pod,
  type PodTemplate,
  type StatefulSet,
} from "../api/index.ts";
import { templateHash } from "../api/names.ts";
import { availableAt, controllerOf, hasEnded, isReady } from "../api/pods.ts";
import type { Draft } from "../api/types.ts";
import type { Controller } from "./context.ts";
import { controllerReference, podFromTemplate } from "./owned-pods.ts";
import { claimDraft, withClaims } from "./statefulset-claims.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const REVISION_LABEL = "controller-revision-hash";
const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
const INDEX_LABEL = "apps.kubernetes.io/pod-index";

/**
 * Pods with names of their own, made and removed one after the other. Models: pkg/controller/statefulset.
 * Not modelled: what becomes of claims when pods go (they stay), maxUnavailable above one.
 */
class StatefulSetController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;
  /** Templates by revision, for pods below the partition. */
  private readonly templates = new Map<string, PodTemplate>();

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "statefulset-controller");
    this.events = new EventRecorder(this.client, "statefulset-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("StatefulSet", ({ type, object }) => {
      if (type !== "DELETED") this.work.add(objectKey(object));
    });
    this.client.watch("Pod", ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === "StatefulSet") this.work.add(`${object.metadata.namespace ?? ""}/${owner.name}`);
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const set = this.client.get("StatefulSet", namespace, name);
    if (set === undefined) return "done";
    const revision = `${name}-${templateHash(JSON.stringify(sortedJson(set.spec.template)))}`;
    this.keepRevision(set, revision);
    const current = set.status?.currentRevision ?? revision;
    const done = set.metadata.deletionTimestamp !== undefined || this.manage(set, current, revision);
    this.report(set, current, revision);
    return done ? "done" : "retry";
  }

  private pods(set: StatefulSet): readonly Pod[] {
    return this.client.owned("Pod", set).toSorted((a, b) => ordinalOf(a) - ordinalOf(b));
  }

  /** One step of the set's life; false when the API server refused. */
  private manage(set: StatefulSet, current: string, update: string): boolean {
    const first = set.spec.ordinals?.start ?? 0;
    const end = first + (set.spec.replicas ?? 1);
    const ordered = set.spec.podManagementPolicy !== "Parallel";
    const pods = this.pods(set);
    for (let ordinal = first; ordinal < end; ordinal++) {
      const pod = pods.find((each) => ordinalOf(each) === ordinal);
      if (pod !== undefined && hasEnded(pod)) {
        this.remove(set, pod);
        return true;
      }
      if (pod === undefined && !this.add(set, ordinal, revisionFor(set, ordinal, current, update)))
        return false;
      if (ordered && (pod === undefined || !this.settled(set, pod))) return true;
    }
    const surplus = pods.filter((pod) => ordinalOf(pod) < first || ordinalOf(pod) >= end);
    for (const pod of surplus.toReversed()) {
      if (pod.metadata.deletionTimestamp === undefined) this.remove(set, pod);
      if (ordered) return true;
    }
    if (set.spec.updateStrategy?.type !== "OnDelete") this.update(set, pods, update);
    return true;
  }

  /** Running, ready long enough and not on its way out. */
  private settled(set: StatefulSet, pod: Pod): boolean {
    if (pod.metadata.deletionTimestamp !== undefined) return false;
    const since = availableAt(pod, set.spec.minReadySeconds ?? 0);
    if (since === undefined) return false;
    const { now } = this.client.store;
    if (since > now) this.work.add(objectKey(set), nanos(since - now));
    return since <= now;
  }

  /** RollingUpdate: from the last pod to the partition, each when the one before is ready again. */
  private update(set: StatefulSet, pods: readonly Pod[], revision: string): void {
    const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    for (const pod of pods.toReversed()) {
      if (ordinalOf(pod) < partition) return;
      if (revisionOf(pod) !== revision && pod.metadata.deletionTimestamp === undefined) {
        this.remove(set, pod);
        return;
      }
      if (!this.settled(set, pod)) return;
    }
  }

  private add(set: StatefulSet, ordinal: number, revision: string): boolean {
    const template = this.templates.get(revision) ?? set.spec.template;
    if (!this.addClaims(set, ordinal)) return false;
    const made = this.client.create("Pod", statefulPod(set, template, ordinal, revision));
    const what = `Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name}`;
    const message = made.ok
      ? `create ${what} successful`
      : `create ${what} failed error: ${made.error.message}`;
    this.events.record(
      set,
      made.ok
        ? { type: "Normal", reason: "SuccessfulCreate", message }
        : { type: "Warning", reason: "FailedCreate", message },
    );
    return made.ok;
  }

  /** The claims of a pod come before it, and stay when it goes. Models: createPersistentVolumeClaims. */
  private addClaims(set: StatefulSet, ordinal: number): boolean {
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const draft = claimDraft(set, template, ordinal);
      const { name = "", namespace = "" } = draft.metadata;
      if (this.client.get("PersistentVolumeClaim", namespace, name) !== undefined) continue;
      const made = this.client.create("PersistentVolumeClaim", draft);
      const what = `create Claim ${name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name}`;
      this.events.record(
        set,
        made.ok
          ? { type: "Normal", reason: "SuccessfulCreate", message: `${what} success` }
          : {
              type: "Warning",
              reason: "FailedCreate",
              message: `${what} failed error: ${made.error.message}`,
            },
      );
      if (!made.ok) return false;
    }
    return true;
  }

  private remove(set: StatefulSet, pod: Pod): void {
    const { namespace = "", name } = pod.metadata;
    if (!this.client.delete("Pod", namespace, name).ok) return;
    const message = `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
    this.events.record(set, { type: "Normal", reason: "SuccessfulDelete", message });
  }

  private keepRevision(set: StatefulSet, name: string): void {
    this.templates.set(name, set.spec.template);
    const { namespace = "" } = set.metadata;
    if (this.client.get("ControllerRevision", namespace, name) !== undefined) return;
    this.client.create("ControllerRevision", {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name,
        namespace,
        labels: {
          ...set.spec.template.metadata?.labels,
          "controller.kubernetes.io/hash": name.slice(name.lastIndexOf("-") + 1),
        },
        ownerReferences: [controllerReference(set)],
      },
      data: { spec: { template: set.spec.template } },
      revision: this.client.owned("ControllerRevision", set).length + 1,
    });
  }

  private report(set: StatefulSet, current: string, update: string): void {
    const pods = this.pods(set);
    const { now } = this.client.store;
    const live = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const available = live.filter((pod) => {
      const since = availableAt(pod, set.spec.minReadySeconds ?? 0);
      return since !== undefined && since <= now;
    });
    const updated = live.filter((pod) => revisionOf(pod) === update);
    const ready = pods.filter(isReady);
    const wanted = set.spec.replicas ?? 1;
    const complete =
      updated.length === wanted && pods.length === wanted && updated.filter(isReady).length === wanted;
    const shown = complete ? update : current;
    const count = (revision: string): number => live.filter((pod) => revisionOf(pod) === revision).length;
    const status: StatefulSet["status"] = {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: pods.length,
      ...(ready.length > 0 && { readyReplicas: ready.length }),
      availableReplicas: available.length,
      ...(count(shown) > 0 && { currentReplicas: count(shown) }),
      ...(updated.length > 0 && { updatedReplicas: updated.length }),
      currentRevision: shown,
      updateRevision: update,
      collisionCount: 0,
    };
    this.client.updateStatus("StatefulSet", set.metadata.namespace ?? "", set.metadata.name, (now_) => ({
      ...now_,
      status,
    }));
  }
}

function ordinalOf({ metadata: { name } }: Pod): number {
  return Number(name.slice(name.lastIndexOf("-") + 1));
}

function revisionOf(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? "";
}

/** Below the partition the old revision stays. */
function revisionFor(set: StatefulSet, ordinal: number, current: string, update: string): string {
  return ordinal < (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0) ? current : update;
}

function statefulPod(
  set: StatefulSet,
  template: PodTemplate,
  ordinal: number,
  revision: string,
): Draft<"Pod"> {
  const name = `${set.metadata.name}-${ordinal}`;
  const pod = podFromTemplate(set, template);
  const { metadata } = pod;
  const { serviceName = "" } = set.spec;
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: {
        ...metadata.labels,
        [INDEX_LABEL]: String(ordinal),
        [REVISION_LABEL]: revision,
        [POD_NAME_LABEL]: name,
      },
    },
    spec: {
      ...withClaims(set, pod.spec, ordinal),
      hostname: name,
      ...(serviceName !== "" && { subdomain: serviceName }),
    },
  };
}

export const statefulSetController: Controller = {
  name: "statefulset-controller",
  start({ store }) {
    new StatefulSetController(store);
  },
};
