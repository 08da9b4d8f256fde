import type { Statement } from "unbash";
import type { Task } from "../../sim/task.ts";
import { NULL_FILE } from "../os/io.ts";
import { startPart, startParts } from "./pipeline.ts";
import { commandText } from "./print.ts";
import { runNode } from "./run.ts";
import type { Shell } from "./shell.ts";

/** `command &`: starts it, its standard input the empty file, deaf to INT and QUIT, and goes on at once. */
export function* startBackground(shell: Shell, statement: Statement): Task<number> {
  const node = statement.command;
  shell.line = shell.unit.lineOf(node.pos);
  const prepare = (subshell: Shell): void => {
    for (const signal of ["INT", "QUIT"]) subshell.process.onSignal(signal, "ignore");
    subshell.conditions = 0;
  };
  const plain = node.type === "Pipeline" && node.prefixes.length === 0;
  const files = new Map(shell.process.files).set(0, NULL_FILE);
  let processes;
  if (plain) processes = startParts(shell, node, NULL_FILE, prepare);
  else if (node.type === "AndOr" || node.type === "Pipeline")
    processes = [
      shell.spawn((subshell) => {
        prepare(subshell);
        return runNode(subshell, node);
      }, files),
    ];
  else processes = [startPart(shell, node, files, prepare)];
  const job = shell.jobs.add(processes, commandText(shell.unit, node), shell.line);
  shell.lastBackground = job.last.pid;
  if (shell.interactive) yield* shell.writeError(`[${job.id}] ${job.last.pid}\n`);
  shell.status = 0;
  return 0;
}
