import { sleep, type Task } from "../../sim/task.ts";
import { millis } from "../../sim/time.ts";
import { fail, program, refuse } from "../../userland/args/exit.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { ApiClient, type ApiStore, type ContainerRuntimeAccess } from "../api/index.ts";
import type { BundledSource } from "./bundled.ts";
import { serverAddress } from "./server.ts";
import { apply } from "./commands/apply.ts";
import { wait } from "./commands/wait.ts";
import { type Arguments, parseArguments, splitGlobals } from "./flags.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { die } from "./problem.ts";
import { type Command, type ContextState, Session } from "./session.ts";

export interface KubectlOptions {
  readonly store: ApiStore;
  readonly runtime: ContainerRuntimeAccess;
  /** The kind cluster's name; the context is `kind-NAME`. */
  readonly cluster: string;
  /** Every verb. Asked only for what a cluster's start does not need, so that the rest may be loaded later. */
  readonly commands: () => readonly Command[];
  /** What Tab offers, for a terminal. */
  readonly complete?: (words: readonly string[]) => readonly string[] | undefined;
  /** What `-f URL` means. */
  readonly bundled?: BundledSource;
}

/** The verbs by which a cluster's manifests come in. */
const AT_ONCE: readonly Command[] = [apply, wait];

/** Starting, reading the configuration, discovery: what passes before the first request. */
const START = millis(80);

/** Verbs of kubectl v1.36 that are not here. */
const NOT_HERE = new Set(
  ("alpha attach certificate completion debug diff explain kuberc kustomize options " + "plugin proxy").split(
    " ",
  ),
);

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

function unknownCommand(word: string, commands: readonly Command[]): never {
  const names = [...commands.map(({ name }) => name), ...NOT_HERE].toSorted();
  const near = names.filter((name) => editDistance(word, name) <= 2 || name.startsWith(word));
  const hint =
    near.length === 0 ? "" : `\n\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join("")}`;
  fail(1, `error: unknown command "${word}" for "kubectl"${hint}\n`);
}

function findCommand(word: string, all: () => readonly Command[]): Command {
  const named = ({ name }: Command): boolean => name === word;
  const command = AT_ONCE.find(named) ?? all().find(named);
  if (command !== undefined) return command;
  if (NOT_HERE.has(word)) refuse(`kubectl ${word}`);
  unknownCommand(word, all());
}

/** Values of global flags that would lead elsewhere. */
function checkContext(args: Arguments, cluster: string): void {
  const context = args.text("context");
  if (context !== undefined && context !== `kind-${cluster}`) die(`context "${context}" does not exist`);
  const name = args.text("cluster");
  if (name !== undefined && name !== `kind-${cluster}`) die(`cluster "${name}" does not exist`);
}

/** What needs no server. */
function isLocal({ name }: Command, args: Arguments): boolean {
  return name === "config" || (name === "version" && args.flag("client"));
}

/** Three questions for the server's hardware address, and no answer. */
const UNHEARD = millis(3070);

function* nobodyAnswers(client: ApiClient): Task<never> {
  yield* sleep(UNHEARD);
  const address = serverAddress(client).replace("https://", "");
  return fail(1, `Unable to connect to the server: dial tcp ${address}: connect: no route to host\n`);
}

function* main(process: Process, options: KubectlOptions, context: ContextState): Task<number> {
  const { globals, rest } = splitGlobals(process.argv.slice(1));
  const [word, ...words] = rest;
  if (word === undefined || word === "help") {
    yield* process.print(mainHelp(options.commands()));
    return 0;
  }
  const command = findCommand(word, options.commands);
  const args = parseArguments(words, {
    command: command.name,
    flags: command.flags,
    refused: command.refused?.split(" ") ?? [],
  });
  for (const name of ["namespace", "context", "cluster"]) {
    const value = globals.text(name);
    if (value !== undefined && !args.has(name)) args.set(name, value);
  }
  if (args.flag("help") || globals.flag("help")) {
    yield* process.print(commandHelp(command));
    return 0;
  }
  checkContext(args, options.cluster);
  yield* sleep(START);
  const client = new ApiClient(options.store, "kubectl");
  if (options.store.down && !isLocal(command, args)) yield* nobodyAnswers(client);
  const { runtime, cluster, bundled } = options;
  return yield* command.run(
    new Session({ process, client, runtime, cluster, context, command: command.name, args, bundled }),
  );
}

/** kubectl v1.36 on the machine that kind runs on. */
export function kubectl(options: KubectlOptions): Program {
  const context: ContextState = { namespace: "" };
  const run = program((process) => main(process, options, context));
  return Object.assign(run, {
    complete: (_: Process, words: readonly string[]) => options.complete?.(words),
  });
}
