import { AwkFault, type Expression, type Target } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { refuse } from "../../args/exit.ts";

const ASSIGNMENTS = new Set(["=", "+=", "-=", "*=", "/=", "%=", "^="]);
const COMPARISONS = new Set(["<", "<=", "==", "!=", ">=", ">"]);

/** awk's expressions by precedence climbing, lowest first. */
export class ExpressionParser {
  private readonly tokens: readonly Token[];
  private at = 0;
  /** Inside `print`: `>` is no comparison. */
  private noGreater = false;
  /** Inside `for (`: `in` ends an expression. */
  private noIn = false;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  protected get token(): Token {
    return this.tokens[this.at]!;
  }

  protected advance(): void {
    if (this.at < this.tokens.length - 1) this.at++;
  }

  protected mark(): number {
    return this.at;
  }

  protected reset(mark: number): void {
    this.at = mark;
  }

  protected is(kind: Token["kind"], text: string): boolean {
    return this.token.kind === kind && this.token.text === text;
  }

  protected accept(kind: Token["kind"], text: string): boolean {
    if (!this.is(kind, text)) return false;
    this.advance();
    return true;
  }

  protected expect(operator: string): void {
    if (!this.accept("operator", operator)) this.unexpected();
  }

  protected unexpected(): never {
    const { kind, text, line } = this.token;
    if (kind === "end" && this.depth() > 0) throw new AwkFault(`line ${line}: missing } near end of file`);
    const near = kind === "end" ? "end of file" : kind === "newline" ? "unexpected newline" : text;
    throw new AwkFault(`line ${line}: syntax error at or near ${near}`);
  }

  /** How many braces are open at the end. */
  private depth(): number {
    let depth = 0;
    for (const { kind, text } of this.tokens)
      if (kind === "operator") depth += text === "{" ? 1 : text === "}" ? -1 : 0;
    return depth;
  }

  protected skipNewlines(): void {
    while (this.token.kind === "newline") this.advance();
  }

  protected withoutGreater<T>(parse: () => T): T {
    const before = this.noGreater;
    this.noGreater = true;
    const value = parse();
    this.noGreater = before;
    return value;
  }

  protected list(close: string): Expression[] {
    const { noGreater, noIn } = this;
    this.noGreater = false;
    this.noIn = false;
    const out: Expression[] = [];
    this.skipNewlines();
    while (!this.is("operator", close)) {
      out.push(this.expression());
      this.skipNewlines();
      if (!this.accept("operator", ",")) break;
      this.skipNewlines();
    }
    this.noGreater = noGreater;
    this.noIn = noIn;
    return out;
  }

  protected expression(): Expression {
    const left = this.conditional();
    if (this.token.kind !== "operator" || !ASSIGNMENTS.has(this.token.text)) return left;
    if (!isTarget(left)) this.unexpected();
    const operator = this.token.text;
    this.advance();
    this.skipNewlines();
    return { kind: "assign", operator, target: left, value: this.expression() };
  }

  private conditional(): Expression {
    const test = this.or();
    if (!this.accept("operator", "?")) return test;
    this.skipNewlines();
    const yes = this.expression();
    this.skipNewlines();
    this.expect(":");
    this.skipNewlines();
    return { kind: "conditional", test, yes, no: this.expression() };
  }

  private or(): Expression {
    let left = this.and();
    while (this.accept("operator", "||")) {
      this.skipNewlines();
      left = { kind: "logical", operator: "||", left, right: this.and() };
    }
    return left;
  }

  private and(): Expression {
    let left = this.membership();
    while (this.accept("operator", "&&")) {
      this.skipNewlines();
      left = { kind: "logical", operator: "&&", left, right: this.membership() };
    }
    return left;
  }

  private membership(): Expression {
    let left = this.matching();
    while (!this.noIn && this.is("keyword", "in")) {
      this.advance();
      left = { kind: "in", array: this.name(), index: [left] };
    }
    return left;
  }

  private name(): string {
    const { kind, text } = this.token;
    if (kind !== "name") this.unexpected();
    this.advance();
    return text;
  }

  private matching(): Expression {
    let left = this.comparison();
    for (;;) {
      const negated = this.is("operator", "!~");
      if (!negated && !this.is("operator", "~")) return left;
      this.advance();
      left = { kind: "match", negated, left, right: this.comparison() };
    }
  }

  private comparison(): Expression {
    const left = this.concatenation();
    const { kind, text } = this.token;
    if (kind !== "operator" || !COMPARISONS.has(text) || (text === ">" && this.noGreater)) return left;
    this.advance();
    return { kind: "binary", operator: text, left, right: this.concatenation() };
  }

  protected concatenation(): Expression {
    let left = this.sum();
    while (this.beginsOperand()) left = { kind: "binary", operator: " ", left, right: this.sum() };
    return left;
  }

  /** Whether the next token can begin an operand that is joined to what stands before it. */
  private beginsOperand(): boolean {
    const { kind, text } = this.token;
    if (["number", "string", "name", "call", "builtin", "regexp"].includes(kind)) return true;
    return kind === "operator" && ["$", "!", "(", "-", "+", "++", "--"].includes(text);
  }

  private sum(): Expression {
    let left = this.product();
    for (;;) {
      const { kind, text } = this.token;
      if (kind !== "operator" || (text !== "+" && text !== "-")) return left;
      this.advance();
      left = { kind: "binary", operator: text, left, right: this.product() };
    }
  }

  private product(): Expression {
    let left = this.unary();
    for (;;) {
      const { kind, text } = this.token;
      if (kind !== "operator" || !["*", "/", "%"].includes(text)) return left;
      this.advance();
      left = { kind: "binary", operator: text, left, right: this.unary() };
    }
  }

  private unary(): Expression {
    const { kind, text } = this.token;
    if (kind === "operator" && (text === "!" || text === "-" || text === "+")) {
      this.advance();
      return { kind: "unary", operator: text, operand: this.unary() };
    }
    return this.power();
  }

  private power(): Expression {
    const base = this.postfix();
    if (!this.accept("operator", "^")) return base;
    return { kind: "binary", operator: "^", left: base, right: this.powerOperand() };
  }

  /** The exponent may have a sign, and associates to the right. */
  private powerOperand(): Expression {
    if (this.is("operator", "-") || this.is("operator", "+") || this.is("operator", "!")) return this.unary();
    return this.power();
  }

  private postfix(): Expression {
    const operand = this.primary();
    if (!isTarget(operand)) return operand;
    if (this.accept("operator", "++")) return { kind: "step", by: 1, prefix: false, target: operand };
    if (this.accept("operator", "--")) return { kind: "step", by: -1, prefix: false, target: operand };
    return operand;
  }

  private primary(): Expression {
    const { kind, text } = this.token;
    switch (kind) {
      case "number":
        this.advance();
        return { kind: "number", value: Number(text) };
      case "string":
        this.advance();
        return { kind: "string", value: text };
      case "regexp":
        this.advance();
        return { kind: "regexp", source: text };
      case "call":
      case "builtin":
        return this.call();
      case "name":
        this.advance();
        if (!this.accept("operator", "[")) return { kind: "variable", name: text };
        return { kind: "element", array: text, index: this.closed("]") };
      case "keyword":
        if (text === "getline") refuse("mawk: getline");
        return this.unexpected();
      default:
        return this.punctuated(text);
    }
  }

  private closed(close: string): Expression[] {
    const list = this.list(close);
    this.expect(close);
    return list;
  }

  private call(): Expression {
    const name = this.token.text;
    const builtin = this.token.kind === "builtin";
    this.advance();
    if (!this.accept("operator", "(")) {
      if (builtin && name === "length") return { kind: "call", name, args: [] };
      return this.unexpected();
    }
    return { kind: "call", name, args: this.closed(")") };
  }

  private punctuated(text: string): Expression {
    this.advance();
    switch (text) {
      case "$":
        return { kind: "field", index: this.fieldIndex() };
      case "++":
      case "--": {
        const target = this.primary();
        if (!isTarget(target)) this.unexpected();
        return { kind: "step", by: text === "++" ? 1 : -1, prefix: true, target };
      }
      case "-":
      case "+":
      case "!":
        return { kind: "unary", operator: text, operand: this.unary() };
      case "(": {
        const list = this.closed(")");
        if (list.length === 1) return { kind: "group", inner: list[0]! };
        if (list.length === 0 || !this.accept("keyword", "in")) return this.unexpected();
        return { kind: "in", array: this.name(), index: list };
      }
      default:
        this.at--;
        return this.unexpected();
    }
  }

  private fieldIndex(): Expression {
    if (this.is("operator", "++") || this.is("operator", "--")) return this.primary();
    if (this.accept("operator", "-")) return { kind: "unary", operator: "-", operand: this.fieldIndex() };
    return this.primary();
  }
}

function isTarget(expression: Expression): expression is Target {
  return expression.kind === "variable" || expression.kind === "field" || expression.kind === "element";
}
