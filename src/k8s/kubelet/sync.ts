import { parseQuantity } from "../../formats/quantity.ts";
import type { PortMapping, Sandbox, SandboxConfig } from "../../container/runtime/types.ts";
import type { Task } from "../../sim/task.ts";
import { addTime, type Nanos, seconds, toSeconds } from "../../sim/time.ts";
import { type KubeletContext, jitter, note, podText } from "./context.ts";
import { podDns } from "./dns.ts";
import {
  type ContainerRecord,
  initDone,
  isRunning,
  isSidecar,
  type PodState,
  shouldRestart,
} from "./pod-state.ts";
import { stopContainer } from "./hooks.ts";
import { startContainer } from "./start-container.ts";
import { setUpVolumes } from "./volumes.ts";

const FIRST_BACKOFF = seconds(10);
const MAX_BACKOFF = seconds(300);

/** What is left to do after one pass: nothing until something happens, or the next pass after a while. */
export type Again = Nanos | undefined;

const earlier = (a: Again, b: Again): Again => (a === undefined || (b !== undefined && b < a) ? b : a);

function portMappings(state: PodState): readonly PortMapping[] {
  return state.pod.spec.containers.flatMap((container) =>
    (container.ports ?? []).map((port): PortMapping => ({
      protocol: port.protocol === "UDP" ? "udp" : port.protocol === "SCTP" ? "sctp" : "tcp",
      containerPort: port.containerPort,
      hostPort: port.hostPort ?? 0,
      hostIp: port.hostIP ?? "",
    })),
  );
}

/** Models: kubernetes pkg/util/bandwidth ExtractPodBandwidthResources; a malformed limit is none. */
function bandwidth({ pod }: PodState): SandboxConfig["bandwidth"] {
  const limit = (way: string): number | undefined =>
    parseQuantity(pod.metadata.annotations?.[`kubernetes.io/${way}-bandwidth`] ?? "");
  return { ingress: limit("ingress"), egress: limit("egress") };
}

function sandboxConfig(context: KubeletContext, state: PodState): SandboxConfig {
  const { metadata, spec } = state.pod;
  const namespace = metadata.namespace ?? "default";
  const hostNetwork = spec.hostNetwork === true;
  return {
    pod: { namespace, name: metadata.name, uid: metadata.uid },
    attempt: state.sandboxAttempts,
    hostname: hostNetwork ? context.host.name : (spec.hostname ?? metadata.name).slice(0, 63),
    hostNetwork,
    dns: podDns(spec, namespace, context.dns()),
    portMappings: hostNetwork ? [] : portMappings(state),
    ...(state.sandboxAttempts === 0 && { ip: context.promised.get(metadata.uid) }),
    ...(!hostNetwork && { bandwidth: bandwidth(state) }),
  };
}

/** The kubelet does not try to give a pod an address while the node has no network. */
function networkMissing(context: KubeletContext, state: PodState): boolean {
  if (state.pod.spec.hostNetwork === true || state.sandbox !== undefined) return false;
  const network = context.runtime.networkReady();
  if (network.ok) return false;
  note(
    context,
    state,
    "Warning",
    "NetworkNotReady",
    `network is not ready: ${networkMessage(network.error)}`,
  );
  return true;
}

/** Models: kubelet runtimeState networkErrors. */
export function networkMessage(error: string): string {
  return (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady " +
    `message:Network plugin returns error: ${error}`
  );
}

/** Whether anything of the pod is still to run. */
function wantsSandbox(state: PodState): boolean {
  const policy = state.pod.spec.restartPolicy ?? "Always";
  return state.containers.some((c) => !c.isInit && (isRunning(c) || shouldRestart(c, policy)));
}

/** A sandbox that died takes its containers and its address along; all begins anew in the next one. */
function* discardSandbox(context: KubeletContext, state: PodState, old: Sandbox): Task<void> {
  note(context, state, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  const stopped = yield* context.runtime.stopPodSandbox(old.id);
  if (!stopped.ok)
    note(
      context,
      state,
      "Warning",
      "FailedKillPod",
      `error killing pod: failed to "KillPodSandbox": rpc error: code = Unknown desc = ${stopped.error}`,
    );
  context.runtime.removePodSandbox(old.id);
  state.sandbox = undefined;
  for (const record of state.containers) {
    if (record.current === undefined) continue;
    if (record.last !== undefined) context.runtime.removeContainer(record.last.id);
    record.last = record.current;
    record.current = undefined;
    record.restarts++;
    record.waiting = undefined;
  }
}

/** Models: kuberuntime createPodSandbox. */
function* ensureSandbox(context: KubeletContext, state: PodState): Task<Sandbox | Again> {
  const old = state.sandbox;
  if (old?.state === "ready") return old;
  if (old !== undefined) yield* discardSandbox(context, state, old);
  const made = yield* context.runtime.runPodSandbox(sandboxConfig(context, state));
  state.sandboxAttempts++;
  if (made.ok) {
    state.sandbox = made.value;
    return made.value;
  }
  const text = `Failed to create pod sandbox: rpc error: code = Unknown desc = ${made.error}`;
  note(context, state, "Warning", "FailedCreatePodSandBox", text);
  return jitter(context, 10_000);
}

/** Whether the instance that ended must wait before the next one; sets what is shown meanwhile. Models: doBackOff. */
function backOff(context: KubeletContext, state: PodState, record: ContainerRecord): Again {
  const { now } = context.host.queue;
  const { current } = record;
  if (current?.state !== "exited")
    return record.backoffUntil > now ? ((record.backoffUntil - now) as Nanos) : undefined;
  if (current.finishedAt - current.startedAt > 2 * MAX_BACKOFF) record.backoff = 0 as Nanos;
  const until = addTime(current.finishedAt, record.backoff);
  if (record.backoff > 0 && now < until) {
    const { name } = record.spec;
    if (record.waiting?.reason !== "CrashLoopBackOff")
      note(
        context,
        state,
        "Warning",
        "BackOff",
        `Back-off restarting failed container ${name} in pod ${podText(state)}`,
        record,
      );
    const wait = `${goSeconds(record.backoff)} restarting failed container=${name} pod=${podText(state)}`;
    record.waiting = { reason: "CrashLoopBackOff", message: `back-off ${wait}` };
    return (until - now) as Nanos;
  }
  record.backoff =
    record.backoff === 0 ? FIRST_BACKOFF : (Math.min(record.backoff * 2, MAX_BACKOFF) as Nanos);
  return undefined;
}

/** `10s`, `1m20s`: Go's Duration.String for whole seconds. */
function goSeconds(span: Nanos): string {
  const s = Math.round(toSeconds(span));
  return s < 60 ? `${s}s` : `${Math.floor(s / 60)}m${s % 60}s`;
}

function* start(
  context: KubeletContext,
  state: PodState,
  record: ContainerRecord,
  sandbox: Sandbox,
  changed: () => void,
): Task<Again> {
  const wait = backOff(context, state, record);
  if (wait !== undefined) return wait;
  const started = yield* startContainer(context, state, record, sandbox, changed);
  changed();
  if (started.ok) return undefined;
  const { reason, message } = started.error;
  record.waiting = { reason, message };
  record.backoffUntil = addTime(context.host.queue.now, FIRST_BACKOFF);
  return FIRST_BACKOFF;
}

/** Init containers one by one; true when all have done their part. */
function* initContainers(
  context: KubeletContext,
  state: PodState,
  sandbox: Sandbox,
  changed: () => void,
): Task<{ done: boolean; again: Again }> {
  const policy = state.pod.spec.restartPolicy ?? "Always";
  for (const record of state.containers.filter((c) => c.isInit)) {
    if (initDone(record)) continue;
    if (isRunning(record) || !shouldRestart(record, policy)) return { done: false, again: undefined };
    const again = yield* start(context, state, record, sandbox, changed);
    if (!(isSidecar(record) && initDone(record))) return { done: false, again };
  }
  return { done: true, again: undefined };
}

/**
 * One pass over a pod: volumes, sandbox, init containers, containers; what is in order is left alone.
 *
 * Models: kubelet SyncPod and kuberuntime_manager.go SyncPod.
 */
export function* syncPod(context: KubeletContext, state: PodState, changed: () => void): Task<Again> {
  if (networkMissing(context, state)) return jitter(context, 1000);
  if (state.volumes === undefined) {
    const volumes = setUpVolumes(context.host.fs, {
      client: context.client,
      pod: state.pod,
      podIp: state.pod.status?.podIP ?? "",
      hostIp: context.hostIp,
    });
    if (!volumes.ok) {
      note(context, state, "Warning", "FailedMount", volumes.error);
      return seconds(2);
    }
    state.volumes = volumes.value;
  }
  if (state.sandbox?.state !== "ready" && !wantsSandbox(state)) return undefined;
  const sandbox = yield* ensureSandbox(context, state);
  if (sandbox === undefined || typeof sandbox === "number") return sandbox;
  changed();
  const init = yield* initContainers(context, state, sandbox, changed);
  let { again } = init;
  if (!init.done) return again;
  const policy = state.pod.spec.restartPolicy ?? "Always";
  for (const record of state.containers.filter((c) => !c.isInit)) {
    if (isRunning(record) || !shouldRestart(record, policy)) continue;
    if (state.pod.metadata.deletionTimestamp !== undefined) break;
    again = earlier(again, yield* start(context, state, record, sandbox, changed));
  }
  return again;
}

/** Ends a pod: its containers together, each with the grace period, then the sandbox. Models: kubelet killPod. */
export function* killPod(context: KubeletContext, state: PodState, grace: Nanos): Task<boolean> {
  const { runtime } = context;
  const stops = state.containers.filter(isRunning).map((record) => {
    note(context, state, "Normal", "Killing", `Stopping container ${record.spec.name}`, record);
    return context.tasks.start(stopContainer(context, state, record, grace));
  });
  for (const stop of stops) yield* stop.join();
  if (state.sandbox === undefined) return true;
  const stopped = yield* runtime.stopPodSandbox(state.sandbox.id);
  if (!stopped.ok)
    note(
      context,
      state,
      "Warning",
      "FailedKillPod",
      `error killing pod: failed to "KillPodSandbox" for "${state.pod.metadata.uid}" with KillPodSandboxError: "rpc error: code = Unknown desc = ${stopped.error}"`,
    );
  return stopped.ok;
}
