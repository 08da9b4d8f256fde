import type { TestBinaryExpression, TestCommand, TestExpression, TestUnaryExpression } from "unbash";
import type { Task } from "../../sim/task.ts";
import { tryArithmetic } from "./arithmetic-expansion.ts";
import { expandPattern, expandRegExp, expandWord } from "./expand.ts";
import { extendedRegExp } from "../text/regexp.ts";
import { binaryTest, TestFault, unaryTest } from "../text/test-expression.ts";
import { matchPattern } from "./pattern.ts";
import type { Shell } from "./shell.ts";
import { testContext } from "./test.ts";
import { trace } from "./trace.ts";
import { indexed } from "./variables.ts";

const STATUS_ERROR = 2;

/** `[[ ... ]]`: 0 true, 1 false, 2 when an operand cannot be used. */
export function* testCommand(shell: Shell, node: TestCommand): Task<number> {
  return yield* evaluate(shell, node.expression);
}

function* evaluate(shell: Shell, node: TestExpression): Task<number> {
  switch (node.type) {
    case "TestGroup":
      return yield* evaluate(shell, node.expression);
    case "TestNot": {
      const status = yield* evaluate(shell, node.operand);
      if (status > 1 || node.negations.length % 2 === 0) return status;
      return 1 - status;
    }
    case "TestLogical": {
      let status = 0;
      for (const operand of node.operands) {
        status = yield* evaluate(shell, operand);
        if ((status === 0) === (node.operator === "||")) return status;
      }
      return status;
    }
    case "TestUnary":
      return yield* unary(shell, node);
    case "TestBinary":
      return yield* binary(shell, node);
  }
}

function* unary(shell: Shell, node: TestUnaryExpression): Task<number> {
  const text = yield* expandWord(shell, node.operand);
  yield* trace(shell, () => `[[ ${node.operator} ${text === "" ? "''" : text} ]]`);
  let answer: boolean | undefined;
  try {
    answer = unaryTest(testContext(shell), node.operator === "-a" ? "-e" : node.operator, text);
  } catch (error) {
    if (!(error instanceof TestFault)) throw error;
    yield* shell.complain(`[[: ${error.message}`);
    return STATUS_ERROR;
  }
  if (answer === undefined) {
    yield* shell.complain(`${node.operator}: conditional operator not modelled`);
    return STATUS_ERROR;
  }
  return answer ? 0 : 1;
}

function* binary(shell: Shell, node: TestBinaryExpression): Task<number> {
  const { operator } = node;
  const left = yield* expandWord(shell, node.left);
  const shown = left === "" ? "''" : left;
  if (operator === "=~") return yield* matches(shell, left, node, shown);
  if (operator === "=" || operator === "==" || operator === "!=") {
    const pattern = yield* expandPattern(shell, node.right);
    yield* trace(shell, () => `[[ ${shown} ${operator} ${tracePattern(node, pattern)} ]]`);
    const ignoreCase = shell.options.shopt("nocasematch");
    return matchPattern(pattern, left, { ignoreCase }) === (operator !== "!=") ? 0 : 1;
  }
  const right = yield* expandWord(shell, node.right);
  yield* trace(shell, () => `[[ ${shown} ${operator} ${right === "" ? "''" : right} ]]`);
  if (/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) {
    const a = yield* tryArithmetic(shell, left, "[[: ");
    const b = a === undefined ? undefined : yield* tryArithmetic(shell, right, "[[: ");
    return a === undefined || b === undefined ? 1 : compare(operator, a, b) ? 0 : 1;
  }
  return binaryTest(left, operator, right) === true ? 0 : 1;
}

/** What `set -x` shows of a pattern: every character of a quoted part behind a backslash. */
function tracePattern(node: TestBinaryExpression, pattern: string): string {
  const parts = node.right.parts;
  if (parts?.length === 1 && /Quoted/.test(parts[0]!.type))
    return Array.from(pattern.replace(/\\(.)/gs, "$1"))
      .map((c) => `\\${c}`)
      .join("");
  return pattern === "" ? "''" : pattern;
}

function compare(operator: string, a: bigint, b: bigint): boolean {
  switch (operator) {
    case "-eq":
      return a === b;
    case "-ne":
      return a !== b;
    case "-lt":
      return a < b;
    case "-le":
      return a <= b;
    case "-gt":
      return a > b;
    default:
      return a >= b;
  }
}

function* matches(shell: Shell, text: string, node: TestBinaryExpression, shown: string): Task<number> {
  const source = yield* expandRegExp(shell, node.right);
  yield* trace(shell, () => `[[ ${shown} =~ ${source} ]]`);
  const expression = extendedRegExp(source, shell.options.shopt("nocasematch") ? "i" : "");
  const match = typeof expression === "string" ? undefined : expression.exec(text);
  const groups =
    match == null ? [] : match.map((group) => group as string | undefined).map((group) => group ?? "");
  shell.variables.ensureGlobal("BASH_REMATCH").value = indexed(groups).value;
  if (match === undefined) return STATUS_ERROR;
  return match === null ? 1 : 0;
}
