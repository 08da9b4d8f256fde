import { objectSelector, printSelector } from "../../../formats/selector.ts";
import {
  type ApiClient,
  type DaemonSet,
  type Deployment,
  eventsAbout,
  type Pod,
  type ReplicaSet,
} from "../../api/index.ts";
import { controllerOf } from "../../api/pods.ts";
import { rfc1123 } from "../../api/time.ts";
import { labelsText } from "../tables/table.ts";
import { Sheet } from "./sheet.ts";
import { describeTemplate } from "./template.ts";

const REVISION = "deployment.kubernetes.io/revision";

function setText(sets: readonly ReplicaSet[]): string {
  const texts = sets.map(
    ({ metadata, spec, status }) =>
      `${metadata.name} (${status?.replicas ?? 0}/${spec.replicas ?? 1} replicas created)`,
  );
  return texts.length === 0 ? "<none>" : texts.join(", ");
}

/** Models: kubectl/pkg/describe describeDeployment. */
export function describeDeployment(object: Deployment, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec, status } = object;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  sheet.line(0, "CreationTimestamp:", rfc1123(metadata.creationTimestamp));
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, "Selector:", printSelector(objectSelector(spec.selector)));
  const count = (n: number | undefined): number => n ?? 0;
  sheet.line(
    0,
    "Replicas:",
    `${spec.replicas ?? 1} desired | ${count(status?.updatedReplicas)} updated | ${count(status?.replicas)} total | ` +
      `${count(status?.availableReplicas)} available | ${count(status?.unavailableReplicas)} unavailable`,
  );
  sheet.line(0, "StrategyType:", spec.strategy?.type ?? "");
  sheet.line(0, "MinReadySeconds:", spec.minReadySeconds ?? 0);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling !== undefined) {
    sheet.line(
      0,
      "RollingUpdateStrategy:",
      `${rolling.maxUnavailable ?? 0} max unavailable, ${rolling.maxSurge ?? 0} max surge`,
    );
  }
  describeTemplate(sheet, spec.template);
  if ((status?.conditions ?? []).length > 0) {
    sheet.line(0, "Conditions:");
    sheet.line(1, "Type", "Status", "Reason");
    sheet.line(1, "----", "------", "------");
    for (const { type, status: value, reason = "" } of status?.conditions ?? [])
      sheet.line(1, `${type} `, value, reason);
  }
  const sets = client.owned("ReplicaSet", object);
  const isNew = (set: ReplicaSet): boolean =>
    set.metadata.annotations?.[REVISION] === metadata.annotations?.[REVISION];
  if (sets.length > 0) {
    const old = sets.filter((set) => !isNew(set));
    sheet.line(0, "OldReplicaSets:", setText(old));
    sheet.line(0, "NewReplicaSet:", setText(sets.filter(isNew)));
  }
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}

function podStatus(pods: readonly Pod[]): string {
  const phase = (name: string): number => pods.filter((pod) => pod.status?.phase === name).length;
  return `${phase("Running")} Running / ${phase("Pending")} Waiting / ${phase("Succeeded")} Succeeded / ${phase("Failed")} Failed`;
}

export function describeReplicaSet(object: ReplicaSet, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec, status } = object;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  sheet.line(0, "Selector:", printSelector(objectSelector(spec.selector)));
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  const owner = controllerOf(object);
  if (owner !== undefined) sheet.line(0, "Controlled By:", `${owner.kind}/${owner.name}`);
  sheet.line(0, "Replicas:", `${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
  sheet.line(0, "Pods Status:", podStatus(client.owned("Pod", object)));
  if (spec.template !== undefined) describeTemplate(sheet, spec.template);
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}

export function describeDaemonSet(object: DaemonSet, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec, status } = object;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  sheet.line(0, "Selector:", printSelector(objectSelector(spec.selector)));
  sheet.line(0, "Node-Selector:", labelsText(spec.template.spec.nodeSelector));
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, `Desired Number of Nodes Scheduled: ${status?.desiredNumberScheduled ?? 0}`);
  sheet.line(0, `Current Number of Nodes Scheduled: ${status?.currentNumberScheduled ?? 0}`);
  sheet.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status?.updatedNumberScheduled ?? 0}`);
  sheet.line(0, `Number of Nodes Scheduled with Available Pods: ${status?.numberAvailable ?? 0}`);
  sheet.line(0, `Number of Nodes Misscheduled: ${status?.numberMisscheduled ?? 0}`);
  sheet.line(0, "Pods Status:", podStatus(client.owned("Pod", object)));
  describeTemplate(sheet, spec.template);
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}
