import type { RuntimeContainer } from "../../container/runtime/types.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, seconds } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { Probe } from "../api/index.ts";
import { type KubeletContext, note } from "./context.ts";
import { graceOf, stopContainer } from "./hooks.ts";
import { runInContainer, sayTaken } from "./in-container.ts";
import { asKubelet, runNetworkProbe } from "./network-probe.ts";
import type { ContainerRecord, PodState } from "./pod-state.ts";

type Kind = "Startup" | "Readiness" | "Liveness";

interface Probed {
  readonly context: KubeletContext;
  readonly state: PodState;
  readonly record: ContainerRecord;
  readonly container: RuntimeContainer;
  /** The record changed: the pod's status is to be written, or the container to be looked after. */
  readonly changed: () => void;
  /** Commands that the log said are not modelled. */
  readonly told: Set<string>;
  /** A failed probe ends the instance once. */
  readonly stopping: { value: boolean };
}

/** What a probe ended with: success, a failure, or nothing that could be told. */
type Outcome =
  | { readonly kind: "success" }
  | { readonly kind: "failure"; readonly text: string }
  | { readonly kind: "unknown"; readonly text: string };

/** Models: k8s pkg/probe/exec. What the product does not know is taken as passed. */
function* runExec(probed: Probed, argv: readonly string[], timeoutSeconds: number): Task<Outcome> {
  const { context, container } = probed;
  const deadline = addTime(context.host.queue.now, seconds(timeoutSeconds));
  const ran = yield* runInContainer(context, container, argv, deadline);
  switch (ran.kind) {
    case "ended":
      return ran.status === 0 ? { kind: "success" } : { kind: "failure", text: ran.output };
    case "timeout":
      return {
        kind: "failure",
        text: `command timed out: "${argv.join(" ")}" timed out after ${timeoutSeconds}s`,
      };
    case "unmodelled":
      if (!probed.told.has(ran.what)) {
        probed.told.add(ran.what);
        yield* sayTaken(container, ran.what, "the probe is taken as passed");
      }
      return { kind: "success" };
    case "error": {
      const id = context.host.random.text(64, "0123456789abcdef");
      const text = `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${ran.text}`;
      return { kind: "unknown", text };
    }
  }
}

/** What a result of `failureThreshold` failures, or of a success, does. */
function apply(probed: Probed, kind: Kind, spec: Probe, success: boolean): void {
  const { record, context, state } = probed;
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
    const own = spec.terminationGracePeriodSeconds;
    const grace = own === undefined ? graceOf(state) : seconds(own);
    if (!probed.stopping.value) {
      probed.stopping.value = true;
      context.tasks.start(stopContainer(context, state, record, grace));
    }
  }
}

/** The programs in a container need a moment to open their ports; the real kubelet takes longer to notice the container. */
const FIRST_PROBE = millis(100);

/** Runs a httpGet, tcpSocket or grpc probe from the node. */
function* runNetwork(probed: Probed, spec: Probe): Task<Outcome> {
  const { context, container, record } = probed;
  const { ip } = container.sandbox;
  const podIp = ip === undefined ? context.hostIp : formatIpv4(ip);
  const text = yield* asKubelet(context.host, (kubelet) =>
    runNetworkProbe(kubelet, record.spec, podIp, spec),
  );
  return text === undefined ? { kind: "success" } : { kind: "failure", text };
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
    const outcome =
      argv === undefined ? yield* runNetwork(probed, spec) : yield* runExec(probed, argv, timeoutSeconds);
    // An instance that ended meanwhile is no longer asked about.
    if (record.current !== container || container.process?.alive !== true) return;
    const success = outcome.kind === "success";
    if (outcome.kind !== "unknown") {
      failures = success ? 0 : failures + 1;
      successes = success ? successes + 1 : 0;
    }
    if (outcome.kind !== "success") {
      const how = outcome.kind === "failure" ? "failed" : "errored and resulted in unknown state";
      note(
        probed.context,
        probed.state,
        "Warning",
        "Unhealthy",
        `${kind} probe ${how}: ${outcome.text}`,
        record,
      );
    }
    if (successes >= (spec.successThreshold ?? 1)) apply(probed, kind, spec, true);
    else if (failures >= failureThreshold) apply(probed, kind, spec, false);
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
