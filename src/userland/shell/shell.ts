import type { CompoundCommand, Redirected } from "unbash";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import { Interrupted, Signal, type Task } from "../../sim/task.ts";
import type { Host } from "../os/host.ts";
import { type OpenFile, writeText } from "../os/io.ts";
import { NO_COST, Process } from "../os/process.ts";
import { History } from "../readline/history.ts";
import { signalNumber } from "../os/signals.ts";
import { Discard, Exit, LoopJump, Return } from "./errors.ts";
import { runExitTrap, runTrapsNow } from "./interrupts.ts";
import { Jobs } from "./jobs.ts";
import { Options } from "./options.ts";
import { runText } from "./run.ts";
import { defineSpecialVariables, importEnvironment } from "./specials.ts";
import { Traps } from "./traps.ts";
import { Unit } from "./unit.ts";
import { Variables } from "./variables.ts";

export interface FunctionDefinition {
  readonly name: string;
  readonly body: CompoundCommand | Redirected;
  readonly unit: Unit;
}

/** A function call or a sourced file that is under way. */
export interface Frame {
  readonly kind: "function" | "file";
  readonly name: string;
  readonly unit: Unit;
  /** The line of the call. */
  readonly callLine: number;
}

export interface ShellOptions {
  readonly files: ReadonlyMap<number, OpenFile>;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly netns: NetnsId;
  /** `$0`, and the name in messages until a script has one. */
  readonly name: string;
  readonly arguments?: readonly string[];
  /** The process that this shell is; absent: a new one, until the shell ends. */
  readonly process?: Process;
  /** The shell that this one is a subshell of. */
  readonly parent?: Shell;
}

const STATUS_SEGMENTATION_FAULT = 139;

/** How many commands inside each other a subshell counts for. */
const SUBSHELL_NESTING = 5;

/**
 * One bash: variables, functions, options, jobs, traps, and the process that it is. The executor's functions
 * (run.ts and its neighbours) take the shell that they act on as their first argument.
 */
export class Shell {
  readonly process: Process;
  readonly variables: Variables;
  readonly functions: Map<string, FunctionDefinition>;
  readonly options: Options;
  readonly jobs = new Jobs();
  readonly traps = new Traps();
  /** Fires when a trapped signal arrives: `wait` returns. */
  readonly signalled = new Signal<string>();
  positional: readonly string[];
  name: string;
  /** The text that is being run, and the line in it. */
  unit: Unit;
  line = 0;
  /** The script at the bottom of the stack of calls. */
  scriptPath: string;
  frames: readonly Frame[] = [];
  status = 0;
  pipeStatus: readonly number[] = [0];
  /** The status of the last command substitution in the command that is being expanded. */
  substitutionStatus: number | undefined;
  lastBackground: number | undefined;
  lastArgument = "";
  /** `$$`: the pid of the shell that this one is a subshell of. */
  readonly shellPid: number;
  readonly parentPid: number;
  /** Above 0 where `set -e` and the ERR trap do not look: conditions, `!`, all but the last of `&&` and `||`. */
  conditions = 0;
  loops = 0;
  /** Commands inside commands, through functions and subshells. */
  nesting = 0;
  /** What `nesting` was where the JavaScript stack that this shell runs on began. */
  stackBase = 0;
  /** BASH_SUBSHELL. */
  readonly depth: number;
  /** How often PS4's first character is repeated besides once. */
  traceLevel = 0;
  /** Functions and sourced files under way: `return` is allowed. */
  returnable = 0;
  /** Descriptors of process substitutions, to be closed when the command that uses them is over. */
  substitutions: number[] = [];
  /** Commands that ran since the shell last waited. */
  steps = 0;
  /** The exit status, once the shell has ended. */
  exited: number | undefined;
  /** Runs as `bash -c`: messages about syntax say so. */
  commandString = false;
  /** Sits before a terminal: prompts, reports jobs, survives ^C. */
  interactive = false;
  /** Messages name no line: this is an interactive shell or one of its subshells. */
  terse = false;
  readonly history = new History();
  secondsBase: number;
  /** Where the next `getopts` looks within a word. */
  getoptsOffset = 1;
  getoptsIndex = 1;

  constructor(host: Host, options: ShellOptions) {
    const { parent, name } = options;
    const { files, env, cwd, netns } = options;
    this.process = options.process ?? Process.detached(host, { argv: [name], files, env, cwd, netns });
    this.variables = parent?.variables.copy() ?? new Variables();
    this.functions = new Map(parent?.functions);
    this.options = parent?.options.copy() ?? new Options();
    this.shellPid = parent?.shellPid ?? this.process.pid;
    this.parentPid = parent?.parentPid ?? this.process.ppid;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.positional = options.arguments ?? [];
    this.name = name;
    this.unit = parent?.unit ?? new Unit("", name);
    this.scriptPath = parent?.scriptPath ?? name;
    this.secondsBase = parent?.secondsBase ?? host.queue.now;
    if (parent === undefined) importEnvironment(this, options.env);
    else this.continueFrom(parent);
    defineSpecialVariables(this);
  }

  private continueFrom(parent: Shell): void {
    this.traps.inherit(parent.traps, parent.options.has("errtrace"));
    this.terse = parent.terse;
    this.line = parent.line;
    this.frames = parent.frames;
    this.status = parent.status;
    this.pipeStatus = parent.pipeStatus;
    this.lastBackground = parent.lastBackground;
    this.lastArgument = parent.lastArgument;
    this.conditions = parent.conditions;
    this.nesting = parent.nesting + SUBSHELL_NESTING;
    this.stackBase = parent.stackBase;
    this.traceLevel = parent.traceLevel;
    this.returnable = parent.returnable;
  }

  /**
   * Runs a script in this shell: what it defines stays for the next. The value is its status; `exited` is set when the
   * script ended the shell, and then nothing more runs in it.
   */
  *source(text: string, path: string): Task<number> {
    if (this.exited !== undefined) return this.exited;
    this.scriptPath = path;
    const outcome = yield* this.process.perform(this.guard(runText(this, new Unit(text, path))));
    if (outcome.kind === "threw") throw outcome.error;
    if (outcome.kind === "killed") this.exited = 128 + (signalNumber(outcome.signal) ?? 15);
    else this.status = outcome.value;
    return this.exited ?? this.status;
  }

  /** The end of the last script: the EXIT trap runs, and the shell's process is no more. Jobs stay; see killJobs. */
  *finish(): Task<number> {
    if (this.exited === undefined) {
      const outcome = yield* this.process.perform(runExitTrap(this, this.status));
      if (outcome.kind === "threw") throw outcome.error;
      this.exited = outcome.kind === "returned" ? outcome.value : 143;
    }
    this.process.end();
    return this.exited;
  }

  /** Ends every process that this shell or one of its children started and that still runs. */
  killJobs(): void {
    for (const process of [...this.host.processes.values()])
      if (process.session === this.process.session && process !== this.process) process.kill("KILL");
  }

  /** After a command was broken off in the middle of whatever it was doing: nothing of it is under way any more. */
  reset(status: number): void {
    this.status = status;
    this.pipeStatus = [status];
    this.conditions = 0;
    this.loops = 0;
    this.nesting = 0;
    this.stackBase = 0;
    this.traceLevel = 0;
    this.returnable = 0;
    this.frames = [];
  }

  get host(): Host {
    return this.process.host;
  }

  /** Runs a body to its end as a whole shell does: `exit` and errors end it, and the EXIT trap runs. */
  *guard(body: Task<number>): Task<number> {
    let status: number;
    try {
      if (this.traps.get("EXIT") !== undefined) this.catchTerminators();
      status = yield* body;
      yield* runTrapsNow(this);
      return status;
    } catch (error) {
      if (error instanceof Interrupted) {
        yield* runExitTrap(this, 128 + (signalNumber(error.signal) ?? 0));
        throw error;
      }
      if (error instanceof RangeError) {
        yield* this.complain(error.message);
        status = STATUS_SEGMENTATION_FAULT;
      } else if (error instanceof Exit) status = error.status;
      else throw error;
    }
    this.exited = yield* runExitTrap(this, status);
    return this.exited;
  }

  /** Runs everything that this shell has to run, for a shell that is a program of its own. */
  *runAll(body: Task<number>): Task<number> {
    const status = yield* this.guard(body);
    return this.exited ?? (yield* runExitTrap(this, status));
  }

  /** With an EXIT trap the shell must see the signals that end it, to run the trap first. */
  catchTerminators(): void {
    for (const signal of ["HUP", "INT", "TERM"])
      if (!this.process.ignores(signal)) this.process.handle(signal);
  }

  /** fork: runs `body` in a copy of this shell, in a process of its own that costs no time. */
  spawn(
    body: (shell: Shell) => Task<number>,
    files: ReadonlyMap<number, OpenFile> = this.process.files,
  ): Process {
    const { argv, cwd, netns } = this.process;
    const main = (process: Process): Task<number> => {
      const { env } = process;
      const child = new Shell(process.host, {
        files,
        env,
        cwd,
        netns,
        name: this.name,
        arguments: this.positional,
        process,
        parent: this,
      });
      return child.runSubshell(body(child));
    };
    const env = this.process.env;
    return Process.spawn(this.host, main, { argv, env, cwd, netns, files, parent: this.process }, NO_COST);
  }

  private *runSubshell(body: Task<number>): Task<number> {
    let status: number;
    try {
      status = yield* body;
    } catch (error) {
      if (error instanceof Exit || error instanceof Return || error instanceof Discard) status = error.status;
      else if (error instanceof LoopJump) status = 0;
      else {
        if (error instanceof Interrupted) yield* runExitTrap(this, 128 + (signalNumber(error.signal) ?? 0));
        throw error;
      }
    }
    return yield* runExitTrap(this, status);
  }

  /** `$-`. */
  get flags(): string {
    return (this.interactive ? "i" : "") + this.options.letters() + (this.commandString ? "c" : "");
  }

  /** `NAME: line N: `, as every message of the shell begins. */
  get prefix(): string {
    const name = this.unit.path === "" ? this.name : this.unit.path;
    if (this.terse && this.unit.path === "") return `${name}: `;
    return `${name}: line ${this.line === 0 ? 1 : this.line}: `;
  }

  /** Writes a message of the shell to its standard error, if that is open. */
  *complain(message: string): Task<void> {
    yield* this.writeError(`${this.prefix}${message}\n`);
  }

  *writeError(text: string): Task<void> {
    const file = this.process.files.get(2);
    if (file !== undefined) yield* writeText(file, text);
  }
}
