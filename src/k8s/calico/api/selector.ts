import { err, ok, type Result } from "../../../base/result.ts";

/** Labels of a thing that a selector is held against. */
export type Labels = Readonly<Record<string, string>>;

/** A selector expression: `has(env) && tier in {'a', 'b'}`. */
export interface CalicoSelector {
  readonly text: string;
  matches(labels: Labels): boolean;
}

type Test = (labels: Labels) => boolean;

const TOKEN =
  /\s*(?:(?<op>&&|\|\||==|!=|!|\(|\)|\{|\}|,)|(?<quoted>"[^"]*"|'[^']*')|(?<word>[A-Za-z0-9_./-]+))/y;

class Fault extends Error {}

/** Recursive descent over the grammar of Calico's selectors: || below && below ! below a test. */
class Parser {
  private readonly text: string;
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(text: string) {
    this.text = text;
    const end = text.trimEnd().length;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < end) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (match === null) throw new Fault(`unexpected characters at: ${text.slice(from).trim()}`);
      this.tokens.push(match[0].trim());
    }
  }

  selector(): Test {
    if (this.tokens.length === 0) return () => true;
    const test = this.or();
    if (this.at < this.tokens.length) throw new Fault(`unexpected content at end of selector: ${this.text}`);
    return test;
  }

  private or(): Test {
    const parts = [this.and()];
    while (this.take("||")) parts.push(this.and());
    return parts.length === 1 ? parts[0]! : (labels) => parts.some((part) => part(labels));
  }

  private and(): Test {
    const parts = [this.not()];
    while (this.take("&&")) parts.push(this.not());
    return parts.length === 1 ? parts[0]! : (labels) => parts.every((part) => part(labels));
  }

  private not(): Test {
    if (!this.take("!")) return this.operation();
    const inner = this.not();
    return (labels) => !inner(labels);
  }

  private operation(): Test {
    if (this.take("(")) {
      const inner = this.or();
      this.expect(")");
      return inner;
    }
    const word = this.next();
    if ((word === "all" || word === "global") && this.take("(")) {
      this.expect(")");
      return word === "all" ? () => true : () => false;
    }
    if (word === "has" && this.take("(")) {
      const label = this.next();
      this.expect(")");
      return (labels) => labels[label] !== undefined;
    }
    if (!/^[A-Za-z0-9_./-]+$/.test(word)) throw new Fault(`expected a label name in: ${this.text}`);
    return this.comparison(word);
  }

  private comparison(label: string): Test {
    const operator = this.next();
    switch (operator) {
      case "==": {
        const value = this.value();
        return (labels) => labels[label] === value;
      }
      case "!=": {
        const value = this.value();
        return (labels) => labels[label] !== value;
      }
      case "in": {
        const values = this.set();
        return (labels) => labels[label] !== undefined && values.includes(labels[label]);
      }
      case "not": {
        this.expect("in");
        const values = this.set();
        return (labels) => labels[label] === undefined || !values.includes(labels[label]);
      }
      case "contains": {
        const value = this.value();
        return (labels) => labels[label]?.includes(value) ?? false;
      }
      case "starts":
        this.expect("with");
        return this.affix(label, (text, value) => text.startsWith(value));
      case "ends":
        this.expect("with");
        return this.affix(label, (text, value) => text.endsWith(value));
      default:
        throw new Fault(`expected an operator after ${label} in: ${this.text}`);
    }
  }

  private affix(label: string, test: (text: string, value: string) => boolean): Test {
    const value = this.value();
    return (labels) => labels[label] !== undefined && test(labels[label], value);
  }

  private set(): readonly string[] {
    this.expect("{");
    const values: string[] = [];
    if (this.take("}")) return values;
    do values.push(this.value());
    while (this.take(","));
    this.expect("}");
    return values;
  }

  private value(): string {
    const token = this.next();
    if (!/^["']/.test(token)) throw new Fault(`expected string in: ${this.text}`);
    return token.slice(1, -1);
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Fault(`unexpected end of selector: ${this.text}`);
    return token;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new Fault(`expected ${token} in: ${this.text}`);
  }
}

/**
 * Reads a selector: `all()`, `global()`, `has(k)`, `k == 'v'`, `k != 'v'`, `k in {'a'}`, `k not in {'a'}`, `k contains 's'`,
 * `k starts with 's'`, `k ends with 's'`, with `!`, `&&`, `||` and parentheses. The empty one matches everything.
 * Models: libcalico-go/lib/selector/parser.
 */
export function parseSelector(text: string): Result<CalicoSelector, string> {
  try {
    const test = new Parser(text).selector();
    return ok({ text, matches: test });
  } catch (error) {
    if (error instanceof Fault) return err(error.message);
    throw error;
  }
}

/** Whether a selector matches; one that cannot be read matches nothing. */
export function selects(text: string, labels: Labels): boolean {
  const selector = parseSelector(text);
  return selector.ok && selector.value.matches(labels);
}
