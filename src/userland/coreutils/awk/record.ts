import { compileRegExp } from "../../text/regexp.ts";
import { AwkFault } from "./ast.ts";
import { InputText, type Value } from "./values.ts";

const cache = new Map<string, RegExp>();
const CACHE_LIMIT = 500;

/** An extended expression, compiled once. */
export function awkRegExp(source: string): RegExp {
  let known = cache.get(source);
  if (known === undefined) {
    const compiled = compileRegExp(source, { extended: true, global: true });
    if (typeof compiled === "string")
      throw new AwkFault(`regular expression compile failed (${compiled.toLowerCase()})\n${source}`);
    if (cache.size > CACHE_LIMIT) cache.clear();
    cache.set(source, compiled);
    known = compiled;
  }
  known.lastIndex = 0;
  return known;
}

/** Splits as FS does: a blank for runs of white space, one character for itself, anything else as an expression. */
export function splitFields(text: string, separator: string): string[] {
  if (text === "") return [];
  if (separator === " ")
    return text.trim() === "" ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, "").split(/[ \t\n]+/);
  if (separator === "") return Array.from(text);
  if (separator.length === 1 && separator !== "\\") return text.split(separator);
  const out: string[] = [];
  const expression = awkRegExp(separator);
  let from = 0;
  for (const match of text.matchAll(expression)) {
    if (match[0] === "") continue;
    out.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  out.push(text.slice(from));
  return out;
}

/** The current record: `$0`, its fields and NF, each made from the others when it is asked for. */
export class CurrentRecord {
  private whole = "";
  private fields: Value[] | null = null;
  /** `$0` no longer is what the fields say. */
  private stale = false;
  separator = " ";
  outputSeparator = " ";

  set(text: string): void {
    this.whole = text;
    this.fields = null;
    this.stale = false;
  }

  get text(): string {
    if (this.stale && this.fields !== null) {
      this.whole = this.fields.map(textOf).join(this.outputSeparator);
      this.stale = false;
    }
    return this.whole;
  }

  private all(): Value[] {
    this.fields ??= splitFields(this.whole, this.separator).map((field) => new InputText(field));
    return this.fields;
  }

  get count(): number {
    return this.all().length;
  }

  set count(n: number) {
    const fields = this.all();
    while (fields.length < n) fields.push("");
    fields.length = n;
    this.stale = true;
  }

  get(index: number): Value {
    if (index === 0) return new InputText(this.text);
    return this.all()[index - 1];
  }

  put(index: number, value: Value, text: string): void {
    if (index === 0) {
      this.set(text);
      return;
    }
    const fields = this.all();
    while (fields.length < index) fields.push("");
    fields[index - 1] = typeof value === "number" ? text : value;
    this.stale = true;
  }
}

function textOf(value: Value): string {
  if (value instanceof InputText) return value.text;
  return value === undefined ? "" : String(value);
}
