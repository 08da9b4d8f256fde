import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { readFile, statFile } from "../os/files.ts";
import { type OpenFile, readAllText } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { runInteractive } from "./interactive/interactive.ts";
import { optionOfLetter } from "./options.ts";
import { runText } from "./run.ts";
import { Shell } from "./shell.ts";
import { Unit } from "./unit.ts";

const STATUS_USAGE = 2;
const STATUS_NOT_EXECUTABLE = 126;
const STATUS_NOT_FOUND = 127;

interface Invocation {
  readonly options: (readonly [string, boolean])[];
  command: boolean;
  stdin: boolean;
  readonly rest: readonly string[];
}

/** The options before the script; a string is one that there is not. */
function parse(words: readonly string[]): Invocation | string {
  const options: (readonly [string, boolean])[] = [];
  const flags = { command: false, stdin: false };
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--" || word === "-") {
      at++;
      break;
    }
    if (/^--(norc|noprofile|login|posix)$/.test(word)) continue;
    if (!/^[-+]./.test(word)) break;
    if (word.startsWith("--")) return word;
    for (const letter of word.slice(1)) {
      if (letter === "c") flags.command = true;
      else if (letter === "s") flags.stdin = true;
      else if (letter === "o") options.push([words[++at] ?? "", word.startsWith("-")]);
      else if (letter !== "l" && letter !== "i") {
        const name = optionOfLetter(letter);
        if (name === undefined) return `${word[0]!}${letter}`;
        options.push([name, word.startsWith("-")]);
      }
    }
  }
  return { options, ...flags, rest: words.slice(at) };
}

/** bash(1), and dash's name for it: `bash -c COMMAND [NAME [ARGUMENT...]]`, `bash FILE [ARGUMENT...]`, or commands from standard input. */
export function* bash(process: Process): Task<number> {
  const self = (process.argv[0] ?? "bash").replace(/^.*\//, "");
  const invocation = parse(process.argv.slice(1));
  if (typeof invocation === "string") {
    yield* process.printError(`${self}: ${invocation}: invalid option\n`);
    return STATUS_USAGE;
  }
  const { rest, command, options } = invocation;
  if (command && rest.length === 0) {
    yield* process.printError(`${self}: -c: option requires an argument\n`);
    return STATUS_USAGE;
  }
  const name = (command ? rest[1] : invocation.stdin ? undefined : rest[0]) ?? self;
  const args = command ? rest.slice(2) : invocation.stdin ? rest : rest.slice(1);
  const { files, env, cwd, netns } = process;
  const shell = new Shell(process.host, { files, env, cwd, netns, name, arguments: args, process });
  for (const [option, on] of options) {
    if (shell.options.set(option, on) === "done") continue;
    yield* process.printError(`${self}: ${option}: invalid option name\n`);
    return STATUS_USAGE;
  }
  if (command) return yield* runString(shell, rest[0]!);
  const { tty } = process.stdin;
  if (rest.length === 0 && !invocation.stdin && tty !== undefined)
    return yield* runInteractive(shell, tty, self);
  if (rest.length === 0 || invocation.stdin) return yield* runInput(shell, process.stdin);
  return yield* runScript(shell, self, rest[0]!);
}

function* runString(shell: Shell, text: string): Task<number> {
  shell.commandString = true;
  return yield* shell.runAll(runText(shell, new Unit(text, ""), "-c"));
}

function* runScript(shell: Shell, self: string, path: string): Task<number> {
  const stat = statFile(shell.process, path);
  if (stat?.kind === "directory") {
    yield* shell.writeError(`${path}: ${path}: Is a directory\n`);
    return STATUS_NOT_EXECUTABLE;
  }
  const bytes = readFile(shell.process, path);
  if (!bytes.ok) {
    yield* shell.writeError(`${self}: ${path}: ${strerror(bytes.error)}\n`);
    return STATUS_NOT_FOUND;
  }
  return yield* shell.runAll(runText(shell, new Unit(utf8Decode(bytes.value), path)));
}

/** Commands from standard input: they are read as a whole, so a command in them does not read from the same input. */
function* runInput(shell: Shell, input: OpenFile): Task<number> {
  const text = yield* readAllText(input);
  return yield* shell.runAll(runText(shell, new Unit(text, "")));
}
