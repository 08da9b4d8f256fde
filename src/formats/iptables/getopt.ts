import { Failure } from "./failure.ts";

/** getopt_long(3) as iptables uses it: in order, with a table of long options that grows while it reads. */

export interface LongName {
  readonly name: string;
  readonly argument: "none" | "required" | "optional";
  /** Names with the same key mean the same option. */
  readonly key: string;
}

export type Item =
  /** An option: `key` as the tables have it. `words` is how many words it took. */
  | {
      readonly kind: "option";
      readonly key: string;
      readonly value: string | undefined;
      readonly word: string;
    }
  /** A word that is no option. */
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "unknown"; readonly word: string }
  | { readonly kind: "end" };

/** "x" none, "x:" required, "x::" optional, as for getopt(3). */
function shortArgument(letters: string, letter: string): LongName["argument"] | undefined {
  const at = letter === ":" ? -1 : letters.indexOf(letter);
  if (at < 0) return undefined;
  if (letters[at + 1] !== ":") return "none";
  return letters[at + 2] === ":" ? "optional" : "required";
}

export class Getopt {
  readonly words: readonly string[];
  /** The next word to read. */
  at = 0;
  /** Where in the word before `at` a cluster of short options goes on; 0: nowhere. */
  private within = 0;
  private readonly letters: string;

  constructor(words: readonly string[], letters: string) {
    this.words = words;
    this.letters = letters;
  }

  /** The word that was read last. */
  get last(): string {
    return this.words[this.at - 1] ?? "";
  }

  /** Models: xshared.c xs_has_arg: the next word when it is neither an option nor "!". */
  takeWord(): string | undefined {
    const word = this.words[this.at];
    if (word === undefined || word.startsWith("-") || word.startsWith("!")) return undefined;
    this.at++;
    return word;
  }

  /** The next word, whatever it is. */
  takeAny(): string | undefined {
    const word = this.words[this.at];
    if (word !== undefined) this.at++;
    return word;
  }

  next(longs: readonly LongName[]): Item {
    if (this.within > 0) return this.cluster(this.words[this.at - 1] ?? "", this.within);
    const word = this.words[this.at];
    if (word === undefined) return { kind: "end" };
    this.at++;
    if (word === "--") return { kind: "end" };
    if (!word.startsWith("-") || word === "-") return { kind: "word", word };
    return word.startsWith("--") ? this.long(word, longs) : this.cluster(word, 1);
  }

  private cluster(word: string, at: number): Item {
    const letter = word[at] ?? "";
    const rest = word.slice(at + 1);
    this.within = rest === "" ? 0 : at + 1;
    const argument = shortArgument(this.letters, letter);
    if (argument === undefined) return { kind: "unknown", word: this.last };
    if (argument === "none") return { kind: "option", key: letter, value: undefined, word: `-${letter}` };
    this.within = 0;
    if (rest !== "") return { kind: "option", key: letter, value: rest, word: `-${letter}` };
    if (argument === "optional") return { kind: "option", key: letter, value: undefined, word: `-${letter}` };
    return { kind: "option", key: letter, value: this.argumentOf(word), word: `-${letter}` };
  }

  private long(word: string, longs: readonly LongName[]): Item {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const exact = longs.find((long) => long.name === name);
    const candidates = exact === undefined ? longs.filter((long) => long.name.startsWith(name)) : [exact];
    const long = candidates[0];
    if (long === undefined || candidates.some((other) => other.key !== long.key))
      return { kind: "unknown", word };
    const given = equals < 0 ? undefined : word.slice(equals + 1);
    if (long.argument === "none" && given !== undefined) return { kind: "unknown", word };
    const value = long.argument === "required" ? (given ?? this.argumentOf(word)) : given;
    return { kind: "option", key: long.key, value, word: equals < 0 ? word : word.slice(0, equals) };
  }

  private argumentOf(word: string): string {
    const value = this.takeAny();
    if (value !== undefined) return value;
    throw new Failure({
      kind: "parameter",
      message: `option "${this.last}" requires an argument`,
      option: word,
    });
  }
}
