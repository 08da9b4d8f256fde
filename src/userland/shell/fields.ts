import { escapePattern } from "./pattern.ts";

/** A word in the making: its text, and the same as a pattern in which quoted parts are escaped. */
export interface Field {
  text: string;
  pattern: string;
}

/**
 * Collects what a word expands to. Unquoted results of expansions are split at IFS into several fields (when `splitting`),
 * quoted text never is.
 */
export class Fields {
  private readonly done: Field[] = [];
  private current: Field | null = null;
  private readonly ifs: string;
  readonly splitting: boolean;

  constructor(ifs: string, splitting: boolean) {
    this.ifs = ifs;
    this.splitting = splitting;
  }

  /** Text that was quoted, or has no special meaning: it also makes an empty field count. */
  literal(text: string): void {
    const field = this.open();
    field.text += text;
    field.pattern += escapePattern(text);
  }

  /** Text whose wildcards count, as written in the script. */
  active(text: string): void {
    const field = this.open();
    field.text += text;
    field.pattern += text;
  }

  /** Text and the pattern that it stands for, where the two are known to differ. */
  raw(text: string, pattern: string): void {
    const field = this.open();
    field.text += text;
    field.pattern += pattern;
  }

  /** The start of the next field, whether or not there is something in this one. */
  next(): void {
    this.done.push(this.open());
    this.current = null;
  }

  /** The end of a field, if one was begun. */
  nextIfBegun(): void {
    if (this.current !== null) this.next();
  }

  /** The result of an unquoted expansion. */
  expansion(text: string): void {
    if (!this.splitting) {
      if (text !== "") this.active(text);
      return;
    }
    let i = 0;
    while (i < text.length) {
      if (this.isSeparator(text[i]!)) {
        i = this.separate(text, i);
        continue;
      }
      let end = i + 1;
      while (end < text.length && !this.isSeparator(text[end]!)) end++;
      this.active(text.slice(i, end));
      i = end;
    }
  }

  finish(): Field[] {
    this.nextIfBegun();
    return this.done;
  }

  /** All fields as one text, for words that are not split. */
  joined(): Field {
    const fields = this.finish();
    return {
      text: fields.map((field) => field.text).join(" "),
      pattern: fields.map((field) => field.pattern).join(" "),
    };
  }

  private open(): Field {
    return (this.current ??= { text: "", pattern: "" });
  }

  private isSeparator(c: string): boolean {
    return this.ifs.includes(c);
  }

  /** Passes over one separator: white space, and at most one other character of IFS. */
  private separate(text: string, from: number): number {
    let i = from;
    let hard = false;
    const blank = (): boolean => i < text.length && " \t\n".includes(text[i]!) && this.isSeparator(text[i]!);
    while (blank()) i++;
    if (i < text.length && this.isSeparator(text[i]!)) {
      hard = true;
      i++;
      while (blank()) i++;
    }
    if (hard) this.next();
    else this.nextIfBegun();
    return i;
  }
}
