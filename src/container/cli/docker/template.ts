import { err, ok, type Result } from "../../../base/result.ts";

/** What templates work on: JSON. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A template that cannot be read, or asks for what is not there: the words after "template parsing error: ". */
class TemplateError extends Error {}

interface Token {
  readonly kind: "field" | "variable" | "string" | "number" | "word" | "symbol";
  readonly text: string;
  readonly at: number;
}

type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly tokens: readonly Token[] }
  | { readonly kind: "assign"; readonly name: string; readonly tokens: readonly Token[] }
  | {
      readonly kind: "if" | "with" | "range";
      readonly tokens: readonly Token[];
      readonly variables: readonly string[];
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

const LEXEME =
  /\s*(?:("(?:\\.|[^"\\])*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|((?:\.[A-Za-z_][A-Za-z0-9_]*)+|\.)|(\$[A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|([A-Za-z_][A-Za-z0-9_]*)|(:=|[|(),=]))/y;

function lex(source: string, from: number): readonly Token[] {
  const tokens: Token[] = [];
  LEXEME.lastIndex = 0;
  const end = source.trimEnd().length;
  while (LEXEME.lastIndex < end) {
    const match = LEXEME.exec(source);
    if (match === null) throw new TemplateError("template: :1: unexpected character in command");
    const [whole, string, number, field, variable, word, symbol] = match;
    const text = string ?? number ?? field ?? variable ?? word ?? symbol ?? "";
    const kind =
      string !== undefined
        ? "string"
        : number !== undefined
          ? "number"
          : field !== undefined
            ? "field"
            : variable !== undefined
              ? "variable"
              : word !== undefined
                ? "word"
                : "symbol";
    tokens.push({ kind, text, at: from + match.index + whole.length - text.length });
  }
  return tokens;
}

interface Piece {
  readonly text?: string;
  readonly tokens?: readonly Token[];
}

/** Text and actions in turn; `{{-` and `-}}` eat the space beside them. */
function pieces(source: string): readonly Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const match of source.matchAll(/\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/g)) {
    let text = source.slice(at, match.index);
    if (match[1] !== undefined) text = text.trimEnd();
    if (text !== "") out.push({ text });
    out.push({ tokens: lex(match[2] ?? "", match.index + 2 + (match[1]?.length ?? 0)) });
    at = match.index + match[0].length;
    if (match[3] !== undefined) while (/\s/.test(source[at] ?? "")) at++;
  }
  if (source.indexOf("{{", at) >= 0) throw new TemplateError("template: :1: unclosed action");
  if (at < source.length) out.push({ text: source.slice(at) });
  return out;
}

class Parser {
  private readonly parts: readonly Piece[];
  private at = 0;

  constructor(source: string) {
    this.parts = pieces(source);
  }

  whole(): readonly Node[] {
    const { nodes, end } = this.list();
    if (end !== "") throw new TemplateError(`template: :1: unexpected {{${end}}}`);
    return nodes;
  }

  private list(): { nodes: readonly Node[]; end: string } {
    const nodes: Node[] = [];
    while (this.at < this.parts.length) {
      const { text, tokens } = this.parts[this.at++] ?? {};
      if (text !== undefined) nodes.push({ kind: "text", text });
      if (tokens === undefined) continue;
      const first = tokens[0];
      const word = first?.kind === "word" ? first.text : "";
      if (word === "end" || word === "else") return { nodes, end: word };
      if (word === "if" || word === "with" || word === "range") nodes.push(this.block(word, tokens.slice(1)));
      else if (first?.kind === "variable" && ["=", ":="].includes(tokens[1]?.text ?? ""))
        nodes.push({ kind: "assign", name: first.text, tokens: tokens.slice(2) });
      else nodes.push({ kind: "print", tokens });
    }
    return { nodes, end: "" };
  }

  private block(kind: "if" | "with" | "range", tokens: readonly Token[]): Node {
    const assign = tokens.findIndex(({ text }) => text === ":=");
    const variables = tokens
      .slice(0, Math.max(0, assign))
      .filter((t) => t.kind === "variable")
      .map(({ text }) => text);
    const body = this.list();
    const otherwise = body.end === "else" ? this.list() : { nodes: [], end: body.end };
    if (otherwise.end !== "end") throw new TemplateError("template: :1: unexpected EOF");
    return {
      kind,
      tokens: tokens.slice(assign + 1),
      variables,
      body: body.nodes,
      otherwise: otherwise.nodes,
    };
  }
}

/** Go's truth: what is not empty. */
function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== "" && value !== 0 && value !== false && value !== null;
}

/** How Go prints a value with %v. */
export function goText(value: Value): string {
  if (value === null) return "<nil>";
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(goText).join(" ")}]`;
  return `map[${sortedKeys(value)
    .map((key) => `${key}:${goText(value[key] ?? null)}`)
    .join(" ")}]`;
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

function sortedKeys(value: object): readonly string[] {
  return Object.keys(value).sort();
}

function text(value: Value | undefined): string {
  return value === undefined ? "" : typeof value === "string" ? value : goText(value);
}

const FUNCTIONS: Readonly<Record<string, (args: readonly Value[]) => Value>> = {
  json: ([value = null]) => JSON.stringify(value),
  join: ([list, separator]) => (Array.isArray(list) ? list.map(text).join(text(separator)) : text(list)),
  split: ([value, separator]) => text(value).split(text(separator)),
  lower: ([value]) => text(value).toLowerCase(),
  upper: ([value]) => text(value).toUpperCase(),
  title: ([value]) => text(value).replace(/^./, (letter) => letter.toUpperCase()),
  truncate: ([value, length]) => text(value).slice(0, Number(length)),
  print: (args) => args.map(text).join(""),
  println: (args) => `${args.map(text).join(" ")}\n`,
  len: ([value]) =>
    typeof value === "string"
      ? value.length
      : Object.keys(typeof value === "object" ? (value ?? {}) : {}).length,
  not: ([value = null]) => !isTrue(value),
  eq: ([a, ...others]) => others.some((b) => a === b),
  ne: ([a, b]) => a !== b,
  and: (args) => args.find((value) => !isTrue(value)) ?? args.at(-1) ?? null,
  or: (args) => args.find(isTrue) ?? args.at(-1) ?? null,
  index: ([value = null, ...keys]) =>
    keys.reduce<Value>((at, key) => {
      if (typeof at !== "object" || at === null) return null;
      return isList(at) ? (at[Number(key)] ?? null) : (at[text(key)] ?? "");
    }, value),
};

class Run {
  private readonly variables: Map<string, Value>;
  private out = "";

  private readonly lenient: boolean;

  constructor(root: Value, lenient: boolean) {
    this.variables = new Map([["$", root]]);
    this.lenient = lenient;
  }

  static of(nodes: readonly Node[], root: Value, lenient: boolean): string {
    const run = new Run(root, lenient);
    run.list(nodes, root);
    return run.out;
  }

  private list(nodes: readonly Node[], dot: Value): void {
    for (const node of nodes) this.node(node, dot);
  }

  private node(node: Node, dot: Value): void {
    switch (node.kind) {
      case "text":
        this.out += node.text;
        return;
      case "print": {
        const value = this.pipeline(node.tokens, dot);
        this.out += value === null ? "<no value>" : text(value);
        return;
      }
      case "assign":
        this.variables.set(node.name, this.pipeline(node.tokens, dot));
        return;
      case "range":
        this.range(node, dot);
        return;
      case "if":
      case "with": {
        const value = this.pipeline(node.tokens, dot);
        if (node.variables[0] !== undefined) this.variables.set(node.variables[0], value);
        if (isTrue(value)) this.list(node.body, node.kind === "with" ? value : dot);
        else this.list(node.otherwise, dot);
      }
    }
  }

  private range(node: Extract<Node, { kind: "range" | "if" | "with" }>, dot: Value): void {
    const value = this.pipeline(node.tokens, dot);
    const entries: (readonly [Value, Value])[] =
      typeof value !== "object" || value === null
        ? []
        : isList(value)
          ? value.map((item, i) => [i, item] as const)
          : sortedKeys(value).map((key) => [key, value[key] ?? null] as const);
    if (entries.length === 0) this.list(node.otherwise, dot);
    for (const [key, item] of entries) {
      const [first, second] = node.variables;
      if (second !== undefined && first !== undefined) {
        this.variables.set(first, key);
        this.variables.set(second, item);
      } else if (first !== undefined) this.variables.set(first, item);
      this.list(node.body, item);
    }
  }

  private pipeline(tokens: readonly Token[], dot: Value): Value {
    let piped: Value | undefined;
    let from = 0;
    let depth = 0;
    for (let i = 0; i <= tokens.length; i++) {
      const symbol = tokens[i]?.text;
      if (symbol === "(") depth++;
      if (symbol === ")") depth--;
      if (i < tokens.length && (symbol !== "|" || depth > 0)) continue;
      piped = this.command(tokens.slice(from, i), dot, piped);
      from = i + 1;
    }
    return piped ?? null;
  }

  private command(tokens: readonly Token[], dot: Value, piped: Value | undefined): Value {
    const first = tokens[0];
    if (first === undefined) throw new TemplateError("template: :1: missing value for command");
    if (first.kind === "word" && !["true", "false", "nil"].includes(first.text)) {
      const apply = FUNCTIONS[first.text];
      if (apply === undefined) throw new TemplateError(`template: :1: function "${first.text}" not defined`);
      const args = this.operands(tokens.slice(1), dot);
      return apply(piped === undefined ? args : [...args, piped]);
    }
    return this.operands(tokens, dot)[0] ?? null;
  }

  private operands(tokens: readonly Token[], dot: Value): readonly Value[] {
    const values: Value[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i];
      if (token === undefined) break;
      if (token.text === "(" && token.kind === "symbol") {
        let depth = 1;
        let end = i + 1;
        for (; end < tokens.length && depth > 0; end++)
          depth += tokens[end]?.text === "(" ? 1 : tokens[end]?.text === ")" ? -1 : 0;
        let value = this.pipeline(tokens.slice(i + 1, end - 1), dot);
        const next = tokens[end];
        if (next?.kind === "field" && next.text !== ".") {
          value = this.walk(value, next, next.text);
          end++;
        }
        values.push(value);
        i = end - 1;
      } else values.push(this.operand(token, dot));
    }
    return values;
  }

  private operand(token: Token, dot: Value): Value {
    switch (token.kind) {
      case "string":
        return token.text.startsWith("`") ? token.text.slice(1, -1) : unquote(token.text);
      case "number":
        return Number(token.text);
      case "field":
        return token.text === "." ? dot : this.walk(dot, token, token.text);
      case "variable": {
        const name = token.text.split(".")[0] ?? "";
        const value = this.variables.get(name);
        if (value === undefined) throw new TemplateError(`template: :1: undefined variable "${name}"`);
        return name === token.text ? value : this.walk(value, token, token.text.slice(name.length));
      }
      case "word":
        return token.text === "nil" ? null : token.text === "true";
      case "symbol":
        throw new TemplateError(`template: :1: unexpected "${token.text}" in operand`);
    }
  }

  private walk(from: Value, token: Token, path: string): Value {
    let value = from;
    let column = token.at + token.text.length - path.length;
    for (const name of path.split(".").slice(1)) {
      const where = `template: :1:${column}: executing "" at <${token.text}>: `;
      if (value === null && this.lenient)
        throw new TemplateError(`${where}nil pointer evaluating interface {}.${name}`);
      if (typeof value !== "object" || value === null || isList(value))
        throw new TemplateError(`${where}can't evaluate field ${name} in type interface {}`);
      const next: Value | undefined = value[name] ?? (this.lenient ? null : undefined);
      if (next === undefined) throw new TemplateError(`${where}map has no entry for key "${name}"`);
      value = next;
      column += name.length + 1;
    }
    return value;
  }
}

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter === "t" ? "\t" : letter));
}

/** Runs a template of Go's text/template on JSON: fields, variables, range, if, with, and Docker's functions. `lenient` takes keys that are missing for nil. */
export function renderTemplate(
  source: string,
  value: Value,
  options: { readonly lenient?: boolean } = {},
): Result<string, string> {
  try {
    return ok(Run.of(new Parser(source).whole(), value, options.lenient === true));
  } catch (error) {
    if (error instanceof TemplateError) return err(error.message);
    throw error;
  }
}
