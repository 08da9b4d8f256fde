import { findProgram } from "../../container/runtime/command.ts";
import type { RuntimeContainer } from "../../container/runtime/types.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, seconds } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { NULL_FILE } from "../../userland/os/io.ts";
import { Process } from "../../userland/os/process.ts";
import type { Probe } from "../api/index.ts";
import { type KubeletContext, note } from "./context.ts";
import { type ProbeResult, runNetworkProbe } from "./network-probe.ts";
import type { ContainerRecord, PodState } from "./pod-state.ts";

type Kind = "Startup" | "Readiness" | "Liveness";

interface Probed {
  readonly context: KubeletContext;
  readonly state: PodState;
  readonly record: ContainerRecord;
  readonly container: RuntimeContainer;
  /** The record changed: the pod's status is to be written, or the container to be looked after. */
  readonly changed: () => void;
}

/** Runs an exec probe; true when it succeeds in time. */
function* runExec(probed: Probed, argv: readonly string[], timeoutSeconds: number): Task<boolean> {
  const { context, container } = probed;
  const image = context.runtime.imageOf(container.config.image);
  const found = findProgram(container.host, image, argv, "/");
  if (!found.ok) return false;
  const process = Process.spawn(container.host, found.value.program, {
    argv: found.value.argv,
    env: context.runtime.environment(container),
    cwd: "/",
    netns: container.sandbox.netns,
    files: new Map([0, 1, 2].map((fd) => [fd, NULL_FILE])),
  });
  const deadline = context.host.queue.now + seconds(timeoutSeconds);
  while (process.alive && context.host.queue.now < deadline) yield* sleep(millis(10));
  if (!process.alive) return process.status === 0;
  process.kill("KILL");
  return false;
}

/** What a result of `failureThreshold` failures, or of a success, does. */
function apply(probed: Probed, kind: Kind, success: boolean): void {
  const { record, context, state, container } = probed;
  if (kind === "Readiness") {
    if (record.ready !== success) {
      record.ready = success;
      probed.changed();
    }
  } else if (kind === "Startup" && success) {
    record.started = true;
    probed.changed();
  } else if (!success) {
    const { name } = record.spec;
    note(
      context,
      state,
      "Normal",
      "Killing",
      `Container ${name} failed ${kind.toLowerCase()} probe, will be restarted`,
      record,
    );
    container.process?.kill("TERM");
  }
}

/** The programs in a container need a moment to open their ports; the real kubelet takes longer to notice the container. */
const FIRST_PROBE = millis(100);

/** Runs a httpGet or tcpSocket probe from the node; true for what is not modelled (grpc, HTTPS). */
function* runNetwork(probed: Probed, spec: Probe): Task<ProbeResult> {
  const { context, container, record } = probed;
  const { host } = context;
  const { ip } = container.sandbox;
  const podIp = ip === undefined ? context.hostIp : formatIpv4(ip);
  const argv = ["kubelet"];
  const kubelet = Process.detached(host, {
    argv,
    env: new Map(),
    cwd: "/",
    netns: host.netns,
    files: new Map(),
  });
  try {
    return (yield* runNetworkProbe(kubelet, record.spec, podIp, spec))?.failure;
  } finally {
    kubelet.end();
  }
}

/** One probe of one instance, until that instance ends. Models: kubelet pkg/kubelet/prober worker. */
export function* probe(probed: Probed, kind: Kind, spec: Probe): Task<void> {
  const { record, container } = probed;
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3 } = spec;
  yield* sleep(addTime(seconds(initialDelaySeconds), FIRST_PROBE));
  let failures = 0;
  let successes = 0;
  while (record.current === container && container.state === "running") {
    const argv = spec.exec?.command;
    let failure: ProbeResult;
    if (argv === undefined) failure = yield* runNetwork(probed, spec);
    else if (!(yield* runExec(probed, argv, timeoutSeconds))) failure = "";
    const success = failure === undefined;
    if (record.current !== container) return;
    failures = success ? 0 : failures + 1;
    successes = success ? successes + 1 : 0;
    if (failure !== undefined)
      note(probed.context, probed.state, "Warning", "Unhealthy", `${kind} probe failed: ${failure}`, record);
    if (successes >= (spec.successThreshold ?? 1)) apply(probed, kind, true);
    else if (failures >= failureThreshold) apply(probed, kind, false);
    if (kind === "Startup" && record.started) return;
    yield* sleep(seconds(periodSeconds));
  }
}

/** All probes of a fresh instance: startup first, the others when it has succeeded. */
export function* probeAll(probed: Probed, spawn: (task: Task<void>) => void): Task<void> {
  const { startupProbe, readinessProbe, livenessProbe } = probed.record.spec;
  if (startupProbe !== undefined) yield* probe(probed, "Startup", startupProbe);
  if (probed.record.current !== probed.container || !probed.record.started) return;
  if (readinessProbe !== undefined) spawn(probe(probed, "Readiness", readinessProbe));
  if (livenessProbe !== undefined) spawn(probe(probed, "Liveness", livenessProbe));
}
