import type { ParameterExpansionPart, Word } from "unbash";
import type { Task } from "../../sim/task.ts";
import { complainOfAssignment, elementText, expandSubscript } from "./assign.ts";
import { Discard, Exit } from "./errors.ts";
import { ifsOf } from "./expand.ts";
import type { Fields } from "./fields.ts";
import { applyOperation, useDefault } from "./parameter-operations.ts";
import type { Shell } from "./shell.ts";

/** What a parameter holds: one text, or the list that `@` and `*` stand for. */
export type Held =
  | { readonly kind: "one"; readonly text: string | undefined }
  | { readonly kind: "list"; readonly items: readonly string[]; readonly star: boolean };

/** `$name` without braces. */
export function* simpleParameter(shell: Shell, name: string, fields: Fields, quoted: boolean): Task<void> {
  const held = parameterValue(shell, name);
  if (held.kind === "one" && held.text === undefined) yield* checkBound(shell, name);
  put(shell, held, fields, quoted);
}

/** `$x` under `set -u`, where x is not set. */
export function* checkBound(shell: Shell, name: string): Task<void> {
  if (!shell.options.has("nounset")) return;
  yield* shell.complain(`${/^\d+$/.test(name) ? `$${name}` : name}: unbound variable`);
  throw new Exit(shell.commandString ? 127 : 1);
}

export function parameterValue(shell: Shell, name: string): Held {
  if (name === "@" || name === "*") return { kind: "list", items: shell.positional, star: name === "*" };
  if (/^\d/.test(name)) {
    const index = Number(name);
    return { kind: "one", text: index === 0 ? shell.name : shell.positional[index - 1] };
  }
  return { kind: "one", text: specialText(shell, name) ?? shell.variables.text(name) };
}

/** The parameters that are one punctuation mark, and `_`. */
function specialText(shell: Shell, name: string): string | undefined {
  switch (name) {
    case "#":
      return String(shell.positional.length);
    case "?":
      return String(shell.status);
    case "-":
      return shell.flags;
    case "$":
      return String(shell.shellPid);
    case "!":
      return shell.lastBackground === undefined ? undefined : String(shell.lastBackground);
    case "_":
      return shell.lastArgument;
    default:
      return undefined;
  }
}

/** Hands a value to the word that is being put together. */
export function put(shell: Shell, held: Held, fields: Fields, quoted: boolean): void {
  if (held.kind === "one") {
    const text = held.text ?? "";
    if (quoted) fields.literal(text);
    else fields.expansion(text);
    return;
  }
  if (held.star && (quoted || !fields.splitting)) {
    const joined = held.items.join(ifsOf(shell).slice(0, 1));
    if (quoted) fields.literal(joined);
    else fields.expansion(joined);
    return;
  }
  held.items.forEach((item, i) => {
    if (i > 0) {
      if (quoted) fields.next();
      else fields.nextIfBegun();
    }
    if (quoted) fields.literal(item);
    else fields.expansion(item);
  });
}

/** `${...}`. */
export function* expandParameter(
  shell: Shell,
  part: ParameterExpansionPart,
  fields: Fields,
  quoted: boolean,
): Task<void> {
  if (isBad(part)) return yield* bad(shell, part);
  if (part.operation?.type === "Names") {
    const names = shell.variables.names().filter((name) => name.startsWith(part.parameter));
    put(shell, { kind: "list", items: names, star: part.operation.operator === "*" }, fields, quoted);
    return;
  }
  const target = yield* targetOf(shell, part);
  const held = target.held;
  if (part.prefix === "#") {
    if (held.kind === "one" ? held.text === undefined : isUnsetArray(shell, part))
      yield* checkBound(shell, held.kind === "one" ? target.name : part.parameter);
    const length = held.kind === "list" ? held.items.length : lengthOf(held.text);
    put(shell, { kind: "one", text: String(length) }, fields, quoted);
    return;
  }
  const operation = part.operation;
  if (operation?.type === "Default") {
    yield* useDefault(shell, operation, target, fields, quoted);
    return;
  }
  if (held.kind === "one" && held.text === undefined) yield* checkBound(shell, target.name);
  if (operation === undefined) put(shell, held, fields, quoted);
  else put(shell, yield* applyOperation(shell, operation, target, part), fields, quoted);
}

function isUnsetArray(shell: Shell, part: ParameterExpansionPart): boolean {
  return part.index !== undefined && shell.variables.get(part.parameter) === undefined;
}

function lengthOf(text: string | undefined): number {
  return text === undefined ? 0 : Array.from(text).length;
}

function isBad(part: ParameterExpansionPart): boolean {
  if (part.parameter === "" || part.operation?.type === "Unknown") return true;
  if (
    part.operation?.type === "Slice" &&
    part.operation.offset.text === "" &&
    part.operation.length === undefined
  )
    return true;
  return !/^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])$/.test(part.parameter);
}

function* bad(shell: Shell, part: ParameterExpansionPart): Task<never> {
  yield* shell.complain(`${part.text}: bad substitution`);
  throw new Discard();
}

/** What an expansion is about: `name` as messages write it, and what it holds. */
export interface Target {
  readonly name: string;
  /** The variable and subscript that `:=` assigns to; undefined for special and positional parameters. */
  readonly variable: { readonly name: string; readonly index: string | undefined } | undefined;
  readonly held: Held;
}

function* targetOf(shell: Shell, part: ParameterExpansionPart): Task<Target> {
  const list = part.index?.text === "@" || part.index?.text === "*";
  if (part.prefix !== "!" || part.parameter === "!")
    return yield* plainTarget(shell, part.parameter, part.index);
  if (list) {
    const items = shell.variables.get(part.parameter)?.keys() ?? [];
    return {
      name: part.parameter,
      variable: undefined,
      held: { kind: "list", items, star: part.index.text === "*" },
    };
  }
  const reference = shell.variables.raw(part.parameter);
  if (reference?.reference === true && part.index === undefined)
    return { name: part.parameter, variable: undefined, held: { kind: "one", text: reference.text } };
  const outer = yield* plainTarget(shell, part.parameter, part.index);
  const name = outer.held.kind === "one" ? outer.held.text : outer.held.items.join(" ");
  if (name === undefined) {
    yield* shell.complain(`${part.parameter}: invalid indirect expansion`);
    throw new Discard();
  }
  const element = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(name);
  if (element !== null) {
    const text = element[2]!;
    return yield* plainTarget(shell, element[1]!, { type: "Word", text, value: text, pos: 0, end: 0 });
  }
  if (/^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])$/.test(name)) return yield* plainTarget(shell, name, undefined);
  yield* shell.complain(`${name}: invalid variable name`);
  throw new Discard();
}

function* plainTarget(shell: Shell, name: string, index: Word | undefined): Task<Target> {
  if (index === undefined) {
    const held = parameterValue(shell, name);
    const referred = shell.variables.resolve(name);
    const element = referred === name ? null : /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(referred);
    if (element !== null) {
      const text = element[2]!;
      return yield* plainTarget(shell, element[1]!, { type: "Word", text, value: text, pos: 0, end: 0 });
    }
    const variable = /^[A-Za-z_]/.test(name) ? { name, index: undefined } : undefined;
    return { name, variable, held };
  }
  if (index.text === "@" || index.text === "*") {
    const items = shell.variables.get(name)?.elements() ?? [];
    return {
      name: `${name}[${index.text}]`,
      variable: undefined,
      held: { kind: "list", items, star: index.text === "*" },
    };
  }
  const subscript = yield* expandSubscript(shell, name, index);
  try {
    const text = elementText(shell, name, subscript);
    return {
      name: `${name}[${index.text}]`,
      variable: { name, index: subscript },
      held: { kind: "one", text },
    };
  } catch (error) {
    yield* complainOfAssignment(shell, error);
    throw new Discard();
  }
}
