import { sameJson, sortedJson } from "../../formats/json.ts";
import { seconds } from "../../sim/time.ts";
import { ApiClient, type ApiStore, type Deployment, EventRecorder, type ReplicaSet } from "../api/index.ts";
import { templateHash } from "../api/names.ts";
import { controllerOf, hasEnded } from "../api/pods.ts";
import type { Controller } from "./context.ts";
import { fenceposts, newSize, oldSizes, sizeOf } from "./deployment-math.ts";
import { deploymentStatus } from "./deployment-status.ts";
import { controllerReference } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const HASH_LABEL = "pod-template-hash";
const REVISION = "deployment.kubernetes.io/revision";

const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";

/** Annotations of a Deployment that its ReplicaSets do not get. Models: deploymentutil.annotationsToSkip. */
const OWN_ANNOTATIONS = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
]);

function handedDown({ metadata }: Deployment): Readonly<Record<string, string>> {
  const all = Object.entries(metadata.annotations ?? {});
  return Object.fromEntries(all.filter(([key]) => !OWN_ANNOTATIONS.has(key)));
}

function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map((set) => Number(set.metadata.annotations?.[REVISION] ?? 0))) + 1;
}

/** Rolls a Deployment's template out through ReplicaSets. Models: pkg/controller/deployment. */
class DeploymentController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "deployment-controller");
    this.events = new EventRecorder(this.client, "deployment-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("Deployment", ({ type, object }) => {
      if (type !== "DELETED") this.work.add(objectKey(object));
    });
    this.client.watch("ReplicaSet", ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === "Deployment") this.work.add(`${object.metadata.namespace ?? ""}/${owner.name}`);
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const deployment = this.client.get("Deployment", namespace, name);
    if (deployment === undefined) return "done";
    const sets = this.sets(deployment);
    const current = sets.find((set) => this.hasTemplateOf(set, deployment));
    if (
      deployment.metadata.deletionTimestamp !== undefined ||
      (deployment.spec.paused === true && current === undefined)
    ) {
      this.report(deployment, sets, current);
      return "done";
    }
    const old = sets.filter((set) => set !== current);
    if (deployment.spec.strategy?.type === "Recreate" && this.stillRunning(deployment, old)) {
      this.report(deployment, sets, current);
      return "done";
    }
    const newest =
      current === undefined ? this.createSet(deployment, old) : this.promote(deployment, current, old);
    if (newest === undefined) return "retry";
    this.roll(deployment, newest, old);
    this.forget(deployment, old);
    const after = this.sets(deployment);
    this.report(
      deployment,
      after,
      after.find((set) => set.metadata.uid === newest.metadata.uid),
      current === undefined,
    );
    return "done";
  }

  /** Oldest first. */
  private sets(deployment: Deployment): readonly ReplicaSet[] {
    return this.client
      .owned("ReplicaSet", deployment)
      .toSorted(
        (a, b) =>
          Number(a.metadata.annotations?.[REVISION] ?? 0) - Number(b.metadata.annotations?.[REVISION] ?? 0),
      );
  }

  private hasTemplateOf(set: ReplicaSet, deployment: Deployment): boolean {
    const { template } = set.spec;
    const { [HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
    return sameJson(
      { ...template, metadata: { ...template?.metadata, labels } },
      {
        ...deployment.spec.template,
        metadata: {
          ...deployment.spec.template.metadata,
          labels: deployment.spec.template.metadata?.labels ?? {},
        },
      },
    );
  }

  /** Recreate: nothing new before everything old has gone. */
  private stillRunning(deployment: Deployment, old: readonly ReplicaSet[]): boolean {
    for (const set of old) this.resize(deployment, set, 0);
    return old.some((set) => this.client.owned("Pod", set).some((pod) => !hasEnded(pod)));
  }

  private createSet(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet | undefined {
    const { template, selector, minReadySeconds, replicas = 1 } = deployment.spec;
    const hash = templateHash(
      JSON.stringify(sortedJson(template)) + String(deployment.status?.collisionCount ?? ""),
    );
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    const revision = nextRevision(old);
    const { surge } = fenceposts(deployment);
    const size = Math.min(
      replicas,
      Math.max(0, replicas + surge - old.reduce((n, set) => n + sizeOf(set), 0)),
    );
    const made = this.client.create("ReplicaSet", {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace ?? "default",
        labels,
        annotations: {
          ...handedDown(deployment),
          "deployment.kubernetes.io/desired-replicas": String(replicas),
          "deployment.kubernetes.io/max-replicas": String(replicas + surge),
          [REVISION]: String(revision),
        },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: size,
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    });
    if (!made.ok) return undefined;
    this.annotate(deployment, revision);
    if (size > 0) this.noteScaling(deployment, made.value, 0, size);
    return made.value;
  }

  /** A set that has the template again becomes the newest revision. Models: SetNewReplicaSetAnnotations. */
  private promote(deployment: Deployment, set: ReplicaSet, old: readonly ReplicaSet[]): ReplicaSet {
    const { namespace = "", name, annotations = {} } = set.metadata;
    const own = Number(annotations[REVISION] ?? 0);
    const revision = Math.max(own, nextRevision(old));
    const past = annotations[REVISION_HISTORY];
    const history: Readonly<Record<string, string>> =
      revision === own || own === 0
        ? {}
        : { [REVISION_HISTORY]: past === undefined ? String(own) : `${past},${own}` };
    const written = this.client.modify("ReplicaSet", namespace, name, (now) => ({
      ...now,
      metadata: {
        ...now.metadata,
        annotations: {
          ...now.metadata.annotations,
          ...handedDown(deployment),
          ...history,
          [REVISION]: String(revision),
        },
      },
    }));
    return written.ok ? written.value : set;
  }

  private roll(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): void {
    if (deployment.spec.paused === true) return;
    this.annotate(deployment, Number(newest.metadata.annotations?.[REVISION] ?? 1));
    const running = old.filter((set) => sizeOf(set) > 0);
    const size = newSize(deployment, [...running, newest], newest);
    if (size !== sizeOf(newest)) {
      this.resize(deployment, newest, size);
      if (running.length > 0) return;
    }
    for (const [set, smaller] of oldSizes(deployment, running, newest)) this.resize(deployment, set, smaller);
  }

  private resize(deployment: Deployment, set: ReplicaSet, size: number): void {
    const before = sizeOf(set);
    if (before === size) return;
    const { namespace = "", name } = set.metadata;
    const done = this.client.modify("ReplicaSet", namespace, name, (now) => ({
      ...now,
      spec: { ...now.spec, replicas: size },
    }));
    if (done.ok) this.noteScaling(deployment, set, before, size);
  }

  private noteScaling(deployment: Deployment, set: ReplicaSet, from: number, to: number): void {
    const message = `Scaled ${to > from ? "up" : "down"} replica set ${set.metadata.name} from ${from} to ${to}`;
    this.events.record(deployment, { type: "Normal", reason: "ScalingReplicaSet", message });
  }

  private annotate(deployment: Deployment, revision: number): void {
    const { namespace = "", name } = deployment.metadata;
    this.client.modify("Deployment", namespace, name, (now) => ({
      ...now,
      metadata: {
        ...now.metadata,
        annotations: { ...now.metadata.annotations, [REVISION]: String(revision) },
      },
    }));
  }

  /** Old ReplicaSets beyond the history limit go. */
  private forget(deployment: Deployment, old: readonly ReplicaSet[]): void {
    const empty = old.filter((set) => sizeOf(set) === 0 && (set.status?.replicas ?? 0) === 0);
    const surplus = empty.length - (deployment.spec.revisionHistoryLimit ?? 10);
    for (const set of empty.slice(0, Math.max(0, surplus))) {
      this.client.delete("ReplicaSet", set.metadata.namespace ?? "", set.metadata.name);
    }
  }

  private report(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    newest: ReplicaSet | undefined,
    isNew = false,
  ): void {
    const { namespace = "", name } = deployment.metadata;
    const { store } = this.client;
    const status = deploymentStatus(deployment, sets, newest, { now: store.now, isNew });
    this.client.updateStatus("Deployment", namespace, name, (now) => ({ ...now, status: status.status }));
    if (status.recheck) {
      this.work.add(objectKey(deployment), seconds((deployment.spec.progressDeadlineSeconds ?? 600) + 1));
    }
  }
}

export const deploymentController: Controller = {
  name: "deployment-controller",
  start({ store }) {
    new DeploymentController(store);
  },
};
