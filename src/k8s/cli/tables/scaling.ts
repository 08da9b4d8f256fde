import { labelSelectorText } from "../../../formats/selector.ts";
import type { HorizontalPodAutoscaler, PersistentVolumeClaim } from "../../api/index.ts";
import { age } from "../../api/time.ts";
import { ageOf, NONE, orNone, type TableOf } from "./table.ts";

export const cronJobTable: TableOf<"CronJob"> = {
  columns: ["NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"],
  wide: ["CONTAINERS", "IMAGES", "SELECTOR"],
  row: (object, context) => {
    const { spec, status } = object;
    const { containers } = spec.jobTemplate.spec.template.spec;
    return [
      object.metadata.name,
      spec.schedule,
      orNone(spec.timeZone),
      spec.suspend === true ? "True" : "False",
      status?.active?.length ?? 0,
      status?.lastScheduleTime === undefined ? NONE : age(status.lastScheduleTime, context.now),
      ageOf(object, context),
      containers.map(({ name }) => name).join(","),
      containers.map(({ image = "" }) => image).join(","),
      labelSelectorText(spec.jobTemplate.spec.selector ?? {}) || NONE,
    ];
  },
};

/** `cpu: <unknown>/70%`. Models: printers formatHPAMetrics; current values need metrics-server. */
function targets({ spec }: HorizontalPodAutoscaler): string {
  const shown = (spec.metrics ?? []).map(({ type, resource, containerResource }) => {
    const source = resource ?? containerResource;
    if (source === undefined) return `<unknown>/<${type}>`;
    const { averageUtilization, averageValue, value } = source.target;
    const wanted =
      averageUtilization === undefined ? (averageValue ?? value ?? "<auto>") : `${averageUtilization}%`;
    return `${source.name}: <unknown>/${wanted}`;
  });
  if (shown.length === 0) return NONE;
  const more = shown.length > 2 ? ` + ${shown.length - 2} more...` : "";
  return shown.slice(0, 2).join(", ") + more;
}

export const autoscalerTable: TableOf<"HorizontalPodAutoscaler"> = {
  columns: ["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"],
  row: (object, context) => {
    const { scaleTargetRef: target, minReplicas = 1, maxReplicas } = object.spec;
    return [
      object.metadata.name,
      `${target.kind}/${target.name}`,
      targets(object),
      minReplicas,
      maxReplicas,
      object.status?.currentReplicas ?? 0,
      ageOf(object, context),
    ];
  },
};

export const budgetTable: TableOf<"PodDisruptionBudget"> = {
  columns: ["NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"],
  row: (object, context) => [
    object.metadata.name,
    object.spec?.minAvailable ?? "N/A",
    object.spec?.maxUnavailable ?? "N/A",
    object.status?.disruptionsAllowed ?? 0,
    ageOf(object, context),
  ],
};

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

export function modesText(modes: readonly string[] | undefined): string {
  return (modes ?? []).map((mode) => SHORT_MODES[mode] ?? mode).join(",");
}

/** A claim says what it got only once it is bound. */
const got = ({ status, spec }: PersistentVolumeClaim): readonly [string, string] =>
  spec.volumeName === undefined
    ? ["", ""]
    : [status?.capacity?.["storage"] ?? "", modesText(status?.accessModes)];

export const claimTable: TableOf<"PersistentVolumeClaim"> = {
  columns: [
    "NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE",
  ], // prettier-ignore
  wide: ["VOLUMEMODE"],
  row: (object, context) => [
    object.metadata.name,
    object.metadata.deletionTimestamp === undefined ? (object.status?.phase ?? "Pending") : "Terminating",
    object.spec.volumeName ?? "",
    ...got(object),
    object.spec.storageClassName ?? "",
    "<unset>",
    ageOf(object, context),
    object.spec.volumeMode ?? "<unset>",
  ],
};

export const volumeTable: TableOf<"PersistentVolume"> = {
  columns: [
    "NAME", "CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS",
    "VOLUMEATTRIBUTESCLASS", "REASON", "AGE",
  ], // prettier-ignore
  wide: ["VOLUMEMODE"],
  row: (object, context) => {
    const { spec, status } = object;
    return [
      object.metadata.name,
      spec.capacity?.["storage"] ?? "",
      modesText(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? "",
      object.metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating",
      spec.claimRef === undefined ? "" : `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`,
      spec.storageClassName ?? "",
      "<unset>",
      status?.reason ?? "",
      ageOf(object, context),
      spec.volumeMode ?? "<unset>",
    ];
  },
};
