import type { Task } from "../../sim/task.ts";
import { expandText } from "./expand.ts";
import type { Shell } from "./shell.ts";

/** A line of `set -x`. */
export function* trace(shell: Shell, text: () => string): Task<void> {
  if (!shell.options.has("xtrace")) return;
  shell.options.set("xtrace", false);
  const { status, substitutionStatus } = shell;
  const prompt = yield* expandText(shell, shell.variables.text("PS4") ?? "+ ");
  shell.status = status;
  shell.substitutionStatus = substitutionStatus;
  shell.options.set("xtrace", true);
  const first = prompt.slice(0, 1);
  yield* shell.writeError(`${first.repeat(shell.traceLevel)}${prompt}${text()}\n`);
}
