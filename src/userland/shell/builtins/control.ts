import { utf8Decode } from "../../../base/utf8.ts";
import type { Task } from "../../../sim/task.ts";
import { strerror } from "../../os/errno.ts";
import { readFile, statFile } from "../../os/files.ts";
import { complainOf, evaluateText } from "../arithmetic-expansion.ts";
import { Exit, LoopJump, Return } from "../errors.ts";
import { runText } from "../run.ts";
import type { Shell } from "../shell.ts";
import { findProgram, takeOver } from "../simple.ts";
import { Unit } from "../unit.ts";
import { notModelled, usage } from "./output.ts";
import { type BuiltinCall, STATUS_USAGE } from "./types.ts";

/** A numeric argument; undefined, after bash's words, for anything else. */
function* numeric(shell: Shell, call: BuiltinCall, text: string): Task<number | undefined> {
  if (/^\s*[-+]?\d+\s*$/.test(text)) return Number(text);
  yield* shell.complain(`${call.name}: ${text}: numeric argument required`);
  return undefined;
}

export function* jump(shell: Shell, call: BuiltinCall): Task<number> {
  const verb = call.name === "break" ? "break" : "continue";
  if (shell.loops === 0) {
    yield* shell.complain(`${verb}: only meaningful in a \`for', \`while', or \`until' loop`);
    return 0;
  }
  const levels = call.words[0] === undefined ? 1 : yield* numeric(shell, call, call.words[0]);
  if (levels === undefined) throw new Exit(128);
  if (levels < 1) {
    yield* shell.complain(`${verb}: ${call.words[0]!}: loop count out of range`);
    return 1;
  }
  throw new LoopJump(verb, Math.min(levels, shell.loops));
}

export function* exit(shell: Shell, call: BuiltinCall): Task<number> {
  const status = call.words[0] === undefined ? shell.status : yield* numeric(shell, call, call.words[0]);
  if (status !== undefined && call.words.length > 1) {
    yield* shell.complain("exit: too many arguments");
    return 1;
  }
  if (shell.interactive) yield* shell.writeError("exit\n");
  throw new Exit((status ?? STATUS_USAGE) & 255);
}

export function* returns(shell: Shell, call: BuiltinCall): Task<number> {
  const status = call.words[0] === undefined ? shell.status : yield* numeric(shell, call, call.words[0]);
  if (shell.returnable === 0) {
    yield* shell.complain("return: can only `return' from a function or sourced script");
    return STATUS_USAGE;
  }
  throw new Return((status ?? STATUS_USAGE) & 255);
}

export function* evaluates(shell: Shell, call: BuiltinCall): Task<number> {
  const text = (call.words[0] === "--" ? call.words.slice(1) : call.words).join(" ");
  const { line } = shell;
  shell.traceLevel++;
  try {
    return yield* runText(shell, new Unit(text, shell.unit.path, line), "eval");
  } finally {
    shell.traceLevel--;
    shell.line = line;
  }
}

/** Where `source NAME` finds the file: in PATH, then in the current directory. */
function locate(shell: Shell, name: string): string {
  if (name.includes("/")) return name;
  for (const directory of (shell.variables.text("PATH") ?? "").split(":"))
    if (directory !== "" && shell.host.fs.stat(`${directory}/${name}`)?.kind === "file")
      return `${directory}/${name}`;
  return name;
}

export function* source(shell: Shell, call: BuiltinCall): Task<number> {
  const words = call.words[0] === "--" ? call.words.slice(1) : call.words;
  const name = words[0];
  if (name === undefined) {
    yield* shell.complain(`${call.name}: filename argument required`);
    return yield* usage(shell, call);
  }
  const path = locate(shell, name);
  if (statFile(shell.process, path)?.kind === "directory") {
    yield* shell.complain(`${call.name}: ${name}: is a directory`);
    return 1;
  }
  const text = yield* fileText(shell, path);
  if (text === undefined) return 1;
  return yield* runFile(shell, new Unit(text, path), words.slice(1));
}

function* fileText(shell: Shell, path: string): Task<string | undefined> {
  const bytes = readFile(shell.process, path);
  if (bytes.ok) return utf8Decode(bytes.value);
  yield* shell.complain(`${path}: ${strerror(bytes.error)}`);
  return undefined;
}

function* runFile(shell: Shell, unit: Unit, args: readonly string[]): Task<number> {
  const { positional, frames, line } = shell;
  if (args.length > 0) shell.positional = args;
  shell.frames = [{ kind: "file", name: unit.path, unit, callLine: line }, ...frames];
  shell.returnable++;
  shell.traceLevel++;
  try {
    return yield* runText(shell, unit);
  } catch (error) {
    if (error instanceof Return) return error.status;
    throw error;
  } finally {
    shell.traceLevel--;
    shell.returnable--;
    shell.frames = frames;
    shell.line = line;
    if (args.length > 0) shell.positional = positional;
  }
}

export function* exec(shell: Shell, call: BuiltinCall): Task<number> {
  const words = call.words[0] === "--" ? call.words.slice(1) : call.words;
  if (words.length === 0) {
    call.redirected?.keep();
    return 0;
  }
  if (/^-[acl]/.test(words[0]!)) return yield* notModelled(shell, "exec", words[0]!.slice(0, 2));
  const command = yield* findProgram(shell, words, undefined, "exec: ");
  if (typeof command === "number") throw new Exit(command);
  shell.traps.reset("EXIT");
  call.redirected?.keep();
  const status = yield* takeOver(shell, command.program, command.argv, shell.variables.environment());
  throw new Exit(status);
}

export function* shift(shell: Shell, call: BuiltinCall): Task<number> {
  const count = call.words[0] === undefined ? 1 : yield* numeric(shell, call, call.words[0]);
  if (count === undefined) return 1;
  if (count < 0) {
    yield* shell.complain(`shift: ${call.words[0]!}: shift count out of range`);
    return 1;
  }
  if (count > shell.positional.length) return 1;
  shell.positional = shell.positional.slice(count);
  return 0;
}

export function* lets(shell: Shell, call: BuiltinCall): Task<number> {
  const words = call.words[0] === "--" ? call.words.slice(1) : call.words;
  if (words.length === 0) {
    yield* shell.complain("let: expression expected");
    return 1;
  }
  let value = 0n;
  for (const word of words) {
    try {
      value = evaluateText(shell, word);
    } catch (error) {
      yield* complainOf(shell, error, "let: ");
      return 1;
    }
  }
  return value === 0n ? 1 : 0;
}
