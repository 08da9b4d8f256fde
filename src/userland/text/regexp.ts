/** POSIX regular expressions with GNU's additions (regex(7), glibc's regcomp) as JavaScript's. */

export interface RegExpStyle {
  /** ERE; otherwise BRE, in which `\(`, `\|`, `\+` ... are the operators. */
  readonly extended: boolean;
  readonly ignoreCase?: boolean;
  /** `^` and `$` also match at newlines. */
  readonly multiline?: boolean;
  readonly global?: boolean;
}

/** An expression, or glibc's words for what is wrong with it. */
export function compileRegExp(source: string, style: RegExpStyle): RegExp | string {
  const translated = new Translator(source, style.extended).run();
  if (typeof translated !== "string") return translated.fault;
  const flags = `su${style.ignoreCase === true ? "i" : ""}${style.multiline === true ? "m" : ""}${style.global === true ? "g" : ""}`;
  try {
    return new RegExp(translated, flags);
  } catch {
    return "Invalid preceding regular expression";
  }
}

const NAMED: Readonly<Record<string, string>> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "\\x21-\\x7e",
  lower: "a-z",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: " \\t\\n\\v\\f\\r",
  upper: "A-Z",
  xdigit: "0-9a-fA-F",
};

/** Escapes that mean the same in both kinds of expression. */
const COMMON: Readonly<Record<string, string>> = {
  w: "[A-Za-z0-9_]",
  W: "[^A-Za-z0-9_]",
  s: "[ \\t\\n\\v\\f\\r]",
  S: "[^ \\t\\n\\v\\f\\r]",
  b: "\\b",
  B: "\\B",
  "<": "\\b(?=\\w)",
  ">": "\\b(?<=\\w)",
  "`": "(?<![\\s\\S])",
  "'": "(?![\\s\\S])",
  n: "\\n",
  t: "\\t",
};

class Fault extends Error {}

class Translator {
  private readonly source: string;
  private readonly extended: boolean;
  private at = 0;
  private out = "";
  private readonly open: number[] = [];
  private groups = 0;
  /** Nothing stands before the next character that a repetition could apply to. */
  private fresh = true;

  constructor(source: string, extended: boolean) {
    this.source = source;
    this.extended = extended;
  }

  run(): string | { readonly fault: string } {
    try {
      while (this.at < this.source.length) this.step();
      if (this.open.length > 0) throw new Fault("Unmatched ( or \\(");
      return this.out;
    } catch (error) {
      if (error instanceof Fault) return { fault: error.message };
      throw error;
    }
  }

  private step(): void {
    const c = String.fromCodePoint(this.source.codePointAt(this.at)!);
    if (c === "\\") {
      this.escape();
      return;
    }
    if (c === "[") {
      this.bracket();
      return;
    }
    this.at += c.length;
    switch (c) {
      case ".":
        this.atom(".");
        return;
      case "*":
        if (this.fresh) this.atom("\\*");
        else this.repeat("*");
        return;
      case "^":
        this.caret();
        return;
      case "$":
        this.dollar();
        return;
      default:
        if (this.extended && "+?{(|)".includes(c)) this.operator(c);
        else this.atom(literal(c));
    }
  }

  private atom(text: string): void {
    this.out += text;
    this.fresh = false;
  }

  private repeat(operator: string): void {
    // A repetition of a repetition, which JavaScript does not have, is the repetition of a group.
    if (/(^|[^\\])([*+?]|\})$/.test(this.out)) this.out = this.wrapLast();
    this.out += operator;
  }

  private wrapLast(): string {
    let start = this.lastAtom;
    if (start < 0 || start >= this.out.length) start = 0;
    return `${this.out.slice(0, start)}(?:${this.out.slice(start)})`;
  }

  /** Where the last repeated thing begins; 0 is a safe answer only for whole expressions, and double repetitions are rare. */
  private lastAtom = 0;

  private caret(): void {
    if (this.extended || this.startsHere()) {
      this.out += "^";
      this.fresh = !this.extended || this.fresh;
    } else this.atom("\\^");
  }

  /** In a basic expression `^` is an anchor at the start of the whole, of a group and of an alternative. */
  private startsHere(): boolean {
    return this.at === 1 || /(?:\\\(|\\\||\n)$/.test(this.source.slice(0, this.at - 1));
  }

  private dollar(): void {
    const rest = this.source.slice(this.at);
    if (this.extended || rest === "" || /^(?:\\\)|\\\||\n)/.test(rest)) this.out += "$";
    else this.atom("\\$");
  }

  private operator(c: string): void {
    switch (c) {
      case "(":
        this.groups++;
        this.open.push(this.out.length);
        this.out += "(";
        this.fresh = true;
        return;
      case ")":
        if (this.open.length === 0) {
          if (this.extended) throw new Fault("Unmatched ) or \\)");
          throw new Fault("Unmatched ) or \\)");
        }
        this.lastAtom = this.open.pop()!;
        this.out += ")";
        this.fresh = false;
        return;
      case "|":
        this.out += "|";
        this.fresh = true;
        return;
      case "{":
        this.interval();
        return;
      default:
        if (this.fresh) this.atom(`\\${c}`);
        else this.repeat(c);
    }
  }

  private interval(): void {
    const close = this.extended ? "}" : "\\}";
    const end = this.source.indexOf(close, this.at);
    const inside = end < 0 ? "" : this.source.slice(this.at, end);
    const bounds = /^(\d*)(,?)(\d*)$/.exec(inside);
    if (end < 0 || bounds === null || inside === "" || inside === ",") {
      if (!this.extended) throw new Fault(end < 0 ? "Unmatched \\{" : "Invalid content of \\{\\}");
      this.atom("\\{");
      return;
    }
    if (this.fresh) {
      if (!this.extended) throw new Fault("Invalid preceding regular expression");
      this.atom("\\{");
      return;
    }
    const [, low = "", comma = "", high = ""] = bounds;
    if (high !== "" && Number(low) > Number(high)) throw new Fault("Invalid content of \\{\\}");
    this.at = end + close.length;
    this.repeat(`{${low === "" ? "0" : low}${comma}${high}}`);
  }

  private escape(): void {
    const next = this.source.codePointAt(this.at + 1);
    if (next === undefined) throw new Fault("Trailing backslash");
    const c = String.fromCodePoint(next);
    this.at += 1 + c.length;
    if (!this.extended && "(){}|+?".includes(c)) {
      if (c === "}") this.atom("\\}");
      else this.operator(c);
      return;
    }
    if (c >= "1" && c <= "9") {
      if (Number(c) > this.groups) throw new Fault("Invalid back reference");
      this.atom(`(?:\\${c})`);
      return;
    }
    this.atom(COMMON[c] ?? literal(c));
  }

  private bracket(): void {
    let i = this.at + 1;
    let out = "";
    const negated = this.source[i] === "^";
    if (negated) i++;
    for (let first = true; ; first = false) {
      const c = this.source[i];
      if (c === undefined) throw new Fault("Unmatched [, [^, [:, [., or [=");
      if (c === "]" && !first) break;
      const named = /^\[:(\w*):\]/.exec(this.source.slice(i));
      if (named !== null) {
        const members = NAMED[named[1]!];
        if (members === undefined) throw new Fault("Invalid character class name");
        out += members;
        i += named[0].length;
        continue;
      }
      const [from, afterFrom] = this.member(i);
      i = afterFrom;
      if (this.source[i] === "-" && this.source[i + 1] !== "]" && this.source[i + 1] !== undefined) {
        const [to, afterTo] = this.member(i + 1);
        if (from > to) throw new Fault("Invalid range end");
        out += `${inClass(from)}-${inClass(to)}`;
        i = afterTo;
      } else out += inClass(from);
    }
    this.at = i + 1;
    this.atom(`[${negated ? "^" : ""}${out}]`);
  }

  private member(i: number): [string, number] {
    const special = /^\[([.=])([\s\S])\1\]/u.exec(this.source.slice(i));
    if (special !== null) return [special[2]!, i + special[0].length];
    const c = String.fromCodePoint(this.source.codePointAt(i)!);
    return [c, i + c.length];
  }
}

function literal(c: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c;
}

function inClass(c: string): string {
  return /[\\\]^[\-/]/.test(c) ? `\\${c}` : c;
}

/** An extended expression for `[[ =~ ]]`. */
export function extendedRegExp(source: string, flags: string): RegExp | string {
  return compileRegExp(source, { extended: true, ignoreCase: flags.includes("i") });
}
