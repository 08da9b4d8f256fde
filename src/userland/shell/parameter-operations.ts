import type { ParameterExpansionPart, ParameterOperation, Word } from "unbash";
import type { Task } from "../../sim/task.ts";
import { arithmetic } from "./arithmetic-expansion.ts";
import { assign } from "./assign.ts";
import { Discard, Exit } from "./errors.ts";
import { expandParts, expandPattern, expandWord } from "./expand.ts";
import type { Fields } from "./fields.ts";
import { type Held, put, type Target } from "./parameter.ts";
import { matchPattern, patternSource, regExp } from "./pattern.ts";
import { ansiQuote, doubleQuote, singleQuote } from "./quote.ts";
import type { Shell } from "./shell.ts";

type Operation<T extends ParameterOperation["type"]> = Extract<ParameterOperation, { type: T }>;

/** `${x:-word}` and its kin. */
export function* useDefault(
  shell: Shell,
  operation: Operation<"Default">,
  target: Target,
  fields: Fields,
  quoted: boolean,
): Task<void> {
  const { operator, operand } = operation;
  const missing = isMissing(target.held, operator.startsWith(":"));
  switch (operator) {
    case "-":
    case ":-":
      if (missing) yield* expandOperand(shell, operand, fields, quoted);
      else put(shell, target.held, fields, quoted);
      return;
    case "+":
    case ":+":
      if (!missing) yield* expandOperand(shell, operand, fields, quoted);
      else if (quoted && target.held.kind === "one") fields.literal("");
      return;
    case "=":
    case ":=": {
      if (!missing) {
        put(shell, target.held, fields, quoted);
        return;
      }
      const value = yield* expandWord(shell, operand, "assignment");
      if (target.variable === undefined) {
        yield* shell.complain(`$${target.name}: cannot assign in this way`);
        throw new Discard();
      }
      yield* assign(shell, { ...target.variable, append: false, value });
      put(shell, { kind: "one", text: value }, fields, quoted);
      return;
    }
    case "?":
    case ":?":
      if (!missing) {
        put(shell, target.held, fields, quoted);
        return;
      }
      yield* reportMissing(shell, operation, target);
  }
}

function* reportMissing(shell: Shell, operation: Operation<"Default">, target: Target): Task<never> {
  const standard = operation.operator === ":?" ? "parameter null or not set" : "parameter not set";
  const words = operation.operand.text === "" ? standard : yield* expandWord(shell, operation.operand);
  yield* shell.complain(`${target.name}: ${words}`);
  throw new Exit(shell.commandString ? 127 : 1);
}

function isMissing(held: Held, orEmpty: boolean): boolean {
  if (held.kind === "one") return held.text === undefined || (orEmpty && held.text === "");
  return held.items.length === 0 || (orEmpty && held.items.length === 1 && held.items[0] === "");
}

/** The word after the operator: split and quoted as if it stood in the expansion's place. */
function* expandOperand(shell: Shell, operand: Word, fields: Fields, quoted: boolean): Task<void> {
  if (operand.parts !== undefined) {
    if (quoted) fields.literal("");
    for (const part of operand.parts) {
      if (part.type === "Literal" && !quoted && part.text === part.value && !part.text.startsWith("~"))
        fields.expansion(part.value);
      else yield* expandParts(shell, [part], fields, { tilde: quoted ? "none" : "word", quoted });
    }
    return;
  }
  if (quoted) fields.literal(operand.value);
  else if (operand.text !== operand.value || operand.text.startsWith("~"))
    fields.literal(yield* expandWord(shell, operand));
  else fields.expansion(operand.value);
}

/** The operations that make a new value of an old one; on a list, of each of its items. */
export function* applyOperation(
  shell: Shell,
  operation: ParameterOperation,
  target: Target,
  part: ParameterExpansionPart,
): Task<Held> {
  const { held } = target;
  switch (operation.type) {
    case "Slice":
      return yield* slice(shell, operation, target, part);
    case "Remove": {
      const pattern = yield* expandPattern(shell, operation.operand);
      return each(held, (text) => removePattern(text, operation.operator, pattern));
    }
    case "Replace":
      return yield* replace(shell, operation, held);
    case "CaseModification": {
      const pattern = operation.operand === undefined ? "?" : yield* expandPattern(shell, operation.operand);
      return each(held, (text) => changeCase(text, operation.operator, pattern === "" ? "?" : pattern));
    }
    case "Transform":
      return transform(shell, operation.operand.value, target);
    default:
      return held;
  }
}

function each(held: Held, change: (text: string) => string): Held {
  if (held.kind === "list") return { ...held, items: held.items.map(change) };
  return { kind: "one", text: held.text === undefined ? undefined : change(held.text) };
}

function removePattern(text: string, operator: "#" | "##" | "%" | "%%", pattern: string): string {
  if (operator === "#" || operator === "##") {
    const source = patternSource(pattern, { lazy: operator === "#" });
    return text.replace(regExp(`^(?:${source})`, "su"), "");
  }
  // A suffix: the leftmost start is the longest match, the rightmost the shortest.
  const whole = regExp(`^(?:${patternSource(pattern)})$`, "su");
  const starts = boundaries(text);
  if (operator === "%") starts.reverse();
  for (const at of starts) if (whole.test(text.slice(at))) return text.slice(0, at);
  return text;
}

/** The indices at which characters begin, and the end. */
function boundaries(text: string): number[] {
  const out: number[] = [];
  let at = 0;
  for (const c of text) {
    out.push(at);
    at += c.length;
  }
  out.push(at);
  return out;
}

function* replace(shell: Shell, operation: Operation<"Replace">, held: Held): Task<Held> {
  const pattern = yield* expandPattern(shell, operation.pattern);
  const replacement = yield* expandWord(shell, operation.replacement);
  const source = patternSource(pattern);
  const anchor = { "/": "", "//": "", "/#": "^", "/%": "" }[operation.operator];
  const tail = operation.operator === "/%" ? "$" : "";
  if (pattern === "") {
    if (operation.operator === "/#") return each(held, (text) => replacement + text);
    if (operation.operator === "/%") return each(held, (text) => text + replacement);
    return held;
  }
  const flags = operation.operator === "//" ? "gsu" : "su";
  const expression = regExp(`${anchor}(?:${source})${tail}`, flags);
  return each(held, (text) =>
    text.replace(expression, (match) => (match === "" && operation.operator === "//" ? "" : replacement)),
  );
}

function changeCase(text: string, operator: "^" | "^^" | "," | ",,", pattern: string): string {
  const change = (c: string): string => {
    if (!matchPattern(pattern, c)) return c;
    return operator.startsWith("^") ? c.toUpperCase() : c.toLowerCase();
  };
  const letters = Array.from(text);
  if (operator.length === 2) return letters.map(change).join("");
  return letters.length === 0 ? "" : change(letters[0]!) + letters.slice(1).join("");
}

/** `${x:offset:length}`; of `@` and arrays, of the list. */
function* slice(
  shell: Shell,
  operation: Operation<"Slice">,
  target: Target,
  part: ParameterExpansionPart,
): Task<Held> {
  const { held } = target;
  const offset = Number(yield* arithmetic(shell, operation.offset.text));
  const length =
    operation.length === undefined ? undefined : Number(yield* arithmetic(shell, operation.length.text));
  const positional = part.parameter === "@" || part.parameter === "*";
  const units =
    held.kind === "one" ? Array.from(held.text ?? "") : positional ? [shell.name, ...held.items] : held.items;
  const from = offset < 0 ? units.length + offset : offset;
  const empty: Held = held.kind === "one" ? { kind: "one", text: "" } : { ...held, items: [] };
  if (from < 0 || from > units.length) return empty;
  let end = length === undefined ? units.length : from + length;
  if (length !== undefined && length < 0) {
    end = units.length + length;
    if (held.kind === "list" || end < from) {
      yield* shell.complain(`${operation.length!.text}: substring expression < 0`);
      throw new Discard();
    }
  }
  if (held.kind === "one") return { kind: "one", text: units.slice(from, end).join("") };
  return { ...held, items: units.slice(from, end) };
}

/** `${x@Q}` and its kin. */
function transform(shell: Shell, operator: string, target: Target): Held {
  const { held } = target;
  switch (operator) {
    case "Q":
      return each(held, (text) => (/[\x00-\x1f\x7f]/.test(text) ? ansiQuote(text) : singleQuote(text)));
    case "U":
      return each(held, (text) => text.toUpperCase());
    case "u":
      return each(held, (text) => changeCase(text, "^", "?"));
    case "L":
      return each(held, (text) => text.toLowerCase());
    case "E":
      return each(held, (text) => decodeEscapes(text));
    case "P":
      return held;
    case "A":
      return { kind: "one", text: assignmentText(shell, target) };
    case "a":
      return { kind: "one", text: attributeLetters(shell, target) };
    default:
      return { kind: "one", text: "" };
  }
}

function assignmentText(shell: Shell, target: Target): string {
  const name = target.variable?.name ?? target.name.replace(/\[.*$/s, "");
  const variable = shell.variables.get(name);
  const letters = attributeLetters(shell, target);
  if (target.held.kind === "one") {
    const text = `${name}=${singleQuote(target.held.text ?? "")}`;
    return letters === "" ? text : `declare -${letters} ${text}`;
  }
  const keys = variable?.keys() ?? [];
  const items = target.held.items.map((item, i) => `[${keys[i] ?? i}]=${doubleQuote(item)}`);
  return `declare -${letters} ${name}=(${items.join(" ")})`;
}

function attributeLetters(shell: Shell, target: Target): string {
  const variable = shell.variables.get(target.variable?.name ?? target.name.replace(/\[.*$/s, ""));
  if (variable === undefined) return "";
  let out = "";
  if (variable.value.kind === "indexed") out += "a";
  if (variable.value.kind === "associative") out += "A";
  if (variable.integer) out += "i";
  if (variable.lower) out += "l";
  if (variable.readonly) out += "r";
  if (variable.upper) out += "u";
  if (variable.exported) out += "x";
  return out;
}

function decodeEscapes(text: string): string {
  const simple: Readonly<Record<string, string>> = {
    n: "\n",
    t: "\t",
    r: "\r",
    "\\": "\\",
    a: "\x07",
    b: "\b",
    e: "\x1b",
    f: "\f",
    v: "\v",
  };
  return text.replace(/\\(.)/gs, (match, c: string) => simple[c] ?? match);
}
