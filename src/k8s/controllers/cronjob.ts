import { isDue, parseSchedule } from "../../formats/cron.ts";
import { NANOS_PER_SECOND, type Nanos, nanos, seconds } from "../../sim/time.ts";
import { ApiClient, type ApiStore, type CronJob, EventRecorder, type Job, timestamp } from "../api/index.ts";
import { civilMinute, parseTimestamp } from "../api/time.ts";
import type { Controller } from "./context.ts";
import { controllerReference } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const MINUTE = seconds(60);
/** Virtual time begins with a whole minute. */
const toMinute = (at: Nanos): Nanos => nanos(Math.floor(at / MINUTE) * MINUTE);
const EPOCH_MINUTES = 1_767_225_600 / 60;

function hasEnded(job: Job): boolean {
  return job.status?.conditions?.some(({ type }) => type === "Complete" || type === "Failed") === true;
}

/** Makes Jobs at the times of a schedule. Models: pkg/controller/cronjob. Not modelled: timeZone other than UTC. */
class CronJobController {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "cronjob-controller");
    this.events = new EventRecorder(this.client, "cronjob-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("CronJob", ({ type, object }) => {
      if (type !== "DELETED") this.work.add(objectKey(object));
    });
    this.client.watch("Job", ({ object }) => {
      const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === "CronJob");
      if (owner !== undefined) this.work.add(`${object.metadata.namespace ?? ""}/${owner.name}`);
    });
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const cron = this.client.get("CronJob", namespace, name);
    if (cron === undefined || cron.metadata.deletionTimestamp !== undefined) return "done";
    this.forgetOld(cron);
    this.report(cron);
    if (cron.spec.suspend === true) return "done";
    const zone = cron.spec.timeZone ?? "Etc/UTC";
    if (!["Etc/UTC", "UTC", "GMT", "Etc/GMT"].includes(zone)) {
      const message = `invalid timeZone: "${zone}" (flannelgraph knows UTC only)`;
      this.events.record(cron, { type: "Warning", reason: "UnknownTimeZone", message });
      return "done";
    }
    this.runWhenDue(cron);
    return "done";
  }

  /** The last minute of the schedule since the last run (or since it was made), and the next one. */
  private runWhenDue(cron: CronJob): void {
    const schedule = parseSchedule(cron.spec.schedule);
    if (!schedule.ok) return;
    const { now } = this.client.store;
    const since = parseTimestamp(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp);
    const deadline = cron.spec.startingDeadlineSeconds;
    const least = deadline === undefined ? 0 : now - seconds(deadline);
    let due: Nanos | undefined;
    for (let at = toMinute(now); at > Math.max(since ?? 0, least); at = nanos(at - MINUTE)) {
      if (!isDue(schedule.value, civilMinute(at))) continue;
      due = at;
      break;
    }
    if (due !== undefined) this.run(cron, due);
    this.work.add(objectKey(cron), nanos(toMinute(now) + MINUTE - now));
  }

  private run(cron: CronJob, due: Nanos): void {
    const active = this.jobs(cron).filter((job) => !hasEnded(job));
    const policy = cron.spec.concurrencyPolicy ?? "Allow";
    if (policy === "Forbid" && active.length > 0) {
      const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
      this.events.record(cron, { type: "Normal", reason: "JobAlreadyActive", message });
      return;
    }
    const { namespace = "", name } = cron.metadata;
    if (policy === "Replace")
      for (const { metadata } of active)
        this.client.delete("Job", namespace, metadata.name, { propagation: "Background" });
    const { metadata, spec } = cron.spec.jobTemplate;
    const title = `${name}-${EPOCH_MINUTES + Math.round(due / NANOS_PER_SECOND / 60)}`;
    const made = this.client.create("Job", {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: {
        name: title,
        namespace,
        labels: { ...metadata?.labels },
        annotations: {
          ...metadata?.annotations,
          "batch.kubernetes.io/cronjob-scheduled-timestamp": timestamp(due),
        },
        ownerReferences: [controllerReference(cron)],
      },
      spec,
    });
    if (made.ok) {
      const message = `Created job ${title}`;
      this.events.record(cron, { type: "Normal", reason: "SuccessfulCreate", message });
    } else if (made.error.reason !== "AlreadyExists") {
      const message = `Error creating job: ${made.error.message}`;
      this.events.record(cron, { type: "Warning", reason: "FailedCreate", message });
    }
    this.report(cron, due);
  }

  private jobs(cron: CronJob): readonly Job[] {
    return this.client.owned("Job", cron);
  }

  /** The histories' limits. */
  private forgetOld(cron: CronJob): void {
    const ended = (type: string): readonly Job[] =>
      this.jobs(cron)
        .filter((job) => job.status?.conditions?.some((each) => each.type === type) === true)
        .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec;
    const surplus = [
      ...dropLast(ended("Complete"), successfulJobsHistoryLimit),
      ...dropLast(ended("Failed"), failedJobsHistoryLimit),
    ];
    for (const { metadata } of surplus) {
      this.client.delete("Job", metadata.namespace ?? "", metadata.name, { propagation: "Background" });
      const message = `Deleted job ${metadata.name}`;
      this.events.record(cron, { type: "Normal", reason: "SuccessfulDelete", message });
    }
  }

  private report(cron: CronJob, due?: Nanos): void {
    const jobs = this.jobs(cron);
    const { namespace = "", name } = cron.metadata;
    for (const job of jobs) {
      const listed = cron.status?.active?.some(({ uid }) => uid === job.metadata.uid) === true;
      if (!listed || !hasEnded(job)) continue;
      const how = job.status?.conditions?.some(({ type }) => type === "Complete") === true;
      const message = `Saw completed job: ${job.metadata.name}, condition: ${how ? "Complete" : "Failed"}`;
      this.events.record(cron, { type: "Normal", reason: "SawCompletedJob", message });
    }
    const active = jobs
      .filter((job) => !hasEnded(job))
      .map(({ metadata: { name: title, uid, resourceVersion } }) => ({
        apiVersion: "batch/v1",
        kind: "Job",
        namespace,
        name: title,
        uid,
        resourceVersion,
      }));
    const completed = jobs
      .flatMap(({ status }) => status?.completionTime ?? [])
      .toSorted()
      .at(-1);
    this.client.updateStatus("CronJob", namespace, name, (now) => {
      const last = due === undefined ? now.status?.lastScheduleTime : timestamp(due);
      const done = completed ?? now.status?.lastSuccessfulTime;
      return {
        ...now,
        status: {
          ...(active.length > 0 && { active }),
          ...(last !== undefined && { lastScheduleTime: last }),
          ...(done !== undefined && { lastSuccessfulTime: done }),
        },
      };
    });
  }
}

function dropLast<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(0, Math.max(0, list.length - count));
}

export const cronJobController: Controller = {
  name: "cronjob-controller",
  start({ store }) {
    new CronJobController(store);
  },
};
