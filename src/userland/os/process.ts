import type { NetApi, NetnsId } from "../../kernel/uapi/index.ts";
import { Coroutine, sleep, type Outcome, type Task } from "../../sim/task.ts";
import { millis, nanos, type Nanos } from "../../sim/time.ts";
import type { Host } from "./host.ts";
import { strerror } from "./errno.ts";
import { BrokenPipe, type OpenFile, ReadError, WriteError, writeText } from "./io.ts";
import { IGNORED_SIGNALS, signalNumber } from "./signals.ts";
import type { Tty } from "./tty.ts";

/** The lab contract: every command costs this much simulated time. */
export const COMMAND_COST = millis(2);

/** What a fork costs that execs nothing: a subshell, a builtin in a pipeline. */
export const NO_COST: Nanos = nanos(0);

const STATUS_SEGMENTATION_FAULT = 139;

/** A program: its main function, whose value is the exit status, 0 to 255. */
export interface Program {
  (process: Process): Task<number>;
  /**
   * What Tab may offer for the last of `words` (the first is the command's name), in any order and whether it fits what was
   * typed or not; undefined for "files". `process` is the shell's.
   */
  readonly complete?: (process: Process, words: readonly string[]) => readonly string[] | undefined;
}

export interface SpawnOptions {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly netns: NetnsId;
  readonly files: ReadonlyMap<number, OpenFile>;
  /** Who forks; absent for the first process of a session. */
  readonly parent?: Process;
}

/** What execve and setns change in a process; what is absent stays. */
export interface ExecOptions {
  readonly argv: readonly string[];
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly netns?: NetnsId;
}

/** What happens when a signal arrives: it is dropped, or a function notes it and the process goes on. */
type Disposition = "ignore" | ((signal: string) => void);

/** A running program: arguments, environment, file descriptors, network namespace. */
export class Process {
  readonly pid: number;
  /** The parent's pid; 0 for the first process of a session. */
  readonly ppid: number;
  /** The pid of the session's first process: what `kill everything that this shell started` means. */
  readonly session: number;
  readonly host: Host;
  readonly started: Nanos;
  /** The controlling terminal. */
  readonly tty: Tty | undefined;
  argv: readonly string[];
  env: Map<string, string>;
  cwd: string;
  readonly files: Map<number, OpenFile>;
  private namespace: NetnsId;
  private coroutine: Coroutine<number> | null = null;
  private netApi: NetApi | null = null;
  private readonly dispositions = new Map<string, Disposition>();
  /** The signal that ended it, if one did. */
  private killedBy: string | null = null;

  private constructor(host: Host, options: SpawnOptions) {
    this.pid = host.nextPid();
    this.ppid = options.parent?.pid ?? 0;
    this.session = options.parent?.session ?? this.pid;
    this.host = host;
    this.started = host.queue.now;
    this.argv = options.argv;
    this.env = new Map(options.env);
    this.cwd = options.cwd;
    this.namespace = options.netns;
    this.files = new Map([...options.files].map(([fd, file]) => [fd, file.retain()]));
    if (options.parent !== undefined)
      for (const [signal, disposition] of options.parent.dispositions)
        if (disposition === "ignore") this.dispositions.set(signal, disposition);
    this.tty = options.parent?.tty ?? terminalOf(this.files);
    host.processes.set(this.pid, this);
    host.kernel.holdNetns(this.namespace);
    this.tty?.process(this);
  }

  /**
   * fork and exec: runs `program` beside the caller until it ends or is killed. Files are retained for it and closed at
   * its end. Costs the time of a command before the program begins, unless `cost` says otherwise.
   */
  static spawn(host: Host, program: Program, options: SpawnOptions, cost: Nanos = COMMAND_COST): Process {
    const process = new Process(host, options);
    process.coroutine = new Coroutine(host.queue, process.main(program, cost));
    process.coroutine.start();
    return process;
  }

  /** A process whose code the caller hands over piece by piece (`perform`), until `end`: the shell of a lab or a terminal. */
  static detached(host: Host, options: SpawnOptions): Process {
    return new Process(host, options);
  }

  /** Runs a piece of a detached process' code, so that signals reach it. */
  *perform(task: Task<number>): Task<Outcome<number>> {
    const coroutine = new Coroutine(this.host.queue, task);
    this.coroutine = coroutine;
    let ended = false;
    try {
      coroutine.start();
      const outcome = yield* coroutine.join();
      ended = true;
      if (outcome.kind === "killed") this.killedBy = outcome.signal;
      return outcome;
    } finally {
      if (!ended) coroutine.kill("KILL");
    }
  }

  /** Ends a detached process. */
  end(): void {
    this.release();
  }

  /** The kernel's door, signed with this program's name. */
  get net(): NetApi {
    this.netApi ??= this.host.kernel.open(this.netns, {
      name: this.argv[0] ?? "?",
      detail: this.argv.join(" "),
    });
    return this.netApi;
  }

  get netns(): NetnsId {
    return this.namespace;
  }

  get stdin(): OpenFile {
    return this.file(0);
  }

  get stdout(): OpenFile {
    return this.file(1);
  }

  get stderr(): OpenFile {
    return this.file(2);
  }

  *print(text: string): Task<void> {
    yield* writeText(this.stdout, text);
  }

  *printError(text: string): Task<void> {
    yield* writeText(this.stderr, text);
  }

  get alive(): boolean {
    return this.coroutine?.alive ?? false;
  }

  /** Sends a signal by its name without SIG. A program that put it into `handle` is interrupted instead of ended. */
  kill(signal: string): void {
    const disposition = signal === "KILL" ? undefined : this.dispositions.get(signal);
    if (disposition === "ignore") return;
    if (disposition !== undefined) disposition(signal);
    else if (!IGNORED_SIGNALS.has(signal) || this.coroutine?.handled.has(signal) === true)
      this.coroutine?.kill(signal);
  }

  /** Asks to be interrupted (sim's Interrupted is thrown at the wait) by this signal instead of being ended by it. */
  handle(signal: string): void {
    if (this.dispositions.get(signal) === "ignore") this.dispositions.delete(signal);
    this.coroutine?.handled.add(signal);
  }

  /** sigaction: what `signal` does from now on; `default` ends the process again. Children inherit "ignore" only. */
  onSignal(signal: string, disposition: Disposition | "default"): void {
    if (disposition === "default") this.dispositions.delete(signal);
    else this.dispositions.set(signal, disposition);
  }

  ignores(signal: string): boolean {
    return this.dispositions.get(signal) === "ignore";
  }

  /** Whether the program itself does something about a signal. */
  catches(signal: string): boolean {
    return (
      typeof this.dispositions.get(signal) === "function" || this.coroutine?.handled.has(signal) === true
    );
  }

  /**
   * execve: runs `program` in this process' place, with its pid, files and signals; the time of a command is the
   * caller's to spend. When the program returns, so does this: a caller that goes on finds its own arguments again.
   */
  *exec(program: Program, options: ExecOptions): Task<number> {
    const { argv, env, cwd, namespace } = this;
    this.argv = options.argv;
    if (options.env !== undefined) this.env = new Map(options.env);
    if (options.cwd !== undefined) this.cwd = options.cwd;
    this.moveTo(options.netns ?? namespace);
    this.tty?.process(this);
    try {
      return yield* program(this);
    } finally {
      this.argv = argv;
      this.env = env;
      this.cwd = cwd;
      this.moveTo(namespace);
    }
  }

  /** Waits for the end; the exit status as a shell shows it (128 + signal number for a killed one). */
  *wait(): Task<number> {
    const outcome = yield* this.coroutine!.join();
    return this.statusOf(outcome);
  }

  /** The exit status, or undefined while it runs. */
  get status(): number | undefined {
    const outcome = this.coroutine?.outcome;
    return outcome == null ? undefined : this.statusOf(outcome);
  }

  /** The name of the signal that ended it. */
  get endedBy(): string | undefined {
    return this.killedBy ?? undefined;
  }

  private statusOf(outcome: Outcome<number>): number {
    switch (outcome.kind) {
      case "returned":
        return outcome.value & 255;
      case "killed":
        this.killedBy = outcome.signal;
        return 128 + (signalNumber(outcome.signal) ?? 15);
      case "threw":
        throw outcome.error;
    }
  }

  private file(fd: number): OpenFile {
    const file = this.files.get(fd);
    if (file === undefined) throw new BadDescriptor();
    return file;
  }

  private moveTo(netns: NetnsId): void {
    this.host.kernel.holdNetns(netns);
    this.host.kernel.releaseNetns(this.namespace);
    this.namespace = netns;
    this.netApi = null;
  }

  private release(): void {
    for (const file of this.files.values()) file.close();
    this.files.clear();
    if (this.host.processes.delete(this.pid)) this.host.kernel.releaseNetns(this.namespace);
  }

  private *main(program: Program, cost: Nanos): Task<number> {
    try {
      if (cost > 0) yield* sleep(cost);
      return yield* program(this);
    } catch (error) {
      if (error instanceof BrokenPipe) {
        this.killedBy = "PIPE";
        return 128 + signalNumber("PIPE")!;
      }
      if (error instanceof BadDescriptor) return 1;
      if (error instanceof ReadError || error instanceof WriteError) {
        const what = error instanceof ReadError ? "read error" : "write error";
        yield* this.printError(`${this.argv[0] ?? "?"}: ${what}: ${strerror(error.errno)}\n`);
        return 1;
      }
      if (error instanceof RangeError) {
        // Too deep a recursion: where the original would run out of its stack.
        yield* this.printError(`${this.argv[0] ?? "?"}: ${error.message}\n`);
        return STATUS_SEGMENTATION_FAULT;
      }
      throw error;
    } finally {
      this.release();
    }
  }
}

function terminalOf(files: ReadonlyMap<number, OpenFile>): Tty | undefined {
  return [0, 1, 2].map((fd) => files.get(fd)?.tty).find((tty) => tty !== undefined);
}

/** A program used a descriptor that its caller had closed (`>&-`): EBADF. */
export class BadDescriptor extends Error {
  constructor() {
    super("Bad file descriptor");
  }
}
