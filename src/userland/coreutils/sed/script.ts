import { compileRegExp } from "../../text/regexp.ts";

/** sed(1)'s scripts as GNU sed 4.9 reads them. */

export type Address =
  | { readonly kind: "line"; readonly line: number }
  | { readonly kind: "last" }
  | { readonly kind: "step"; readonly first: number; readonly step: number }
  | { readonly kind: "match"; readonly expression: RegExp | undefined }
  /** `addr,+n` and `addr,~n`, as the second of a range. */
  | { readonly kind: "plus" | "multiple"; readonly count: number };

/** A piece of a replacement: text, a group (0 is `&`), or a change of case for what follows. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "group"; readonly group: number }
  | { readonly kind: "case"; readonly mode: "U" | "L" | "u" | "l" | "E" };

export interface Substitution {
  /** Undefined: the last expression that was used. */
  readonly expression: RegExp | undefined;
  readonly replacement: readonly Piece[];
  readonly global: boolean;
  readonly occurrence: number;
  readonly print: boolean;
  readonly file: string | undefined;
}

export interface Command {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  readonly name: string;
  /** Text of a, i, c; the label of b, t, T; the file of r, w; the exit status of q. */
  readonly text: string;
  readonly substitution?: Substitution;
  /** `y`. */
  readonly table?: ReadonlyMap<string, string>;
  /** Where `{` goes when its address does not match, and b, t, T jump to. */
  target: number;
}

export class SedFault extends Error {}

/** The commands of a script, jumps resolved. Throws SedFault with the place where `expression` is number `number`. */
export function parseScript(parts: readonly string[], extended: boolean): Command[] {
  const parser = new Parser(parts.join("\n"), extended, parts.length);
  return parser.run();
}

class Parser {
  private readonly text: string;
  private readonly extended: boolean;
  private readonly number: number;
  private at = 0;
  private readonly commands: Command[] = [];
  private readonly blocks: number[] = [];
  private readonly labels = new Map<string, number>();

  constructor(text: string, extended: boolean, number: number) {
    this.text = text;
    this.extended = extended;
    this.number = number;
  }

  run(): Command[] {
    for (;;) {
      this.skip(/[\s;]*/y);
      if (this.at >= this.text.length) break;
      if (this.text[this.at] === "#") this.skip(/[^\n]*/y);
      else this.command();
    }
    if (this.blocks.length > 0) this.failAt(0, "unmatched `{'");
    for (const command of this.commands) {
      if (!"btT".includes(command.name)) continue;
      const target = command.text === "" ? this.commands.length : this.labels.get(command.text);
      if (target === undefined) throw new SedFault(`can't find label for jump to \`${command.text}'`);
      command.target = target;
    }
    return this.commands;
  }

  private fail(message: string): never {
    return this.failAt(this.at, message);
  }

  private failAt(at: number, message: string): never {
    throw new SedFault(`-e expression #${this.number}, char ${at}: ${message}`);
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0] ?? "";
    this.at += match.length;
    return match;
  }

  private address(): Address | undefined {
    const c = this.text[this.at];
    if (c === "$") {
      this.at++;
      return { kind: "last" };
    }
    const digits = this.skip(/\d+/y);
    if (digits !== "") {
      if (this.skip(/~/y) === "") return { kind: "line", line: Number(digits) };
      return { kind: "step", first: Number(digits), step: Number(this.skip(/\d+/y)) };
    }
    if (c !== "/" && c !== "\\") return undefined;
    this.at += c === "\\" ? 2 : 1;
    const source = this.delimited(this.text[this.at - 1]!, "unterminated address regex", true);
    const flags = this.skip(/[IM]*/y);
    return { kind: "match", expression: this.expression(source, flags.toLowerCase()) };
  }

  private secondAddress(): Address | undefined {
    const sign = this.skip(/[+~]/y);
    if (sign === "") return this.address();
    return { kind: sign === "+" ? "plus" : "multiple", count: Number(this.skip(/\d+/y)) };
  }

  /** The text up to an unescaped delimiter, which is passed over. */
  private delimited(delimiter: string, fault: string, isExpression: boolean): string {
    let out = "";
    let bracket = false;
    for (; ; this.at++) {
      const c = this.text[this.at];
      if (c === undefined || (c === "\n" && isExpression && fault.includes("address"))) this.fail(fault);
      if (c === "\\" && !bracket) {
        const next = this.text[++this.at];
        if (next === undefined) this.fail(fault);
        if (next === delimiter && !(isExpression && /[+?(){}|]/.test(next))) out += delimiter;
        else if (next === "\n" && isExpression) out += "\n";
        else out += `\\${next}`;
        continue;
      }
      if (isExpression && c === "[" && !bracket) bracket = true;
      else if (bracket && c === "]" && !/\[\^?$/.test(out)) bracket = false;
      else if (c === delimiter && !bracket) break;
      out += c;
    }
    this.at++;
    return out;
  }

  private expression(source: string, flags: string): RegExp | undefined {
    if (source === "") return undefined;
    const compiled = compileRegExp(source, {
      extended: this.extended,
      ignoreCase: flags.includes("i"),
      multiline: flags.includes("m"),
      global: true,
    });
    return typeof compiled === "string" ? this.fail(compiled) : compiled;
  }

  private command(): void {
    const from = this.address();
    let to: Address | undefined;
    if (from !== undefined && this.skip(/\s*,\s*/y) !== "") {
      to = this.secondAddress();
      if (to === undefined) this.fail("unexpected `,'");
    }
    this.skip(/\s*/y);
    const negated = this.skip(/(!\s*)+/y) !== "";
    const name = this.text[this.at++];
    if (name === undefined) this.failAt(this.text.length, "missing command");
    const base = { from, to, negated, name, text: "", target: 0 };
    this.body(name, base);
  }

  private body(name: string, base: Command): void {
    switch (name) {
      case "{":
        this.blocks.push(this.commands.length);
        this.commands.push(base);
        return;
      case "}":
        this.closeBlock(base);
        return;
      case "s":
        this.commands.push({ ...base, substitution: this.substitution() });
        break;
      case "y":
        this.commands.push({ ...base, table: this.transliteration() });
        break;
      case "a":
      case "i":
      case "c":
        this.commands.push({ ...base, text: this.lines() });
        return;
      case ":":
        this.labels.set(this.skip(/\s*[^\s;]+/y).trim(), this.commands.length);
        return;
      case "b":
      case "t":
      case "T":
        this.commands.push({ ...base, text: this.skip(/[ \t]*[^\s;}]*/y).trim() });
        break;
      case "r":
      case "w":
        this.commands.push({ ...base, text: this.skip(/[ \t]*[^\n]*/y).trim() });
        break;
      case "q":
      case "Q":
      case "l":
        this.commands.push({ ...base, text: this.skip(/[ \t]*\d*/y).trim() });
        break;
      default:
        if (!"=dDgGhHnNpPxzF".includes(name)) this.fail(`unknown command: \`${name}'`);
        this.commands.push(base);
    }
    this.end();
  }

  private closeBlock(base: Command): void {
    const open = this.blocks.pop();
    if (open === undefined) this.fail("unexpected `}'");
    if (base.from !== undefined) this.fail("} doesn't want any addresses");
    this.commands[open]!.target = this.commands.length;
    this.end();
  }

  private end(): void {
    this.skip(/[ \t]*/y);
    const c = this.text[this.at];
    if (c === undefined || c === "\n" || c === ";" || c === "}" || c === "#") return;
    this.at++;
    this.fail("extra characters after command");
  }

  /** `a\` and a newline before the text, or GNU's one-line form; a backslash at a line's end continues it. */
  private lines(): string {
    if (this.skip(/[ \t]*\\[ \t]*\n/y) === "") {
      this.skip(/[ \t]*/y);
      if (this.text[this.at] === "\\") this.at++;
    }
    if (this.at >= this.text.length) this.fail("expected \\ after `a', `c' or `i'");
    let out = "";
    for (; this.at < this.text.length && this.text[this.at] !== "\n"; this.at++) {
      if (this.text[this.at] === "\\" && this.at + 1 < this.text.length) this.at++;
      out += this.text[this.at]!;
    }
    return `${out}\n`;
  }

  private substitution(): Substitution {
    const delimiter = this.text[this.at++];
    const fault = "unterminated `s' command";
    if (delimiter === undefined || delimiter === "\n" || delimiter === "\\")
      this.failAt(this.text.length, fault);
    const source = this.delimited(delimiter, fault, true);
    const replacement = this.replacement(this.delimited(delimiter, fault, false));
    const flags = this.skip(/[gpiIeMm0-9]*/y);
    let file: string | undefined;
    if (this.skip(/w/y) !== "") file = this.skip(/[ \t]*[^\n]*/y).trim();
    const next = this.text[this.at];
    if (next !== undefined && !/[\s;}#]/.test(next)) {
      this.at++;
      this.fail("unknown option to `s'");
    }
    if (flags.includes("e")) this.fail("the `e' option is not modelled");
    const expression = this.expression(source, flags.toLowerCase());
    const groups = (source.match(this.extended ? /(?<!\\)\(/g : /\\\(/g) ?? []).length;
    const beyond = replacement.find((piece) => piece.kind === "group" && piece.group > groups);
    if (beyond?.kind === "group" && expression !== undefined)
      this.fail(`invalid reference \\${beyond.group} on \`s' command's RHS`);
    return {
      expression,
      replacement,
      global: flags.includes("g"),
      occurrence: Number(/\d+/.exec(flags)?.[0] ?? 1),
      print: flags.includes("p"),
      file,
    };
  }

  private replacement(source: string): Piece[] {
    const out: Piece[] = [];
    let text = "";
    const flush = (): void => {
      if (text !== "") out.push({ kind: "text", text });
      text = "";
    };
    for (let i = 0; i < source.length; i++) {
      const c = source[i]!;
      if (c === "&") {
        flush();
        out.push({ kind: "group", group: 0 });
      } else if (c !== "\\") text += c;
      else {
        const next = source[++i] ?? "";
        if (/\d/.test(next)) {
          flush();
          out.push({ kind: "group", group: Number(next) });
        } else if (/[ULulE]/.test(next)) {
          flush();
          out.push({ kind: "case", mode: next as "U" });
        } else text += next === "n" ? "\n" : next === "t" ? "\t" : next;
      }
    }
    flush();
    return out;
  }

  private transliteration(): Map<string, string> {
    const delimiter = this.text[this.at++];
    const fault = "unterminated `y' command";
    if (delimiter === undefined) this.fail(fault);
    const unescape = (text: string): string[] =>
      Array.from(text.replace(/\\(.)/gs, (_, c: string) => (c === "n" ? "\n" : c === "t" ? "\t" : c)));
    const from = unescape(this.delimited(delimiter, fault, false));
    const to = unescape(this.delimited(delimiter, fault, false));
    if (from.length !== to.length) this.fail("strings for `y' command are different lengths");
    return new Map(from.map((c, i) => [c, to[i]!]));
  }
}
