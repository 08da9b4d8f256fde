import { Coroutine, type Outcome, type Task } from "../../../sim/task.ts";
import type { Process } from "../../os/process.ts";
import { writeText } from "../../os/io.ts";
import type { Tty } from "../../os/tty.ts";
import { readline } from "../../readline/editor.ts";
import { Abandoned } from "../errors.ts";
import { announceJobs } from "../foreground.ts";
import { runExitTrap } from "../interrupts.ts";
import { runText } from "../run.ts";
import type { Shell } from "../shell.ts";
import { isIncomplete, Unit } from "../unit.ts";
import { complete } from "./complete.ts";
import { promptText } from "./prompt.ts";

const STATUS_INTERRUPTED = 130;

/** Debian's /etc/bash.bashrc, and dash's own. */
const PROMPTS = { bash: "\\u@\\h:\\w\\$ ", sh: "# " } as const;

/** Signals that an interactive shell survives, bash(1), SIGNALS. */
const DEAF_TO = ["TERM", "QUIT", "INT"];

/** What came from the keyboard: a command, nothing (^C), or the end. */
type Typed = { readonly text: string } | "nothing" | "end";

/** A shell that sits before a terminal: prompts, edits lines, runs what was typed, until `exit` or ^D. */
export function* runInteractive(shell: Shell, tty: Tty, self: string): Task<number> {
  shell.interactive = true;
  shell.terse = true;
  for (const [name, text] of [
    ["PS1", self === "sh" || self === "dash" ? PROMPTS.sh : PROMPTS.bash],
    ["PS2", "> "],
  ] as const)
    if (shell.variables.text(name) === undefined)
      shell.variables.ensureGlobal(name).value = { kind: "scalar", text };
  for (const signal of DEAF_TO) shell.process.onSignal(signal, () => undefined);
  const { foreground } = tty;
  try {
    return yield* new Interactive(shell, tty).run();
  } finally {
    tty.foreground = foreground;
  }
}

class Interactive {
  private readonly shell: Shell;
  private readonly tty: Tty;

  constructor(shell: Shell, tty: Tty) {
    this.shell = shell;
    this.tty = tty;
  }

  *run(): Task<number> {
    const { shell } = this;
    for (;;) {
      yield* announceJobs(shell);
      const typed = yield* this.type();
      if (typed === "end") return yield* this.leave();
      if (typed === "nothing") {
        shell.status = STATUS_INTERRUPTED;
        continue;
      }
      if (typed.text.trim() === "") continue;
      this.tty.commandStarted(typed.text);
      yield* this.execute(typed.text);
      this.tty.commandEnded(shell.exited ?? shell.status);
      if (shell.exited !== undefined) return shell.exited;
      if (this.tty.isGone) return yield* this.leave();
    }
  }

  /** A command, over several lines when the first one does not end it. */
  private *type(): Task<Typed> {
    let text = "";
    for (;;) {
      const prompt = yield* promptText(this.shell, text === "" ? "PS1" : "PS2");
      const line = yield* this.prompt(prompt);
      if (line.kind === "interrupt") return "nothing";
      if (line.kind === "end") return text === "" || this.tty.isGone ? "end" : { text };
      const expanded = yield* this.expandHistory(line.text);
      if (expanded === undefined) return "nothing";
      text += `${text === "" ? "" : "\n"}${expanded}`;
      if (isIncomplete(new Unit(text, ""))) continue;
      this.shell.history.add(text);
      return { text };
    }
  }

  private *prompt(prompt: string): ReturnType<typeof readline> {
    const { shell, tty } = this;
    tty.foreground = undefined;
    return yield* readline(tty, {
      prompt,
      history: shell.history,
      complete: (before) => complete(shell, before),
      jobs: () => shell.jobs.list().some((job) => job.running),
    });
  }

  private *expandHistory(line: string): Task<string | undefined> {
    const expanded = this.shell.history.expand(line);
    if ("missing" in expanded) {
      yield* this.shell.writeError(`bash: ${expanded.missing}: event not found\n`);
      return undefined;
    }
    if (expanded.changed) yield* writeText(this.tty.file, `${expanded.text}\n`);
    return expanded.text;
  }

  /** Runs a command beside this task, so that ^C ends the command and not the shell. */
  private *execute(text: string): Task<void> {
    const { shell, tty } = this;
    const body = new Coroutine(shell.host.queue, shell.guard(runText(shell, new Unit(text, ""))));
    tty.foreground = (signal) => this.signalled(signal, body);
    try {
      body.start();
      yield* this.settle(yield* body.join());
    } finally {
      tty.foreground = undefined;
      body.kill("KILL");
    }
  }

  private *settle(outcome: Outcome<number>): Task<void> {
    const { shell } = this;
    if (outcome.kind === "returned") return;
    if (outcome.kind === "threw" && !(outcome.error instanceof Abandoned)) throw outcome.error;
    shell.reset(STATUS_INTERRUPTED);
    yield* writeText(this.tty.file, "\n");
  }

  /** ^C: SIGINT to what runs in the foreground; a builtin that waits or loops is the shell's own. */
  private signalled(signal: string, body: Coroutine<number>): void {
    const { shell } = this;
    if (signal === "HUP") {
      for (const process of this.descendants()) process.kill("HUP");
      body.kill("HUP");
      return;
    }
    const running = this.descendants().filter((process) => !process.ignores(signal));
    for (const process of running) process.kill(signal);
    if (signal !== "INT") return;
    if (shell.traps.get("INT") !== undefined) shell.process.kill("INT");
    else if (running.length === 0) body.kill("INT");
  }

  private descendants(): readonly Process[] {
    const { host, process: self } = this.shell;
    const descends = (process: Process): boolean => {
      const parent = host.processes.get(process.ppid);
      return process.ppid === self.pid || (parent !== undefined && parent !== process && descends(parent));
    };
    return [...host.processes.values()].filter(descends);
  }

  private *leave(): Task<number> {
    const { shell, tty } = this;
    if (tty.isGone) shell.killJobs();
    else yield* writeText(tty.file, "exit\n");
    shell.exited = yield* runExitTrap(shell, shell.status);
    return shell.exited;
  }
}
