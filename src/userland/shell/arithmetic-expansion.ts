import type { Task } from "../../sim/task.ts";
import { ArithmeticError, type ArithmeticVariables, evaluate } from "./arithmetic.ts";
import { assignElement, assignScalar, elementText, ReadonlyError } from "./assign.ts";
import { Discard, Exit } from "./errors.ts";
import { expandText } from "./expand.ts";
import type { Shell } from "./shell.ts";

/** An unbound variable inside an expression, under `set -u`. */
class Unbound extends Error {}

function variablesOf(shell: Shell): ArithmeticVariables {
  return {
    get(name, index) {
      const text = index === undefined ? shell.variables.text(name) : elementText(shell, name, index);
      if (text === undefined && shell.options.has("nounset"))
        throw new Unbound(index === undefined ? name : `${name}[${index}]`);
      return text;
    },
    set(name, index, value) {
      if (index === undefined) assignScalar(shell, name, value);
      else assignElement(shell, name, index, value);
    },
  };
}

/** The value of an expression whose `$` expansions are done. Throws ArithmeticError and the like. */
export function evaluateText(shell: Shell, text: string): bigint {
  return evaluate(text, variablesOf(shell));
}

/**
 * The value of an expression as it stands in the script; a fault is written to standard error as `label` begins it, and
 * answered with undefined.
 */
export function* tryArithmetic(shell: Shell, raw: string, label = ""): Task<bigint | undefined> {
  const text = yield* expandText(shell, raw);
  try {
    return evaluateText(shell, text.replaceAll('"', ""));
  } catch (error) {
    yield* complainOf(shell, error, label);
    return undefined;
  }
}

/** Writes what went wrong in an expression; an unbound variable ends the shell. */
export function* complainOf(shell: Shell, error: unknown, label = ""): Task<void> {
  if (error instanceof Unbound) {
    yield* shell.complain(`${error.message}: unbound variable`);
    throw new Exit(1);
  }
  if (error instanceof ArithmeticError) yield* shell.complain(label + error.message);
  else if (error instanceof ReadonlyError) yield* shell.complain(error.message);
  else throw error;
}

/** As tryArithmetic where a fault drops the line: `$((...))`, subscripts, `${x:offset}`. */
export function* arithmetic(shell: Shell, raw: string): Task<bigint> {
  const value = yield* tryArithmetic(shell, raw);
  if (value === undefined) throw new Discard();
  return value;
}

/** `$((...))` or `$[...]`. */
export function* expandArithmeticPart(shell: Shell, text: string): Task<string> {
  const raw = text.startsWith("$((") ? text.slice(3, -2) : text.slice(2, -1);
  return (yield* arithmetic(shell, raw)).toString();
}
