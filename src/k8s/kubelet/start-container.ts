import { err, ok, type Result } from "../../base/result.ts";
import { readText, writeText } from "../../container/files.ts";
import type { ContainerConfig, Mount, Sandbox } from "../../container/runtime/types.ts";
import type { Task } from "../../sim/task.ts";
import { millis, type Nanos, NANOS_PER_MILLI } from "../../sim/time.ts";
import { type KubeletContext, note } from "./context.ts";
import { containerEnvironment, expand } from "./environment.ts";
import { nodeHostsFile, podHostsFile } from "./hosts-file.ts";
import { type ContainerRecord, isSidecar, type PodState } from "./pod-state.ts";
import { afterStart } from "./hooks.ts";
import { probeAll } from "./probes.ts";
import { podIpOf } from "./status.ts";
import { containerMounts, podDir } from "./volumes.ts";

/** A start that failed: what `kubectl get pods` shows while it is tried again. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
}

/** `1.234s`, as Go prints a duration that was truncated to milliseconds. */
function durationText(span: Nanos): string {
  const ms = Math.floor(span / NANOS_PER_MILLI);
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}

/** Models: kubelet imageManager EnsureImageExists. A registry answers always; unknown images are stood in for. */
export function* ensureImage(
  context: KubeletContext,
  state: PodState,
  record: ContainerRecord,
): Task<Result<void, StartFailure>> {
  const { runtime, host } = context;
  const image = record.spec.image ?? "";
  const policy = record.spec.imagePullPolicy ?? "IfNotPresent";
  const present = runtime.hasImage(image);
  if (present && policy !== "Always") {
    const text = `Container image "${image}" already present on machine and can be accessed by the pod`;
    note(context, state, "Normal", "Pulled", text, record);
    return ok();
  }
  if (policy === "Never")
    return err({
      reason: "ErrImageNeverPull",
      message: `Container image "${image}" is not present with pull policy of Never`,
    });
  note(context, state, "Normal", "Pulling", `Pulling image "${image}"`, record);
  const asked = host.queue.now;
  yield* context.pulls.enter();
  const began = host.queue.now;
  try {
    // A registry round trip, and the layers when they are not there yet.
    const ms = runtime.hasImage(image) ? 300 : 1000 + host.random.below(1000);
    yield* runtime.pullImage(image, millis(ms));
  } finally {
    context.pulls.leave();
  }
  const { now } = host.queue;
  const took = durationText((now - began) as Nanos);
  const waited = durationText((now - asked) as Nanos);
  const text = `Successfully pulled image "${image}" in ${took} (${waited} including waiting).`;
  note(context, state, "Normal", "Pulled", text, record);
  return ok();
}

function hostsMount(context: KubeletContext, state: PodState, sandbox: Sandbox): Mount {
  const { pod } = state;
  const path = `${podDir(pod)}/etc-hosts`;
  const nodeFile = readText(context.host.fs, "/etc/hosts");
  const text =
    pod.spec.hostNetwork === true
      ? nodeHostsFile(pod.spec, nodeFile.ok ? nodeFile.value : "")
      : podHostsFile(
          pod.spec,
          podIpOf(state, context.hostIp),
          sandbox.config.hostname,
          pod.metadata.namespace ?? "default",
          context.dns().domain,
        );
  writeText(context.host.fs, path, text);
  return { containerPath: "/etc/hosts", hostPath: path, readOnly: false };
}

/** Whether somebody waits for a container to end: those behind an init container, or who runs a pod once. */
function runsToEnd({ pod }: PodState, record: ContainerRecord): boolean {
  if (record.isInit) return !isSidecar(record);
  return (pod.spec.restartPolicy ?? "Always") !== "Always" && (record.spec.ports ?? []).length === 0;
}

function containerConfig(
  context: KubeletContext,
  state: PodState,
  record: ContainerRecord,
  sandbox: Sandbox,
): Result<ContainerConfig, string> {
  const { spec } = record;
  const env = containerEnvironment(spec, {
    client: context.client,
    pod: state.pod,
    podIp: podIpOf(state, context.hostIp),
    hostIp: context.hostIp,
  });
  if (!env.ok) return env;
  const mounts = containerMounts(context.host.fs, spec, state.volumes ?? new Map<string, string>());
  if (!mounts.ok) return mounts;
  const values = new Map(env.value);
  const words = (list: readonly string[] | undefined): string[] =>
    (list ?? []).map((word) => expand(word, values));
  const declared = spec.ports ?? [];
  return ok({
    name: spec.name,
    attempt: record.restarts,
    image: spec.image ?? "",
    runsToEnd: runsToEnd(state, record),
    command: words(spec.command),
    args: words(spec.args),
    env: env.value,
    workingDir: spec.workingDir ?? "/",
    mounts: [...mounts.value, hostsMount(context, state, sandbox)],
    ports: declared.map((port) => ({ port: port.containerPort, protocol: port.protocol ?? "TCP" })),
  });
}

/** Image, create, start, probes. Models: kuberuntime startContainer. */
export function* startContainer(
  context: KubeletContext,
  state: PodState,
  record: ContainerRecord,
  sandbox: Sandbox,
  changed: () => void,
): Task<Result<void, StartFailure>> {
  const { runtime } = context;
  const fail = (reason: string, message: string): Result<never, StartFailure> => {
    note(context, state, "Warning", "Failed", `Error: ${message}`, record);
    return err({ reason, message });
  };
  const image = yield* ensureImage(context, state, record);
  if (!image.ok) return fail(image.error.reason, image.error.message);
  const config = containerConfig(context, state, record, sandbox);
  if (!config.ok) return fail("CreateContainerConfigError", config.error);
  const created = runtime.createContainer(sandbox, config.value);
  if (!created.ok) return fail("CreateContainerError", created.error);
  // In a new sandbox there is none yet: the one that ended with the old sandbox stays the last.
  if (record.current !== undefined) {
    if (record.last !== undefined) runtime.removeContainer(record.last.id);
    record.restarts++;
    record.last = record.current;
  }
  record.current = created.value;
  record.ready = false;
  record.started = false;
  note(context, state, "Normal", "Created", "Container created", record);
  const started = yield* runtime.startContainer(created.value.id);
  if (!started.ok) return fail("RunContainerError", started.error);
  note(context, state, "Normal", "Started", "Container started", record);
  const hook = yield* afterStart(context, state, record, created.value);
  if (hook !== undefined) return err(hook);
  record.waiting = undefined;
  record.started = record.spec.startupProbe === undefined;
  record.ready = record.spec.readinessProbe === undefined;
  const shared = { told: new Set<string>(), stopping: { value: false } };
  const probed = { context, state, record, container: created.value, changed, ...shared };
  context.tasks.start(probeAll(probed, (task) => void context.tasks.start(task)));
  return ok();
}
