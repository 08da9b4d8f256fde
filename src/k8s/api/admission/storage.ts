import { ok } from "../../../base/result.ts";
import { canonicalQuantity } from "../../../formats/quantity.ts";
import { sameJson } from "../../../formats/json.ts";
import { forbiddenField, type FieldError, requiredField, unsupportedField } from "../errors.ts";
import { isA } from "../types.ts";
import type { Registry, Strategy } from "./strategy.ts";

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

/** The newest default class. Models: plugin/pkg/admission/storage/storageclass/setdefault. */
function defaultClass(registry: Registry): string | undefined {
  const classes = registry
    .list("StorageClass")
    .filter((each) => isA("StorageClass", each) && each.metadata.annotations?.[DEFAULT_CLASS] === "true");
  return classes.at(-1)?.metadata.name;
}

const MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

function modeProblems(modes: readonly string[] | undefined): FieldError[] {
  if (modes === undefined || modes.length === 0)
    return [{ path: "spec.accessModes", problem: "Required value: at least 1 access mode is required" }];
  return modes.flatMap((mode) =>
    MODES.includes(mode) ? [] : [unsupportedField("spec.accessModes", mode, MODES)],
  );
}

function canonical(
  quantities: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(quantities ?? {}).map(([name, text]) => [name, canonicalQuantity(text)]),
  );
}

export const claimStrategy: Strategy<"PersistentVolumeClaim"> = {
  create: (draft, registry) => {
    const { spec, metadata } = draft;
    const className = spec.storageClassName ?? defaultClass(registry);
    return ok({
      ...draft,
      metadata: { ...metadata, finalizers: metadata.finalizers ?? [] },
      spec: {
        ...spec,
        ...(className === undefined ? {} : { storageClassName: className }),
        resources: { ...spec.resources, requests: canonical(spec.resources?.requests) },
        volumeMode: spec.volumeMode ?? "Filesystem",
      },
      status: { phase: "Pending" },
    });
  },
  validate: ({ spec }, current) => [
    ...modeProblems(spec.accessModes),
    ...(spec.resources?.requests?.["storage"] === undefined
      ? [requiredField("spec.resources[storage]")]
      : []),
    ...(current !== undefined &&
    current.spec.volumeName !== undefined &&
    !sameJson(
      [spec.accessModes, spec.storageClassName],
      [current.spec.accessModes, current.spec.storageClassName],
    )
      ? [
          forbiddenField(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
          ),
        ]
      : []),
  ],
};

export const persistentVolumeStrategy: Strategy<"PersistentVolume"> = {
  create: (draft) =>
    ok({
      ...draft,
      spec: {
        ...draft.spec,
        capacity: canonical(draft.spec.capacity),
        persistentVolumeReclaimPolicy: draft.spec.persistentVolumeReclaimPolicy ?? "Retain",
        volumeMode: draft.spec.volumeMode ?? "Filesystem",
      },
      status: { phase: "Pending" },
    }),
  validate: ({ spec }) => [
    ...modeProblems(spec.accessModes),
    ...(spec.capacity?.["storage"] === undefined ? [requiredField("spec.capacity")] : []),
  ],
};

export const storageClassStrategy: Strategy<"StorageClass"> = {
  create: (draft) =>
    ok({
      ...draft,
      reclaimPolicy: draft.reclaimPolicy ?? "Delete",
      volumeBindingMode: draft.volumeBindingMode ?? "Immediate",
    }),
};
