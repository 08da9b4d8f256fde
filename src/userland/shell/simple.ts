import type { Assignment, Command, CommandArgument, Word } from "unbash";
import { sleep, type Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { prepareCommand } from "../os/exec.ts";
import { WriteError } from "../os/files.ts";
import { COMMAND_COST, Process, type Program } from "../os/process.ts";
import { type Assigned, assign, carryOut, complainOfAssignment, expandAssignment } from "./assign.ts";
import { type Builtin, BUILTINS, DECLARATIONS } from "./builtins/index.ts";
import { runBody, runRedirected } from "./compound.ts";
import { Return } from "./errors.ts";
import { expandWords } from "./expand.ts";
import { waitForeground } from "./foreground.ts";
import { traceQuote, valueQuote } from "./quote.ts";
import { type Redirected, redirect } from "./redirect.ts";
import { settle } from "./run.ts";
import type { FunctionDefinition, Shell } from "./shell.ts";
import { closeSubstitutions } from "./substitution.ts";
import { trace } from "./trace.ts";
import { scalar, Variable } from "./variables.ts";

const STATUS_NOT_EXECUTABLE = 126;
const STATUS_NOT_FOUND = 127;

/** Runs a simple command. `inPlace`: a program takes over the shell's process, which has nothing else to do. */
export function* runSimple(shell: Shell, node: Command, inPlace: boolean): Task<number> {
  shell.substitutionStatus = undefined;
  const keep = shell.substitutions.length;
  const line = shell.line;
  try {
    const declaration = node.name !== undefined && DECLARATIONS.has(node.name.value);
    const words = yield* commandWords(shell, node, declaration);
    shell.line = line;
    if (words.length === 0) return yield* withoutWords(shell, node);
    const args = declaration ? yield* declarationArguments(shell, node) : [];
    return yield* runWords(shell, node, words, args, inPlace);
  } finally {
    closeSubstitutions(shell, keep);
  }
}

/** Expands the name and the arguments; those of `export` and its kin that are assignments come later. */
function* commandWords(shell: Shell, node: Command, declaration: boolean): Task<string[]> {
  if (node.name === undefined) return [];
  if (declaration) return [node.name.value];
  return yield* expandWords(shell, [node.name, ...node.args.map(asWord)]);
}

function asWord(argument: CommandArgument): Word {
  if (argument.type === "Word") return argument;
  const { text, pos, end } = argument;
  return { type: "Word", text, value: text, pos, end };
}

function* declarationArguments(shell: Shell, node: Command): Task<(string | Assigned)[]> {
  const out: (string | Assigned)[] = [];
  for (const argument of node.args) {
    if (argument.type === "Assignment") out.push(yield* expandAssignment(shell, argument));
    else out.push(...(yield* expandWords(shell, [argument])));
  }
  return out;
}

function assignments(node: Command): Assignment[] {
  return node.prefix.filter((each): each is Assignment => each.type === "Assignment");
}

/** Assignments and redirections without a command. */
function* withoutWords(shell: Shell, node: Command): Task<number> {
  for (const each of assignments(node)) {
    const assigned = yield* expandAssignment(shell, each);
    yield* trace(shell, () => traceAssignment(each, assigned));
    yield* assign(shell, assigned);
  }
  const redirected = yield* redirect(shell, node.redirects);
  redirected?.undo();
  return yield* settle(shell, redirected === undefined ? 1 : (shell.substitutionStatus ?? 0));
}

function traceAssignment(node: Assignment, assigned: Assigned): string {
  const target = `${assigned.name}${assigned.index === undefined ? "" : `[${assigned.index}]`}`;
  const operator = assigned.append ? "+=" : "=";
  if (typeof assigned.value === "string") return target + operator + valueQuote(assigned.value);
  return node.text;
}

type Resolved =
  | { readonly kind: "function"; readonly definition: FunctionDefinition }
  | { readonly kind: "builtin"; readonly builtin: Builtin }
  | { readonly kind: "program" };

function resolve(shell: Shell, name: string): Resolved {
  const definition = shell.functions.get(name);
  if (definition !== undefined) return { kind: "function", definition };
  const builtin = BUILTINS.get(name);
  return builtin === undefined ? { kind: "program" } : { kind: "builtin", builtin };
}

function* runWords(
  shell: Shell,
  node: Command,
  words: readonly string[],
  args: readonly (string | Assigned)[],
  inPlace: boolean,
): Task<number> {
  const line = shell.line;
  const name = words[0]!;
  const resolved = resolve(shell, name);
  const shown = args.length === 0 ? words.map(traceQuote) : [name, ...declarationTrace(node, args)];
  const temporary: (readonly [Assignment, Assigned])[] = [];
  for (const each of assignments(node)) temporary.push([each, yield* expandAssignment(shell, each)]);
  for (const [each, assigned] of temporary) yield* trace(shell, () => traceAssignment(each, assigned));
  yield* trace(shell, () => shown.join(" "));
  const redirected = yield* redirect(shell, node.redirects);
  if (redirected === undefined) return yield* settle(shell, 1);
  let status: number;
  const assigned = temporary.map(([, each]) => each);
  try {
    if (resolved.kind === "program")
      status = yield* runExternal(shell, node, words, assigned, redirected, inPlace);
    else status = yield* withTemporary(shell, assigned, runInside(shell, resolved, words, args, redirected));
  } finally {
    redirected.undo();
  }
  shell.lastArgument = words[words.length - 1]!;
  shell.line = line;
  return yield* settle(shell, status);
}

function declarationTrace(node: Command, args: readonly (string | Assigned)[]): string[] {
  const texts = node.args.flatMap((each) => (each.type === "Assignment" ? [each.text] : []));
  return args.map((each) => {
    if (typeof each === "string") return traceQuote(each);
    const text = texts.shift() ?? "";
    if (typeof each.value !== "string") return text;
    const left = text.slice(0, text.indexOf("=") + 1);
    return traceQuote(left + each.value);
  });
}

/** Runs a builtin or a function with the assignments before it in force until it ends. */
function* withTemporary(shell: Shell, temporary: readonly Assigned[], body: Task<number>): Task<number> {
  if (temporary.length === 0) return yield* body;
  shell.variables.push("command");
  try {
    for (const each of temporary) yield* assignTemporary(shell, each);
    return yield* body;
  } finally {
    shell.variables.pop();
  }
}

function* assignTemporary(shell: Shell, assigned: Assigned): Task<void> {
  const known = shell.variables.get(assigned.name);
  const variable = known?.copy() ?? new Variable();
  try {
    carryOut(shell, variable, assigned);
    variable.exported = true;
    shell.variables.setHere(assigned.name, variable);
  } catch (error) {
    yield* complainOfAssignment(shell, error);
  }
}

function* runInside(
  shell: Shell,
  resolved: Exclude<Resolved, { kind: "program" }>,
  words: readonly string[],
  args: readonly (string | Assigned)[],
  redirected: Redirected,
): Task<number> {
  const name = words[0]!;
  if (resolved.kind === "function") return yield* callFunction(shell, resolved.definition, words.slice(1));
  return yield* runBuiltin(shell, name, resolved.builtin, words.slice(1), args, redirected);
}

/** Runs a builtin; a write that is refused is its failure. */
export function* runBuiltin(
  shell: Shell,
  name: string,
  builtin: Builtin,
  words: readonly string[],
  declared: readonly (string | Assigned)[] = [],
  redirected?: Redirected,
): Task<number> {
  try {
    return yield* builtin(shell, { name, words, declared, redirected });
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    yield* shell.complain(`${name}: write error: ${strerror(error.errno)}`);
    return 1;
  }
}

export function* callFunction(
  shell: Shell,
  definition: FunctionDefinition,
  words: readonly string[],
): Task<number> {
  const { positional, unit, line, loops, frames } = shell;
  shell.positional = words;
  shell.frames = [
    { kind: "function", name: definition.name, unit: definition.unit, callLine: line },
    ...frames,
  ];
  shell.unit = definition.unit;
  shell.loops = 0;
  shell.returnable++;
  shell.variables.push("function");
  try {
    const { body } = definition;
    return body.type === "Redirected" ? yield* runRedirected(shell, body) : yield* runBody(shell, body);
  } catch (error) {
    if (error instanceof Return) return error.status;
    throw error;
  } finally {
    shell.variables.pop();
    shell.returnable--;
    shell.loops = loops;
    shell.unit = unit;
    shell.frames = frames;
    shell.positional = positional;
  }
}

/** The environment of a program: what is exported, and the assignments before the command. */
function* environmentOf(shell: Shell, temporary: readonly Assigned[]): Task<Map<string, string>> {
  const env = shell.variables.environment();
  for (const assigned of temporary) {
    const variable = shell.variables.get(assigned.name)?.copy() ?? scalar("");
    try {
      carryOut(shell, variable, assigned);
      env.set(assigned.name, variable.text ?? "");
    } catch (error) {
      yield* complainOfAssignment(shell, error);
    }
  }
  return env;
}

function* runExternal(
  shell: Shell,
  node: Command,
  words: readonly string[],
  temporary: readonly Assigned[],
  redirected: Redirected,
  inPlace: boolean,
): Task<number> {
  const env = yield* environmentOf(shell, temporary);
  const command = yield* findProgram(
    shell,
    words,
    temporary.some((each) => each.name === "PATH") ? env : undefined,
  );
  if (typeof command === "number") return command;
  env.set("_", command.path);
  if (inPlace && shell.traps.get("EXIT") === undefined)
    return yield* takeOver(shell, command.program, command.argv, env);
  const { cwd, netns, files } = shell.process;
  const process = Process.spawn(shell.host, command.program, {
    argv: command.argv,
    env,
    cwd,
    netns,
    files,
    parent: shell.process,
  });
  redirected.undo();
  return (yield* waitForeground(shell, [process], node))[0]!;
}

/** The program that a command's name means, or the status after bash's words that there is none. */
export function* findProgram(
  shell: Shell,
  words: readonly string[],
  env?: ReadonlyMap<string, string>,
  label = "",
): Task<{ program: Program; argv: readonly string[]; path: string } | number> {
  const name = words[0]!;
  const path = env?.get("PATH") ?? shell.variables.text("PATH");
  const found = prepareCommand(shell.process, words, path ?? "");
  if (typeof found !== "string") return { ...found, path: name };
  switch (found) {
    case "missing": {
      const missing = name.includes("/")
        ? "No such file or directory"
        : label === ""
          ? "command not found"
          : "not found";
      yield* shell.complain(`${label}${name}: ${missing}`);
      return STATUS_NOT_FOUND;
    }
    case "directory":
      yield* shell.complain(`${label}${name}: Is a directory`);
      return STATUS_NOT_EXECUTABLE;
    case "denied":
      yield* shell.complain(`${label}${name}: Permission denied`);
      return STATUS_NOT_EXECUTABLE;
  }
}

/** exec: the program runs in the shell's own process. */
export function* takeOver(
  shell: Shell,
  program: Program,
  argv: readonly string[],
  env: ReadonlyMap<string, string>,
): Task<number> {
  yield* sleep(COMMAND_COST);
  for (const signal of shell.traps.names())
    if (shell.traps.get(signal) !== "") shell.process.onSignal(signal, "default");
  return yield* shell.process.exec(program, { argv, env });
}
