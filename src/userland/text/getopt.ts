import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";

/** Whether an option takes an argument. */
export type Takes = "nothing" | "argument" | "maybe";

export interface OptionTable {
  /** getopt(3)'s letters: `a`, `n:` with an argument, `i::` with one that may be there. */
  readonly short: string;
  /** Long names, each with the letter that it stands for, or with what it takes when it has none. */
  readonly long?: Readonly<Record<string, string>>;
  /** Options end at the first operand, as in `env` and `xargs`. */
  readonly stopAtOperand?: boolean;
  /** Says what is wrong with the options; GNU's "Try '--help'" unless given. */
  readonly hint?: string;
  readonly status?: number;
}

export interface Options {
  /** Each option in order, by its letter or long name, with its argument. */
  readonly list: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
  has(name: string): boolean;
  /** The last argument given to an option. */
  get(name: string): string | undefined;
  all(name: string): readonly string[];
}

/** A fault in the options, as getopt words it. */
class OptionFault extends Error {}

/** Takes options apart as getopt_long(3) does. The number is an exit status after the message is written. */
export function* getOptions(process: Process, table: OptionTable): Task<Options | number> {
  try {
    return parseOptions(process.argv.slice(1), table);
  } catch (error) {
    if (!(error instanceof OptionFault)) throw error;
    const name = programName(process);
    const hint = table.hint ?? `Try '${name} --help' for more information.\n`;
    yield* process.printError(`${name}: ${error.message}\n${hint}`);
    return table.status ?? 1;
  }
}

/** The name that a program was called by, without its directory. */
export function programName(process: Process): string {
  return (process.argv[0] ?? "").replace(/^.*\//, "");
}

export function parseOptions(words: readonly string[], table: OptionTable): Options {
  const list: [string, string][] = [];
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (!/^-./.test(word)) {
      if (table.stopAtOperand === true) {
        operands.push(...words.slice(at));
        break;
      }
      operands.push(word);
    } else if (word.startsWith("--")) at += longOption(word, words[at + 1], table, list);
    else at += shortOptions(word, words[at + 1], table, list);
  }
  const all = (name: string): string[] => list.filter(([each]) => each === name).map(([, value]) => value);
  return {
    list,
    operands,
    all,
    has: (name) => list.some(([each]) => each === name),
    get: (name) => all(name).at(-1),
  };
}

function takes(letter: string, short: string): Takes | undefined {
  const at = letter === ":" ? -1 : short.indexOf(letter);
  if (at < 0) return undefined;
  if (short.startsWith("::", at + 1)) return "maybe";
  return short[at + 1] === ":" ? "argument" : "nothing";
}

/** How many further words the options of `word` used up. */
function shortOptions(
  word: string,
  next: string | undefined,
  table: OptionTable,
  list: [string, string][],
): number {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const kind = takes(letter, table.short);
    if (kind === undefined) throw new OptionFault(`invalid option -- '${letter}'`);
    if (kind === "nothing") {
      list.push([letter, ""]);
      continue;
    }
    const rest = word.slice(i + 1);
    if (rest !== "" || kind === "maybe") {
      list.push([letter, rest]);
      return 0;
    }
    if (next === undefined) throw new OptionFault(`option requires an argument -- '${letter}'`);
    list.push([letter, next]);
    return 1;
  }
  return 0;
}

function longOption(
  word: string,
  next: string | undefined,
  table: OptionTable,
  list: [string, string][],
): number {
  const equals = word.indexOf("=");
  const given = word.slice(2, equals < 0 ? undefined : equals);
  const names = Object.keys(table.long ?? {});
  const candidates = names.includes(given) ? [given] : names.filter((name) => name.startsWith(given));
  if (candidates.length === 0)
    throw new OptionFault(`unrecognized option '${equals < 0 ? word : `--${given}`}'`);
  if (candidates.length > 1) {
    const possible = candidates.map((name) => `'--${name}'`).join(" ");
    throw new OptionFault(`option '--${given}' is ambiguous; possibilities: ${possible}`);
  }
  const name = candidates[0]!;
  const meaning = table.long![name]!;
  const kind =
    meaning.length === 1
      ? (takes(meaning, table.short) ?? "nothing")
      : meaning === ""
        ? "nothing"
        : (meaning as Takes);
  const key = meaning.length === 1 ? meaning : name;
  if (equals >= 0) {
    if (kind === "nothing") throw new OptionFault(`option '--${name}' doesn't allow an argument`);
    list.push([key, word.slice(equals + 1)]);
    return 0;
  }
  if (kind !== "argument") {
    list.push([key, ""]);
    return 0;
  }
  if (next === undefined) throw new OptionFault(`option '--${name}' requires an argument`);
  list.push([key, next]);
  return 1;
}
