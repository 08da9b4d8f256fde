import ts from "typescript";
import type { Finding } from "./rules.ts";
import { codeLinesIn, lineOf, type Source, walk } from "./source.ts";
import { budgets, type Exception } from "./table.ts";

/** A file, or one function of it, with its length in lines of code and the length that it may have. */
interface Measure {
  readonly line: number;
  readonly name: string | undefined;
  readonly lines: number;
  readonly limit: number;
}

function functionName(node: ts.FunctionLikeDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  if (node.name !== undefined) return node.name.getText();
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return "(anonymous)";
}

function hasBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

function measureFunctions(source: Source): Measure[] {
  const found: Measure[] = [];
  walk(source.file, (node) => {
    if (!hasBody(node)) return;
    const name = functionName(node);
    const component = source.path.endsWith(".tsx") && /^[A-Z]/.test(name);
    const limit = component ? budgets.component : budgets.function;
    found.push({ line: lineOf(node), name, lines: codeLinesIn(source, node), limit });
  });
  return found;
}

function measure(source: Source): Measure[] {
  const lines = source.codeLines.size;
  if (source.isTest) return [{ line: 1, name: undefined, lines, limit: budgets.testFile }];
  const limit = budgets.tighter[source.path]?.lines ?? budgets.file;
  return [{ line: 1, name: undefined, lines, limit }, ...measureFunctions(source)];
}

/** Files and functions that are longer than they may be. */
export function tooLong(source: Source, exceptions: readonly Exception[] = budgets.exceptions): Finding[] {
  return measure(source).flatMap(({ line, name, lines, limit }) => {
    const exception = exceptions.find((known) => known.path === source.path && known.function === name);
    const allowed = exception?.lines ?? limit;
    if (lines <= allowed) return [];
    const what = name === undefined ? "the file" : `function ${name}`;
    const message = `${what} has ${lines} lines of code, ${allowed} are allowed; split it by what it decides`;
    return [{ path: source.path, line, rule: "budgets", message }];
  });
}

/** Exceptions whose file, function or excess is gone: the list only shrinks. */
export function staleExceptions(
  sources: readonly Source[],
  exceptions: readonly Exception[] = budgets.exceptions,
): Finding[] {
  return exceptions.flatMap((exception) => {
    const source = sources.find(({ path }) => path === exception.path);
    const measured = source === undefined ? [] : measure(source);
    const needed = measured.some(({ name, lines, limit }) => name === exception.function && lines > limit);
    if (needed && exception.reason.trim() !== "") return [];
    const what =
      exception.function === undefined ? exception.path : `${exception.function} of ${exception.path}`;
    const message = needed
      ? `the exception for ${what} gives no reason; say why it must be longer`
      : `the exception for ${what} is no longer needed; remove it`;
    return [{ path: "src/testkit/architecture/budgets.json", line: 1, rule: "budgets", message }];
  });
}
