import { must } from "../../../base/result.ts";
import { type Ipv4, parseIpv4, parsePrefix } from "../../../wire/address.ts";
import type { Expression, PrefixPattern, Statement, Value } from "./config.ts";
import { ConfigFault, type Token } from "./lexer.ts";

/** Reads tokens one after another. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get current(): Token {
    return must(this.tokens[this.at], "a token");
  }

  get ended(): boolean {
    return this.current.kind === "end";
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== "end") this.at++;
    return token;
  }

  is(text: string): boolean {
    const { kind } = this.current;
    return this.current.text === text && (kind === "word" || kind === "sign");
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.fault();
  }

  word(): string {
    const token = this.next();
    if (token.kind !== "word" && token.kind !== "quoted") throw this.fault(token);
    return token.text;
  }

  number(): number {
    const token = this.next();
    if (token.kind !== "number") throw this.fault(token);
    return Number(token.text);
  }

  ip(): Ipv4 {
    const token = this.next();
    const address = token.kind === "ip" ? parseIpv4(token.text) : undefined;
    if (address === undefined) throw this.fault(token);
    return address;
  }

  string(): string {
    const token = this.next();
    if (token.kind !== "string") throw this.fault(token);
    return token.text;
  }

  fault(token: Token = this.current): ConfigFault {
    return new ConfigFault(token, "syntax error");
  }
}

const OPERATORS = ["=", "!=", "~", "!~"] as const;

/** The filter language, as far as Calico's templates use it. */
export class FilterParser {
  private readonly reader: TokenReader;

  constructor(reader: TokenReader) {
    this.reader = reader;
  }

  /** `{ ... }` */
  block(): readonly Statement[] {
    this.reader.expect("{");
    const body: Statement[] = [];
    while (!this.reader.take("}")) body.push(this.statement());
    return body;
  }

  private statement(): Statement {
    const { reader } = this;
    if (reader.is("{")) return { kind: "block", body: this.block() };
    for (const kind of ["accept", "reject"] as const)
      if (reader.take(kind)) {
        reader.expect(";");
        return { kind };
      }
    if (reader.take("if")) {
      const test = this.expression();
      reader.expect("then");
      const then = this.statement();
      const otherwise = reader.take("else") ? this.statement() : undefined;
      return { kind: "if", test, then, otherwise };
    }
    return this.named(reader.word());
  }

  private named(name: string): Statement {
    const { reader } = this;
    if (reader.take("=")) {
      const value = this.expression();
      reader.expect(";");
      return { kind: "assign", name, value };
    }
    if (reader.take(".")) {
      if (name !== "bgp_community" || !reader.take("add")) throw reader.fault();
      for (const sign of ["(", "("]) reader.expect(sign);
      const high = reader.number();
      reader.expect(",");
      const low = reader.number();
      for (const sign of [")", ")", ";"]) reader.expect(sign);
      return { kind: "community", community: high * 65536 + low };
    }
    reader.expect("(");
    const args: Expression[] = [];
    while (!reader.take(")")) {
      args.push(this.expression());
      reader.take(",");
    }
    reader.expect(";");
    return { kind: "call", name, args };
  }

  expression(): Expression {
    let left = this.conjunction();
    while (this.reader.take("||")) left = { kind: "or", left, right: this.conjunction() };
    return left;
  }

  private conjunction(): Expression {
    let left = this.comparison();
    while (this.reader.take("&&")) left = { kind: "and", left, right: this.comparison() };
    return left;
  }

  private comparison(): Expression {
    const left = this.unary();
    for (const operator of OPERATORS)
      if (this.reader.take(operator)) return { kind: "compare", operator, left, right: this.unary() };
    return left;
  }

  private unary(): Expression {
    const { reader } = this;
    if (reader.take("!")) return { kind: "not", inner: this.unary() };
    if (reader.take("(")) {
      const inner = this.expression();
      reader.expect(")");
      return inner;
    }
    if (reader.take("defined")) {
      reader.expect("(");
      const name = reader.word();
      reader.expect(")");
      return { kind: "defined", name };
    }
    if (reader.take("[")) return { kind: "value", value: this.set() };
    return this.atom();
  }

  private atom(): Expression {
    const token = this.reader.next();
    const value = (inner: Value): Expression => ({ kind: "value", value: inner });
    switch (token.kind) {
      case "string":
        return value({ kind: "text", text: token.text });
      case "number":
        return value({ kind: "number", number: Number(token.text) });
      case "ip":
        return value({ kind: "ip", ip: must(parseIpv4(token.text), "an address") });
      case "prefix": {
        const prefix = parsePrefix(token.text);
        if (prefix === undefined) throw this.reader.fault(token);
        return value({ kind: "prefix", prefix });
      }
      case "word":
      case "quoted":
        if (token.text === "true" || token.text === "false")
          return value({ kind: "bool", bool: token.text === "true" });
        return { kind: "name", name: token.text };
      default:
        throw this.reader.fault(token);
    }
  }

  /** `[ 10.0.0.0/8{16,24}, ... ]` or `[ RTS_BGP ]`. */
  private set(): Value {
    const patterns: PrefixPattern[] = [];
    const names: string[] = [];
    while (!this.reader.take("]")) {
      const token = this.reader.next();
      const prefix = token.kind === "prefix" ? parsePrefix(token.text) : undefined;
      if (prefix !== undefined) patterns.push(this.pattern(prefix));
      else if (token.kind === "word") names.push(token.text);
      else throw this.reader.fault(token);
      this.reader.take(",");
    }
    return names.length > 0 ? { kind: "names", names } : { kind: "prefixes", patterns };
  }

  private pattern(prefix: PrefixPattern["prefix"]): PrefixPattern {
    const { reader } = this;
    if (reader.take("+")) return { prefix, min: prefix.length, max: 32 };
    if (!reader.take("{")) return { prefix, min: prefix.length, max: prefix.length };
    const min = reader.number();
    reader.expect(",");
    const max = reader.number();
    reader.expect("}");
    return { prefix, min, max };
  }
}
