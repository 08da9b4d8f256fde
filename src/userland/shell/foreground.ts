import type { SyntaxNode } from "unbash";
import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { signalText } from "../os/signals.ts";
import { Abandoned } from "./errors.ts";
import { commandText } from "./print.ts";
import type { Job } from "./jobs.ts";
import type { Shell } from "./shell.ts";

/** Signals whose victims bash does not announce. */
const SILENT = new Set(["INT", "PIPE"]);
const SIGNAL_WIDTH = 24;

/** Waits for the processes of a foreground command; a line is written for one that a signal ended. */
export function* waitForeground(
  shell: Shell,
  processes: readonly Process[],
  node: SyntaxNode,
): Task<number[]> {
  const statuses: number[] = [];
  for (const process of processes) statuses.push(yield* process.wait());
  shell.steps = 0;
  const last = processes[processes.length - 1];
  const signal = last?.endedBy;
  if (signal === "INT" && shell.interactive && shell.traps.get("INT") === undefined) throw new Abandoned();
  if (last !== undefined && signal !== undefined && !SILENT.has(signal)) {
    if (signal === "TERM") yield* shell.writeError("Terminated\n");
    else yield* announce(shell, last, commandText(shell.unit, node));
  }
  if (!shell.interactive) yield* announceJobs(shell);
  return statuses;
}

/** `NAME: line N: PID Killed    COMMAND`. */
function* announce(shell: Shell, process: Process, text: string): Task<void> {
  const words = signalText(process.endedBy ?? "").padEnd(SIGNAL_WIDTH);
  yield* shell.complain(`${String(process.pid).padStart(5)} ${words}${text}`);
}

/** `[1]+  Done                    sleep 1`: what an interactive shell says before its next prompt. */
function jobLine(shell: Shell, job: Job): string {
  const [current, previous] = shell.jobs.current();
  const mark = job === current ? "+" : job === previous ? "-" : " ";
  const status = job.last.status ?? 0;
  const ended = job.last.endedBy;
  const words = ended !== undefined ? signalText(ended) : status === 0 ? "Done" : `Exit ${status}`;
  return `[${job.id}]${mark}  ${words.padEnd(SIGNAL_WIDTH)}${job.text}\n`;
}

/** Reports background jobs that a signal ended, and forgets all that are over. */
export function* announceJobs(shell: Shell): Task<void> {
  for (const job of [...shell.jobs.list()]) {
    if (job.running) continue;
    if (shell.interactive && !job.noticed) {
      yield* shell.writeError(jobLine(shell, job));
      shell.jobs.forget(job);
      continue;
    }
    const signal = job.last.endedBy;
    if (!job.noticed && signal !== undefined && signal !== "TERM" && !SILENT.has(signal))
      if (shell.traps.get(signal) === undefined) yield* announce(shell, job.last, job.text);
    shell.jobs.forget(job);
  }
}
