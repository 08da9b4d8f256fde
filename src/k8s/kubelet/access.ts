import { err, ok, type Result } from "../../base/result.ts";
import { goErrno } from "../../container/errno.ts";
import { startErrorText } from "../../container/runtime/command.ts";
import type { LogLine } from "../../container/runtime/log.ts";
import type { RuntimeContainer } from "../../container/runtime/types.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { millis, NANOS_PER_SECOND } from "../../sim/time.ts";
import { canRun, prepareCommand, runProgram } from "../../userland/os/exec.ts";
import type { Process } from "../../userland/os/process.ts";
import {
  type ContainerRuntimeAccess,
  type ContainerTarget,
  type LogOptions,
  type PodTarget,
  timestamp,
} from "../api/index.ts";
import { connectStream } from "../../userland/stream/stream.ts";
import { ipv4 } from "../../wire/address.ts";
import type { Kubelet } from "./kubelet.ts";

const LOCALHOST = ipv4(0x7f000001);

/** From the API server through the kubelet to the runtime and back. */
const EXEC_COST = millis(60);

/** The kubelet of a node. */
type Kubelets = (node: string) => Kubelet | undefined;

function containerIn(
  kubelets: Kubelets,
  target: ContainerTarget,
  previous: boolean,
): RuntimeContainer | undefined {
  return kubelets(target.node)?.containerOf(target.namespace, target.pod, target.container, previous);
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
      if (options.since !== undefined && line.time < options.since) continue;
      yield* process.print(
        `${options.prefix ?? ""}${options.timestamps ? `${stamp(line)} ` : ""}${line.text}\n`,
      );
    }
    if (!options.follow || container.state !== "running") return 0;
    yield* log.grown.wait();
  }
}

/** Models: containerd internal/cri/server sandbox_portforward_linux.go: localhost of the pod's namespace. */
function* dial(
  kubelet: Kubelet | undefined,
  target: PodTarget,
  port: number,
): Task<Result<StreamSocket, string>> {
  const sandbox = kubelet?.sandboxOf(target.namespace, target.pod);
  if (kubelet === undefined || sandbox?.state !== "ready")
    return err(`error forwarding port ${port} to pod ${target.pod}, uid : failed to find sandbox`);
  const { kernel } = kubelet.context.host;
  const net = kernel.open(sandbox.netns, { name: "containerd", detail: `portforward ${port}` });
  const socket = net.socket.tcp("containerd");
  const connected = yield* connectStream(socket, { address: LOCALHOST, port });
  if (connected === "connected") return ok(socket);
  socket.close();
  const why = connected === "timeout" ? "i/o timeout" : `connect: ${goErrno(connected)}`;
  const inside = sandbox.netnsPath === "" ? "host" : sandbox.netnsPath;
  return err(
    `error forwarding port ${port} to pod ${sandbox.id}, uid : failed to execute portforward in network namespace "${inside}": ` +
      `failed to connect to localhost:${port} inside namespace "${sandbox.id}", IPv4: dial tcp4 127.0.0.1:${port}: ${why} IPv6 dial tcp6 [::1]:${port}: ${why} `,
  );
}

/** What the API server asks the kubelets for `kubectl exec`, `logs` and `port-forward`. */
export function runtimeAccess(kubelets: Kubelets): ContainerRuntimeAccess {
  const offOf = (node: string): Kubelet | undefined => {
    const kubelet = kubelets(node);
    return kubelet?.off === true ? kubelet : undefined;
  };
  return {
    *exec(target, argv, process) {
      const off = offOf(target.node);
      if (off === undefined) return yield* exec(containerIn(kubelets, target, false), target, argv, process);
      return yield* unheard(process, `error dialing backend: ${noRoute(off)}`);
    },
    *logs(target, options, process) {
      const off = offOf(target.node);
      if (off === undefined)
        return yield* logs(containerIn(kubelets, target, options.previous), target, options, process);
      const { namespace, pod, container } = target;
      const url = `https://${off.context.hostIp}:10250/containerLogs/${namespace}/${pod}/${container}`;
      return yield* unheard(process, `Get "${url}": ${noRoute(off)}`);
    },
    *dial(target, port) {
      const off = offOf(target.node);
      if (off === undefined) return yield* dial(kubelets(target.node), target, port);
      yield* sleep(NOBODY_ANSWERS);
      return err(`error dialing backend: ${noRoute(off)}`);
    },
  };
}

/** The API server asks three times for the node's address. */
const NOBODY_ANSWERS = millis(3070);

function noRoute({ context }: Kubelet): string {
  return `dial tcp ${context.hostIp}:10250: connect: no route to host`;
}

function* unheard(process: Process, why: string): Task<number> {
  yield* sleep(NOBODY_ANSWERS);
  yield* process.printError(`Error from server: ${why}\n`);
  return 1;
}
