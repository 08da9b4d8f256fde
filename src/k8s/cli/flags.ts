import { fail, refuse } from "../../userland/args/exit.ts";

/** A flag of a command. Models: github.com/spf13/pflag. */
export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** `flag` is true or false, `text` takes a value, `list` may be given often, `optional` has a value for when none is given. */
  readonly kind: "flag" | "text" | "list" | "optional";
  /** For `list`: commas in a value do not separate. */
  readonly whole?: true;
  /** For `optional`: the value of the bare flag. */
  readonly bare?: string;
}

export const flag = (name: string, short?: string): FlagSpec => ({
  name,
  kind: "flag",
  ...(short && { short }),
});
export const text = (name: string, short?: string): FlagSpec => ({
  name,
  kind: "text",
  ...(short && { short }),
});
export const list = (name: string, short?: string): FlagSpec => ({
  name,
  kind: "list",
  ...(short && { short }),
});
export const optional = (name: string, bare: string, short?: string): FlagSpec => ({
  name,
  kind: "optional",
  bare,
  ...(short && { short }),
});

/** What was typed behind a command's name. */
export class Arguments {
  readonly operands: string[] = [];
  /** How many operands stood before `--`; -1 without it. */
  dash = -1;
  private readonly values = new Map<string, string[]>();

  set(name: string, value: string): void {
    this.values.set(name, [...(this.values.get(name) ?? []), value]);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  list(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.text(name);
    return value === undefined ? otherwise : TRUE.has(value);
  }
}

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

export interface Grammar {
  /** `get`, as `See 'kubectl get --help'` has it. */
  readonly command: string;
  readonly flags: readonly FlagSpec[];
  /** Flags of the real kubectl that are refused by name. */
  readonly refused: readonly string[];
  /** Stop at the first operand: what follows belongs to somebody else. */
  readonly operandsLast?: boolean;
}

/** Flags that every command has. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  text("namespace", "n"),
  text("context"),
  text("cluster"),
  text("kubeconfig"),
  text("request-timeout"),
  text("v", "v"),
  flag("warnings-as-errors"),
  flag("help", "h"),
];

const GLOBAL_REFUSED = (
  "as as-group as-uid cache-dir certificate-authority client-certificate client-key disable-compression " +
  "insecure-skip-tls-verify kuberc log-flush-frequency match-server-version password profile profile-output server " +
  "tls-server-name token user username vmodule as-user-extra"
).split(" ");

class Reader {
  readonly result = new Arguments();
  private readonly words: readonly string[];
  private readonly grammar: Grammar;
  private readonly flags: readonly FlagSpec[];
  at = 0;

  constructor(words: readonly string[], grammar: Grammar) {
    this.words = words;
    this.grammar = grammar;
    this.flags = [...grammar.flags, ...GLOBAL_FLAGS];
  }

  read(): void {
    for (; this.at < this.words.length; this.at++) {
      const word = this.words[this.at]!;
      if (word === "--") {
        this.result.dash = this.result.operands.length;
        this.result.operands.push(...this.words.slice(this.at + 1));
        this.at = this.words.length;
      } else if (word.startsWith("--")) this.long(word.slice(2));
      else if (word.startsWith("-") && word !== "-") this.shorts(word.slice(1));
      else if (this.grammar.operandsLast === true) return;
      else this.result.operands.push(word);
    }
  }

  private long(word: string): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const given = equals < 0 ? undefined : word.slice(equals + 1);
    const spec = this.flags.find((each) => each.name === name && each.name.length > 1);
    if (spec !== undefined) {
      this.give(spec, `--${name}`, given);
      return;
    }
    if (this.grammar.refused.includes(name) || GLOBAL_REFUSED.includes(name)) this.refuse(`--${name}`);
    this.complain(`unknown flag: --${name}`);
  }

  private shorts(letters: string): void {
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i]!;
      const spec = this.flags.find((each) => each.short === letter);
      if (spec === undefined) {
        if (this.grammar.refused.includes(letter)) this.refuse(`-${letter}`);
        this.complain(`unknown shorthand flag: '${letter}' in -${letters}`);
      }
      const rest = letters.slice(i + 1);
      if (spec.kind === "flag" || spec.kind === "optional") {
        if (rest.startsWith("=")) {
          this.give(spec, `-${letter}, --${spec.name}`, rest.slice(1));
          return;
        }
        this.give(spec, `-${letter}, --${spec.name}`, undefined);
        continue;
      }
      const value = rest === "" ? undefined : rest.replace(/^=/, "");
      if (value === undefined && this.at + 1 >= this.words.length) {
        this.complain(`flag needs an argument: '${letter}' in -${letters}`);
      }
      this.give(spec, `-${letter}, --${spec.name}`, value);
      return;
    }
  }

  private give(spec: FlagSpec, shown: string, given: string | undefined): void {
    switch (spec.kind) {
      case "flag":
        if (given !== undefined && !TRUE.has(given) && !FALSE.has(given)) {
          const why = `strconv.ParseBool: parsing "${given}": invalid syntax`;
          this.complain(`invalid argument "${given}" for "${shown}" flag: ${why}`);
        }
        this.result.set(spec.name, given ?? "true");
        return;
      case "optional":
        this.result.set(spec.name, given ?? spec.bare ?? "");
        return;
      case "text":
      case "list": {
        const value = given ?? this.words[++this.at];
        if (value === undefined) this.complain(`flag needs an argument: ${shown}`);
        for (const each of spec.kind === "list" && spec.whole !== true ? value.split(",") : [value])
          this.result.set(spec.name, each);
      }
    }
  }

  private complain(message: string): never {
    const where = this.grammar.command === "" ? "kubectl" : `kubectl ${this.grammar.command}`;
    fail(1, `error: ${message}\nSee '${where} --help' for usage.\n`);
  }

  private refuse(what: string): never {
    refuse(`kubectl ${this.grammar.command} ${what}`);
  }
}

/** Reads the words behind a command's name; a mistake ends the program as cobra does. */
export function parseArguments(words: readonly string[], grammar: Grammar): Arguments {
  const reader = new Reader(words, grammar);
  reader.read();
  return reader.result;
}

/** Reads the flags before the command's name; `rest` is the name and what follows. */
export function splitGlobals(words: readonly string[]): {
  readonly globals: Arguments;
  readonly rest: readonly string[];
} {
  const reader = new Reader(words, { command: "", flags: [], refused: [], operandsLast: true });
  reader.read();
  return { globals: reader.result, rest: words.slice(reader.at) };
}
