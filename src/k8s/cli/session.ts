import { sleep, type Task } from "../../sim/task.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import { fail } from "../../userland/args/exit.ts";
import type { Process } from "../../userland/os/process.ts";
import type { ApiClient, ApiStore, ContainerRuntimeAccess } from "../api/index.ts";
import { parseDuration } from "./duration.ts";
import type { BundledSource } from "./bundled.ts";
import type { Arguments, FlagSpec } from "./flags.ts";
import { type Problem, problemText } from "./problem.ts";

/** One request to the API server and its answer. */
const REQUEST = millis(8);

/** What `kubectl config set-context` keeps between two runs. */
export interface ContextState {
  /** The context's namespace; "" for none. */
  namespace: string;
}

/** One run of kubectl. */
export class Session {
  readonly process: Process;
  readonly client: ApiClient;
  readonly runtime: ContainerRuntimeAccess;
  /** kind's name for the cluster; the context is `kind-NAME`. */
  readonly cluster: string;
  readonly context: ContextState;
  readonly command: string;
  readonly args: Arguments;
  readonly bundled: BundledSource | undefined;

  constructor(options: {
    process: Process;
    client: ApiClient;
    runtime: ContainerRuntimeAccess;
    cluster: string;
    context: ContextState;
    command: string;
    args: Arguments;
    bundled: BundledSource | undefined;
  }) {
    this.process = options.process;
    this.client = options.client;
    this.runtime = options.runtime;
    this.cluster = options.cluster;
    this.context = options.context;
    this.command = options.command;
    this.args = options.args;
    this.bundled = options.bundled;
  }

  get store(): ApiStore {
    return this.client.store;
  }

  get now(): Nanos {
    return this.store.now;
  }

  get namespace(): string {
    const otherwise = this.context.namespace === "" ? "default" : this.context.namespace;
    return this.args.text("namespace") ?? otherwise;
  }

  get allNamespaces(): boolean {
    return this.args.flag("all-namespaces");
  }

  print(text: string): Task<void> {
    return this.process.print(text);
  }

  warn(text: string): Task<void> {
    return this.process.printError(`Warning: ${text}\n`);
  }

  note(text: string): Task<void> {
    return this.process.printError(text);
  }

  /** Takes the time of a request. */
  *request(): Task<void> {
    yield* sleep(REQUEST);
  }

  /** Prints what went wrong; the value is the exit status. */
  *finish(problems: readonly Problem[]): Task<number> {
    yield* this.process.printError(problemText(problems));
    return problems.length === 0 ? 0 : 1;
  }

  /** A duration flag's value. */
  duration(name: string, otherwise: Nanos): Nanos {
    const given = this.args.text(name);
    if (given === undefined) return otherwise;
    const value = parseDuration(given);
    if (value !== undefined) return value;
    const unit = /^\d+$/.test(given) ? `missing unit in duration "${given}"` : `invalid duration "${given}"`;
    this.complain(`invalid argument "${given}" for "--${name}" flag: time: ${unit}`);
  }

  /** A whole number flag's value. */
  number(name: string): number | undefined {
    const given = this.args.text(name);
    if (given === undefined) return undefined;
    if (/^[+-]?\d+$/.test(given)) return Number(given);
    this.complain(
      `invalid argument "${given}" for "--${name}" flag: strconv.ParseInt: parsing "${given}": invalid syntax`,
    );
  }

  private complain(message: string): never {
    fail(1, `error: ${message}\nSee 'kubectl ${this.command} --help' for usage.\n`);
  }
}

/** A verb of kubectl. */
export interface Command {
  readonly name: string;
  readonly flags: readonly FlagSpec[];
  /** Flags that the real verb has and that are refused by name here. */
  readonly refused?: string;
  /** `get [TYPE] [NAME]`: for --help. */
  readonly use: string;
  readonly short: string;
  run(session: Session): Task<number>;
}
