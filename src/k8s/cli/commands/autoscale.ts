import type { Task } from "../../../sim/task.ts";
import type { Draft } from "../../api/types.ts";
import { apiVersionOf } from "../../api/resources.ts";
import { text } from "../flags.ts";
import { die } from "../problem.ts";
import { fetchSelection, readSelection } from "../resolve.ts";
import type { Command, Session } from "../session.ts";
import { failedTo, submit, SUBMIT_FLAGS } from "./submit.ts";

const SCALABLE = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

type Metric = NonNullable<NonNullable<Draft<"HorizontalPodAutoscaler">["spec"]>["metrics"]>[number];

/** `70%` of what is asked for, or a quantity. Models: autoscale.go createHPAv2 metrics. */
function metricOf(name: string, given: string): Metric {
  const percent = /^(\d+)%$/.exec(given)?.[1];
  const target =
    percent === undefined
      ? { type: "AverageValue", averageValue: given }
      : { type: "Utilization", averageUtilization: Number(percent) };
  return { type: "Resource", resource: { name, target } };
}

function metricsOf(session: Session): readonly Metric[] {
  const { args } = session;
  const percent = session.number("cpu-percent");
  const cpu = args.text("cpu") ?? (percent === undefined || percent < 0 ? undefined : `${percent}%`);
  const memory = args.text("memory");
  return [
    ...(cpu === undefined ? [] : [metricOf("cpu", cpu)]),
    ...(memory === undefined ? [] : [metricOf("memory", memory)]),
  ];
}

function* run(session: Session): Task<number> {
  const { args } = session;
  if (args.has("cpu-percent"))
    yield* session.note(
      "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).\n",
    );
  const most = session.number("max") ?? die('required flag(s) "max" not set');
  const least = session.number("min") ?? -1;
  if (most < 1) die(`--max=MAXPODS must be at least 1, max: ${most}`);
  if (most < least)
    die(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${most}, min: ${least}`);
  const { found, problems } = fetchSelection(session, readSelection(session, args.operands));
  yield* session.request();
  for (const { resource, object } of found) {
    const { name, namespace = "" } = object.metadata;
    if (!SCALABLE.includes(object.kind))
      die(`cannot autoscale a ${object.kind}: the server could not find the requested resource`);
    const metrics = metricsOf(session);
    const draft: Draft<"HorizontalPodAutoscaler"> = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: args.text("name") ?? name, namespace },
      spec: {
        scaleTargetRef: { apiVersion: apiVersionOf(resource), kind: object.kind, name },
        maxReplicas: most,
        ...(least > 0 && { minReplicas: least }),
        ...(metrics.length > 0 && { metrics }),
      },
    };
    yield* submit(session, draft, { verb: "autoscaled", wording: failedTo("create hpa") });
  }
  return yield* session.finish(problems);
}

export const autoscale: Command = {
  name: "autoscale",
  use: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU]",
  short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
  flags: [
    ...SUBMIT_FLAGS,
    text("min"),
    text("max"),
    text("cpu-percent"),
    text("cpu"),
    text("memory"),
    text("name"),
  ],
  refused:
    "filename f recursive R kustomize k save-config show-managed-fields template allow-missing-template-keys",
  run,
};
