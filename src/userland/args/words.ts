import { fail } from "./exit.ts";

/** Models: iproute2 lib/utils.c: the complaints about a command line. All of them end the program with exit(-1). */
export const USAGE_STATUS = 255;

export function invalidArgument(why: string, word: string): never {
  fail(USAGE_STATUS, `Error: argument "${word}" is wrong: ${why}\n`);
}

export function duplicate(key: string, word: string): never {
  fail(USAGE_STATUS, `Error: duplicate "${key}": "${word}" is the second value.\n`);
}

export function garbage(key: string, word: string): never {
  fail(USAGE_STATUS, `Error: either "${key}" is duplicate, or "${word}" is a garbage.\n`);
}

/** iproute2's matches(): a word stands for every keyword that begins with it. */
export function matches(word: string, keyword: string): boolean {
  return keyword.startsWith(word);
}

/** A walk over the words of a command line. */
export class Words {
  private readonly words: readonly string[];
  private at: number;

  constructor(words: readonly string[], from = 0) {
    this.words = words;
    this.at = from;
  }

  get left(): number {
    return this.words.length - this.at;
  }

  peek(): string | undefined {
    return this.words[this.at];
  }

  /** Takes the next word; undefined at the end. */
  next(): string | undefined {
    const word = this.words[this.at];
    if (word !== undefined) this.at++;
    return word;
  }

  /** NEXT_ARG(): the value that a keyword must have. */
  value(): string {
    return this.next() ?? fail(USAGE_STATUS, 'Command line is not complete. Try option "help"\n');
  }

  /** Takes the next word when it is one of `keywords`. */
  accept(...keywords: readonly string[]): boolean {
    const word = this.peek();
    if (word === undefined || !keywords.includes(word)) return false;
    this.at++;
    return true;
  }

  /** Takes the word back. */
  back(): void {
    this.at--;
  }

  rest(): readonly string[] {
    return this.words.slice(this.at);
  }
}

/**
 * strtoul(3) with base 0 over the whole word: decimal, 0x hexadecimal or 0 octal, within `max`; undefined for anything else.
 * A minus sign wraps in C; here it is out of range.
 */
export function parseUnsigned(word: string, max = 0xffffffff): number | undefined {
  const text = word.trimStart().replace(/^\+/, "");
  let value: number;
  if (/^0x[0-9a-f]+$/i.test(text)) value = parseInt(text, 16);
  else if (/^0[0-7]*$/.test(text)) value = parseInt(text, 8);
  else if (/^[1-9][0-9]*$/.test(text)) value = Number(text);
  else return undefined;
  return value <= max ? value : undefined;
}

/** get_u8, get_u16, get_u32: a number, or iproute2's complaint `why`. */
export function unsigned(word: string, why: string, max = 0xffffffff): number {
  return parseUnsigned(word, max) ?? invalidArgument(why, word);
}

/** parse_on_off(). */
export function onOff(key: string, word: string): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  return fail(USAGE_STATUS, `Error: argument of "${key}" must be one of "on off", not "${word}"\n`);
}
