import { isList } from "../../../formats/json.ts";
import { conditionOf } from "../../api/conditions.ts";
import type { ContainerState, ContainerStatus, Pod } from "../../api/index.ts";
import { age } from "../../api/time.ts";
import { ageOf, NONE, orNone, type RowContext, type TableOf } from "./table.ts";

interface Summary {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  /** When the last restart's predecessor ended. */
  readonly lastEnd: string;
}

type Ended = NonNullable<ContainerState["terminated"]>;

function endReason({ reason = "", signal = 0, exitCode }: Ended): string {
  if (reason !== "") return reason;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function later(a: string, status: ContainerStatus): string {
  const b = status.lastState?.terminated?.finishedAt ?? "";
  return b > a ? b : a;
}

/** What the init containers make of the status; undefined when they are through. */
function initReason(pod: Pod): string | undefined {
  const total = pod.spec.initContainers?.length ?? 0;
  for (const [i, { state }] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const waiting = state?.waiting?.reason ?? "";
    if (state?.terminated?.exitCode === 0) continue;
    if (state?.terminated !== undefined) return `Init:${endReason(state.terminated)}`;
    return waiting !== "" && waiting !== "PodInitializing" ? `Init:${waiting}` : `Init:${i}/${total}`;
  }
  return undefined;
}

function ofContainers(pod: Pod, phase: string): Summary {
  let [reason, errorReason, lastEnd] = [phase, "", ""];
  let [ready, restarts, running] = [0, 0, false];
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    const { state } = status;
    restarts += status.restartCount;
    lastEnd = later(lastEnd, status);
    if ((state?.waiting?.reason ?? "") !== "") reason = state?.waiting?.reason ?? "";
    else if (state?.terminated !== undefined) {
      reason = endReason(state.terminated);
      if (state.terminated.exitCode !== 0) errorReason = reason;
    } else if (status.ready && state?.running !== undefined) {
      running = true;
      ready++;
    }
  }
  if (reason === "Completed" && running) {
    reason = conditionOf(pod.status?.conditions, "Ready")?.status === "True" ? "Running" : "NotReady";
  } else if (reason === "Completed" && errorReason !== "") reason = errorReason;
  return { reason, ready, restarts, lastEnd };
}

/** The STATUS column. Models: pkg/printers/internalversion printPod. Not modelled: sidecars' own counting. */
export function summarize(pod: Pod): Summary {
  const phase = pod.status?.reason ?? pod.status?.phase ?? "Unknown";
  const gated = conditionOf(pod.status?.conditions, "PodScheduled")?.reason === "SchedulingGated";
  const initializing = initReason(pod);
  const initialized = conditionOf(pod.status?.conditions, "Initialized")?.status === "True";
  const inits = pod.status?.initContainerStatuses ?? [];
  const summary: Summary =
    initializing !== undefined && !initialized
      ? {
          reason: initializing,
          ready: 0,
          restarts: inits.reduce((n, status) => n + status.restartCount, 0),
          lastEnd: inits.reduce(later, ""),
        }
      : ofContainers(pod, gated ? "SchedulingGated" : phase);
  const ended = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (pod.metadata.deletionTimestamp === undefined || ended) return summary;
  return { ...summary, reason: pod.status?.reason === "NodeLost" ? "Unknown" : "Terminating" };
}

function gates(pod: Pod): string {
  const list = isList(pod.spec["readinessGates"]) ? pod.spec["readinessGates"].length : 0;
  return list === 0 ? NONE : `0/${list}`;
}

function row(pod: Pod, context: RowContext): readonly (string | number)[] {
  const { reason, ready, restarts, lastEnd } = summarize(pod);
  const count =
    restarts === 0 || lastEnd === "" ? String(restarts) : `${restarts} (${age(lastEnd, context.now)} ago)`;
  return [
    pod.metadata.name,
    `${ready}/${pod.spec.containers.length}`,
    reason,
    count,
    ageOf(pod, context),
    orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP),
    orNone(pod.spec.nodeName),
    orNone(pod.status?.nominatedNodeName),
    gates(pod),
  ];
}

export const podTable: TableOf<"Pod"> = {
  columns: ["NAME", "READY", "STATUS", "RESTARTS", "AGE"],
  wide: ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
  row,
};
