import type { Task } from "../../../sim/task.ts";
import { fail } from "../../../userland/args/exit.ts";
import { canRun, runProgram } from "../../../userland/os/exec.ts";
import { NULL_FILE, type OpenFile, Pipe } from "../../../userland/os/io.ts";
import { NO_COST, Process } from "../../../userland/os/process.ts";
import type { DockerEngine } from "../../docker/engine.ts";
import { execEnvironment, startContainer } from "../../docker/lifecycle.ts";
import type { ContainerSpec, DockerContainer } from "../../docker/types.ts";
import { findProgram, startErrorText } from "../../runtime/command.ts";
import { containerOrFail, daemonError, forEach, type Subcommand } from "./client.ts";
import { type FlagSet, parseFlags } from "./flags.ts";
import { CREATE_FLAGS, parseSpec, RUN_FLAGS } from "./spec.ts";

const FORWARDED = ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"];

function complain(verb: string, message: string): string {
  return `docker: ${daemonError(message)}\n\nRun 'docker ${verb} --help' for more information\n`;
}

/** Models: docker/cli cli/command/container toStatusError. */
function startStatus(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  return message.includes("permission denied") ? 126 : 125;
}

function createOrFail(engine: DockerEngine, verb: string, spec: ContainerSpec): DockerContainer {
  const created = engine.create(spec);
  return created.ok ? created.value : fail(125, complain(verb, created.error));
}

/** A standard input that nobody writes to and nobody closes: that of a detached container with -i or -t. */
function silence(): OpenFile {
  return new Pipe().reader;
}

export const run: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(RUN_FLAGS, argv);
  const spec = parseSpec(process, engine, "run", flags);
  const container = createOrFail(engine, "run", spec);
  const isDetached = flags.has("detach");
  const started = yield* startContainer(engine, container, {
    stdin: isDetached ? (spec.openStdin ? silence() : NULL_FILE) : spec.openStdin ? process.stdin : NULL_FILE,
    stdout: isDetached ? undefined : process.stdout,
    stderr: isDetached ? undefined : process.stderr,
  });
  if (!started.ok) {
    if (isDetached) yield* process.print(`${container.id}\n`);
    if (spec.autoRemove) engine.forget(container);
    yield* process.printError(complain("run", started.error));
    return startStatus(started.error);
  }
  if (isDetached) {
    yield* process.print(`${container.id}\n`);
    return 0;
  }
  return yield* attend(process, engine, container);
};

/** Stays with a container until it ends; signals go to it. */
function* attend(process: Process, engine: DockerEngine, container: DockerContainer): Task<number> {
  for (const signal of FORWARDED)
    if (!process.ignores(signal)) process.onSignal(signal, (which) => container.process?.kill(which));
  try {
    return yield* engine.waitFor(container);
  } finally {
    for (const signal of FORWARDED) if (!process.ignores(signal)) process.onSignal(signal, "default");
  }
}

export const create: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(CREATE_FLAGS, argv);
  const container = createOrFail(engine, "create", parseSpec(process, engine, "create", flags));
  yield* process.print(`${container.id}\n`);
  return 0;
};

const START_FLAGS: FlagSet = {
  usage: "docker start [OPTIONS] CONTAINER [CONTAINER...]",
  switches: ["attach", "interactive"],
  short: { a: "attach", i: "interactive" },
  refused: ["detach-keys"],
  minimum: 1,
};

export const start: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(START_FLAGS, argv);
  if (!flags.has("attach"))
    return yield* forEach(process, flags.words, function* (name) {
      const container = engine.find(name);
      if (container === undefined) return `No such container: ${name}`;
      const stdin = container.spec.openStdin ? silence() : NULL_FILE;
      const started = yield* startContainer(engine, container, {
        stdin,
        stdout: undefined,
        stderr: undefined,
      });
      return started.ok ? undefined : started.error;
    });
  const container = containerOrFail(engine, flags.words[0] ?? "");
  const started = yield* startContainer(engine, container, {
    stdin: flags.has("interactive") ? process.stdin : NULL_FILE,
    stdout: process.stdout,
    stderr: process.stderr,
  });
  if (!started.ok) fail(1, `${daemonError(started.error)}\n`);
  return yield* attend(process, engine, container);
};

const EXEC_FLAGS: FlagSet = {
  usage: "docker exec [OPTIONS] CONTAINER COMMAND [ARG...]",
  switches: ["detach", "interactive", "tty", "privileged"],
  values: ["env", "workdir"],
  short: { d: "detach", i: "interactive", t: "tty", e: "env", w: "workdir", u: "user" },
  refused: ["user", "env-file", "detach-keys"],
  strict: true,
  minimum: 2,
};

export const exec: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(EXEC_FLAGS, argv);
  const [name = "", ...command] = flags.words;
  const container = containerOrFail(engine, name);
  const { host, sandbox } = container;
  if (container.state !== "running" || host === undefined || sandbox === undefined)
    fail(1, `${daemonError(`container ${container.id} is not running`)}\n`);
  const cwd = flags.value("workdir") ?? container.spec.workingDir ?? "/";
  const extra = flags.all("env").map((text): [string, string] => {
    const at = text.indexOf("=");
    return at < 0 ? [text, process.env.get(text) ?? ""] : [text.slice(0, at), text.slice(at + 1)];
  });
  const env = execEnvironment(container, extra);
  if (!canRun(process, command, { host, env })) {
    const found = findProgram(host, undefined, command, cwd);
    const why = startErrorText(command[0] ?? "", found.ok ? "missing" : found.error);
    const text = `OCI runtime exec failed: exec failed: unable to start container process: ${why}`;
    yield* process.print(`${text}\n`);
    return why.includes("permission denied") ? 126 : 127;
  }
  if (!flags.has("detach") && flags.has("interactive"))
    return yield* runProgram(process, command, { host, env, cwd, netns: sandbox.netns });
  return yield* execAlone(process, container, command, { env, cwd, detached: flags.has("detach") });
};

/** Without -i the command has no standard input; with -d nobody waits for it. */
function* execAlone(
  process: Process,
  container: DockerContainer,
  command: readonly string[],
  options: { readonly env: Map<string, string>; readonly cwd: string; readonly detached: boolean },
): Task<number> {
  const { host, sandbox } = container;
  if (host === undefined || sandbox === undefined) return 1;
  const found = findProgram(host, undefined, command, options.cwd);
  if (!found.ok) return 127;
  const files = new Map([
    [0, NULL_FILE],
    [1, options.detached ? NULL_FILE : process.stdout],
    [2, options.detached ? NULL_FILE : process.stderr],
  ]);
  const { env, cwd } = options;
  const { program, argv } = found.value;
  const started = Process.spawn(host, program, { argv, env, cwd, files, netns: sandbox.netns }, NO_COST);
  if (options.detached) return 0;
  for (const signal of FORWARDED)
    if (!process.ignores(signal)) process.onSignal(signal, (which) => started.kill(which));
  try {
    return yield* started.wait();
  } finally {
    started.kill("KILL");
    for (const signal of FORWARDED) if (!process.ignores(signal)) process.onSignal(signal, "default");
  }
}
