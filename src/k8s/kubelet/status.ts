import { normalizeReference } from "../../container/runtime/images.ts";
import type { RuntimeContainer } from "../../container/runtime/types.ts";
import { formatIpv4 } from "../../wire/address.ts";
import {
  type Condition,
  type ContainerState,
  type ContainerStatus,
  type PodStatus,
  timestamp,
} from "../api/index.ts";
import {
  type ContainerRecord,
  initDone,
  isRunning,
  isSidecar,
  type PodState,
  shouldRestart,
} from "./pod-state.ts";

function terminated(container: RuntimeContainer): ContainerState {
  return {
    terminated: {
      exitCode: container.exitCode,
      reason: container.reason,
      ...(container.message !== "" && { message: container.message }),
      startedAt: timestamp(container.startedAt),
      finishedAt: timestamp(container.finishedAt),
      containerID: `containerd://${container.id}`,
    },
  };
}

function stateOf(record: ContainerRecord, fallback: string): ContainerState {
  if (record.waiting !== undefined) return { waiting: record.waiting };
  const { current } = record;
  if (current?.state === "running") return { running: { startedAt: timestamp(current.startedAt) } };
  if (current?.state === "exited") return terminated(current);
  return { waiting: { reason: fallback } };
}

function containerStatus(record: ContainerRecord, fallback: string): ContainerStatus {
  const { spec, current, last } = record;
  const running = isRunning(record);
  const done = record.isInit && !isSidecar(record) && initDone(record);
  // While a restart waits, the instance that ended is already "last".
  const before = record.waiting !== undefined && current?.state === "exited" ? current : last;
  const image = spec.image ?? "";
  return {
    name: spec.name,
    ready: done || (running && record.ready && record.started),
    started: running && record.started,
    restartCount: record.restarts,
    image: current === undefined ? image : normalizeReference(image),
    imageID: current === undefined ? "" : normalizeReference(image),
    ...(current !== undefined && { containerID: `containerd://${current.id}` }),
    state: stateOf(record, fallback),
    lastState: before === undefined ? {} : terminated(before),
  };
}

/** Models: kubelet getPhase. */
function phaseOf(state: PodState): string {
  const policy = state.pod.spec.restartPolicy ?? "Always";
  const init = state.containers.filter((c) => c.isInit);
  const apps = state.containers.filter((c) => !c.isInit);
  if (
    init.some(
      (c) => !isSidecar(c) && c.current?.state === "exited" && c.current.exitCode !== 0 && policy === "Never",
    )
  )
    return "Failed";
  if (init.some((c) => !initDone(c)) && apps.every((c) => c.current === undefined)) return "Pending";
  if (apps.some((c) => c.current === undefined)) return "Pending";
  if (apps.some((c) => isRunning(c) || shouldRestart(c, policy))) return "Running";
  return apps.every((c) => c.current?.exitCode === 0) ? "Succeeded" : "Failed";
}

interface Verdict {
  readonly status: boolean;
  readonly reason?: string;
  readonly message?: string;
}

const notReady = (reason: string, what: string, names: readonly string[]): Verdict =>
  names.length === 0
    ? { status: true }
    : { status: false, reason, message: `containers with ${what} status: [${names.join(" ")}]` };

/** Models: kubelet GeneratePodReadyCondition and its siblings. */
function verdicts(
  state: PodState,
  statuses: readonly ContainerStatus[],
  phase: string,
): Readonly<Record<string, Verdict>> {
  const incomplete = state.containers.filter((c) => c.isInit && !initDone(c)).map((c) => c.spec.name);
  const started = state.containers.some((c) => !c.isInit && c.current !== undefined);
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  const completed: Verdict = { status: false, reason: "PodCompleted" };
  const ready =
    phase === "Succeeded"
      ? completed
      : phase === "Failed"
        ? { status: false, reason: "PodFailed" }
        : notReady("ContainersNotReady", "unready", unready);
  return {
    PodReadyToStartContainers: { status: state.sandbox?.state === "ready" },
    Initialized:
      phase === "Succeeded"
        ? { status: true, reason: "PodCompleted" }
        : started
          ? { status: true }
          : notReady("ContainersNotInitialized", "incomplete", incomplete),
    Ready: ready,
    ContainersReady: ready,
    PodScheduled: { status: true },
  };
}

function conditions(
  state: PodState,
  all: Readonly<Record<string, Verdict>>,
  now: string,
): readonly Condition[] {
  const before = state.pod.status?.conditions ?? [];
  const own = Object.entries(all).map(([type, verdict]): Condition => {
    const old = before.find((condition) => condition.type === type);
    const status = verdict.status ? "True" : "False";
    return {
      type,
      status,
      lastTransitionTime: old?.status === status ? (old.lastTransitionTime ?? now) : now,
      ...(verdict.reason !== undefined && { reason: verdict.reason }),
      ...(verdict.message !== undefined && { message: verdict.message }),
    };
  });
  return [...own, ...before.filter((condition) => all[condition.type] === undefined)];
}

/** The pod's address: of its sandbox, or the node's with hostNetwork. */
export function podIpOf(state: PodState, hostIp: string): string {
  if (state.sandbox?.state !== "ready") return "";
  if (state.pod.spec.hostNetwork === true) return hostIp;
  return state.sandbox.ip === undefined ? "" : formatIpv4(state.sandbox.ip);
}

/** The status as the kubelet writes it. Models: kubelet generateAPIPodStatus. */
export function podStatus(state: PodState, hostIp: string, now: string): PodStatus {
  const hasInit = state.containers.some((c) => c.isInit);
  const apps = state.containers
    .filter((c) => !c.isInit)
    .map((c) => containerStatus(c, hasInit ? "PodInitializing" : "ContainerCreating"));
  const init = state.containers.filter((c) => c.isInit).map((c) => containerStatus(c, "PodInitializing"));
  const phase = phaseOf(state);
  const podIp = podIpOf(state, hostIp);
  return {
    ...state.pod.status,
    phase,
    conditions: conditions(state, verdicts(state, apps, phase), now),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp !== "" && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: state.startTime,
    containerStatuses: apps,
    ...(init.length > 0 && { initContainerStatuses: init }),
  };
}
