import { base64Encode } from "../../../formats/base64.ts";
import { ok } from "../../../base/result.ts";
import { utf8Encode } from "../../../base/utf8.ts";
import { invalidField, unsupportedField } from "../errors.ts";
import type { Strategy } from "./strategy.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";

export const namespaceStrategy: Strategy<"Namespace"> = {
  create: (draft) => {
    const { metadata } = draft;
    return ok({
      ...draft,
      metadata: { ...metadata, labels: { ...metadata.labels, [NAME_LABEL]: metadata.name ?? "" } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  },
  update: (next) =>
    ok({
      ...next,
      metadata: { ...next.metadata, labels: { ...next.metadata.labels, [NAME_LABEL]: next.metadata.name } },
    }),
};

export const secretStrategy: Strategy<"Secret"> = {
  create: ({ stringData, ...draft }) => {
    const written = Object.entries(stringData ?? {}).map(([key, text]): [string, string] => [
      key,
      base64Encode(utf8Encode(text)),
    ]);
    const data: Readonly<Record<string, string>> = { ...draft.data, ...Object.fromEntries(written) };
    return ok({ ...draft, ...(Object.keys(data).length > 0 ? { data } : {}), type: draft.type ?? "Opaque" });
  },
};

export const customResourceDefinitionStrategy: Strategy<"CustomResourceDefinition"> = {
  create: (draft) => {
    const { names, versions } = draft.spec;
    const accepted = {
      ...names,
      singular: names.singular ?? names.kind.toLowerCase(),
      listKind: names.listKind ?? `${names.kind}List`,
    };
    const status = {
      acceptedNames: accepted,
      conditions: [
        { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
        {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        },
      ],
      storedVersions: versions.filter((version) => version.storage).map((version) => version.name),
    };
    return ok({ ...draft, spec: { ...draft.spec, names: accepted }, status });
  },
  validate: ({ metadata, spec }) => {
    const expected = `${spec.names.plural}.${spec.group}`;
    return metadata.name === expected
      ? []
      : [invalidField("metadata.name", metadata.name ?? "", `must be spec.names.plural+"."+spec.group`)];
  },
};

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export const nodeStrategy: Strategy<"Node"> = {
  validate: ({ spec }) =>
    (spec?.taints ?? []).flatMap(({ effect }, i) =>
      EFFECTS.includes(effect) ? [] : [unsupportedField(`spec.taints[${i}].effect`, effect, EFFECTS)],
    ),
};
