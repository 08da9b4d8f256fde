import { err, ok, type Result } from "../../../base/result.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import { parseIpv6 } from "../../../wire/address6.ts";
import { filterField, type FilterType } from "./filter-fields.ts";

/** What may be said about a field. */
export type Relation = "==" | "!=" | ">" | "<" | ">=" | "<=" | "contains" | "in";

/** A value as it was written; a range for `in {1..10}`. */
export interface Operand {
  readonly text: string;
  readonly until?: string;
}

export type Filter =
  | { readonly kind: "present"; readonly field: string }
  | {
      readonly kind: "test";
      readonly field: string;
      readonly relation: Relation;
      readonly operands: readonly Operand[];
    }
  | { readonly kind: "not"; readonly of: Filter }
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter };

/** What is wrong, and where: `at` and `length` in characters. */
export interface FilterError {
  readonly problem:
    | "unknown-field"
    | "bad-value"
    | "expected-field"
    | "expected-value"
    | "expected-close"
    | "unexpected"
    | "not-modelled"
    | "cannot-compare"
    | "unterminated"
    | "too-deep";
  readonly at: number;
  readonly length: number;
  readonly word: string;
}

interface Token {
  readonly kind: "word" | "string" | "operator" | "end";
  readonly text: string;
  readonly at: number;
  readonly length: number;
}

const OPERATORS = /^(?:&&|\|\||\^\^|===|!==|==|!=|~=|>=|<=|>|<|!|\(|\)|\{|\}|,|&|~|\[|\])/;
const WORDS: Readonly<Record<string, string>> = {
  and: "&&",
  or: "||",
  not: "!",
  eq: "==",
  ne: "!=",
  gt: ">",
  lt: "<",
  ge: ">=",
  le: "<=",
};
const RELATIONS = new Set<string>(["==", "!=", ">", "<", ">=", "<=", "contains", "in"]);
/** Of Wireshark's language, but not of this one. */
const NOT_MODELLED = new Set([
  "matches",
  "~",
  "===",
  "!==",
  "~=",
  "any_ne",
  "all_eq",
  "xor",
  "^^",
  "&",
  "[",
  "bitand",
]);
const DEEPEST = 100;

class Fault extends Error {
  readonly fault: FilterError;

  constructor(fault: FilterError) {
    super(fault.problem);
    this.fault = fault;
  }
}

function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const blank = /^\s+/.exec(rest);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const string = /^"((?:[^"\\]|\\.)*)"/.exec(rest);
    if (string === null && rest.startsWith('"'))
      throw new Fault({ problem: "unterminated", at, length: rest.length, word: rest });
    const operator = OPERATORS.exec(rest)?.[0];
    if (string !== null) {
      const value = string[1]!.replace(/\\(.)/g, "$1");
      found.push({ kind: "string", text: value, at, length: string[0].length });
      at += string[0].length;
    } else if (operator !== undefined) {
      found.push({ kind: "operator", text: operator, at, length: operator.length });
      at += operator.length;
    } else {
      const word = /^[^\s"&|^=!~<>(){},[\]]+/.exec(rest)?.[0] ?? rest[0]!;
      const meaning = WORDS[word];
      const kind = meaning === undefined && word !== "contains" && word !== "in" ? "word" : "operator";
      found.push({ kind, text: meaning ?? word, at, length: word.length });
      at += word.length;
    }
  }
  return [...found, { kind: "end", text: "", at: text.length, length: 1 }];
}

class Parser {
  private readonly list: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(text: string) {
    this.list = tokens(text);
  }

  whole(): Filter {
    const filter = this.or();
    if (this.peek().kind !== "end") this.fail(this.isForeign() ? "not-modelled" : "unexpected");
    return filter;
  }

  private or(): Filter {
    let left = this.and();
    while (this.take("||")) left = { kind: "or", left, right: this.and() };
    return left;
  }

  private and(): Filter {
    let left = this.unary();
    while (this.take("&&")) left = { kind: "and", left, right: this.unary() };
    return left;
  }

  private unary(): Filter {
    if (++this.depth > DEEPEST) this.fail("too-deep");
    try {
      if (this.take("!")) return { kind: "not", of: this.unary() };
      if (this.take("(")) {
        const inner = this.or();
        if (!this.take(")")) this.fail(this.isForeign() ? "not-modelled" : "expected-close");
        return inner;
      }
      return this.test();
    } finally {
      this.depth--;
    }
  }

  private test(): Filter {
    const name = this.peek();
    if (name.kind !== "word") this.fail(this.isForeign() ? "not-modelled" : "expected-field");
    const field = filterField(name.text);
    if (field === undefined) this.fail("unknown-field");
    this.next++;
    const relation = this.peek();
    if (relation.kind === "operator" && NOT_MODELLED.has(relation.text)) this.fail("not-modelled");
    if (relation.kind === "word" && NOT_MODELLED.has(relation.text)) this.fail("not-modelled");
    if (relation.kind !== "operator" || !RELATIONS.has(relation.text))
      return { kind: "present", field: name.text };
    const { type } = field;
    const isContains = relation.text === "contains";
    if (isContains ? type !== "protocol" && type !== "text" : type === "protocol")
      this.fail("cannot-compare");
    this.next++;
    const operands =
      relation.text === "in" ? this.set(type) : [{ text: this.value(isContains ? "text" : type) }];
    return { kind: "test", field: name.text, relation: relation.text as Relation, operands };
  }

  private set(type: FilterType): readonly Operand[] {
    if (!this.take("{")) this.fail("expected-value");
    const operands: Operand[] = [];
    for (;;) {
      const token = this.peek();
      const range = token.kind === "word" && type === "number" ? /^(\w+)\.\.(\w+)$/.exec(token.text) : null;
      if (range === null) operands.push({ text: this.value(type) });
      else {
        if (![range[1]!, range[2]!].every(isNumber)) this.fail("bad-value");
        this.next++;
        operands.push({ text: range[1]!, until: range[2]! });
      }
      if (this.take("}")) return operands;
      if (!this.take(",")) this.fail("expected-close");
    }
  }

  private value(type: FilterType): string {
    const token = this.peek();
    if (token.kind === "end" || token.kind === "operator") this.fail("expected-value");
    if (!fits(type, token.text)) this.fail("bad-value");
    this.next++;
    return token.text;
  }

  private peek(): Token {
    return this.list[this.next] ?? this.list.at(-1)!;
  }

  private take(operator: string): boolean {
    const token = this.peek();
    if (token.kind !== "operator" || token.text !== operator) return false;
    this.next++;
    return true;
  }

  private isForeign(): boolean {
    return NOT_MODELLED.has(this.peek().text);
  }

  private fail(problem: FilterError["problem"]): never {
    const { at, length, text } = this.peek();
    throw new Fault({ problem, at, length, word: text });
  }
}

function isNumber(text: string): boolean {
  return /^(?:0x[0-9a-f]+|\d+)$/i.test(text);
}

function fits(type: FilterType, text: string): boolean {
  switch (type) {
    case "number":
      return isNumber(text);
    case "flag":
      return /^(?:0|1|true|false)$/i.test(text);
    case "ipv4": {
      const [address = "", length] = text.split("/");
      return (
        parseIpv4(address) !== undefined &&
        (length === undefined || (/^\d+$/.test(length) && Number(length) <= 32))
      );
    }
    case "ipv6":
      return parseIpv6(text) !== undefined;
    case "mac":
      return /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text);
    default:
      return true;
  }
}

/** Reads a filter; an empty one lets everything through (undefined). */
export function parseFilter(text: string): Result<Filter | undefined, FilterError> {
  if (text.trim() === "") return ok(undefined);
  try {
    return ok(new Parser(text).whole());
  } catch (error) {
    if (error instanceof Fault) return err(error.fault);
    throw error;
  }
}

/** A filter in its own language, with all its parentheses. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case "present":
      return filter.field;
    case "not":
      return `!(${printFilter(filter.of)})`;
    case "and":
    case "or":
      return `(${printFilter(filter.left)}) ${filter.kind === "and" ? "&&" : "||"} (${printFilter(filter.right)})`;
    case "test": {
      const { field, relation, operands } = filter;
      const type = filterField(field)?.type;
      const word = ({ text, until }: Operand): string =>
        until !== undefined
          ? `${text}..${until}`
          : type === "text" || relation === "contains"
            ? `"${text.replace(/["\\]/g, "\\$&")}"`
            : text;
      if (relation === "in") return `${field} in {${operands.map(word).join(", ")}}`;
      return `${field} ${relation} ${word(operands[0] ?? { text: "" })}`;
    }
  }
}
