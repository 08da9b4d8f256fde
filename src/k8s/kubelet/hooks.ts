import type { RuntimeContainer } from "../../container/runtime/types.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, type Nanos, seconds } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { LifecycleHandler } from "../api/index.ts";
import { type KubeletContext, note } from "./context.ts";
import { runInContainer, sayTaken } from "./in-container.ts";
import { asKubelet, runNetworkProbe } from "./network-probe.ts";
import type { ContainerRecord, PodState } from "./pod-state.ts";

/** What runs behind a container's start and before its end. Models: kubelet lifecycle/handlers.go, kuberuntime_container.go. */

/** However much a hook took of the grace period, the container is given this long. Models: minimumGracePeriodInSeconds. */
const LEAST_GRACE = seconds(2);
/** A hook behind the start has no limit of its own. */
const NO_LIMIT = seconds(86_400);

/** Runs a hook; the error that it ended with. */
function* runHook(
  context: KubeletContext,
  container: RuntimeContainer,
  record: ContainerRecord,
  hook: LifecycleHandler,
  limit: Nanos,
): Task<string | undefined> {
  if (hook.sleep !== undefined) {
    yield* sleep(seconds(hook.sleep.seconds));
    return undefined;
  }
  const argv = hook.exec?.command;
  if (argv !== undefined) {
    const ran = yield* runInContainer(context, container, argv, addTime(context.host.queue.now, limit));
    if (ran.kind === "unmodelled") {
      yield* sayTaken(container, ran.what, "the hook is taken as done");
      return undefined;
    }
    if (ran.kind === "error") return ran.text;
    if (ran.kind === "timeout") return `command timed out: "${argv.join(" ")}"`;
    return ran.status === 0
      ? undefined
      : `command '${argv.join(" ")}' exited with ${ran.status}: ${ran.output}`;
  }
  if (hook.httpGet === undefined) return undefined;
  const { ip } = container.sandbox;
  const podIp = ip === undefined ? context.hostIp : formatIpv4(ip);
  const { httpGet } = hook;
  const ended = yield* asKubelet(context.host, (kubelet) =>
    runNetworkProbe(kubelet, record.spec, podIp, { httpGet, timeoutSeconds: 30 }),
  );
  // Any answer will do.
  return ended?.startsWith("HTTP probe failed") === true ? undefined : ended;
}

/** The hook behind the start; what kubectl shows while the container is tried again, when it failed. */
export function* afterStart(
  context: KubeletContext,
  state: PodState,
  record: ContainerRecord,
  container: RuntimeContainer,
): Task<{ readonly reason: string; readonly message: string } | undefined> {
  const hook = record.spec.lifecycle?.postStart;
  if (hook === undefined) return undefined;
  const failed = yield* runHook(context, container, record, hook, NO_LIMIT);
  if (failed === undefined) return undefined;
  note(context, state, "Warning", "FailedPostStartHook", "PostStartHook failed", record);
  note(context, state, "Normal", "Killing", "FailedPostStartHook", record);
  yield* stopContainer(context, state, record, graceOf(state));
  return { reason: "PostStartHookError", message: "PostStartHook failed" };
}

/** terminationGracePeriodSeconds of the pod. */
export function graceOf(state: PodState): Nanos {
  return seconds(state.pod.spec.terminationGracePeriodSeconds ?? 30);
}

/** The hook before the end, then SIGTERM, and SIGKILL when `grace`, which both share, is over. */
export function* stopContainer(
  context: KubeletContext,
  state: PodState,
  record: ContainerRecord,
  grace: Nanos,
): Task<void> {
  const { current } = record;
  if (current === undefined) return;
  const { queue } = context.host;
  const hook = record.spec.lifecycle?.preStop;
  let left = grace;
  if (hook !== undefined && grace > 0) {
    const began = queue.now;
    let failed: string | undefined;
    const running = context.tasks.start(
      (function* (): Task<void> {
        failed = yield* runHook(context, current, record, hook, grace);
      })(),
    );
    while (running.alive && queue.now - began < grace) yield* sleep(millis(100));
    if (running.alive) running.kill("KILL");
    if (failed !== undefined)
      note(context, state, "Warning", "FailedPreStopHook", "PreStopHook failed", record);
    const spent = Math.floor((queue.now - began) / seconds(1)) * seconds(1);
    left = Math.max(grace - spent, LEAST_GRACE) as Nanos;
  }
  yield* context.runtime.stopContainer(current.id, left);
}
