import { syntax, usage } from "../../formats/ipset/failure.ts";

/** The command line of ipset(8), and the lines of `ipset restore`. */

export type CommandName =
  | "create"
  | "add"
  | "del"
  | "test"
  | "destroy"
  | "list"
  | "save"
  | "restore"
  | "flush"
  | "rename"
  | "swap"
  | "help"
  | "version"
  | "quit";

interface Command {
  readonly short: string;
  readonly min: number;
  readonly max: number;
  /** Words may follow that belong to the set's type. */
  readonly options: boolean;
}

export const COMMANDS: Readonly<Record<CommandName, Command>> = {
  create: { short: "-N", min: 2, max: 2, options: true },
  add: { short: "-A", min: 2, max: 2, options: true },
  del: { short: "-D", min: 2, max: 2, options: true },
  test: { short: "-T", min: 2, max: 2, options: true },
  destroy: { short: "-X", min: 0, max: 1, options: false },
  list: { short: "-L", min: 0, max: 1, options: false },
  save: { short: "-S", min: 0, max: 1, options: false },
  restore: { short: "-R", min: 0, max: 0, options: false },
  flush: { short: "-F", min: 0, max: 1, options: false },
  rename: { short: "-E", min: 2, max: 2, options: false },
  swap: { short: "-W", min: 2, max: 2, options: false },
  help: { short: "-h", min: 0, max: 1, options: false },
  version: { short: "-V", min: 0, max: 0, options: false },
  quit: { short: "-Q", min: 0, max: 0, options: false },
};

const NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** More names of commands. */
const ALIASES: Readonly<Record<string, CommandName>> = {
  n: "create",
  "-H": "help",
  "--help": "help",
  "--version": "version",
  "-v": "version",
};

export interface Options {
  readonly exist: boolean;
  readonly quiet: boolean;
  readonly sorted: boolean;
  readonly names: boolean;
  readonly terse: boolean;
  readonly output?: "plain" | "save" | "xml";
  readonly file?: string;
}

export interface Line {
  readonly command: CommandName;
  readonly args: readonly string[];
  readonly options: Options;
}

/** A command by its name, the beginning of it, or its letter. */
function commandNamed(word: string): CommandName | undefined {
  const alias = ALIASES[word];
  if (alias !== undefined) return alias;
  return NAMES.find((name) => {
    const { short } = COMMANDS[name];
    return word === short || word === `--${name}` || (word !== "" && name.startsWith(word));
  });
}

const FLAGS: Readonly<Record<string, "exist" | "quiet" | "sorted" | "names" | "terse" | "resolve">> = {
  "-!": "exist",
  "-exist": "exist",
  "-q": "quiet",
  "-quiet": "quiet",
  "-s": "sorted",
  "-sorted": "sorted",
  "-n": "names",
  "-name": "names",
  "-t": "terse",
  "-terse": "terse",
  "-r": "resolve",
  "-resolve": "resolve",
};

type Draft = { -readonly [K in keyof Options]: Options[K] } & { resolve: boolean };

/** Options may stand anywhere; the first other word is the command. */
export function parseLine(words: readonly string[]): Line {
  const options: Draft = {
    exist: false,
    quiet: false,
    sorted: false,
    names: false,
    terse: false,
    resolve: false,
  };
  let command: CommandName | undefined;
  const args: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const flag = FLAGS[word.startsWith("--") ? word.slice(1) : word];
    if (flag !== undefined) {
      options[flag] = true;
      continue;
    }
    if (word === "-o" || word === "-output" || word === "-f" || word === "-file") {
      i++;
      const value = words[i] ?? usage(`Missing mandatory argument to option ${word}`);
      if (word.startsWith("-f")) options.file = value;
      else if (value === "plain" || value === "save" || value === "xml") options.output = value;
      else syntax(`unknown output mode '${value}'`);
      continue;
    }
    if (command === undefined) {
      command = commandNamed(word) ?? usage(`No command specified: unknown argument ${word}`);
    } else args.push(word);
  }
  if (command === undefined) usage("No command specified.");
  return { command, args, options };
}

/** Words of a line; quotes hold a comment together. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? "");
}
