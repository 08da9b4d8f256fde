import { ok } from "../../../base/result.ts";
import { sameJson } from "../../../formats/json.ts";
import { matches, objectSelector, equalsSelector } from "../../../formats/selector.ts";
import {
  type FieldError,
  forbiddenField,
  invalid,
  invalidField,
  requiredField,
  unsupportedField,
} from "../errors.ts";
import type { ClaimTemplate, Draft, LabelSelector, PodTemplate } from "../types.ts";
import { labelProblems } from "./names.ts";
import { defaultTemplate } from "./pod-defaults.ts";
import { podSpecProblems } from "./pod-validate.ts";
import type { Strategy } from "./strategy.ts";

interface TemplateRules {
  readonly selector: LabelSelector;
  readonly template: PodTemplate;
}

/** The rules that Deployments, ReplicaSets and DaemonSets share. */
function templateProblems(
  spec: TemplateRules,
  current: LabelSelector | undefined,
  claims: readonly string[] = [],
): FieldError[] {
  const { selector, template } = spec;
  const labels = template.metadata?.labels ?? {};
  const empty = objectSelector(selector).length === 0;
  return [
    ...(empty ? [requiredField("spec.selector")] : []),
    ...(!empty && !matches(objectSelector(selector), labels)
      ? [invalidField("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")]
      : []),
    ...labelProblems("spec.template.labels", labels),
    ...podSpecProblems(template.spec, "spec.template.spec", claims),
    ...alwaysRestarts(template),
    ...(current !== undefined && !sameJson(current, selector)
      ? [invalidField("spec.selector", selector, "field is immutable")]
      : []),
  ];
}

function alwaysRestarts(template: PodTemplate): FieldError[] {
  const policy = template.spec.restartPolicy ?? "Always";
  if (policy === "Always") return [];
  const problem = `Unsupported value: "${policy}": supported values: "Always"`;
  return [{ path: "spec.template.spec.restartPolicy", problem }];
}

function replicaProblems(replicas: number | undefined): FieldError[] {
  return replicas === undefined || replicas >= 0
    ? []
    : [invalidField("spec.replicas", replicas, "must be greater than or equal to 0")];
}

const quarter = "25%";

function completeDeployment<D extends Draft<"Deployment">>(draft: D): D {
  const { spec } = draft;
  const type = spec.strategy?.type ?? "RollingUpdate";
  const rolling = spec.strategy?.rollingUpdate;
  return {
    ...draft,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      strategy:
        type === "RollingUpdate"
          ? { type, rollingUpdate: { maxSurge: quarter, maxUnavailable: quarter, ...rolling } }
          : { type },
      template: defaultTemplate(spec.template),
    },
  };
}

export const deploymentStrategy: Strategy<"Deployment"> = {
  create: ({ status: _, ...draft }) => ok(completeDeployment(draft)),
  update: (next) => ok(completeDeployment(next)),
  validate: ({ spec }, current) => [
    ...replicaProblems(spec.replicas),
    ...templateProblems(spec, current?.spec.selector),
  ],
};

function completeReplicaSet<D extends Draft<"ReplicaSet">>(draft: D): D {
  const { spec } = draft;
  const template = spec.template === undefined ? {} : { template: defaultTemplate(spec.template) };
  return { ...draft, spec: { ...spec, replicas: spec.replicas ?? 1, ...template } };
}

export const replicaSetStrategy: Strategy<"ReplicaSet"> = {
  create: ({ status: _, ...draft }) => ok(completeReplicaSet(draft)),
  update: (next) => ok(completeReplicaSet(next)),
  validate: ({ spec }, current) => [
    ...replicaProblems(spec.replicas),
    ...(spec.template === undefined
      ? [requiredField("spec.template")]
      : templateProblems({ selector: spec.selector, template: spec.template }, current?.spec.selector)),
  ],
};

function completeDaemonSet<D extends Draft<"DaemonSet">>(draft: D): D {
  const { spec } = draft;
  const type = spec.updateStrategy?.type ?? "RollingUpdate";
  const rolling = spec.updateStrategy?.rollingUpdate;
  return {
    ...draft,
    spec: {
      ...spec,
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      updateStrategy:
        type === "RollingUpdate"
          ? { type, rollingUpdate: { maxSurge: 0, maxUnavailable: 1, ...rolling } }
          : { type },
      template: defaultTemplate(spec.template),
    },
  };
}

export const daemonSetStrategy: Strategy<"DaemonSet"> = {
  create: ({ status: _, ...draft }) => ok(completeDaemonSet(draft)),
  update: (next) => ok(completeDaemonSet(next)),
  validate: ({ spec }, current) => templateProblems(spec, current?.spec.selector),
};

const STATEFUL_FROZEN =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function completeTemplate(template: ClaimTemplate): ClaimTemplate {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    ...template,
    spec: { volumeMode: "Filesystem", ...template.spec },
    status: { phase: "Pending" },
  };
}

function completeStatefulSet<D extends Draft<"StatefulSet">>(draft: D): D {
  const { spec } = draft;
  const type = spec.updateStrategy?.type ?? "RollingUpdate";
  const rolling = spec.updateStrategy?.rollingUpdate;
  return {
    ...draft,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      podManagementPolicy: spec.podManagementPolicy ?? "OrderedReady",
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      updateStrategy:
        type === "RollingUpdate" ? { type, rollingUpdate: { partition: 0, ...rolling } } : { type },
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: "Retain",
        whenScaled: "Retain",
        ...spec.persistentVolumeClaimRetentionPolicy,
      },
      template: defaultTemplate(spec.template),
      ...(spec.volumeClaimTemplates !== undefined && {
        volumeClaimTemplates: spec.volumeClaimTemplates.map(completeTemplate),
      }),
    },
  };
}

function frozenStatefulSet({ spec }: Draft<"StatefulSet">): unknown {
  const { selector, serviceName, podManagementPolicy, volumeClaimTemplates } = spec;
  return { selector, serviceName, podManagementPolicy, volumeClaimTemplates };
}

export const statefulSetStrategy: Strategy<"StatefulSet"> = {
  create: ({ status: _, ...draft }) => ok(completeStatefulSet(draft)),
  update: (next) => ok(completeStatefulSet(next)),
  validate: (draft, current) => [
    ...replicaProblems(draft.spec.replicas),
    ...templateProblems(
      draft.spec,
      undefined,
      (draft.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? ""),
    ),
    ...(current !== undefined && !sameJson(frozenStatefulSet(draft), frozenStatefulSet(current))
      ? [forbiddenField("spec", STATEFUL_FROZEN)]
      : []),
  ],
};

function completeJob<D extends Draft<"Job">>(draft: D): D {
  const { spec } = draft;
  const template = defaultTemplate(spec.template);
  return {
    ...draft,
    spec: {
      ...spec,
      parallelism: spec.parallelism ?? 1,
      completions: spec.completions ?? (spec.parallelism === undefined ? 1 : spec.parallelism),
      backoffLimit: spec.backoffLimit ?? 6,
      completionMode: spec.completionMode ?? "NonIndexed",
      suspend: spec.suspend ?? false,
      podReplacementPolicy: spec.podReplacementPolicy ?? "TerminatingOrFailed",
      template,
    },
  };
}

const JOB_RESTARTS = ["OnFailure", "Never"];

export const jobStrategy: Strategy<"Job"> = {
  create: ({ status: _, ...draft }) => {
    const { restartPolicy } = draft.spec.template.spec;
    if (restartPolicy !== undefined) return ok(completeJob(draft));
    const field = requiredField("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"');
    return invalid("Job", "batch", draft.metadata.name ?? "", [field]);
  },
  update: (next) => ok(completeJob(next)),
  validate: ({ spec }, current) => {
    const { restartPolicy = "" } = spec.template.spec;
    const frozen = current !== undefined && !sameJson(current.spec.template, spec.template);
    return [
      ...podSpecProblems(spec.template.spec, "spec.template.spec"),
      ...(JOB_RESTARTS.includes(restartPolicy)
        ? []
        : [unsupportedField("spec.template.spec.restartPolicy", restartPolicy, JOB_RESTARTS)]),
      ...(frozen ? [invalidField("spec.template", spec.template, "field is immutable")] : []),
    ];
  },
};

/** The oldest controller: its selector is its template's labels unless it says otherwise. */
function completeController<D extends Draft<"ReplicationController">>(draft: D): D {
  const { spec, metadata } = draft;
  const labels = spec.template.metadata?.labels;
  return {
    ...draft,
    metadata: { ...metadata, labels: metadata.labels ?? labels },
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      selector: spec.selector ?? labels ?? {},
      template: defaultTemplate(spec.template),
    },
  };
}

export const replicationControllerStrategy: Strategy<"ReplicationController"> = {
  create: ({ status: _, ...draft }) => ok(completeController(draft)),
  update: (next) => ok(completeController(next)),
  validate: ({ spec }) => {
    const labels = spec.template.metadata?.labels ?? {};
    const selector = spec.selector ?? {};
    return [
      ...replicaProblems(spec.replicas),
      ...(Object.keys(selector).length === 0 ? [requiredField("spec.selector")] : []),
      ...(matches(equalsSelector(selector), labels)
        ? []
        : [
            invalidField(
              "spec.template.metadata.labels",
              labels,
              "`selector` does not match template `labels`",
            ),
          ]),
      ...podSpecProblems(spec.template.spec, "spec.template.spec"),
      ...alwaysRestarts(spec.template),
    ];
  },
};
