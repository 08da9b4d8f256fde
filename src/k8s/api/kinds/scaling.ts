import { flag, int, intOrText, list, may, quantity, struct, text, texts, unread } from "../schema.ts";
import { jobSpec } from "./apps.ts";
import { objectReference } from "./core.ts";
import { condition, labelSelector, typeMeta } from "./meta.ts";

export const cronJob = struct("CronJob", {
  ...typeMeta,
  spec: struct("CronJobSpec", {
    schedule: text,
    timeZone: may(text),
    startingDeadlineSeconds: may(int),
    concurrencyPolicy: may(text),
    suspend: may(flag),
    jobTemplate: struct("JobTemplateSpec", { metadata: may(typeMeta.metadata), spec: jobSpec }),
    successfulJobsHistoryLimit: may(int),
    failedJobsHistoryLimit: may(int),
  }),
  status: may(
    struct("CronJobStatus", {
      active: may(list(objectReference)),
      lastScheduleTime: may(text),
      lastSuccessfulTime: may(text),
    }),
  ),
});

export const podDisruptionBudget = struct("PodDisruptionBudget", {
  ...typeMeta,
  spec: may(
    struct("PodDisruptionBudgetSpec", {
      minAvailable: may(intOrText),
      maxUnavailable: may(intOrText),
      selector: may(labelSelector),
      unhealthyPodEvictionPolicy: may(text),
    }),
  ),
  status: may(
    struct("PodDisruptionBudgetStatus", {
      observedGeneration: may(int),
      disruptedPods: may(texts),
      disruptionsAllowed: may(int),
      currentHealthy: may(int),
      desiredHealthy: may(int),
      expectedPods: may(int),
      conditions: may(list(condition)),
    }),
  ),
});

const metricTarget = struct("MetricTarget", {
  type: text,
  value: may(quantity),
  averageValue: may(quantity),
  averageUtilization: may(int),
});

const metric = struct("MetricSpec", {
  type: text,
  resource: may(struct("ResourceMetricSource", { name: text, target: metricTarget })),
  containerResource: may(
    struct("ContainerResourceMetricSource", { name: text, container: text, target: metricTarget }),
  ),
  ...unread(["object", "pods", "external"]),
});

export const horizontalPodAutoscaler = struct("HorizontalPodAutoscaler", {
  ...typeMeta,
  spec: struct("HorizontalPodAutoscalerSpec", {
    scaleTargetRef: struct("CrossVersionObjectReference", { apiVersion: may(text), kind: text, name: text }),
    minReplicas: may(int),
    maxReplicas: int,
    metrics: may(list(metric)),
    ...unread(["behavior"]),
  }),
  status: may(
    struct("HorizontalPodAutoscalerStatus", {
      observedGeneration: may(int),
      lastScaleTime: may(text),
      currentReplicas: may(int),
      desiredReplicas: may(int),
      conditions: may(list(condition)),
      ...unread(["currentMetrics"]),
    }),
  ),
});
