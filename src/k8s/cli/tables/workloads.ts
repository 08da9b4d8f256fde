import { equalsSelector, objectSelector, printSelector } from "../../../formats/selector.ts";
import type { PodTemplate } from "../../api/index.ts";
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

export const controllerRevisionTable: TableOf<"ControllerRevision"> = {
  columns: ["NAME", "CONTROLLER", "REVISION", "AGE"],
  row: (object, context) => {
    const owner = controllerOf(object);
    const group = owner?.apiVersion.split("/")[0] ?? "";
    const shown = owner === undefined ? NONE : `${owner.kind.toLowerCase()}.${group}/${owner.name}`;
    return [object.metadata.name, shown, object.revision, ageOf(object, context)];
  },
};
