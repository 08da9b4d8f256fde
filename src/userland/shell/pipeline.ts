import type { CommandNode, Pipeline } from "unbash";
import type { Task } from "../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { type OpenFile, Pipe } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { waitForeground } from "./foreground.ts";
import { runCommand, settle } from "./run.ts";
import type { Shell } from "./shell.ts";

export function* runPipeline(shell: Shell, node: Pipeline): Task<number> {
  const negated = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
  const timed = node.prefixes.find((prefix) => prefix.type === "Time");
  const start = shell.host.queue.now;
  const hasNegation = node.prefixes.some((prefix) => prefix.type === "Negation");
  if (hasNegation) shell.conditions++;
  let status: number;
  try {
    status = yield* runParts(shell, node);
  } finally {
    if (hasNegation) shell.conditions--;
  }
  if (timed !== undefined) yield* printTime(shell, shell.host.queue.now - start, timed.posix !== undefined);
  if (negated) status = status === 0 ? 1 : 0;
  shell.status = status;
  return status;
}

function* runParts(shell: Shell, node: Pipeline): Task<number> {
  if (node.commands.length === 0) return 0;
  if (node.commands.length === 1) return yield* runCommand(shell, node.commands[0]!);
  const line = shell.unit.lineOf(node.pos);
  shell.line = line;
  const processes = startParts(shell, node);
  const statuses = yield* waitForeground(shell, processes, node);
  const failure = statuses.findLast((status) => status !== 0) ?? 0;
  const status = shell.options.has("pipefail") ? failure : statuses[statuses.length - 1]!;
  shell.line = line;
  return yield* settle(shell, status, statuses);
}

/** Starts every command of a pipeline in a process of its own. `stdin` is the first one's standard input. */
export function startParts(
  shell: Shell,
  node: Pipeline,
  stdin?: OpenFile,
  prepare?: (shell: Shell) => void,
): Process[] {
  const processes: Process[] = [];
  let previous: OpenFile | undefined;
  for (const [i, command] of node.commands.entries()) {
    const pipe = i < node.commands.length - 1 ? new Pipe() : undefined;
    const files = new Map(shell.process.files);
    const input = previous ?? stdin;
    if (input !== undefined) files.set(0, input);
    if (pipe !== undefined) files.set(1, pipe.writer);
    if (node.operators[i] === "|&" && pipe !== undefined) files.set(2, pipe.writer);
    processes.push(startPart(shell, command, files, prepare));
    previous?.close();
    pipe?.writer.close();
    previous = pipe?.reader;
  }
  return processes;
}

/** Runs one command in a subshell whose process it takes over when it is a program. */
export function startPart(
  shell: Shell,
  command: CommandNode,
  files: ReadonlyMap<number, OpenFile>,
  prepare?: (shell: Shell) => void,
): Process {
  return shell.spawn((subshell) => {
    prepare?.(subshell);
    return runCommand(subshell, command, true);
  }, files);
}

/** What `time` prints: virtual time; nothing here uses a processor. */
function* printTime(shell: Shell, nanoseconds: number, posix: boolean): Task<void> {
  const seconds = nanoseconds / NANOS_PER_SECOND;
  const minutes = Math.floor(seconds / 60);
  const text = posix
    ? `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`
    : `\nreal\t${minutes}m${(seconds - 60 * minutes).toFixed(3)}s\nuser\t0m0.000s\nsys\t0m0.000s\n`;
  yield* shell.writeError(text);
}
