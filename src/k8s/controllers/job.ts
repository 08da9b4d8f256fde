import { millis, type Nanos, nanos, seconds } from "../../sim/time.ts";
import { ApiClient, type ApiStore, type Condition, EventRecorder, type Job, type Pod } from "../api/index.ts";
import { controllerOf, hasEnded, isReady } from "../api/pods.ts";
import { parseTimestamp } from "../api/time.ts";
import type { Controller } from "./context.ts";
import { podFromTemplate } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const FIRST_BACKOFF = seconds(10);
const MAX_BACKOFF = seconds(600);

/** What ended a Job, and why. */
interface End {
  readonly type: "Complete" | "Failed";
  readonly reason: string;
  readonly message: string;
}

/**
 * Runs pods until enough of them have succeeded or too many have failed. Models: pkg/controller/job.
 * Not modelled: indexed completion, failure and success policies, suspension.
 */
class JobController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "job-controller");
    this.events = new EventRecorder(this.client, "job-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("Job", ({ type, object }) => {
      if (type !== "DELETED") this.work.add(objectKey(object));
    });
    this.client.watch("Pod", ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === "Job") this.work.add(`${object.metadata.namespace ?? ""}/${owner.name}`);
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const job = this.client.get("Job", namespace, name);
    if (job?.metadata.deletionTimestamp !== undefined || job === undefined) return "done";
    const ended = job.status?.conditions?.some(({ type }) => type === "Complete" || type === "Failed");
    if (ended === true) return this.expire(job);
    const pods = this.client.owned("Pod", job);
    const end = this.endOf(job, pods);
    const made = end === undefined ? this.fill(job, pods) : true;
    if (end !== undefined) this.stop(pods);
    this.report(job, end);
    return made ? "done" : "retry";
  }

  private endOf(job: Job, pods: readonly Pod[]): End | undefined {
    const { completions = 1, backoffLimit = 6, activeDeadlineSeconds } = job.spec;
    const failed = pods.filter((pod) => pod.status?.phase === "Failed").length;
    if (pods.filter((pod) => pod.status?.phase === "Succeeded").length >= completions) {
      return {
        type: "Complete",
        reason: "CompletionsReached",
        message: "Reached expected number of succeeded pods",
      };
    }
    const restarts = pods
      .filter((pod) => !hasEnded(pod) && pod.spec.restartPolicy === "OnFailure")
      .flatMap((pod) => pod.status?.containerStatuses ?? [])
      .reduce((sum, { restartCount }) => sum + restartCount, 0);
    if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit))
      return {
        type: "Failed",
        reason: "BackoffLimitExceeded",
        message: "Job has reached the specified backoff limit",
      };
    if (activeDeadlineSeconds === undefined) return undefined;
    const left = activeDeadlineSeconds * 1e9 - this.since(job.status?.startTime);
    if (left > 0) {
      this.work.add(objectKey(job), nanos(left));
      return undefined;
    }
    const message = "Job was active longer than specified deadline";
    return { type: "Failed", reason: "DeadlineExceeded", message };
  }

  private since(time: string | undefined): number {
    const at = parseTimestamp(time ?? "");
    return at === undefined ? 0 : this.client.store.now - at;
  }

  /** Makes the pods that are missing, after a failure not before its back-off is over; false when refused. */
  private fill(job: Job, pods: readonly Pod[]): boolean {
    const { parallelism = 1, completions = 1 } = job.spec;
    const active = pods.filter((pod) => !hasEnded(pod)).length;
    const succeeded = pods.filter((pod) => pod.status?.phase === "Succeeded").length;
    const missing = Math.min(parallelism, completions - succeeded) - active;
    const wait = this.backOff(pods);
    if (missing > 0 && wait > 0) {
      this.work.add(objectKey(job), wait);
      return true;
    }
    for (let i = 0; i < missing; i++) if (!this.add(job)) return false;
    return true;
  }

  private backOff(pods: readonly Pod[]): Nanos {
    const failed = pods.filter((pod) => pod.status?.phase === "Failed");
    const ends = failed.map((pod) => {
      const ended = pod.status?.containerStatuses?.[0]?.state?.terminated?.finishedAt;
      return parseTimestamp(ended ?? pod.metadata.creationTimestamp) ?? nanos(0);
    });
    if (ends.length === 0) return nanos(0);
    const span = Math.min(FIRST_BACKOFF * 2 ** (failed.length - 1), MAX_BACKOFF);
    return nanos(Math.max(0, Math.max(...ends) + span - this.client.store.now));
  }

  private add(job: Job): boolean {
    const draft = podFromTemplate(job, job.spec.template);
    const { name, uid } = job.metadata;
    const own = {
      "batch.kubernetes.io/controller-uid": uid,
      "batch.kubernetes.io/job-name": name,
      "controller-uid": uid,
      "job-name": name,
    };
    const labels = { ...draft.metadata.labels, ...own };
    const made = this.client.create("Pod", { ...draft, metadata: { ...draft.metadata, labels } });
    this.events.record(
      job,
      made.ok
        ? { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${made.value.metadata.name}` }
        : { type: "Warning", reason: "FailedCreate", message: `Error creating: ${made.error.message}` },
    );
    return made.ok;
  }

  private stop(pods: readonly Pod[]): void {
    for (const { metadata, status } of pods)
      if (status?.phase !== "Succeeded" && status?.phase !== "Failed")
        this.client.delete("Pod", metadata.namespace ?? "", metadata.name);
  }

  private report(job: Job, end: End | undefined): void {
    const pods = this.client.owned("Pod", job);
    const active = pods.filter((pod) => !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined);
    const inPhase = (phase: string): number => pods.filter((pod) => pod.status?.phase === phase).length;
    const counts = {
      active: active.length,
      succeeded: inPhase("Succeeded"),
      failed: inPhase("Failed"),
    };
    const now = this.client.store.timestamp();
    const status: Job["status"] = {
      startTime: job.status?.startTime ?? now,
      ...(counts.active > 0 && { active: counts.active }),
      ...(counts.succeeded > 0 && { succeeded: counts.succeeded }),
      ...(counts.failed > 0 && { failed: counts.failed }),
      ready: active.filter(isReady).length,
      terminating: pods.filter((pod) => !hasEnded(pod)).length - active.length,
      ...(end?.type === "Complete" && { completionTime: now }),
      ...(end !== undefined && { conditions: conditions(end, now) }),
    };
    this.client.updateStatus("Job", job.metadata.namespace ?? "", job.metadata.name, (object) => ({
      ...object,
      status,
    }));
    if (end?.type === "Complete")
      this.events.record(job, { type: "Normal", reason: "Completed", message: "Job completed" });
    else if (end !== undefined)
      this.events.record(job, { type: "Warning", reason: end.reason, message: end.message });
  }

  /** ttlSecondsAfterFinished. Models: pkg/controller/ttlafterfinished. */
  private expire(job: Job): Reconciled {
    const { ttlSecondsAfterFinished: ttl } = job.spec;
    if (ttl === undefined) return "done";
    const finished = job.status?.conditions?.find(({ type }) => type === "Complete" || type === "Failed");
    const left = ttl * 1e9 - this.since(finished?.lastTransitionTime);
    const { namespace = "", name } = job.metadata;
    if (left > 0) this.work.add(objectKey(job), nanos(left + millis(1)));
    else this.client.delete("Job", namespace, name, { propagation: "Background" });
    return "done";
  }
}

function conditions({ type, reason, message }: End, now: string): readonly Condition[] {
  const common = { status: "True", reason, message, lastProbeTime: now, lastTransitionTime: now };
  return [
    { type: type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget", ...common },
    { type, ...common },
  ];
}

export const jobController: Controller = {
  name: "job-controller",
  start({ store }) {
    new JobController(store);
  },
};
