import type { Task } from "../../../sim/task.ts";
import { findCommand } from "../../os/exec.ts";
import { COMMAND_COST, Process } from "../../os/process.ts";
import { waitForeground } from "../foreground.ts";
import { functionText } from "../print.ts";
import type { Shell } from "../shell.ts";
import { findProgram, runBuiltin } from "../simple.ts";
import { BUILTINS } from "./index.ts";
import { print, refuseOption } from "./output.ts";
import type { BuiltinCall } from "./types.ts";

const KEYWORDS = new Set(
  "if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc".split(
    " ",
  ),
);

/** What a name means, in the order in which bash looks. */
type Meaning =
  { readonly kind: "keyword" | "function" | "builtin" } | { readonly kind: "file"; readonly path: string };

function meaningOf(shell: Shell, name: string, filesOnly = false): Meaning | undefined {
  if (!filesOnly) {
    if (KEYWORDS.has(name)) return { kind: "keyword" };
    if (shell.functions.has(name)) return { kind: "function" };
    if (BUILTINS.has(name)) return { kind: "builtin" };
  }
  const found = findCommand(shell.process, name, shell.variables.text("PATH") ?? "");
  if (found.kind !== "program" && found.kind !== "script") return undefined;
  return { kind: "file", path: name.includes("/") ? name : found.path };
}

export function* type(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  let letters = "";
  while (/^-./.test(words[0] ?? "")) {
    const option = words[0]!;
    words = words.slice(1);
    if (option === "--") break;
    if (!/^-[afptP]+$/.test(option)) return yield* refuseOption(shell, call, option.slice(0, 2));
    letters += option.slice(1);
  }
  let status = 0;
  for (const name of words) {
    const meaning = meaningOf(shell, name, letters.includes("P"));
    if (meaning === undefined) {
      if (!/[tpP]/.test(letters)) yield* shell.complain(`type: ${name}: not found`);
      status = 1;
    } else if (letters.includes("t")) yield* print(shell, "type", `${meaning.kind}\n`);
    else if (/[pP]/.test(letters))
      yield* print(shell, "type", meaning.kind === "file" ? `${meaning.path}\n` : "");
    else yield* print(shell, "type", describe(shell, name, meaning));
  }
  return status;
}

function describe(shell: Shell, name: string, meaning: Meaning): string {
  switch (meaning.kind) {
    case "keyword":
      return `${name} is a shell keyword\n`;
    case "function":
      return `${name} is a function\n${functionText(shell.functions.get(name)!)}\n`;
    case "builtin":
      return `${name} is a shell builtin\n`;
    case "file":
      return `${name} is ${meaning.path}\n`;
  }
}

/** `command`: a name without its function, or with `-v` what it means. */
export function* command(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  let letters = "";
  while (/^-./.test(words[0] ?? "")) {
    const option = words[0]!;
    words = words.slice(1);
    if (option === "--") break;
    if (!/^-[pvV]+$/.test(option)) return yield* refuseOption(shell, call, option.slice(0, 2));
    letters += option.slice(1);
  }
  if (words.length === 0) return 0;
  if (/[vV]/.test(letters)) return yield* tell(shell, words, letters.includes("V"));
  const builtin = BUILTINS.get(words[0]!);
  if (builtin !== undefined)
    return yield* runBuiltin(shell, words[0]!, builtin, words.slice(1), words.slice(1), call.redirected);
  return yield* runFile(shell, words);
}

function* runFile(shell: Shell, words: readonly string[]): Task<number> {
  const found = yield* findProgram(shell, words);
  if (typeof found === "number") return found;
  const { cwd, netns, files } = shell.process;
  const env = shell.variables.environment();
  const options = { argv: found.argv, env, cwd, netns, files, parent: shell.process };
  const process = Process.spawn(shell.host, found.program, options, COMMAND_COST);
  const text = shell.unit.text;
  return (yield* waitForeground(shell, [process], {
    type: "Literal",
    pos: 0,
    end: 0,
    text,
    value: text,
  }))[0]!;
}

function* tell(shell: Shell, words: readonly string[], verbose: boolean): Task<number> {
  let status = 0;
  for (const name of words) {
    const meaning = meaningOf(shell, name);
    if (meaning === undefined) {
      if (verbose) yield* shell.complain(`command: ${name}: not found`);
      status = 1;
    } else if (verbose) yield* print(shell, "command", describe(shell, name, meaning));
    else yield* print(shell, "command", `${meaning.kind === "file" ? meaning.path : name}\n`);
  }
  return status;
}

export function* builtin(shell: Shell, call: BuiltinCall): Task<number> {
  const name = call.words[0];
  if (name === undefined) return 0;
  const found = BUILTINS.get(name);
  if (found === undefined) {
    yield* shell.complain(`builtin: ${name}: not a shell builtin`);
    return 1;
  }
  const words = call.words.slice(1);
  return yield* runBuiltin(shell, name, found, words, words, call.redirected);
}

export function* hash(shell: Shell, call: BuiltinCall): Task<number> {
  let status = 0;
  for (const name of call.words) {
    if (name.startsWith("-")) continue;
    if (meaningOf(shell, name) !== undefined) continue;
    yield* shell.complain(`hash: ${name}: not found`);
    status = 1;
  }
  return status;
}

/** Aliases do not expand in scripts: they can be set and asked for, no more. */
export function* alias(shell: Shell, call: BuiltinCall): Task<number> {
  let status = 0;
  for (const word of call.words) {
    if (word.startsWith("-") || word.includes("=")) continue;
    yield* shell.complain(`${call.name}: ${word}: not found`);
    status = 1;
  }
  return status;
}
