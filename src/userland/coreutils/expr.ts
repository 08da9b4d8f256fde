import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { compileRegExp } from "../text/regexp.ts";

const STATUS_SYNTAX = 2;

class ExprFault extends Error {}

/** expr(1). */
export function* expr(process: Process): Task<number> {
  const words = process.argv.slice(process.argv[1] === "--" ? 2 : 1);
  if (words.length === 0) {
    yield* process.printError("expr: missing operand\nTry 'expr --help' for more information.\n");
    return STATUS_SYNTAX;
  }
  try {
    const value = new Parser(words).whole();
    yield* process.print(`${value}\n`);
    return value === "" || /^-?0+$/.test(value) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ExprFault)) throw error;
    yield* process.printError(`expr: ${error.message}\n`);
    return STATUS_SYNTAX;
  }
}

/** Operators by how strongly they bind, weakest first. */
const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["&"],
  ["<", "<=", "=", "==", "!=", ">=", ">"],
  ["+", "-"],
  ["*", "/", "%"],
  [":"],
];

class Parser {
  private readonly words: readonly string[];
  private at = 0;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  whole(): string {
    const value = this.level(0);
    const rest = this.words[this.at];
    if (rest !== undefined) throw new ExprFault(`syntax error: unexpected argument '${rest}'`);
    return value;
  }

  private level(n: number): string {
    const operators = LEVELS[n];
    if (operators === undefined) return this.primary();
    let left = this.level(n + 1);
    for (
      let word = this.words[this.at];
      word !== undefined && operators.includes(word);
      word = this.words[this.at]
    ) {
      this.at++;
      left = apply(word, left, this.level(n + 1));
    }
    return left;
  }

  private next(): string {
    const word = this.words[this.at++];
    if (word === undefined)
      throw new ExprFault(`syntax error: missing argument after '${this.words.at(-1) ?? ""}'`);
    return word;
  }

  private primary(): string {
    const word = this.next();
    switch (word) {
      case "+":
        return this.next();
      case "(": {
        const value = this.level(0);
        if (this.words[this.at++] !== ")")
          throw new ExprFault(`syntax error: expecting ')' after '${this.words.at(-1)!}'`);
        return value;
      }
      case "length":
        return String(Array.from(this.primary()).length);
      case "match":
        return apply(":", this.primary(), this.primary());
      case "index": {
        const text = this.primary();
        const set = this.primary();
        return String(Array.from(text).findIndex((c) => set.includes(c)) + 1);
      }
      case "substr": {
        const text = this.primary();
        const [from, count] = [Number(this.primary()), Number(this.primary())];
        return from >= 1 && count >= 1 ? text.slice(from - 1, from - 1 + count) : "";
      }
      default:
        return word;
    }
  }
}

function integer(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new ExprFault("non-integer argument");
  return BigInt(text);
}

function isNull(text: string): boolean {
  return text === "" || /^-?0+$/.test(text);
}

function apply(operator: string, left: string, right: string): string {
  switch (operator) {
    case "|":
      return !isNull(left) ? left : isNull(right) ? "0" : right;
    case "&":
      return isNull(left) || isNull(right) ? "0" : left;
    case ":":
      return match(left, right);
    case "+":
      return String(integer(left) + integer(right));
    case "-":
      return String(integer(left) - integer(right));
    case "*":
      return String(integer(left) * integer(right));
    case "/":
    case "%": {
      const divisor = integer(right);
      if (divisor === 0n) throw new ExprFault("division by zero");
      return String(operator === "/" ? integer(left) / divisor : integer(left) % divisor);
    }
    default:
      return compare(operator, left, right) ? "1" : "0";
  }
}

function compare(operator: string, left: string, right: string): boolean {
  const numbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right);
  const order = numbers ? Number(BigInt(left) - BigInt(right)) : left < right ? -1 : left > right ? 1 : 0;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}

function match(text: string, pattern: string): string {
  const expression = compileRegExp(pattern.startsWith("^") ? pattern : `^${pattern}`, { extended: false });
  if (typeof expression === "string") throw new ExprFault(expression);
  const found = expression.exec(text);
  if (/\\\(/.test(pattern)) return found?.[1] ?? "";
  return String(found === null ? 0 : Array.from(found[0]).length);
}
