import type { NetApi, NetnsId } from "../../kernel/uapi/index.ts";
import { Coroutine, sleep, type Task } from "../../sim/task.ts";
import { millis } from "../../sim/time.ts";
import type { Host } from "./host.ts";
import { BrokenPipe, type OpenFile, writeText } from "./io.ts";

/** The lab contract: every command costs this much simulated time. */
const COMMAND_COST = millis(2);

/** A program's main function; its value is the exit status, 0 to 255. */
export type Program = (process: Process) => Task<number>;

export interface SpawnOptions {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly netns: NetnsId;
  readonly files: ReadonlyMap<number, OpenFile>;
}

const SIGNAL_NUMBER: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, PIPE: 13, ALRM: 14, TERM: 15 };

/** A running program: arguments, environment, file descriptors, network namespace. */
export class Process {
  readonly pid: number;
  readonly host: Host;
  readonly argv: readonly string[];
  readonly env: Map<string, string>;
  cwd: string;
  readonly netns: NetnsId;
  readonly files: Map<number, OpenFile>;
  private coroutine: Coroutine<number> | null = null;
  private netApi: NetApi | null = null;

  private constructor(host: Host, options: SpawnOptions) {
    this.pid = host.nextPid();
    this.host = host;
    this.argv = options.argv;
    this.env = new Map(options.env);
    this.cwd = options.cwd;
    this.netns = options.netns;
    this.files = new Map([...options.files].map(([fd, file]) => [fd, file.retain()]));
  }

  /**
   * fork and exec: runs `program` beside the caller until it ends or is killed. Files are retained for it and closed at
   * its end. Costs the time of a command before the program begins, unless `cost` says otherwise.
   */
  static spawn(host: Host, program: Program, options: SpawnOptions, cost = COMMAND_COST): Process {
    const process = new Process(host, options);
    host.processes.set(process.pid, process);
    host.kernel.holdNetns(process.netns);
    process.coroutine = new Coroutine(host.queue, process.main(program, cost));
    process.coroutine.start();
    return process;
  }

  /** The kernel's door, signed with this program's name. */
  get net(): NetApi {
    this.netApi ??= this.host.kernel.open(this.netns, { name: this.argv[0] ?? "?", detail: this.argv.join(" ") });
    return this.netApi;
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
    this.coroutine?.kill(signal);
  }

  /** Asks to be interrupted (sim's Interrupted is thrown at the wait) by this signal instead of being ended by it. */
  handle(signal: string): void {
    this.coroutine?.handled.add(signal);
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

  private statusOf(outcome: NonNullable<Coroutine<number>["outcome"]>): number {
    switch (outcome.kind) {
      case "returned":
        return outcome.value & 255;
      case "killed":
        return 128 + (SIGNAL_NUMBER[outcome.signal] ?? 15);
      case "threw":
        throw outcome.error;
    }
  }

  private file(fd: number): OpenFile {
    const file = this.files.get(fd);
    if (file === undefined) throw new Error(`bug: ${this.argv[0]} has no file descriptor ${fd}`);
    return file;
  }

  private *main(program: Program, cost: typeof COMMAND_COST): Task<number> {
    try {
      if (cost > 0) yield* sleep(cost);
      return yield* program(this);
    } catch (error) {
      if (error instanceof BrokenPipe) return 128 + SIGNAL_NUMBER["PIPE"]!;
      throw error;
    } finally {
      for (const file of this.files.values()) file.close();
      this.files.clear();
      this.host.processes.delete(this.pid);
      this.host.kernel.releaseNetns(this.netns);
    }
  }
}
