import type { Task } from "../../../sim/task.ts";
import type { Shell } from "../shell.ts";
import { print, refuseOption } from "./output.ts";
import type { BuiltinCall } from "./types.ts";

const NUMBER_WIDTH = 5;

/** `history [N]`, `history -c`. */
export function* history(shell: Shell, call: BuiltinCall): Task<number> {
  const [word] = call.words;
  const { lines, first } = shell.history;
  if (word === "-c") {
    shell.history.clear();
    return 0;
  }
  if (word?.startsWith("-") === true) return yield* refuseOption(shell, call, word.slice(0, 2));
  if (word !== undefined && !/^\d+$/.test(word)) {
    yield* shell.complain(`history: ${word}: numeric argument required`);
    return 1;
  }
  const from = word === undefined ? 0 : Math.max(0, lines.length - Number(word));
  const text = lines
    .map((line, i) => `${String(first + i).padStart(NUMBER_WIDTH)}  ${line}\n`)
    .slice(from)
    .join("");
  return yield* print(shell, "history", text);
}
