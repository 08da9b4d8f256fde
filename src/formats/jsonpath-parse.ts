import { err, ok, type Result } from "../base/result.ts";

/** One step of a path. */
export type PathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | { readonly kind: "union"; readonly names: readonly string[] }
  | {
      readonly kind: "slice";
      readonly from?: number;
      readonly to?: number;
      readonly step: number;
      readonly one: boolean;
    }
  | { readonly kind: "filter"; readonly left: Operand; readonly operator: string; readonly right?: Operand };

export type Operand =
  | { readonly kind: "path"; readonly steps: readonly PathStep[] }
  | { readonly kind: "value"; readonly value: string | number | boolean };

/** A template: text, values to print, loops. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly steps: readonly PathStep[] }
  | { readonly kind: "range"; readonly steps: readonly PathStep[]; readonly body: readonly TemplateNode[] };

class Malformed extends Error {}

/** Parses kubectl's JSONPath templates. Models: k8s.io/client-go/util/jsonpath parser. */
export function parseJsonPath(template: string): Result<readonly TemplateNode[], string> {
  try {
    const stack: { steps: readonly PathStep[]; body: TemplateNode[] }[] = [{ steps: [], body: [] }];
    let at = 0;
    while (at < template.length) {
      const open = template.indexOf("{", at);
      const text = template.slice(at, open < 0 ? undefined : open);
      if (text !== "") stack.at(-1)!.body.push({ kind: "text", text });
      if (open < 0) break;
      const close = closing(template, open);
      action(template.slice(open + 1, close).trim(), stack);
      at = close + 1;
    }
    if (stack.length > 1) throw new Malformed("unmatched range");
    return ok(stack[0]!.body);
  } catch (error) {
    if (error instanceof Malformed) return err(error.message);
    throw error;
  }
}

function closing(template: string, open: number): number {
  let quote = "";
  for (let i = open + 1; i < template.length; i++) {
    const ch = template[i]!;
    if (quote !== "") {
      if (ch === "\\") i++;
      else if (ch === quote) quote = "";
    } else if (ch === '"' || ch === "'") quote = ch;
    else if (ch === "}") return i;
  }
  throw new Malformed("unclosed action");
}

function action(source: string, stack: { steps: readonly PathStep[]; body: TemplateNode[] }[]): void {
  const top = stack.at(-1)!;
  if (source === "end") {
    if (stack.length === 1) throw new Malformed("not in range, nothing to end");
    stack.pop();
    stack.at(-1)!.body.push({ kind: "range", steps: top.steps, body: top.body });
    return;
  }
  const range = /^range\s+(.*)$/s.exec(source);
  if (range !== null) {
    stack.push({ steps: new PathReader(range[1]!).whole(), body: [] });
    return;
  }
  if (/^["']/.test(source)) {
    top.body.push({ kind: "text", text: unquote(source) });
    return;
  }
  for (const part of splitTop(source)) top.body.push({ kind: "path", steps: new PathReader(part).whole() });
}

/** `{.a .b}` prints both; spaces inside brackets do not split. */
function splitTop(source: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let part = "";
  for (const ch of source) {
    if (ch === "[" || ch === "(") depth++;
    if (ch === "]" || ch === ")") depth--;
    if (/\s/.test(ch) && depth === 0) {
      if (part !== "") out.push(part);
      part = "";
    } else part += ch;
  }
  return part === "" ? out : [...out, part];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unquote(source: string): string {
  const quote = source[0]!;
  if (source.length < 2 || !source.endsWith(quote)) throw new Malformed("unterminated quoted string");
  return source.slice(1, -1).replace(/\\(.)/g, (_, ch: string) => ESCAPES[ch] ?? ch);
}

class PathReader {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  whole(): PathStep[] {
    const steps = this.steps();
    if (this.at < this.source.length) {
      throw new Malformed(
        `unrecognized character in action: U+${codeOf(this.source[this.at]!)} '${this.source[this.at]!}'`,
      );
    }
    return steps;
  }

  private steps(): PathStep[] {
    const out: PathStep[] = [];
    if (/^[$@]/.test(this.source)) this.at = 1;
    while (this.at < this.source.length) {
      const ch = this.source[this.at]!;
      if (ch === ".") this.dot(out);
      else if (ch === "[") out.push(this.bracket());
      else if (out.length === 0 && this.at === 0 && /[\w-]/.test(ch))
        out.push({ kind: "field", name: this.name() });
      else break;
    }
    return out;
  }

  private dot(out: PathStep[]): void {
    this.at++;
    if (this.source[this.at] === ".") {
      this.at++;
      out.push({ kind: "recursive" });
    }
    if (this.source[this.at] === "*") {
      this.at++;
      out.push({ kind: "wildcard" });
      return;
    }
    if (this.source[this.at] === "[" || this.at >= this.source.length) return;
    out.push({ kind: "field", name: this.name() });
  }

  private name(): string {
    let name = "";
    for (; this.at < this.source.length; this.at++) {
      const ch = this.source[this.at]!;
      if (ch === "\\") name += this.source[++this.at] ?? "";
      else if (/[\s.[\]{}()|,'"=!<>@$?*]/.test(ch)) break;
      else name += ch;
    }
    if (name === "") throw new Malformed("invalid field name");
    return name;
  }

  private bracket(): PathStep {
    const end = this.closingBracket();
    const inner = this.source.slice(this.at + 1, end).trim();
    this.at = end + 1;
    if (inner === "*") return { kind: "wildcard" };
    const filter = /^\?\((.*)\)$/s.exec(inner);
    if (filter !== null) return filterStep(filter[1]!.trim());
    if (/^["']/.test(inner)) {
      const names = [...inner.matchAll(/(["'])((?:\\.|(?!\1).)*)\1/g)].map((m) =>
        m[2]!.replace(/\\(.)/g, "$1"),
      );
      return names.length === 1 ? { kind: "field", name: names[0]! } : { kind: "union", names };
    }
    return sliceStep(inner);
  }

  private closingBracket(): number {
    let depth = 0;
    let quote = "";
    for (let i = this.at; i < this.source.length; i++) {
      const ch = this.source[i]!;
      if (quote !== "") {
        if (ch === quote) quote = "";
      } else if (ch === '"' || ch === "'") quote = ch;
      else if (ch === "[") depth++;
      else if (ch === "]" && --depth === 0) return i;
    }
    throw new Malformed("unterminated array");
  }
}

function codeOf(ch: string): string {
  return ch.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}

function sliceStep(inner: string): PathStep {
  const m = /^(-?\d+)?(?:(:)(-?\d+)?(?::(-?\d+)?)?)?$/.exec(inner);
  if (m === null || inner === "") throw new Malformed(`invalid array index ${inner}`);
  const bound = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const from = bound(m[1]);
  const to = bound(m[3]);
  return {
    kind: "slice",
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    step: bound(m[4]) ?? 1,
    one: m[2] === undefined,
  };
}

function filterStep(source: string): PathStep {
  const m = /^(.*?)\s*(==|!=|<=|>=|<|>|=~)\s*(.*)$/s.exec(source);
  if (m === null) return { kind: "filter", left: operand(source), operator: "exists" };
  if (m[2] === "=~") throw new Malformed("unrecognized filter operator =~");
  return { kind: "filter", left: operand(m[1]!), operator: m[2]!, right: operand(m[3]!) };
}

function operand(source: string): Operand {
  const text = source.trim();
  if (/^["']/.test(text)) return { kind: "value", value: unquote(text) };
  if (/^-?\d+(\.\d+)?$/.test(text)) return { kind: "value", value: Number(text) };
  if (text === "true" || text === "false") return { kind: "value", value: text === "true" };
  return { kind: "path", steps: new PathReader(text).whole() };
}
