import type { Task } from "../../../sim/task.ts";
import { type Assigned, carryOut, complainOfAssignment, ReadonlyError, unsetElement } from "../assign.ts";
import { functionText } from "../print.ts";
import { doubleQuote } from "../quote.ts";
import type { Shell } from "../shell.ts";
import type { Attributes, Variable } from "../variables.ts";
import { notModelled, print, refuseOption } from "./output.ts";
import type { BuiltinCall } from "./types.ts";

const LETTERS: Readonly<Record<string, keyof Attributes>> = {
  i: "integer",
  l: "lower",
  n: "reference",
  r: "readonly",
  u: "upper",
  x: "exported",
};

interface Request {
  readonly on: Set<string>;
  readonly off: Set<string>;
  readonly rest: readonly (string | Assigned)[];
}

/** Options of `declare` and its kin; the string is an option that there is not. */
function parse(call: BuiltinCall, allowed: string): Request | string {
  const on = new Set<string>();
  const off = new Set<string>();
  let at = 0;
  for (; at < call.declared.length; at++) {
    const word = call.declared[at]!;
    if (word === "--") {
      at++;
      break;
    }
    if (typeof word !== "string" || !/^[-+]./.test(word)) break;
    for (const letter of word.slice(1)) {
      if (!allowed.includes(letter)) return `${word[0]!}${letter}`;
      (word.startsWith("-") ? on : off).add(letter);
    }
  }
  return { on, off, rest: call.declared.slice(at) };
}

/** `declare`, `typeset`, `local`. */
export function* declare(shell: Shell, call: BuiltinCall): Task<number> {
  const request = parse(call, "aAfFgiIlnprtux");
  if (typeof request === "string") return yield* refuseOption(shell, call, request);
  const local = call.name === "local";
  if (local && !shell.variables.inFunction) {
    yield* shell.complain("local: can only be used in a function");
    return 1;
  }
  for (const letter of ["I", "t"])
    if (request.on.has(letter)) return yield* notModelled(shell, call.name, `-${letter}`);
  if (request.on.has("f") || request.on.has("F")) return yield* showFunctions(shell, call, request);
  if (request.on.has("p") || (request.rest.length === 0 && !local)) return yield* show(shell, call, request);
  if (request.rest.length === 0) {
    const names = shell.variables.localNames();
    return yield* print(shell, call.name, names.map((name) => assignmentLine(shell, name)).join(""));
  }
  let status = 0;
  for (const each of request.rest) {
    const global = request.on.has("g") || !shell.variables.inFunction;
    const found = yield* declareOne(shell, call, each, request, (name) => {
      if (request.on.has("g")) return shell.variables.ensureGlobal(name);
      return global ? shell.variables.ensure(name) : shell.variables.ensureLocal(name);
    });
    if (!found) status = 1;
  }
  return status;
}

export function* exports(shell: Shell, call: BuiltinCall): Task<number> {
  const request = parse(call, "fnp");
  if (typeof request === "string") return yield* refuseOption(shell, call, request);
  if (request.on.has("f")) return yield* notModelled(shell, "export", "-f");
  if (request.rest.length === 0) return yield* showAll(shell, call, (variable) => variable.exported);
  const { on, off, rest } = request;
  const wish: Request = on.has("n")
    ? { on: new Set(), off: new Set([...off, "x"]), rest }
    : { on: new Set(["x"]), off, rest };
  return yield* declareAll(shell, call, wish);
}

export function* readonly(shell: Shell, call: BuiltinCall): Task<number> {
  const request = parse(call, "aAfp");
  if (typeof request === "string") return yield* refuseOption(shell, call, request);
  if (request.on.has("f")) return yield* notModelled(shell, "readonly", "-f");
  if (request.rest.length === 0) return yield* showAll(shell, call, (variable) => variable.readonly);
  request.on.delete("p");
  return yield* declareAll(shell, call, { ...request, on: new Set([...request.on, "r"]) });
}

function* declareAll(shell: Shell, call: BuiltinCall, request: Request): Task<number> {
  let status = 0;
  for (const each of request.rest) {
    const done = yield* declareOne(shell, call, each, request, (name) => shell.variables.ensure(name));
    if (!done) status = 1;
  }
  return status;
}

/** An argument that came as a word after all: `declare "$name=$value"`. */
function asAssigned(word: string | Assigned): Assigned | { readonly name: string } {
  if (typeof word !== "string") return word;
  const match = /^([A-Za-z_]\w*)(?:\[([^\]]*)\])?(\+?)=([\s\S]*)$/.exec(word);
  if (match === null) return { name: word };
  return { name: match[1]!, index: match[2], append: match[3] === "+", value: match[4]! };
}

function* declareOne(
  shell: Shell,
  call: BuiltinCall,
  word: string | Assigned,
  request: Request,
  variableOf: (name: string) => Variable,
): Task<boolean> {
  const wanted = asAssigned(word);
  const { name } = wanted;
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    yield* shell.complain(
      `${call.name}: \`${typeof word === "string" ? word : name}': not a valid identifier`,
    );
    return false;
  }
  try {
    const variable = variableOf(name);
    if (variable.readonly && (request.off.has("r") || "value" in wanted)) throw new ReadonlyError(name);
    shape(variable, request);
    for (const letter of request.off) setAttribute(variable, letter, false);
    for (const letter of request.on) if (letter !== "r") setAttribute(variable, letter, true);
    if ("value" in wanted) carryOut(shell, variable, wanted);
    if (request.on.has("r")) variable.readonly = true;
    return true;
  } catch (error) {
    yield* complainOfAssignment(
      shell,
      error,
      call.name === "export" || call.name === "readonly" ? "" : `${call.name}: `,
    );
    return false;
  }
}

function shape(variable: Variable, request: Request): void {
  const { value } = variable;
  if (request.on.has("A") && value.kind !== "associative") {
    const items = new Map(value.kind === "scalar" ? [["0", value.text]] : []);
    variable.value = { kind: "associative", items };
  } else if (request.on.has("a") && (value.kind === "unset" || value.kind === "scalar")) {
    const items = new Map(value.kind === "scalar" ? [[0, value.text]] : []);
    variable.value = { kind: "indexed", items };
  }
}

function setAttribute(variable: Variable, letter: string, value: boolean): void {
  const attribute = LETTERS[letter];
  if (attribute === undefined) return;
  variable[attribute] = value;
  if (value && attribute === "lower") variable.upper = false;
  if (value && attribute === "upper") variable.lower = false;
}

/** `declare -p`'s line for a variable. */
export function declareLine(name: string, variable: Variable): string {
  let letters = "";
  if (variable.value.kind === "indexed") letters += "a";
  if (variable.value.kind === "associative") letters += "A";
  for (const [letter, attribute] of Object.entries(LETTERS)) if (variable[attribute]) letters += letter;
  const head = `declare -${letters === "" ? "-" : letters} ${name}`;
  return `${head}${valueText(variable)}\n`;
}

function valueText(variable: Variable): string {
  switch (variable.value.kind) {
    case "unset":
      return "";
    case "scalar":
      return `=${doubleQuote(variable.value.text)}`;
    case "indexed":
    case "associative": {
      const keys = variable.keys();
      const items = variable.elements().map((text, i) => `[${subscript(keys[i]!)}]=${doubleQuote(text)}`);
      const close = variable.value.kind === "associative" && items.length > 0 ? " )" : ")";
      return `=(${items.join(" ")}${close}`;
    }
  }
}

function subscript(key: string): string {
  return /^[\w.:/-]+$/.test(key) ? key : doubleQuote(key);
}

function assignmentLine(shell: Shell, name: string): string {
  const variable = shell.variables.get(name);
  return variable === undefined || variable.value.kind === "unset" ? "" : `${name}${plainValue(variable)}\n`;
}

function plainValue(variable: Variable): string {
  return variable.value.kind === "scalar" ? `=${variable.value.text}` : valueText(variable);
}

function* showAll(shell: Shell, call: BuiltinCall, wanted: (variable: Variable) => boolean): Task<number> {
  let out = "";
  for (const name of shell.variables.names()) {
    const variable = shell.variables.get(name);
    if (variable !== undefined && wanted(variable)) out += declareLine(name, variable);
  }
  return yield* print(shell, call.name, out);
}

function* show(shell: Shell, call: BuiltinCall, request: Request): Task<number> {
  const letters = [...request.on].filter((letter) => letter !== "p");
  if (request.rest.length === 0) {
    const fits = (variable: Variable): boolean =>
      letters.every((letter) => {
        if (letter === "a") return variable.value.kind === "indexed";
        if (letter === "A") return variable.value.kind === "associative";
        const attribute = LETTERS[letter];
        return attribute === undefined || variable[attribute];
      });
    return yield* showAll(shell, call, fits);
  }
  let status = 0;
  for (const word of request.rest) {
    const name = typeof word === "string" ? word : word.name;
    const variable = shell.variables.raw(name);
    if (variable !== undefined) yield* print(shell, call.name, declareLine(name, variable));
    else {
      yield* shell.complain(`${call.name}: ${name}: not found`);
      status = 1;
    }
  }
  return status;
}

function* showFunctions(shell: Shell, call: BuiltinCall, request: Request): Task<number> {
  const named = request.rest.filter((word) => typeof word === "string");
  const names = named.length > 0 ? named : [...shell.functions.keys()].sort();
  let status = 0;
  for (const name of names) {
    const definition = shell.functions.get(name);
    if (definition === undefined) status = 1;
    else if (!request.on.has("F")) yield* print(shell, call.name, `${functionText(definition)}\n`);
    else yield* print(shell, call.name, named.length > 0 ? `${name}\n` : `declare -f ${name}\n`);
  }
  return status;
}

export function* unset(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  let kind = "";
  while (/^-./.test(words[0] ?? "")) {
    const option = words[0]!;
    words = words.slice(1);
    if (option === "--") break;
    if (!/^-[fvn]+$/.test(option)) return yield* refuseOption(shell, call, option.slice(0, 2));
    kind = option.slice(1);
  }
  let status = 0;
  for (const word of words) {
    const message = kind === "f" ? removeFunction(shell, word) : removeVariable(shell, word, kind);
    if (message === undefined) continue;
    yield* shell.complain(`unset: ${message}`);
    status = 1;
  }
  return status;
}

function removeFunction(shell: Shell, name: string): string | undefined {
  shell.functions.delete(name);
  return undefined;
}

function removeVariable(shell: Shell, word: string, kind: string): string | undefined {
  const element = /^([A-Za-z_]\w*)\[([\s\S]*)\]$/.exec(word);
  if (element === null && !/^[A-Za-z_]\w*$/.test(word)) return `\`${word}': not a valid identifier`;
  const name = kind.includes("n") ? (element?.[1] ?? word) : shell.variables.resolve(element?.[1] ?? word);
  const variable = shell.variables.raw(name);
  if (variable?.readonly === true) return `${name}: cannot unset: readonly variable`;
  if (element !== null) unsetElement(shell, name, element[2]!);
  else if (variable !== undefined) shell.variables.unset(name);
  else if (kind === "") shell.functions.delete(word);
  return undefined;
}
