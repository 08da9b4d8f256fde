import { ok } from "../../../base/result.ts";
import { parseSchedule } from "../../../formats/cron.ts";
import { invalidField, requiredField, unsupportedField } from "../errors.ts";
import type { Strategy } from "./strategy.ts";
import { defaultTemplate } from "./pod-defaults.ts";
import { podSpecProblems } from "./pod-validate.ts";

const CONCURRENCY = ["Allow", "Forbid", "Replace"];
const RESTARTS = ["OnFailure", "Never"];

type Template = Parameters<NonNullable<Strategy<"CronJob">["create"]>>[0];

function completeCronJob<D extends Template>(draft: D): D {
  const { spec } = draft;
  const { jobTemplate } = spec;
  const template = defaultTemplate(jobTemplate.spec.template);
  return {
    ...draft,
    spec: {
      ...spec,
      concurrencyPolicy: spec.concurrencyPolicy ?? "Allow",
      suspend: spec.suspend ?? false,
      successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? 3,
      failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? 1,
      jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, template } },
    },
  };
}

export const cronJobStrategy: Strategy<"CronJob"> = {
  create: ({ status: _, ...draft }) => ok(completeCronJob(draft)),
  update: (next) => ok(completeCronJob(next)),
  validate: ({ spec }) => {
    const { spec: pod } = spec.jobTemplate.spec.template;
    const place = "spec.jobTemplate.spec.template.spec";
    const schedule = parseSchedule(spec.schedule);
    return [
      ...(spec.schedule === "" ? [requiredField("spec.schedule")] : []),
      ...(schedule.ok || spec.schedule === ""
        ? []
        : [invalidField("spec.schedule", spec.schedule, schedule.error)]),
      ...(CONCURRENCY.includes(spec.concurrencyPolicy ?? "Allow")
        ? []
        : [unsupportedField("spec.concurrencyPolicy", spec.concurrencyPolicy ?? "", CONCURRENCY)]),
      ...podSpecProblems(pod, place),
      ...(RESTARTS.includes(pod.restartPolicy ?? "")
        ? []
        : [unsupportedField(`${place}.restartPolicy`, pod.restartPolicy ?? "", RESTARTS)]),
    ];
  },
};

const DEFAULT_METRIC = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};

export const hpaStrategy: Strategy<"HorizontalPodAutoscaler"> = {
  create: ({ status: _, ...draft }) => {
    const { spec } = draft;
    const metrics = spec.metrics ?? [DEFAULT_METRIC];
    return ok({ ...draft, spec: { ...spec, minReplicas: spec.minReplicas ?? 1, metrics } });
  },
  validate: ({ spec: { minReplicas = 1, maxReplicas } }) => [
    ...(maxReplicas < 1 ? [invalidField("spec.maxReplicas", maxReplicas, "must be greater than 0")] : []),
    ...(maxReplicas < minReplicas
      ? [invalidField("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`")]
      : []),
  ],
};
