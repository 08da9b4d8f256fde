import type { ParameterExpansionPart, Word, WordPart } from "unbash";
import type { Task } from "../../sim/task.ts";
import { expandArithmeticPart } from "./arithmetic-expansion.ts";
import { expandBraces } from "./brace.ts";
import { type Field, Fields } from "./fields.ts";
import { expandPaths } from "./glob.ts";
import { expandParameter, simpleParameter } from "./parameter.ts";
import { escapeRegExp, hasWildcard } from "./pattern.ts";
import { parseQuoted, parseWord, type Reparsed, unitOf } from "./reparse.ts";
import type { Shell } from "./shell.ts";
import { substituteCommand, substituteProcess } from "./substitution.ts";
import { Discard } from "./errors.ts";

export function ifsOf(shell: Shell): string {
  return shell.variables.text("IFS") ?? " \t\n";
}

/** Everything that happens to the words of a command: braces, tildes, expansions, splitting, file names. */
export function* expandWords(shell: Shell, words: readonly Word[]): Task<string[]> {
  const out: string[] = [];
  for (const word of words) {
    if (word.parts === undefined && !word.value.startsWith("~") && !word.text.includes("~")) {
      if (word.value !== "" || word.text !== "") out.push(word.value);
      continue;
    }
    for (const each of braced(shell, word)) yield* expandInto(shell, each, out);
  }
  return out;
}

function braced(shell: Shell, word: Word): readonly (Word | string)[] {
  const braces = word.parts?.some((part) => part.type === "BraceExpansion") === true;
  return braces && shell.options.has("braceexpand") ? expandBraces(word.text) : [word];
}

function* expandInto(shell: Shell, word: Word | string, out: string[]): Task<void> {
  const fields = new Fields(ifsOf(shell), true);
  if (typeof word !== "string") yield* expandParts(shell, partsOf(word), fields, { tilde: "word" });
  else {
    const reparsed = parseWord(word);
    yield* inUnit(shell, reparsed, expandParts(shell, partsOf(reparsed.value), fields, { tilde: "word" }));
  }
  for (const field of fields.finish()) yield* globInto(shell, field, out);
}

function* globInto(shell: Shell, field: Field, out: string[]): Task<void> {
  if (shell.options.has("noglob") || !hasWildcard(field.pattern)) {
    out.push(field.text);
    return;
  }
  const paths = expandPaths(shell, field.pattern);
  if (paths.length > 0) out.push(...paths);
  else if (shell.options.shopt("failglob")) {
    yield* shell.complain(`no match: ${field.text}`);
    throw new Discard();
  } else if (!shell.options.shopt("nullglob")) out.push(field.text);
}

/** Runs a part of an expansion whose positions refer to reparsed text. */
function* inUnit<T>(shell: Shell, reparsed: Reparsed<unknown>, task: Task<T>): Task<T> {
  const { unit } = shell;
  shell.unit = unitOf(reparsed, unit.path, shell.line);
  try {
    return yield* task;
  } finally {
    shell.unit = unit;
  }
}

/** A word that is neither split nor matched against files: the value of an assignment, the word of `case`. */
export function* expandWord(shell: Shell, word: Word, tilde: Tilde = "word"): Task<string> {
  if (word.parts === undefined && !word.text.includes("~")) return word.value;
  return (yield* expandSingle(shell, word, tilde)).text;
}

/** As expandWord, as a pattern in which what was quoted is escaped. */
export function* expandPattern(shell: Shell, word: Word): Task<string> {
  const fields = new Fields(ifsOf(shell), false);
  for (const [index, part] of partsOf(word).entries()) {
    const plain = part.type === "Literal" && !(index === 0 && part.text.startsWith("~"));
    if (plain) fields.raw(part.value, part.text);
    else yield* expandParts(shell, [part], fields, { tilde: "word" });
  }
  return fields.joined().pattern;
}

function* expandSingle(shell: Shell, word: Word, tilde: Tilde): Task<Field> {
  const fields = new Fields(ifsOf(shell), false);
  yield* expandParts(shell, partsOf(word), fields, { tilde });
  return fields.joined();
}

/** The right side of `=~`: a regular expression in which what was quoted is taken literally. */
export function* expandRegExp(shell: Shell, word: Word): Task<string> {
  let out = "";
  for (const part of partsOf(word)) {
    const fields = new Fields(ifsOf(shell), false);
    yield* expandParts(shell, [part], fields, { tilde: "none" });
    const { text } = fields.joined();
    const isQuotation = /Quoted|LocaleString/.test(part.type);
    if (isQuotation) out += escapeRegExp(text);
    else out += part.type === "Literal" ? part.text : text;
  }
  return out;
}

/** Text with `$` expansions in it, as between double quotes: here-documents, arithmetic, PS4. */
export function* expandText(shell: Shell, text: string): Task<string> {
  if (!/[$`\\]/.test(text)) return text;
  const reparsed = parseQuoted(text);
  return yield* inUnit(shell, reparsed, expandQuotedParts(shell, reparsed.value));
}

export function* expandQuotedParts(shell: Shell, parts: readonly WordPart[]): Task<string> {
  const fields = new Fields(ifsOf(shell), false);
  for (const part of parts) yield* expandPart(shell, part, fields, true);
  return fields.joined().text;
}

/** Which tildes count: the one at the start of a word, also those after colons, or none. */
export type Tilde = "word" | "assignment" | "none";

function partsOf(word: Word): readonly WordPart[] {
  if (word.parts !== undefined) return word.parts;
  return [{ type: "Literal", pos: word.pos, end: word.end, text: word.text, value: word.value }];
}

export function* expandParts(
  shell: Shell,
  parts: readonly WordPart[],
  fields: Fields,
  options: { readonly tilde: Tilde; readonly quoted?: boolean },
): Task<void> {
  for (const [index, part] of parts.entries()) {
    if (part.type !== "Literal" || options.quoted === true) {
      yield* expandPart(shell, part, fields, options.quoted === true);
      continue;
    }
    const end = index === parts.length - 1;
    expandLiteral(shell, part.text === part.value ? part.value : undefined, part.value, fields, {
      first: index === 0,
      last: end,
      tilde: options.tilde,
    });
  }
}

/** `plain` is the text when nothing in it was escaped. */
function expandLiteral(
  shell: Shell,
  plain: string | undefined,
  value: string,
  fields: Fields,
  where: { readonly first: boolean; readonly last: boolean; readonly tilde: Tilde },
): void {
  if (value === "") return;
  if (plain === undefined || where.tilde === "none" || !plain.includes("~")) {
    fields.literal(value);
    return;
  }
  const pieces = where.tilde === "assignment" ? plain.split(":") : [plain];
  const out = pieces.map((piece, i) => {
    if (!piece.startsWith("~") || (i === 0 && !where.first)) return piece;
    const slash = piece.indexOf("/");
    if (slash < 0 && i === pieces.length - 1 && !where.last) return piece;
    const user = piece.slice(1, slash < 0 ? undefined : slash);
    return (homeOf(shell, user) ?? `~${user}`) + (slash < 0 ? "" : piece.slice(slash));
  });
  fields.literal(out.join(":"));
}

function homeOf(shell: Shell, user: string): string | undefined {
  switch (user) {
    case "":
      return shell.variables.text("HOME") ?? "/root";
    case "+":
      return shell.variables.text("PWD");
    case "-":
      return shell.variables.text("OLDPWD");
    case "root":
      return "/root";
    default:
      return undefined;
  }
}

export function* expandPart(shell: Shell, part: WordPart, fields: Fields, quoted: boolean): Task<void> {
  switch (part.type) {
    case "Literal":
      if (part.value !== "" || quoted) fields.literal(part.value);
      return;
    case "SingleQuoted":
    case "AnsiCQuoted":
      fields.literal(part.value);
      return;
    case "DoubleQuoted":
    case "LocaleString":
      if (!part.parts.some(isList)) fields.literal("");
      for (const inner of part.parts) yield* expandPart(shell, inner, fields, true);
      return;
    case "SimpleExpansion":
      yield* simpleParameter(shell, part.text.slice(1), fields, quoted);
      return;
    case "ParameterExpansion":
      yield* expandParameter(shell, part, fields, quoted);
      return;
    case "CommandExpansion":
      put(fields, yield* substituteCommand(shell, part), quoted);
      return;
    case "ArithmeticExpansion":
      put(fields, yield* expandArithmeticPart(shell, part.text), quoted);
      return;
    case "ProcessSubstitution":
      fields.literal(yield* substituteProcess(shell, part));
      return;
    default:
      yield* expandGlobPart(shell, part, fields);
  }
}

function* expandGlobPart(
  shell: Shell,
  part: Extract<WordPart, { type: "Glob" | "ExtendedGlob" | "BraceExpansion" }>,
  fields: Fields,
): Task<void> {
  if (part.type === "BraceExpansion") {
    // Where braces do not expand they are ordinary characters around whatever stands between them.
    if (part.parts === undefined) fields.literal(part.text);
    else {
      fields.literal("{");
      yield* expandParts(shell, part.parts, fields, { tilde: "none" });
      fields.literal("}");
    }
    return;
  }
  if (part.type === "Glob" && part.kind !== "bracket") {
    fields.active(part.value);
    return;
  }
  const [open, close] = part.type === "Glob" ? ["[", "]"] : [`${part.operator}(`, ")"];
  fields.active(open);
  const raw = part.type === "Glob" ? part.value.slice(1, -1) : part.pattern;
  if (part.parts === undefined) fields.active(raw);
  for (const inner of part.parts ?? []) {
    if (inner.type === "Literal") fields.active(inner.text);
    else yield* expandPart(shell, inner, fields, false);
  }
  fields.active(close);
}

function put(fields: Fields, text: string, quoted: boolean): void {
  if (quoted) fields.literal(text);
  else fields.expansion(text);
}

/** `"$@"` and its like make no field at all when there is nothing in them. */
function isList(part: WordPart): boolean {
  if (part.type === "SimpleExpansion") return part.text === "$@";
  if (part.type !== "ParameterExpansion") return false;
  return isListParameter(part);
}

function isListParameter(part: ParameterExpansionPart): boolean {
  if (part.prefix === "#") return false;
  if (part.operation?.type === "Names") return part.operation.operator === "@";
  return part.parameter === "@" || part.index?.text === "@";
}
