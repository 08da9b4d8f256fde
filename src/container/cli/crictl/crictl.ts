import { sortedJson } from "../../../formats/json.ts";
import { tabWrite } from "../../../formats/tabwriter.ts";
import { sleep, type Task } from "../../../sim/task.ts";
import { millis, type Nanos, seconds } from "../../../sim/time.ts";
import { fail, program, refuse } from "../../../userland/args/exit.ts";
import { canRun, runProgram } from "../../../userland/os/exec.ts";
import type { Host } from "../../../userland/os/host.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import type { ContainerRuntime } from "../../runtime/cri.ts";
import { normalizeReference } from "../../runtime/images.ts";
import type { RuntimeContainer, Sandbox } from "../../runtime/types.ts";
import { humanDuration } from "../docker/format.ts";
import { timeText } from "../docker/views.ts";

/** crictl v1.35 against the node's containerd. Departure: images are shown by name, since they have no digests here. */

const REQUEST = millis(15);
const ID_LENGTH = 13;

interface Call {
  readonly process: Process;
  readonly runtime: ContainerRuntime;
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

const LONG: Readonly<Record<string, string>> = {
  a: "all",
  q: "quiet",
  o: "output",
  f: "force",
  i: "interactive",
  t: "tty",
  s: "sync",
  p: "pod",
};
const VALUED: ReadonlySet<string> = new Set([
  "name",
  "namespace",
  "output",
  "pod",
  "state",
  "label",
  "tail",
  "timeout",
  "image",
]);

function parse(words: readonly string[]): Pick<Call, "flags" | "values" | "operands"> {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (operands.length > 0 || !word.startsWith("-")) {
      operands.push(word);
      continue;
    }
    const [name = "", given] = word.replace(/^--?/, "").split("=");
    const all = word.startsWith("--")
      ? [name]
      : name.length > 1 && LONG[name[0] ?? ""] !== undefined
        ? name.split("")
        : [name];
    for (const each of all) {
      const long = LONG[each] ?? each;
      if (VALUED.has(long)) values.set(long, given ?? words[++i] ?? "");
      else flags.add(long);
    }
  }
  return { flags, values, operands };
}

const ago = (process: Process, since: Nanos): string => {
  const text = humanDuration(process.host.queue.now - since);
  return `${text} ago`;
};

function table(rows: readonly (readonly string[])[]): string {
  return tabWrite(rows.map((row) => `${row.join("\t")}\n`).join(""), { minWidth: 20, padding: 3 });
}

/** The container or sandbox whose id begins so. */
function one<T extends { readonly id: string }>(
  all: Iterable<T>,
  prefix: string | undefined,
  what: string,
): T {
  if (prefix === undefined) fail(1, "ID cannot be empty\n");
  const found = [...all].filter(({ id }) => id.startsWith(prefix));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  fail(
    1,
    `FATA[0000] rpc error: code = NotFound desc = an error occurred when try to find ${what} "${prefix}": not found \n`,
  );
}

function* ps({ process, runtime, flags, values }: Call): Task<number> {
  const wanted = [...runtime.containers.values()]
    .filter(({ state }) => flags.has("all") || state === "running")
    .filter(({ config }) => new RegExp(values.get("name") ?? "").test(config.name))
    .filter(({ sandbox }) => sandbox.id.startsWith(values.get("pod") ?? ""))
    .toSorted((a, b) => b.createdAt - a.createdAt);
  if (flags.has("quiet")) {
    yield* process.print(wanted.map(({ id }) => `${id}\n`).join(""));
    return 0;
  }
  const head = ["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"];
  const rows = wanted.map(({ id, config, createdAt, state, sandbox }) => [
    id.slice(0, ID_LENGTH),
    normalizeReference(config.image),
    ago(process, createdAt),
    state[0]!.toUpperCase() + state.slice(1),
    config.name,
    String(config.attempt),
    sandbox.id.slice(0, ID_LENGTH),
    sandbox.config.pod.name,
    sandbox.config.pod.namespace,
  ]);
  yield* process.print(table([head, ...rows]));
  return 0;
}

function* pods({ process, runtime, flags, values }: Call): Task<number> {
  const wanted = [...runtime.sandboxes.values()]
    .filter(({ config }) => new RegExp(values.get("name") ?? "").test(config.pod.name))
    .filter(
      ({ config }) =>
        values.get("namespace") === undefined || config.pod.namespace === values.get("namespace"),
    )
    .filter(({ state }) => values.get("state") === undefined || state === values.get("state")?.toLowerCase())
    .toSorted((a, b) => b.createdAt - a.createdAt);
  if (flags.has("quiet")) {
    yield* process.print(wanted.map(({ id }) => `${id}\n`).join(""));
    return 0;
  }
  const head = ["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"];
  const rows = wanted.map(({ id, createdAt, state, config }) => [
    id.slice(0, ID_LENGTH),
    ago(process, createdAt),
    state === "ready" ? "Ready" : "NotReady",
    config.pod.name,
    config.pod.namespace,
    String(config.attempt),
    "(default)",
  ]);
  yield* process.print(table([head, ...rows]));
  return 0;
}

const json = (value: object): string => `${JSON.stringify(sortedJson(value), null, 2)}\n`;

function* inspectPod({ process, runtime, operands }: Call): Task<number> {
  const sandbox = one(runtime.sandboxes.values(), operands[0], "sandbox");
  const { config, ip, netnsPath } = sandbox;
  const network = sandbox.config.hostNetwork ? "NODE" : "POD";
  const status = {
    id: sandbox.id,
    metadata: { ...config.pod, attempt: config.attempt },
    state: sandbox.state === "ready" ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
    createdAt: timeText(sandbox.createdAt),
    network: { additionalIps: [], ip: ip === undefined ? "" : formatIpv4(ip) },
    linux: { namespaces: { options: { ipc: "POD", network, pid: "CONTAINER", targetId: "" } } },
    runtimeHandler: "",
  };
  const info = {
    cniResult: sandbox.result ?? null,
    runtimeSpec: {
      linux: { namespaces: [{ type: "network", ...(netnsPath !== "" && { path: netnsPath }) }] },
    },
    sandboxId: sandbox.id,
  };
  yield* process.print(json({ status, info }));
  return 0;
}

function* inspect({ process, runtime, operands }: Call): Task<number> {
  const container = one(runtime.containers.values(), operands[0], "container");
  const { config, sandbox } = container;
  const status = {
    id: container.id,
    metadata: { name: config.name, attempt: config.attempt },
    state: `CONTAINER_${container.state.toUpperCase()}`,
    createdAt: timeText(container.createdAt),
    startedAt: timeText(container.startedAt),
    finishedAt: timeText(container.finishedAt),
    exitCode: container.exitCode,
    reason: container.reason,
    message: container.message,
    image: { image: normalizeReference(config.image) },
    mounts: config.mounts.map(({ containerPath, hostPath, readOnly }) => ({
      containerPath,
      hostPath,
      readonly: readOnly,
    })),
  };
  const info = { sandboxID: sandbox.id, pid: container.process?.pid ?? 0 };
  yield* process.print(json({ status, info }));
  return 0;
}

function* images({ process, runtime, flags }: Call): Task<number> {
  const names = [
    ...new Set([...runtime.containers.values()].map(({ config }) => normalizeReference(config.image))),
  ];
  if (flags.has("quiet")) refuse("crictl images -q (images have no digests)");
  const rows = names.toSorted().map((name) => {
    const at = name.lastIndexOf(":");
    return [name.slice(0, at), name.slice(at + 1), "<unknown>", "<unknown>"];
  });
  yield* process.print(table([["IMAGE", "TAG", "IMAGE ID", "SIZE"], ...rows]));
  return 0;
}

function* logs({ process, runtime, operands, values }: Call): Task<number> {
  const { log } = one(runtime.containers.values(), operands[0], "container");
  const tail = values.get("tail");
  const lines =
    tail === undefined ? log.lines : log.lines.slice(Math.max(0, log.lines.length - Number(tail)));
  for (const { stream, text } of lines)
    yield* stream === "stdout" ? process.print(`${text}\n`) : process.printError(`${text}\n`);
  return 0;
}

function* exec({ process, runtime, operands }: Call): Task<number> {
  const [id, ...argv] = operands;
  const container = one(runtime.containers.values(), id, "container");
  if (container.state !== "running")
    fail(
      1,
      `FATA[0000] execing command in container: rpc error: code = Unknown desc = container is in CONTAINER_${container.state.toUpperCase()} state \n`,
    );
  const { host, config, sandbox } = container;
  const options = { host, env: runtime.environment(container), cwd: config.workingDir, netns: sandbox.netns };
  if (!canRun(process, argv, options)) {
    const why = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0] ?? ""}": executable file not found in $PATH`;
    fail(
      1,
      `FATA[0000] execing command in container: Internal error occurred: error executing command in container: ${why} \n`,
    );
  }
  const status = yield* runProgram(process, argv, options);
  if (status !== 0)
    yield* process.printError(
      `FATA[0000] execing command in container: command terminated with exit code ${status} \n`,
    );
  return status === 0 ? 0 : 1;
}

function* stopPods({ process, runtime, operands }: Call): Task<number> {
  for (const id of operands) {
    const sandbox = one(runtime.sandboxes.values(), id, "sandbox");
    const stopped = yield* runtime.stopPodSandbox(sandbox.id);
    if (!stopped.ok)
      fail(
        1,
        `FATA[0000] stopping the pod sandbox "${id}": rpc error: code = Unknown desc = ${stopped.error} \n`,
      );
    yield* process.print(`Stopped sandbox ${sandbox.id}\n`);
  }
  return 0;
}

function* removePods({ process, runtime, operands, flags }: Call): Task<number> {
  for (const id of operands) {
    const sandbox: Sandbox = one(runtime.sandboxes.values(), id, "sandbox");
    if (sandbox.state === "ready" && !flags.has("force"))
      fail(
        1,
        `removing the pod sandbox "${id}" failed: pod sandbox ${sandbox.id} is running, please stop it first\n`,
      );
    yield* runtime.stopPodSandbox(sandbox.id);
    runtime.removePodSandbox(sandbox.id);
    yield* process.print(`Removed sandbox ${sandbox.id}\n`);
  }
  return 0;
}

function* stop({ process, runtime, operands, values }: Call): Task<number> {
  for (const id of operands) {
    const container: RuntimeContainer = one(runtime.containers.values(), id, "container");
    yield* runtime.stopContainer(container.id, seconds(Number(values.get("timeout") ?? "0")));
    yield* process.print(`${container.id}\n`);
  }
  return 0;
}

function* version({ process }: Call): Task<number> {
  yield* process.print(
    "Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.2.0\nRuntimeApiVersion:  v1\n",
  );
  return 0;
}

const COMMANDS: Readonly<Record<string, (call: Call) => Task<number>>> = {
  ps,
  pods,
  inspect,
  inspectp: inspectPod,
  images,
  image: images,
  logs,
  exec,
  stop,
  stopp: stopPods,
  rmp: removePods,
  version,
};

/** `crictl` of the node that it is called on. */
export function crictl(runtimeOf: (host: Host) => ContainerRuntime | undefined): Program {
  return program(function* (process): Task<number> {
    const runtime = runtimeOf(process.host);
    if (runtime === undefined) fail(127, "bash: crictl: command not found\n");
    const [name = "", ...words] = process.argv.slice(1);
    const command = COMMANDS[name];
    if (command === undefined) return refuse(`crictl ${name}`);
    yield* sleep(REQUEST);
    return yield* command({ process, runtime, ...parse(words) });
  });
}
