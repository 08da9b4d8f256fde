import { fail, refuse } from "../../../userland/args/exit.ts";

/** Flags of a docker command: a switch, a value, or a value that may come several times. Models: spf13/pflag. */
export interface FlagSet {
  /** Usage line after `Usage:  `. */
  readonly usage: string;
  readonly switches?: readonly string[];
  readonly values?: readonly string[];
  /** One-letter names. */
  readonly short?: Readonly<Record<string, string>>;
  /** Known to the original, and named when they are asked for. */
  readonly refused?: readonly string[];
  /** Flags end at the first argument. */
  readonly strict?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

export class Flags {
  readonly given = new Map<string, string[]>();
  readonly words: string[] = [];

  has(name: string): boolean {
    return this.given.get(name)?.at(-1) === "true";
  }

  value(name: string): string | undefined {
    return this.given.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }

  add(name: string, value: string): void {
    this.given.set(name, [...this.all(name), value]);
  }
}

const FLAG_STATUS = 125;

/** `docker run` out of its usage line. */
function commandOf(usage: string): string {
  return usage.split(/ [[A-Z]/)[0] ?? usage;
}

function badFlag(set: FlagSet, message: string): never {
  const help = `Run '${commandOf(set.usage)} --help' for more information`;
  fail(FLAG_STATUS, `${message}\n\nUsage:  ${set.usage}\n\n${help}\n`);
}

export function parseFlags(set: FlagSet, argv: readonly string[]): Flags {
  const flags = new Flags();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      flags.words.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith("--")) i += long(set, flags, word, argv[i + 1]);
    else if (word.startsWith("-") && word.length > 1) i += cluster(set, flags, word, argv[i + 1]);
    else if (set.strict === true) {
      flags.words.push(...argv.slice(i));
      break;
    } else flags.words.push(word);
  }
  checkCount(set, flags.words.length);
  return flags;
}

/** How many further words it took. */
function long(set: FlagSet, flags: Flags, word: string, next: string | undefined): number {
  const [name = "", ...rest] = word.slice(2).split("=");
  const value = rest.length > 0 ? rest.join("=") : undefined;
  if (name === "help" || set.refused?.includes(name) === true) refuse(`${commandOf(set.usage)} --${name}`);
  if (set.switches?.includes(name) === true) {
    flags.add(name, value ?? "true");
    return 0;
  }
  if (set.values?.includes(name) !== true) badFlag(set, `unknown flag: --${name}`);
  if (value === undefined && next === undefined) badFlag(set, `flag needs an argument: --${name}`);
  flags.add(name, value ?? next ?? "");
  return value === undefined ? 1 : 0;
}

function cluster(set: FlagSet, flags: Flags, word: string, next: string | undefined): number {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? "";
    const name = set.short?.[letter];
    if (name === undefined) badFlag(set, `unknown shorthand flag: '${letter}' in ${word}`);
    if (set.refused?.includes(name) === true) refuse(`${commandOf(set.usage)} --${name}`);
    if (set.switches?.includes(name) === true) {
      flags.add(name, "true");
      continue;
    }
    const rest = word.slice(at + 1).replace(/^=/, "");
    if (rest !== "") {
      flags.add(name, rest);
      return 0;
    }
    if (next === undefined) badFlag(set, `flag needs an argument: '${letter}' in ${word}`);
    flags.add(name, next);
    return 1;
  }
  return 0;
}

function checkCount(set: FlagSet, count: number): void {
  const { minimum = 0, maximum = Infinity } = set;
  if (count >= minimum && count <= maximum) return;
  const command = commandOf(set.usage);
  const wanted = minimum === maximum ? minimum : count < minimum ? minimum : maximum;
  const how =
    maximum === 0
      ? "accepts no arguments"
      : `requires ${minimum === maximum ? "" : count < minimum ? "at least " : "at most "}${wanted} argument${wanted === 1 ? "" : "s"}`;
  fail(
    1,
    `docker: '${command}' ${how}\n\nUsage:  ${set.usage}\n\nSee '${command} --help' for more information\n`,
  );
}
