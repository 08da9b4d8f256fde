import { err, ok, type Result } from "../../../../base/result.ts";
import { compareText } from "../../../../formats/json.ts";
import { uniqueId } from "../hash.ts";
import { evaluate, type Expression, expressionText, type Labels, withPrefix } from "./ast.ts";
import { type Token, tokenize } from "./tokens.ts";

type Parsed = Result<Expression, string>;

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private get token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] ?? { kind: "end" };
  }

  private accept(kind: Token["kind"]): boolean {
    if (this.token.kind !== kind) return false;
    this.at++;
    return true;
  }

  whole(): Parsed {
    if (this.accept("end")) return ok({ kind: "all" });
    const parsed = this.list("or");
    if (!parsed.ok || this.accept("end")) return parsed;
    return err(`unexpected content at end of selector ${this.shown()}`);
  }

  private shown(): string {
    return `[${this.tokens
      .slice(this.at)
      .map((token) => describe(token))
      .join(" ")}]`;
  }

  /** `||` binds less than `&&`. */
  private list(kind: "and" | "or"): Parsed {
    const parts: Expression[] = [];
    do {
      const part = kind === "or" ? this.list("and") : this.operation();
      if (!part.ok) return part;
      parts.push(part.value);
    } while (this.accept(kind === "or" ? "||" : "&&"));
    const [first] = parts;
    return ok(parts.length === 1 && first !== undefined ? first : { kind, of: parts });
  }

  private operation(): Parsed {
    let negated = false;
    while (this.accept("!")) negated = !negated;
    const parsed = this.term();
    return parsed.ok && negated ? ok({ kind: "not", of: parsed.value }) : parsed;
  }

  private term(): Parsed {
    const { token } = this;
    this.at++;
    switch (token.kind) {
      case "has":
        return ok({ kind: "has", label: token.value });
      case "all":
      case "global":
        return ok({ kind: token.kind });
      case "label":
        return this.comparison(token.value);
      case "(": {
        const inner = this.list("or");
        if (!inner.ok) return inner;
        return this.accept(")") ? inner : err("expected )");
      }
      default:
        return err(`unexpected token: ${describe(token)}`);
    }
  }

  private comparison(label: string): Parsed {
    const { token } = this;
    if (this.tokens.length - this.at < 2) return err("unexpected end of string looking for op");
    if (token.kind !== "operator") return err(`expected == or != not: ${describe(token)}`);
    this.at++;
    const { operator } = token;
    if (operator === "in" || operator === "not in") return this.set(label, operator);
    const value = this.token;
    if (value.kind !== "string") return err("expected string");
    this.at++;
    return ok({ kind: operator, label, value: value.value });
  }

  /** Values are kept sorted, each once; a comma may follow the last. */
  private set(label: string, kind: "in" | "not in"): Parsed {
    if (!this.accept("{")) return err("expected set literal");
    const values = new Set<string>();
    for (let { token } = this; token.kind === "string"; { token } = this) {
      values.add(token.value);
      this.at++;
      if (!this.accept(",")) break;
    }
    if (!this.accept("}")) return err("expected }");
    return ok({ kind, label, values: [...values].sort(compareText) });
  }
}

function describe(token: Token): string {
  const value = "value" in token ? token.value : "operator" in token ? token.operator : "";
  return `${token.kind}(${value})`;
}

/** A selector of Calico's language, ready to be asked. */
export interface Selector {
  readonly expression: Expression;
  /** Its normal form. */
  readonly text: string;
  /** The id of the set of addresses that it stands for: `s:HASH`. */
  readonly id: string;
}

function selectorOf(expression: Expression): Selector {
  const text = expressionText(expression);
  return { expression, text, id: uniqueId("s", text) };
}

/** The error is worded as the original's. An empty text selects everything. Models: libcalico-go/lib/selector/parser. */
export function parseSelector(text: string): Result<Selector, string> {
  const tokens = tokenize(text);
  if (!tokens.ok) return tokens;
  const parsed = new Parser(tokens.value).whole();
  return parsed.ok ? ok(selectorOf(parsed.value)) : parsed;
}

/** The normal form with `prefix` before every label; empty for what is no selector. Models: parseSelectorAttachPrefix. */
export function prefixed(text: string, prefix: string): string {
  const parsed = parseSelector(text);
  return parsed.ok ? expressionText(withPrefix(parsed.value.expression, prefix)) : "";
}

export function selects(selector: Selector, labels: Labels): boolean {
  return evaluate(selector.expression, labels);
}
