import type { Task } from "../../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import { expandText } from "../expand.ts";
import type { Shell } from "../shell.ts";
import { EPOCH_SECONDS } from "../specials.ts";

function clock(shell: Shell): string {
  const seconds = EPOCH_SECONDS + Math.floor(shell.host.queue.now / NANOS_PER_SECOND);
  return [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** The directory as a prompt shows it: `~` for HOME and what is below. */
function directory(shell: Shell): string {
  const { cwd } = shell.process;
  const home = shell.variables.text("HOME") ?? "/root";
  return cwd === home || cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
}

/** What a backslash and this letter stand for, bash(1), PROMPTING. */
function escape(shell: Shell, letter: string): string | undefined {
  const running = shell.jobs.list().filter((job) => job.running).length;
  const meanings: Readonly<Record<string, () => string>> = {
    u: () => "root",
    h: () => shell.host.name.replace(/\..*$/, ""),
    H: () => shell.host.name,
    w: () => directory(shell),
    W: () => directory(shell).replace(/^.*\/(?=.)/, ""),
    $: () => "#",
    n: () => "\n",
    r: () => "\r",
    a: () => "\x07",
    e: () => "\x1b",
    s: () => shell.name,
    v: () => "5.2",
    V: () => "5.2.15",
    j: () => String(running),
    t: () => clock(shell),
    A: () => clock(shell).slice(0, 5),
    "#": () => String(shell.history.lines.length + shell.history.first),
    "!": () => String(shell.history.lines.length + shell.history.first),
    "[": () => "\x01",
    "]": () => "\x02",
    "\\": () => "\\\\",
  };
  return meanings[letter]?.();
}

/** PS1 or PS2 as it is shown now. */
export function* promptText(shell: Shell, variable: "PS1" | "PS2"): Task<string> {
  const raw = shell.variables.text(variable) ?? "";
  const text = raw.replace(/\\(\d{3}|[\s\S])/g, (whole, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : (escape(shell, code) ?? whole),
  );
  if (!/[$`]/.test(text.replace(/#$/, ""))) return text.replaceAll("\\\\", "\\");
  const { status, substitutionStatus } = shell;
  const shown = yield* expandText(shell, text);
  shell.status = status;
  shell.substitutionStatus = substitutionStatus;
  return shown;
}
