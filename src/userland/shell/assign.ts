import type { ArrayValue, Assignment, Word } from "unbash";
import type { Task } from "../../sim/task.ts";
import { complainOf, evaluateText } from "./arithmetic-expansion.ts";
import { Discard } from "./errors.ts";
import { expandText, expandWord, expandWords } from "./expand.ts";
import { parseWord } from "./reparse.ts";
import type { Shell } from "./shell.ts";
import type { Variable } from "./variables.ts";

export class ReadonlyError extends Error {
  constructor(name: string) {
    super(`${name}: readonly variable`);
  }
}

/** A subscript that cannot be one: the message follows the script's name and line. */
export class SubscriptError extends Error {}

/** An element of an array assignment, `value` or `[key]=value`. */
interface Element {
  readonly key: string | undefined;
  readonly append: boolean;
  readonly text: string;
}

/** An assignment whose right side is expanded. */
export interface Assigned {
  readonly name: string;
  readonly index: string | undefined;
  readonly append: boolean;
  readonly value: string | readonly Element[];
}

/** How a variable's attributes change what is assigned to it. */
function convert(shell: Shell, variable: Variable, text: string): string {
  if (variable.integer) return evaluateText(shell, text).toString();
  if (variable.lower) return text.toLowerCase();
  return variable.upper ? text.toUpperCase() : text;
}

/** `name=text`; of an array, its element 0. */
export function assignScalar(shell: Shell, name: string, text: string, append = false): void {
  const { variables } = shell;
  const at = variables.resolve(name);
  const subscript = /^(\w+)\[(.*)\]$/s.exec(at);
  if (subscript !== null) {
    assignElement(shell, subscript[1]!, subscript[2]!, text, append);
    return;
  }
  if (variables.setDynamic(at, text)) return;
  const variable = variables.ensure(at);
  assignTo(shell, variable, at, text, append);
}

/** As assignScalar, to a variable that is already at hand. */
export function assignTo(shell: Shell, variable: Variable, name: string, text: string, append = false): void {
  if (variable.readonly) throw new ReadonlyError(name);
  if (shell.options.has("allexport")) variable.exported = true;
  const old = append ? (variable.text ?? "") : "";
  const whole = variable.integer && append ? `(${old === "" ? "0" : old})+(${text})` : old + text;
  const result = convert(shell, variable, whole);
  switch (variable.value.kind) {
    case "indexed":
      variable.value.items.set(0, result);
      return;
    case "associative":
      variable.value.items.set("0", result);
      return;
    default:
      variable.value = { kind: "scalar", text: result };
  }
}

/** The items of an indexed array; a scalar becomes its element 0. */
function indexedItems(variable: Variable): Map<number, string> {
  if (variable.value.kind === "indexed") return variable.value.items;
  const items = new Map<number, string>();
  if (variable.value.kind === "scalar") items.set(0, variable.value.text);
  variable.value = { kind: "indexed", items };
  return items;
}

/** The index that a subscript's text means; negative ones count from the end. */
function indexOf(shell: Shell, name: string, variable: Variable | undefined, subscript: string): number {
  const value = Number(evaluateText(shell, subscript));
  if (value >= 0) return value;
  const keys = variable?.value.kind === "indexed" ? [...variable.value.items.keys()] : [];
  const from = Math.max(-1, ...keys) + 1 + value;
  if (from < 0) throw new SubscriptError(`${name}[${subscript}]: bad array subscript`);
  return from;
}

export function assignElement(
  shell: Shell,
  name: string,
  subscript: string,
  text: string,
  append = false,
): void {
  assignElementOf(shell, shell.variables.ensure(name), name, subscript, text, append);
}

function assignElementOf(
  shell: Shell,
  variable: Variable,
  name: string,
  subscript: string,
  text: string,
  append: boolean,
): void {
  if (variable.readonly) throw new ReadonlyError(name);
  if (subscript === "") throw new SubscriptError(`${name}[]: bad array subscript`);
  const sum = (old: string | undefined): string =>
    convert(
      shell,
      variable,
      append ? (variable.integer ? `(${old ?? "0"})+(${text})` : (old ?? "") + text) : text,
    );
  if (variable.value.kind === "associative") {
    const { items } = variable.value;
    items.set(subscript, sum(items.get(subscript)));
    return;
  }
  const index = indexOf(shell, name, variable, subscript);
  const items = indexedItems(variable);
  items.set(index, sum(items.get(index)));
}

/** `${name[subscript]}` for a subscript that is one element. */
export function elementText(shell: Shell, name: string, subscript: string): string | undefined {
  const variable = shell.variables.get(name);
  if (variable?.value.kind === "associative") return variable.value.items.get(subscript);
  const index = indexOf(shell, name, variable, subscript);
  if (variable?.value.kind === "indexed") return variable.value.items.get(index);
  return index === 0 ? variable?.text : undefined;
}

/** `unset name[subscript]`. */
export function unsetElement(shell: Shell, name: string, subscript: string): void {
  const variable = shell.variables.get(name);
  if (variable === undefined) return;
  if (variable.readonly) throw new ReadonlyError(name);
  if (variable.value.kind === "associative") variable.value.items.delete(subscript);
  else if (variable.value.kind === "indexed") {
    if (subscript === "@" || subscript === "*") variable.value.items.clear();
    else variable.value.items.delete(indexOf(shell, name, variable, subscript));
  }
}

/** Expands the right side and the subscript of an assignment; nothing is assigned yet. */
export function* expandAssignment(shell: Shell, node: Assignment): Task<Assigned> {
  const index = node.index === undefined ? undefined : yield* expandSubscript(shell, node.name, node.index);
  const append = node.append === true;
  if (node.value.type === "Word")
    return { name: node.name, index, append, value: yield* expandWord(shell, node.value, "assignment") };
  return { name: node.name, index, append, value: yield* expandElements(shell, node.value) };
}

/** A subscript's text with its expansions done; of an associative array its quotes are taken off too. */
export function* expandSubscript(shell: Shell, name: string, index: Word): Task<string> {
  const associative = shell.variables.get(name)?.value.kind === "associative";
  return associative
    ? yield* expandWord(shell, index)
    : (yield* expandText(shell, index.text)).replaceAll('"', "");
}

function* expandElements(shell: Shell, array: ArrayValue): Task<Element[]> {
  const out: Element[] = [];
  for (const word of array.elements) {
    const keyed = splitKey(word.text);
    if (keyed === undefined) {
      for (const text of yield* expandWords(shell, [word])) out.push({ key: undefined, append: false, text });
      continue;
    }
    const key = yield* expandWord(shell, parseWord(keyed.key).value);
    const text = yield* expandWord(shell, parseWord(keyed.value).value, "assignment");
    out.push({ key, append: keyed.append, text });
  }
  return out;
}

/** `[key]=value` or `[key]+=value`. */
function splitKey(text: string): { key: string; append: boolean; value: string } | undefined {
  if (!text.startsWith("[")) return undefined;
  let quote = "";
  for (let i = 1; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== "") quote = c === quote ? "" : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === "\\") i++;
    else if (c === "]") {
      const operator = /^\+?=/.exec(text.slice(i + 1))?.[0];
      if (operator === undefined) return undefined;
      return { key: text.slice(1, i), append: operator === "+=", value: text.slice(i + 1 + operator.length) };
    }
  }
  return undefined;
}

/** Carries an assignment out on a variable. Throws ReadonlyError, SubscriptError and what arithmetic throws. */
export function carryOut(shell: Shell, variable: Variable, assigned: Assigned): void {
  const { name, index, append, value } = assigned;
  if (variable.readonly) throw new ReadonlyError(name);
  if (typeof value === "string") {
    if (index === undefined) assignTo(shell, variable, name, value, append);
    else assignElementOf(shell, variable, name, index, value, append);
    return;
  }
  if (variable.value.kind === "associative") {
    if (!append) variable.value.items.clear();
    assignPairs(shell, variable, name, value);
    return;
  }
  if (append) indexedItems(variable);
  else variable.value = { kind: "indexed", items: new Map() };
  const items = indexedItems(variable);
  let next = Math.max(-1, ...items.keys()) + 1;
  for (const element of value) {
    if (element.key !== undefined) next = indexOf(shell, name, variable, element.key);
    const old = element.append ? (items.get(next) ?? "") : "";
    items.set(next, convert(shell, variable, old + element.text));
    next++;
  }
}

/** An associative array takes `[key]=value` elements, or keys and values in turn. */
function assignPairs(shell: Shell, variable: Variable, name: string, elements: readonly Element[]): void {
  if (elements[0]?.key === undefined) {
    for (let i = 0; i < elements.length; i += 2)
      assignElementOf(shell, variable, name, elements[i]!.text, elements[i + 1]?.text ?? "", false);
    return;
  }
  for (const { key, text, append } of elements) {
    if (key === undefined)
      throw new SubscriptError(`${name}: ${text}: must use subscript when assigning associative array`);
    assignElementOf(shell, variable, name, key, text, append);
  }
}

/** Assigns where a script says so; a fault is written and drops the line. */
export function* assign(shell: Shell, assigned: Assigned): Task<void> {
  try {
    const { name, index, append, value } = assigned;
    if (typeof value === "string" && index === undefined) assignScalar(shell, name, value, append);
    else carryOut(shell, shell.variables.ensure(name), assigned);
  } catch (error) {
    yield* complainOfAssignment(shell, error);
    throw new Discard();
  }
}

/** Writes why an assignment failed. */
export function* complainOfAssignment(shell: Shell, error: unknown, label = ""): Task<void> {
  if (error instanceof ReadonlyError || error instanceof SubscriptError)
    yield* shell.complain(label + error.message);
  else yield* complainOf(shell, error, label);
}
