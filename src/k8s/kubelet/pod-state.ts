import type { Volumes } from "./volumes.ts";
import type { RuntimeContainer, Sandbox } from "../../container/runtime/types.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Container, Pod } from "../api/index.ts";

/** What the kubelet knows about one container of a pod. */
export interface ContainerRecord {
  readonly spec: Container;
  readonly isInit: boolean;
  /** The latest instance, and the one before it. */
  current: RuntimeContainer | undefined;
  last: RuntimeContainer | undefined;
  restarts: number;
  /** Why there is no instance: ContainerCreating, ErrImagePull, CrashLoopBackOff ... */
  waiting: { readonly reason: string; readonly message?: string } | undefined;
  /** Result of the readiness probe for `current`. */
  ready: boolean;
  /** Result of the startup probe for `current`. */
  started: boolean;
  /** Until when a restart waits, and how long the next wait is. */
  backoffUntil: Nanos;
  backoff: Nanos;
}

/** One pod on this node, from admission to its end. */
export interface PodState {
  /** The latest version from the API server. */
  pod: Pod;
  sandbox: Sandbox | undefined;
  sandboxAttempts: number;
  volumes: Volumes | undefined;
  readonly startTime: string;
  readonly containers: readonly ContainerRecord[];
}

export function newPodState(pod: Pod, startTime: string): PodState {
  const record =
    (isInit: boolean) =>
    (spec: Container): ContainerRecord => ({
      spec,
      isInit,
      current: undefined,
      last: undefined,
      restarts: 0,
      waiting: undefined,
      ready: false,
      started: false,
      backoffUntil: 0 as Nanos,
      backoff: 0 as Nanos,
    });
  return {
    pod,
    sandbox: undefined,
    sandboxAttempts: 0,
    volumes: undefined,
    startTime,
    containers: [
      ...(pod.spec.initContainers ?? []).map(record(true)),
      ...pod.spec.containers.map(record(false)),
    ],
  };
}

/** An init container that goes on running beside the others. */
export function isSidecar(record: ContainerRecord): boolean {
  return record.isInit && record.spec.restartPolicy === "Always";
}

export function isRunning(record: ContainerRecord): boolean {
  return record.current?.state === "running";
}

/** Whether an init container has done its part. */
export function initDone(record: ContainerRecord): boolean {
  if (isSidecar(record)) return isRunning(record) && record.started;
  return record.current?.state === "exited" && record.current.exitCode === 0;
}

/** Whether a container that has ended is to be started again. Models: kubecontainer.ShouldContainerBeRestarted. */
export function shouldRestart(record: ContainerRecord, restartPolicy: string): boolean {
  if (record.current === undefined) return true;
  if (record.current.state !== "exited") return false;
  if (isSidecar(record)) return true;
  const failed = record.current.exitCode !== 0;
  if (record.isInit) return failed && restartPolicy !== "Never";
  return restartPolicy === "Always" || (restartPolicy === "OnFailure" && failed);
}
