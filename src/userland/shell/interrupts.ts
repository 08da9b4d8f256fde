import type { Task } from "../../sim/task.ts";
import { Exit } from "./errors.ts";
import { runText } from "./run.ts";
import type { Shell } from "./shell.ts";
import { Unit } from "./unit.ts";

/** Runs a trap's command; the status of the shell is as before it, unless the command ends the shell. */
function* runTrap(shell: Shell, name: string): Task<void> {
  const command = shell.traps.get(name);
  if (command === undefined || command === "" || shell.traps.running.has(name)) return;
  const { status, pipeStatus, line, unit } = shell;
  shell.traps.running.add(name);
  try {
    const first = name === "ERR" || name === "RETURN" || name === "DEBUG" ? line : 1;
    shell.traceLevel++;
    yield* runText(shell, new Unit(command, unit.path, first));
  } finally {
    shell.traceLevel--;
    shell.traps.running.delete(name);
    shell.line = line;
  }
  shell.status = status;
  shell.pipeStatus = pipeStatus;
}

/** The traps of the signals that have arrived, in the order in which they came. */
export function* runTrapsNow(shell: Shell): Task<void> {
  for (let name = shell.traps.pending.shift(); name !== undefined; name = shell.traps.pending.shift())
    yield* runTrap(shell, name);
}

/** The ERR trap; functions and subshells have it only under `set -E`. */
export function* runErrorTrap(shell: Shell): Task<void> {
  if (shell.frames.some((frame) => frame.kind === "function") && !shell.options.has("errtrace")) return;
  yield* runTrap(shell, "ERR");
}

/** The EXIT trap, once; the value is the status to end with, which `exit` in the trap changes. */
export function* runExitTrap(shell: Shell, status: number): Task<number> {
  if (shell.traps.get("EXIT") === undefined || shell.traps.running.has("EXIT")) return status;
  shell.status = status;
  shell.conditions = 0;
  try {
    yield* runTrap(shell, "EXIT");
    return status;
  } catch (error) {
    if (error instanceof Exit) return error.status;
    throw error;
  } finally {
    shell.traps.reset("EXIT");
  }
}
