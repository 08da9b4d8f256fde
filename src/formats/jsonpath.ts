import { err, ok, type Result } from "../base/result.ts";
import { compareText, isList, isRecord, sameJson, sortedJson, jsonText } from "./json.ts";
import { type Operand, parseJsonPath, type PathStep, type TemplateNode } from "./jsonpath-parse.ts";

/** A template ready to be applied to objects. */
export interface JsonPath {
  /** The text that the template makes of `root`, or the engine's complaint. Fields that are not there give nothing. */
  print(root: unknown): Result<string, string>;
  /** The values that the first path of the template finds. */
  find(root: unknown): Result<readonly unknown[], string>;
}

class OutOfBounds extends Error {}

/** Models: k8s.io/client-go/util/jsonpath with AllowMissingKeys. */
export function compileJsonPath(template: string): Result<JsonPath, string> {
  const parsed = parseJsonPath(template);
  if (!parsed.ok) return parsed;
  const nodes = parsed.value;
  return ok({
    print: (root) => guarded(() => printAll(nodes, root, root)),
    find: (root) =>
      guarded(() => {
        const first = nodes.find((node) => node.kind === "path");
        return first === undefined ? [] : walk(first.steps, [root]);
      }),
  });
}

/** `{.a}`, `.a` and `a` alike, as -o custom-columns, --sort-by and wait take them. */
export function relaxedJsonPath(text: string): string {
  const m = /^\{?\.?([^{}]+?)\}?$/.exec(text.trim());
  return m === null ? text : `{.${m[1]!}}`;
}

function guarded<T>(run: () => T): Result<T, string> {
  try {
    return ok(run());
  } catch (error) {
    if (error instanceof OutOfBounds) return err(error.message);
    throw error;
  }
}

function printAll(nodes: readonly TemplateNode[], current: unknown, root: unknown): string {
  let out = "";
  for (const node of nodes) {
    if (node.kind === "text") out += node.text;
    else if (node.kind === "path") out += walk(node.steps, [current]).map(show).join(" ");
    else for (const item of walk(node.steps, [current])) out += printAll(node.body, item, root);
  }
  return out;
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(sortedJson(value)) : jsonText(value);
}

function walk(steps: readonly PathStep[], from: readonly unknown[]): readonly unknown[] {
  let current = from;
  for (const step of steps) current = current.flatMap((value) => take(step, value));
  return current;
}

function children(value: unknown): readonly unknown[] {
  if (isList(value)) return value;
  return isRecord(value)
    ? Object.keys(value)
        .toSorted(compareText)
        .map((key) => value[key])
    : [];
}

function descend(value: unknown): readonly unknown[] {
  return [value, ...children(value).flatMap(descend)];
}

function take(step: PathStep, value: unknown): readonly unknown[] {
  switch (step.kind) {
    case "field":
      return field(value, step.name);
    case "union":
      return step.names.flatMap((name) => field(value, name));
    case "wildcard":
      return children(value);
    case "recursive":
      return descend(value).filter((item) => typeof item === "object" && item !== null);
    case "slice":
      return slice(step, value);
    case "filter":
      return isList(value) ? value.filter((item) => passes(step, item)) : [];
  }
}

function field(value: unknown, name: string): readonly unknown[] {
  if (!isRecord(value) || !Object.hasOwn(value, name) || value[name] === undefined) return [];
  return [value[name]];
}

function slice(step: PathStep & { kind: "slice" }, value: unknown): readonly unknown[] {
  if (!isList(value)) return [];
  const n = value.length;
  const from = step.from ?? 0;
  const start = from < 0 ? from + n : from;
  if (step.one) {
    if (start < 0 || start >= n)
      throw new OutOfBounds(`array index out of bounds: index ${start}, length ${n}`);
    return [value[start]];
  }
  const to = step.to ?? n;
  const end = Math.min(n, to < 0 ? to + n : to);
  return value.slice(start, end).filter((_, i) => i % step.step === 0);
}

function passes(step: PathStep & { kind: "filter" }, item: unknown): boolean {
  const left = operandValue(step.left, item);
  if (step.operator === "exists") return left !== undefined;
  const right = step.right === undefined ? undefined : operandValue(step.right, item);
  if (left === undefined || right === undefined) return false;
  if (step.operator === "==") return sameJson(left, right);
  if (step.operator === "!=") return !sameJson(left, right);
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const order = typeof left === "number" ? left - Number(right) : compareText(left, jsonText(right));
  switch (step.operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

function operandValue(operand: Operand, item: unknown): unknown {
  return operand.kind === "value" ? operand.value : walk(operand.steps, [item])[0];
}
