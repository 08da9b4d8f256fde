import type { Task } from "../../sim/task.ts";
import { fail, program, refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";

/** dmesg(1) of util-linux 2.38: the kernel's log, in which LOG rules write. */

/** `[   12.345678] text`: seconds since the machine began. */
function stamped(line: { readonly time: number; readonly line: string }): string {
  const micros = Math.floor(line.time / 1000);
  const seconds = String(Math.floor(micros / 1_000_000)).padStart(5);
  return `[${seconds}.${String(micros % 1_000_000).padStart(6, "0")}] ${line.line}\n`;
}

function* run(process: Process): Task<number> {
  const { kernel } = process.host;
  const words = process.argv.slice(1);
  const [word] = words;
  if (words.length > 1) fail(1, "dmesg: bad usage\nTry 'dmesg --help' for more information.\n");
  const lines = kernel.log();
  switch (word) {
    case undefined:
      yield* process.print(lines.map(stamped).join(""));
      return 0;
    case "-t":
    case "--notime":
      yield* process.print(lines.map((line) => `${line.line}\n`).join(""));
      return 0;
    case "-C":
    case "--clear":
      kernel.clearLog();
      return 0;
    case "-c":
    case "--read-clear":
      yield* process.print(lines.map(stamped).join(""));
      kernel.clearLog();
      return 0;
    default:
      return refuse(`dmesg ${word}`);
  }
}

export const dmesg = program(run);
