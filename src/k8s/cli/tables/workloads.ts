import { equalsSelector, objectSelector, printSelector } from "../../../formats/selector.ts";
import { nanos } from "../../../sim/time.ts";
import { humanDuration, type Job, parseTimestamp, type PodTemplate } from "../../api/index.ts";
import { controllerOf } from "../../api/pods.ts";
import { ageOf, labelsText, NONE, orNone, type TableOf } from "./table.ts";

const names = (template: PodTemplate | undefined): string =>
  (template?.spec.containers ?? []).map(({ name }) => name).join(",");
const images = (template: PodTemplate | undefined): string =>
  (template?.spec.containers ?? []).map(({ image = "" }) => image).join(",");

const TEMPLATE_COLUMNS = ["CONTAINERS", "IMAGES", "SELECTOR"];

export const deploymentTable: TableOf<"Deployment"> = {
  columns: ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"],
  wide: TEMPLATE_COLUMNS,
  row: (object, context) => {
    const { spec, status } = object;
    return [
      object.metadata.name,
      `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      ageOf(object, context),
      names(spec.template),
      images(spec.template),
      printSelector(objectSelector(spec.selector)),
    ];
  },
};

const REPLICA_COLUMNS = ["NAME", "DESIRED", "CURRENT", "READY", "AGE"];

export const replicaSetTable: TableOf<"ReplicaSet"> = {
  columns: REPLICA_COLUMNS,
  wide: TEMPLATE_COLUMNS,
  row: (object, context) => {
    const { spec, status } = object;
    return [
      object.metadata.name,
      spec.replicas ?? 1,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      ageOf(object, context),
      names(spec.template),
      images(spec.template),
      orNone(printSelector(objectSelector(spec.selector))),
    ];
  },
};

export const replicationControllerTable: TableOf<"ReplicationController"> = {
  columns: REPLICA_COLUMNS,
  wide: TEMPLATE_COLUMNS,
  row: (object, context) => {
    const { spec, status } = object;
    return [
      object.metadata.name,
      spec.replicas ?? 1,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      ageOf(object, context),
      names(spec.template),
      images(spec.template),
      orNone(printSelector(equalsSelector(spec.selector ?? {}))),
    ];
  },
};

export const daemonSetTable: TableOf<"DaemonSet"> = {
  columns: ["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"],
  wide: TEMPLATE_COLUMNS,
  row: (object, context) => {
    const { spec, status } = object;
    return [
      object.metadata.name,
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsText(spec.template.spec.nodeSelector),
      ageOf(object, context),
      names(spec.template),
      images(spec.template),
      orNone(printSelector(objectSelector(spec.selector))),
    ];
  },
};

export const statefulSetTable: TableOf<"StatefulSet"> = {
  columns: ["NAME", "READY", "AGE"],
  wide: ["CONTAINERS", "IMAGES"],
  row: (object, context) => [
    object.metadata.name,
    `${object.status?.readyReplicas ?? 0}/${object.spec.replicas ?? 1}`,
    ageOf(object, context),
    names(object.spec.template),
    images(object.spec.template),
  ],
};

/** Models: printers.go printJob. */
function jobStatus({ metadata, status }: Job): string {
  const has = (type: string): boolean =>
    status?.conditions?.some((each) => each.type === type && each.status === "True") === true;
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (has("Suspended")) return "Suspended";
  if (has("FailureTarget")) return "FailureTarget";
  return has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

export const jobTable: TableOf<"Job"> = {
  columns: ["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"],
  wide: TEMPLATE_COLUMNS,
  row: (object, context) => {
    const { spec, status = {} } = object;
    const since = parseTimestamp(status.startTime ?? "");
    const until = parseTimestamp(status.completionTime ?? "") ?? context.now;
    return [
      object.metadata.name,
      jobStatus(object),
      `${status.succeeded ?? 0}/${spec.completions ?? 1}`,
      since === undefined ? "" : humanDuration(nanos(until - since)),
      ageOf(object, context),
      names(spec.template),
      images(spec.template),
      `batch.kubernetes.io/controller-uid=${object.metadata.uid}`,
    ];
  },
};

export const controllerRevisionTable: TableOf<"ControllerRevision"> = {
  columns: ["NAME", "CONTROLLER", "REVISION", "AGE"],
  row: (object, context) => {
    const owner = controllerOf(object);
    const group = owner?.apiVersion.split("/")[0] ?? "";
    const shown = owner === undefined ? NONE : `${owner.kind.toLowerCase()}.${group}/${owner.name}`;
    return [object.metadata.name, shown, object.revision, ageOf(object, context)];
  },
};
