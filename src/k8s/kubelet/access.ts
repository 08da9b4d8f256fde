import { startErrorText } from "../../container/runtime/command.ts";
import type { LogLine } from "../../container/runtime/log.ts";
import type { RuntimeContainer } from "../../container/runtime/types.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { millis, NANOS_PER_SECOND } from "../../sim/time.ts";
import { canRun, prepareCommand, runProgram } from "../../userland/os/exec.ts";
import type { Process } from "../../userland/os/process.ts";
import {
  type ContainerRuntimeAccess,
  type ContainerTarget,
  type LogOptions,
  timestamp,
} from "../api/index.ts";
import type { Kubelet } from "./kubelet.ts";

/** From the API server through the kubelet to the runtime and back. */
const EXEC_COST = millis(60);

function containerIn(
  kubelets: ReadonlyMap<string, Kubelet>,
  target: ContainerTarget,
  previous: boolean,
): RuntimeContainer | undefined {
  return kubelets.get(target.node)?.containerOf(target.namespace, target.pod, target.container, previous);
}

/** RFC 3339 with nanoseconds, as the CRI log has it. */
function stamp(line: LogLine): string {
  const fraction = String(line.time % NANOS_PER_SECOND).padStart(9, "0");
  return timestamp(line.time).replace("Z", `.${fraction}Z`);
}

function* exec(
  container: RuntimeContainer | undefined,
  target: ContainerTarget,
  argv: readonly string[],
  process: Process,
): Task<number> {
  if (container?.state !== "running") {
    yield* process.printError(
      `error: Internal error occurred: container not found ("${target.container}")\n`,
    );
    return -1;
  }
  yield* sleep(EXEC_COST);
  const { host, config, sandbox } = container;
  const env = new Map([
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["HOSTNAME", host.name],
    ...config.env,
    ["HOME", "/root"],
  ]);
  const options = { host, env, cwd: config.workingDir, netns: sandbox.netns };
  if (!canRun(process, argv, options)) {
    const failure = prepareCommand(process, argv, env.get("PATH"), host);
    const text = startErrorText(argv[0] ?? "", typeof failure === "string" ? failure : "missing");
    yield* process.printError(
      "error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: " +
        `failed to start exec "${host.random.text(64, "0123456789abcdef")}": OCI runtime exec failed: exec failed: unable to start container process: ${text}\n`,
    );
    return -1;
  }
  return yield* runProgram(process, argv, options);
}

function* logs(
  container: RuntimeContainer | undefined,
  target: ContainerTarget,
  options: LogOptions,
  process: Process,
): Task<number> {
  if (container === undefined) {
    const what = options.previous ? "previous terminated container" : "container";
    const where = `"${target.container}" in pod "${target.pod}"`;
    const why = options.previous ? "not found" : "is waiting to start: ContainerCreating";
    yield* process.printError(`Error from server (BadRequest): ${what} ${where} ${why}\n`);
    return 1;
  }
  const { log } = container;
  let at = options.tail === undefined ? 0 : Math.max(0, log.lines.length - options.tail);
  for (;;) {
    for (; at < log.lines.length; at++) {
      const line = log.lines[at]!;
      yield* process.print(`${options.timestamps ? `${stamp(line)} ` : ""}${line.text}\n`);
    }
    if (!options.follow || container.state !== "running") return 0;
    yield* log.grown.wait();
  }
}

/** What the API server asks the kubelets for `kubectl exec` and `kubectl logs`. */
export function runtimeAccess(kubelets: ReadonlyMap<string, Kubelet>): ContainerRuntimeAccess {
  return {
    exec: (target, argv, process) => exec(containerIn(kubelets, target, false), target, argv, process),
    logs: (target, options, process) =>
      logs(containerIn(kubelets, target, options.previous), target, options, process),
  };
}
