import { sortedJson } from "../../formats/json.ts";
import { millis, nanos } from "../../sim/time.ts";
import {
  ApiClient,
  type ApiStore,
  type DaemonSet,
  EventRecorder,
  keyOf,
  type Node,
  type Pod,
} from "../api/index.ts";
import { templateHash } from "../api/names.ts";
import { availableAt, controllerOf, hasEnded, isActive, isReady } from "../api/pods.ts";
import { affinityAllows, BLOCKING_EFFECTS, untolerated } from "../scheduler/predicates.ts";
import type { Controller } from "./context.ts";
import { daemonPod, nodeOfDaemonPod, withDaemonTolerations } from "./daemon-pod.ts";
import { controllerReference } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

export const REVISION_LABEL = "controller-revision-hash";

interface Placement {
  /** A pod belongs on the node. */
  readonly run: boolean;
  /** A pod that is there may stay. */
  readonly stay: boolean;
}

/** One pod on each node that fits. Models: pkg/controller/daemon. */
const MANY_NODES = 100;
const MILLIS_PER_NODE = 0.1;

class DaemonSetController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "daemonset-controller");
    this.events = new EventRecorder(this.client, "daemonset-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("DaemonSet", ({ type, object }) => {
      if (type !== "DELETED") this.wanted(objectKey(object));
    });
    this.client.watch("Pod", ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === "DaemonSet") this.wanted(`${object.metadata.namespace ?? ""}/${owner.name}`);
    });
    this.client.watch("Node", ({ type, object, before }) => {
      if (type === "MODIFIED" && sameForDaemons(object, before)) return;
      for (const set of this.client.list("DaemonSet")) this.wanted(keyOf(set));
    });
  }

  /** A look at every node takes its time: in a large cluster several changes fall into one. */
  private wanted(key: string): void {
    const nodes = this.client.store.size("Node");
    this.work.add(key, nodes < MANY_NODES ? undefined : millis(nodes * MILLIS_PER_NODE));
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const set = this.client.get("DaemonSet", namespace, name);
    if (set === undefined) return "done";
    const hash = templateHash(JSON.stringify(sortedJson(set.spec.template)));
    const failed = set.metadata.deletionTimestamp === undefined && !this.manage(set, hash);
    this.report(set, hash);
    return failed ? "retry" : "done";
  }

  private byNode(set: DaemonSet): Map<string, Pod[]> {
    const out = new Map<string, Pod[]>();
    for (const pod of this.client.owned("Pod", set)) {
      const node = nodeOfDaemonPod(pod);
      const here = out.get(node);
      if (here === undefined) out.set(node, [pod]);
      else here.push(pod);
    }
    return out;
  }

  /** False when the API server refused a pod. */
  private manage(set: DaemonSet, hash: string): boolean {
    this.keepRevision(set, hash);
    const byNode = this.byNode(set);
    const nodes = this.client.list("Node");
    for (const node of nodes) {
      const here = byNode.get(node.metadata.name) ?? [];
      const { run, stay } = placement(set, node);
      const live = here.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      for (const pod of live.filter(hasEnded)) this.remove(set, pod, "Found failed daemon pod");
      const good = live.filter((pod) => !hasEnded(pod));
      if (run && here.length === 0 && !this.add(set, node, hash)) return false;
      for (const pod of stay ? good.slice(1) : good) this.remove(set, pod);
    }
    for (const [name, pods] of byNode) {
      if (this.client.get("Node", "", name) !== undefined) continue;
      for (const pod of pods.filter(isActive)) this.remove(set, pod);
    }
    this.update(set, byNode, hash);
    return true;
  }

  private add(set: DaemonSet, node: Node, hash: string): boolean {
    const made = this.client.create("Pod", daemonPod(set, node.metadata.name, { [REVISION_LABEL]: hash }));
    if (!made.ok) {
      const message = `Error creating: ${made.error.message}`;
      this.events.record(set, { type: "Warning", reason: "FailedCreate", message });
      return false;
    }
    const message = `Created pod: ${made.value.metadata.name}`;
    this.events.record(set, { type: "Normal", reason: "SuccessfulCreate", message });
    return true;
  }

  private remove(set: DaemonSet, pod: Pod, warning = ""): void {
    const { namespace = "", name } = pod.metadata;
    if (warning !== "") {
      const message = `${warning} ${namespace}/${name} on node ${nodeOfDaemonPod(pod)}, will try to kill it`;
      this.events.record(set, { type: "Warning", reason: "FailedDaemonPod", message });
    }
    const gone = this.client.delete("Pod", namespace, name);
    if (gone.ok)
      this.events.record(set, {
        type: "Normal",
        reason: "SuccessfulDelete",
        message: `Deleted pod: ${name}`,
      });
  }

  /** RollingUpdate: as many old pods at a time as may be unavailable. */
  private update(set: DaemonSet, byNode: ReadonlyMap<string, readonly Pod[]>, hash: string): void {
    if (set.spec.updateStrategy?.type === "OnDelete") return;
    const pods = [...byNode.values()].flat().filter(isActive);
    const limit = set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
    const allowed =
      typeof limit === "number" ? limit : Math.ceil((pods.length * Number(limit.replace("%", ""))) / 100);
    let unavailable = [...byNode.values()].flat().filter((pod) => !isReady(pod)).length;
    for (const pod of pods.filter((each) => each.metadata.labels?.[REVISION_LABEL] !== hash)) {
      if (isReady(pod) && unavailable >= allowed) return;
      if (isReady(pod)) unavailable++;
      this.remove(set, pod);
    }
  }

  private keepRevision(set: DaemonSet, hash: string): void {
    const { namespace = "", name } = set.metadata;
    const revision = `${name}-${hash}`;
    if (this.client.get("ControllerRevision", namespace, revision) !== undefined) return;
    this.client.create("ControllerRevision", {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name: revision,
        namespace,
        labels: { ...set.spec.template.metadata?.labels, [REVISION_LABEL]: hash },
        ownerReferences: [controllerReference(set)],
      },
      data: { spec: { template: set.spec.template } },
      revision: this.client.owned("ControllerRevision", set).length + 1,
    });
  }

  private report(set: DaemonSet, hash: string): void {
    const { store } = this.client;
    const byNode = this.byNode(set);
    const tally = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
    for (const node of this.client.list("Node")) {
      const pods = (byNode.get(node.metadata.name) ?? []).filter(isActive);
      const [first] = pods;
      const { run } = placement(set, node);
      if (!run) {
        if (first !== undefined) tally.misscheduled++;
        continue;
      }
      tally.desired++;
      if (first === undefined) continue;
      tally.current++;
      if (isReady(first)) tally.ready++;
      const since = availableAt(first, set.spec.minReadySeconds ?? 0);
      if (since !== undefined && since <= store.now) tally.available++;
      if (since !== undefined && since > store.now) this.work.add(objectKey(set), nanos(since - store.now));
      if (first.metadata.labels?.[REVISION_LABEL] === hash) tally.updated++;
    }
    const unavailable = tally.desired - tally.available;
    const status = {
      currentNumberScheduled: tally.current,
      desiredNumberScheduled: tally.desired,
      numberMisscheduled: tally.misscheduled,
      numberReady: tally.ready,
      observedGeneration: set.metadata.generation ?? 1,
      ...(tally.available > 0 ? { numberAvailable: tally.available } : {}),
      ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
      ...(tally.updated > 0 ? { updatedNumberScheduled: tally.updated } : {}),
    };
    this.client.updateStatus("DaemonSet", set.metadata.namespace ?? "", set.metadata.name, (now) => ({
      ...now,
      status,
    }));
  }
}

/** Labels and taints decide; the rest of a node's status changes nothing. */
function sameForDaemons(a: Node, b: Node | undefined): boolean {
  return a.metadata.labels === b?.metadata.labels && a.spec?.taints === b?.spec?.taints;
}

/** Models: daemon.NodeShouldRunDaemonPod. */
function placement(set: DaemonSet, node: Node): Placement {
  const { spec } = set.spec.template;
  if (!affinityAllows(spec, node)) return { run: false, stay: false };
  const tolerations = withDaemonTolerations(spec);
  if (untolerated(node.spec?.taints, tolerations, BLOCKING_EFFECTS) === undefined)
    return { run: true, stay: true };
  return { run: false, stay: untolerated(node.spec?.taints, tolerations, ["NoExecute"]) === undefined };
}

export const daemonSetController: Controller = {
  name: "daemonset-controller",
  start({ store }) {
    new DaemonSetController(store);
  },
};
