import { statFile } from "../os/files.ts";
import { isExecutable } from "../os/fs.ts";
import type { Process } from "../os/process.ts";

/** What the operators of test(1) ask about. */
export interface TestContext {
  readonly process: Process;
  /** `-v`: absent outside a shell. */
  variableSet?(name: string): boolean;
  /** `-o`. */
  optionSet?(name: string): boolean;
}

/** A fault in an expression: the words after `test: `. */
export class TestFault extends Error {}

const UNARY = /^-[abcdefghknoprstuvwxzGLNORS]$/;
const BINARY = /^(?:=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

/** The answer of a unary operator; undefined for one that is not modelled. */
export function unaryTest(context: TestContext, operator: string, text: string): boolean | undefined {
  switch (operator) {
    case "-n":
      return text !== "";
    case "-z":
      return text === "";
    case "-v":
      return context.variableSet?.(text) ?? false;
    case "-o":
      return context.optionSet?.(text) ?? false;
    case "-t":
      return context.process.files.get(integer(text))?.isTerminal ?? false;
    case "-L":
    case "-h":
    case "-b":
    case "-p":
    case "-S":
    case "-g":
    case "-k":
    case "-u":
      return false;
    case "-N":
      return undefined;
    default:
      return fileTest(context.process, operator, text);
  }
}

function fileTest(process: Process, operator: string, path: string): boolean {
  const stat = statFile(process, path);
  if (stat === undefined) return false;
  switch (operator) {
    case "-f":
      return stat.kind === "file";
    case "-d":
      return stat.kind === "directory";
    case "-c":
      return stat.kind === "device";
    case "-s":
      return stat.size > 0;
    case "-x":
      return stat.kind === "directory" || isExecutable(stat);
    default:
      return true;
  }
}

/** The answer of a binary operator; undefined for one that is not modelled. */
export function binaryTest(left: string, operator: string, right: string): boolean | undefined {
  switch (operator) {
    case "=":
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "-eq":
      return integer(left) === integer(right);
    case "-ne":
      return integer(left) !== integer(right);
    case "-lt":
      return integer(left) < integer(right);
    case "-le":
      return integer(left) <= integer(right);
    case "-gt":
      return integer(left) > integer(right);
    case "-ge":
      return integer(left) >= integer(right);
    default:
      return undefined;
  }
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestFault(`${text}: integer expression expected`);
  return Number(text);
}

/** The value of a test(1) expression. Throws TestFault. */
export function evaluateTest(context: TestContext, words: readonly string[]): boolean {
  return new TestParser(context, words).whole();
}

class TestParser {
  private readonly context: TestContext;
  private readonly words: readonly string[];
  private at = 0;

  constructor(context: TestContext, words: readonly string[]) {
    this.context = context;
    this.words = words;
  }

  /** POSIX decides by the number of words up to four; beyond that the grammar does. */
  whole(): boolean {
    const { words } = this;
    switch (words.length) {
      case 0:
        return false;
      case 1:
        return words[0] !== "";
      case 2:
        return this.two(words);
      case 3:
        return this.three(words);
      case 4:
        if (words[0] === "!") return !this.three(words.slice(1));
        if (words[0] === "(" && words[3] === ")") return this.two(words.slice(1, 3));
    }
    const value = this.or();
    if (this.at < words.length) throw new TestFault("too many arguments");
    return value;
  }

  private two(words: readonly string[]): boolean {
    if (words[0] === "!") return words[1] === "";
    if (UNARY.test(words[0]!)) return this.unary(words[0]!, words[1]!);
    throw new TestFault(`${words[0]}: unary operator expected`);
  }

  private three(words: readonly string[]): boolean {
    const [left, operator, right] = [words[0]!, words[1]!, words[2]!];
    if (BINARY.test(operator)) return this.binary(left, operator, right);
    if (operator === "-a") return left !== "" && right !== "";
    if (operator === "-o") return left !== "" || right !== "";
    if (left === "!") return !this.two(words.slice(1));
    if (left === "(" && right === ")") return operator !== "";
    throw new TestFault(`${operator}: binary operator expected`);
  }

  private or(): boolean {
    let value = this.and();
    while (this.words[this.at] === "-o") {
      this.at++;
      const right = this.and();
      value = value || right;
    }
    return value;
  }

  private and(): boolean {
    let value = this.term();
    while (this.words[this.at] === "-a") {
      this.at++;
      const right = this.term();
      value = value && right;
    }
    return value;
  }

  private term(): boolean {
    const word = this.words[this.at];
    if (word === undefined) throw new TestFault("argument expected");
    const operator = this.words[this.at + 1];
    if (operator !== undefined && BINARY.test(operator) && this.at + 2 < this.words.length) {
      this.at += 3;
      return this.binary(word, operator, this.words[this.at - 1]!);
    }
    if (word === "!") {
      this.at++;
      return !this.term();
    }
    if (word === "(") return this.group();
    if (UNARY.test(word) && operator !== undefined) {
      this.at += 2;
      return this.unary(word, operator);
    }
    this.at++;
    return word !== "";
  }

  private group(): boolean {
    this.at++;
    const value = this.or();
    if (this.words[this.at] !== ")") throw new TestFault("`)' expected");
    this.at++;
    return value;
  }

  private unary(operator: string, text: string): boolean {
    const value = unaryTest(this.context, operator === "-a" ? "-e" : operator, text);
    if (value === undefined) throw new TestFault(`${operator}: operator not modelled`);
    return value;
  }

  private binary(left: string, operator: string, right: string): boolean {
    const value = binaryTest(left, operator, right);
    if (value === undefined) throw new TestFault(`${operator}: operator not modelled`);
    return value;
  }
}
