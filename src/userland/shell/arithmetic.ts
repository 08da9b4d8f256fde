/** bash's arithmetic (expr.c): 64-bit integers, C's operators, variables whose values are expressions themselves. */

/** What an expression reads and writes. `index` is the text between the brackets, undefined for a plain name. */
export interface ArithmeticVariables {
  get(name: string, index: string | undefined): string | undefined;
  set(name: string, index: string | undefined, value: string): void;
}

export class ArithmeticError extends Error {}

const MAX_RECURSION = 256;
const MAX_DEPTH = 512;

export function evaluate(text: string, variables: ArithmeticVariables, recursion = 0): bigint {
  return new Parser(text, variables, recursion).whole();
}

/** Binary operators by how strongly they bind; assignment, `?:`, `&&` and `||` are handled apart. */
const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const OPERATORS =
  /^(?:<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|<=|>=|==|!=|\+=|-=|\*=|\/=|%=|&=|\^=|\|=|[-+*/%<>!~&|^?:=,()])/;

type Token =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "name"; readonly name: string; readonly index: string | undefined }
  | { readonly kind: "operator"; readonly text: string }
  | { readonly kind: "end" };

const END: Token = { kind: "end" };

class Parser {
  private readonly text: string;
  private readonly variables: ArithmeticVariables;
  private readonly recursion: number;
  private at = 0;
  private token: Token = END;
  /** Where the last token began: what an error message quotes. */
  private last = 0;
  /** Above 0 in the branch of a conditional that is not taken: nothing is assigned and nothing divides by 0. */
  private dry = 0;
  private depth = 0;

  constructor(text: string, variables: ArithmeticVariables, recursion: number) {
    this.text = text;
    this.variables = variables;
    this.recursion = recursion;
  }

  whole(): bigint {
    if (this.recursion > MAX_RECURSION) this.fail("expression recursion level exceeded");
    this.advance();
    if (this.atEnd()) return 0n;
    const value = this.comma();
    if (!this.atEnd()) this.fail("syntax error in expression");
    return value;
  }

  private fail(message: string): never {
    const expression = this.text.replace(/^[ \t\n]+/, "");
    throw new ArithmeticError(`${expression}: ${message} (error token is "${this.text.slice(this.last)}")`);
  }

  private atEnd(): boolean {
    return this.token.kind === "end";
  }

  private is(operator: string): boolean {
    return this.token.kind === "operator" && this.token.text === operator;
  }

  private operatorIn(operators: readonly string[]): string | undefined {
    return this.token.kind === "operator" && operators.includes(this.token.text)
      ? this.token.text
      : undefined;
  }

  private advance(): void {
    while (this.at < this.text.length && " \t\n".includes(this.text[this.at]!)) this.at++;
    if (this.at >= this.text.length) {
      this.token = END;
      return;
    }
    this.last = this.at;
    const rest = this.text.slice(this.at);
    const name = /^[A-Za-z_]\w*/.exec(rest);
    if (name !== null) {
      this.at += name[0].length;
      this.token = { kind: "name", name: name[0], index: this.subscript() };
      return;
    }
    const digits = /^[0-9][0-9A-Za-z_@#]*/.exec(rest);
    if (digits !== null) {
      this.token = { kind: "number", value: this.number(digits[0]) };
      this.at += digits[0].length;
      return;
    }
    const operator = OPERATORS.exec(rest)?.[0];
    if (operator === undefined)
      this.fail(
        this.token.kind === "end" || this.token.kind === "operator"
          ? "syntax error: operand expected"
          : "syntax error: invalid arithmetic operator",
      );
    this.at += operator.length;
    this.token = { kind: "operator", text: operator };
  }

  private subscript(): string | undefined {
    if (this.text[this.at] !== "[") return undefined;
    let depth = 0;
    for (let i = this.at; i < this.text.length; i++) {
      if (this.text[i] === "[") depth++;
      else if (this.text[i] === "]" && --depth === 0) {
        const index = this.text.slice(this.at + 1, i);
        this.at = i + 1;
        return index;
      }
    }
    return undefined;
  }

  private number(text: string): bigint {
    const based = /^(\d+)#(.*)$/.exec(text);
    if (based !== null) {
      const base = Number(based[1]);
      if (base < 2 || base > 64) this.fail("invalid arithmetic base");
      if (based[2] === "") this.fail("invalid integer constant");
      return this.digits(based[2]!, base);
    }
    if (/^0[xX]/.test(text)) return this.digits(text.slice(2), 16);
    if (text.length > 1 && text.startsWith("0")) return this.digits(text.slice(1), 8);
    return this.digits(text, 10);
  }

  private digits(text: string, base: number): bigint {
    let value = 0n;
    for (const c of text) {
      const digit = digitValue(c, base);
      if (digit < 0) this.fail("invalid number");
      if (digit >= base) this.fail("value too great for base");
      value = value * BigInt(base) + BigInt(digit);
    }
    return BigInt.asIntN(64, value);
  }

  private comma(): bigint {
    let value = this.assignment();
    while (this.is(",")) {
      this.advance();
      value = this.assignment();
    }
    return value;
  }

  private assignment(): bigint {
    if (++this.depth > MAX_DEPTH) this.fail("expression recursion level exceeded");
    const target = this.token;
    const value = this.conditional();
    this.depth--;
    const operator = this.operatorIn(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="]);
    if (operator === undefined) return value;
    if (target.kind !== "name" || !this.justRead) this.fail("attempted assignment to non-variable");
    this.advance();
    const from = this.last;
    const right = this.assignment();
    const result = operator === "=" ? right : this.apply(operator.slice(0, -1), value, right, from);
    this.store(target, result);
    return result;
  }

  /** Whether the operand just parsed was a bare variable. */
  private justRead = false;

  private conditional(): bigint {
    const condition = this.logicalOr();
    if (!this.is("?")) return condition;
    this.advance();
    if (this.atEnd() || this.is(":")) this.fail("expression expected");
    if (condition === 0n) this.dry++;
    const yes = this.comma();
    if (condition === 0n) this.dry--;
    if (!this.is(":")) this.fail("`:' expected for conditional expression");
    this.advance();
    if (this.atEnd()) this.fail("expression expected");
    if (condition !== 0n) this.dry++;
    const no = this.conditional();
    if (condition !== 0n) this.dry--;
    this.justRead = false;
    return condition !== 0n ? yes : no;
  }

  private logicalOr(): bigint {
    let left = this.logicalAnd();
    while (this.is("||")) {
      this.advance();
      if (left !== 0n) this.dry++;
      const right = this.logicalAnd();
      if (left !== 0n) this.dry--;
      left = left !== 0n || right !== 0n ? 1n : 0n;
      this.justRead = false;
    }
    return left;
  }

  private logicalAnd(): bigint {
    let left = this.binary(0);
    while (this.is("&&")) {
      this.advance();
      if (left === 0n) this.dry++;
      const right = this.binary(0);
      if (left === 0n) this.dry--;
      left = left !== 0n && right !== 0n ? 1n : 0n;
      this.justRead = false;
    }
    return left;
  }

  private binary(level: number): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return this.power();
    let left = this.binary(level + 1);
    for (
      let operator = this.operatorIn(operators);
      operator !== undefined;
      operator = this.operatorIn(operators)
    ) {
      this.advance();
      const from = this.last;
      const right = this.binary(level + 1);
      left = this.apply(operator, left, right, from);
      this.justRead = false;
    }
    return left;
  }

  private apply(operator: string, a: bigint, b: bigint, from: number): bigint {
    if ((operator === "/" || operator === "%") && b === 0n) {
      if (this.dry > 0) return 0n;
      this.last = from;
      this.fail("division by 0");
    }
    return BigInt.asIntN(64, calculate(operator, a, b));
  }

  private power(): bigint {
    const base = this.unary();
    if (!this.is("**")) return base;
    this.advance();
    const exponent = this.power();
    this.justRead = false;
    if (exponent < 0n) this.fail("exponent less than 0");
    let result = 1n;
    let square = base;
    for (let n = exponent; n > 0n; n >>= 1n) {
      if ((n & 1n) === 1n) result = BigInt.asIntN(64, result * square);
      square = BigInt.asIntN(64, square * square);
    }
    return result;
  }

  private unary(): bigint {
    if (++this.depth > MAX_DEPTH) this.fail("expression recursion level exceeded");
    const value = this.prefixed();
    this.depth--;
    return value;
  }

  private prefixed(): bigint {
    const operator = this.operatorIn(["!", "~", "+", "-", "++", "--"]);
    if (operator === undefined) return this.operand();
    this.advance();
    if ((operator === "++" || operator === "--") && this.token.kind === "name") {
      const target = this.token;
      const value = BigInt.asIntN(64, this.load(target) + (operator === "++" ? 1n : -1n));
      this.store(target, value);
      this.advance();
      this.justRead = false;
      return value;
    }
    const value = this.unary();
    this.justRead = false;
    switch (operator) {
      case "!":
        return value === 0n ? 1n : 0n;
      case "~":
        return ~value;
      case "-":
        return BigInt.asIntN(64, -value);
      default:
        return value;
    }
  }

  private operand(): bigint {
    const token = this.token;
    this.justRead = false;
    if (token.kind === "number") {
      this.advance();
      return token.value;
    }
    if (token.kind === "name") return this.variable(token);
    if (!this.is("(")) this.fail("syntax error: operand expected");
    this.advance();
    const value = this.comma();
    if (!this.is(")")) this.fail("missing `)'");
    this.advance();
    this.justRead = false;
    return value;
  }

  private variable(token: Extract<Token, { kind: "name" }>): bigint {
    const from = this.last;
    this.advance();
    const postfix = this.operatorIn(["++", "--"]);
    if (this.is("=")) {
      this.justRead = true;
      return 0n;
    }
    const after = this.last;
    this.last = from;
    const value = this.load(token);
    this.last = after;
    if (postfix !== undefined) {
      this.store(token, BigInt.asIntN(64, value + (postfix === "++" ? 1n : -1n)));
      this.advance();
      return value;
    }
    this.justRead = true;
    return value;
  }

  private load(token: Extract<Token, { kind: "name" }>): bigint {
    if (this.dry > 0) return 0n;
    const text = this.variables.get(token.name, token.index) ?? "";
    if (/^(0|[1-9]\d{0,17})$/.test(text)) return BigInt(text);
    return evaluate(text, this.variables, this.recursion + 1);
  }

  private store(token: Extract<Token, { kind: "name" }>, value: bigint): void {
    if (this.dry === 0) this.variables.set(token.name, token.index, value.toString());
  }
}

function calculate(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return a === b ? 1n : 0n;
    case "!=":
      return a !== b ? 1n : 0n;
    case "<=":
      return a <= b ? 1n : 0n;
    case ">=":
      return a >= b ? 1n : 0n;
    case "<":
      return a < b ? 1n : 0n;
    case ">":
      return a > b ? 1n : 0n;
    case "<<":
      return a << (b & 63n);
    case ">>":
      return a >> (b & 63n);
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      return a % b;
  }
}

/** Digits of bases up to 64: 0-9, a-z, A-Z, @, _; up to base 36 capitals are as small letters. */
function digitValue(c: string, base: number): number {
  if (c >= "0" && c <= "9") return c.charCodeAt(0) - 48;
  if (c >= "a" && c <= "z") return c.charCodeAt(0) - 87;
  if (c >= "A" && c <= "Z") return c.charCodeAt(0) - (base <= 36 ? 55 : 29);
  if (c === "@") return 62;
  return c === "_" ? 63 : -1;
}
