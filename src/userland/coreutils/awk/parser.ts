import {
  AwkFault,
  type AwkProgram,
  type Expression,
  type Function,
  type Pattern,
  type Redirection,
  type Rule,
  type Statement,
} from "./ast.ts";
import { ExpressionParser } from "./expression-parser.ts";
import { tokenize } from "./lexer.ts";

export function parseAwk(text: string): AwkProgram {
  return new Parser(tokenize(text)).program();
}

class Parser extends ExpressionParser {
  private readonly functions = new Map<string, Function>();

  program(): AwkProgram {
    const rules: Rule[] = [];
    this.skipEnds();
    while (this.token.kind !== "end") {
      if (this.accept("keyword", "function")) this.functionDefinition();
      else rules.push(this.rule());
      this.skipEnds();
    }
    return { rules, functions: this.functions };
  }

  private skipEnds(): void {
    while (this.token.kind === "newline" || this.is("operator", ";")) this.advance();
  }

  private functionDefinition(): void {
    const name = this.token.text;
    if (this.token.kind !== "call" && this.token.kind !== "name") this.unexpected();
    this.advance();
    this.expect("(");
    const parameters: string[] = [];
    while (!this.is("operator", ")")) {
      parameters.push(this.token.text);
      if (this.token.kind !== "name") this.unexpected();
      this.advance();
      if (!this.accept("operator", ",")) break;
      this.skipNewlines();
    }
    this.expect(")");
    this.skipNewlines();
    this.functions.set(name, { name, parameters, body: this.block() });
  }

  private rule(): Rule {
    let pattern: Pattern = { kind: "always" };
    if (this.accept("keyword", "BEGIN")) pattern = { kind: "begin" };
    else if (this.accept("keyword", "END")) pattern = { kind: "end" };
    else if (!this.is("operator", "{")) {
      const test = this.expression();
      if (this.accept("operator", ",")) {
        this.skipNewlines();
        pattern = { kind: "range", from: test, to: this.expression() };
      } else pattern = { kind: "test", test };
    }
    if (this.is("operator", "{")) return { pattern, action: this.block() };
    if (pattern.kind === "begin" || pattern.kind === "end") this.unexpected();
    return { pattern, action: undefined };
  }

  private block(): Statement {
    this.expect("{");
    const body: Statement[] = [];
    this.skipEnds();
    while (!this.is("operator", "}")) {
      if (this.token.kind === "end") this.unexpected();
      body.push(this.statement());
      this.skipEnds();
    }
    this.advance();
    return { kind: "block", body };
  }

  /** A statement that a loop or a condition governs. */
  private governed(): Statement {
    this.skipNewlines();
    if (this.accept("operator", ";")) return { kind: "block", body: [] };
    return this.statement();
  }

  private statement(): Statement {
    if (this.is("operator", "{")) return this.block();
    if (this.token.kind === "keyword") {
      const keyword = this.token.text;
      switch (keyword) {
        case "if":
          return this.ifStatement();
        case "while":
          this.advance();
          return { kind: "while", test: this.condition(), body: this.governed() };
        case "do":
          return this.doStatement();
        case "for":
          return this.forStatement();
      }
    }
    const statement = this.simple();
    this.endOfStatement();
    return statement;
  }

  private endOfStatement(): void {
    if (this.is("operator", "}")) return;
    if (this.token.kind !== "newline" && !this.is("operator", ";") && this.token.kind !== "end")
      this.unexpected();
    if (this.token.kind !== "end") this.advance();
  }

  private condition(): Expression {
    this.expect("(");
    const test = this.expression();
    this.expect(")");
    return test;
  }

  private ifStatement(): Statement {
    this.advance();
    const test = this.condition();
    const yes = this.governed();
    const mark = this.mark();
    this.skipEnds();
    if (!this.accept("keyword", "else")) {
      this.reset(mark);
      return { kind: "if", test, yes, no: undefined };
    }
    return { kind: "if", test, yes, no: this.governed() };
  }

  private doStatement(): Statement {
    this.advance();
    const body = this.governed();
    this.skipEnds();
    if (!this.accept("keyword", "while")) this.unexpected();
    const test = this.condition();
    this.endOfStatement();
    return { kind: "do", test, body };
  }

  private isName(): boolean {
    return this.token.kind === "name";
  }

  private forStatement(): Statement {
    this.advance();
    this.expect("(");
    const mark = this.mark();
    if (this.isName()) {
      const name = this.token.text;
      this.advance();
      if (this.accept("keyword", "in") && this.isName()) {
        const array = this.token.text;
        this.advance();
        if (this.accept("operator", ")")) return { kind: "forIn", name, array, body: this.governed() };
      }
      this.reset(mark);
    }
    const start = this.is("operator", ";") ? undefined : this.simple();
    this.expect(";");
    this.skipNewlines();
    const test = this.is("operator", ";") ? undefined : this.expression();
    this.expect(";");
    this.skipNewlines();
    const step = this.is("operator", ")") ? undefined : this.simple();
    this.expect(")");
    return { kind: "for", start, test, step, body: this.governed() };
  }

  private simple(): Statement {
    if (this.token.kind !== "keyword") return { kind: "expression", value: this.expression() };
    const keyword = this.token.text;
    switch (keyword) {
      case "print":
      case "printf":
        return this.printStatement(keyword);
      case "break":
      case "continue":
      case "next":
        this.advance();
        return { kind: keyword };
      case "return":
      case "exit":
        this.advance();
        return { kind: keyword, value: this.atEndOfSimple() ? undefined : this.expression() };
      case "delete":
        return this.deleteStatement();
      case "getline":
      case "nextfile":
        throw new AwkFault(`${keyword}: not modelled`);
      default:
        return { kind: "expression", value: this.expression() };
    }
  }

  private atEndOfSimple(): boolean {
    return (
      this.token.kind === "newline" ||
      this.token.kind === "end" ||
      this.is("operator", ";") ||
      this.is("operator", "}")
    );
  }

  private deleteStatement(): Statement {
    this.advance();
    const array = this.token.text;
    if (this.token.kind !== "name") this.unexpected();
    this.advance();
    if (!this.accept("operator", "[")) return { kind: "delete", array, index: undefined };
    const index = this.list("]");
    this.expect("]");
    return { kind: "delete", array, index };
  }

  private printStatement(kind: "print" | "printf"): Statement {
    this.advance();
    let values: Expression[] = [];
    const redirects = (): boolean =>
      this.is("operator", ">") || this.is("operator", ">>") || this.is("operator", "|");
    if (!this.atEndOfSimple() && !redirects()) values = this.printValues();
    let to: Redirection | undefined;
    if (redirects()) {
      const operator = this.token.text;
      if (operator === "|") throw new AwkFault(`${kind} | command: not modelled`);
      this.advance();
      to = {
        mode: operator === ">" ? "write" : "append",
        target: this.withoutGreater(() => this.expression()),
      };
    }
    if (kind === "printf" && values.length === 0)
      throw new AwkFault(`line ${this.token.line}: no arguments in call to printf`);
    return { kind, values, to };
  }

  /** The values of print, whose `>` is a redirection unless it stands in parentheses. */
  private printValues(): Expression[] {
    const mark = this.mark();
    if (this.accept("operator", "(")) {
      const inside = this.list(")");
      this.expect(")");
      const ends = this.atEndOfSimple() || [">", ">>", "|"].some((text) => this.is("operator", text));
      if (ends) return inside;
      this.reset(mark);
    }
    return this.withoutGreater(() => {
      const out = [this.expression()];
      while (this.accept("operator", ",")) {
        this.skipNewlines();
        out.push(this.expression());
      }
      return out;
    });
  }
}
