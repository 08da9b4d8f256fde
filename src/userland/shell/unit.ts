import { forEachChild, parse, type ParsedScript, type Statement, type SyntaxNode } from "unbash";

/** A text that is being run, with the name and the line numbers that messages about it carry. */
export class Unit {
  readonly text: string;
  /** The script's path; what BASH_SOURCE says. */
  readonly path: string;
  readonly firstLine: number;
  private starts: number[] | null = null;

  constructor(text: string, path: string, firstLine = 1) {
    this.text = text;
    this.path = path;
    this.firstLine = firstLine;
  }

  lineOf(position: number): number {
    this.starts ??= lineStarts(this.text);
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= position) low = middle;
      else high = middle;
    }
    return this.firstLine + low;
  }

  /** The line after the last, where the end of the file is found missing something. */
  get endLine(): number {
    const newlines = this.text.split("\n").length - 1;
    return this.firstLine + newlines + (this.text.endsWith("\n") || this.text === "" ? 0 : 1);
  }

  /** The text of the line that holds `position`. */
  lineAt(position: number): string {
    const end = this.text.indexOf("\n", position);
    return this.text.slice(this.text.lastIndexOf("\n", position - 1) + 1, end < 0 ? undefined : end);
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** What bash says about a text that it cannot parse: messages without the script's name, each with its line. */
export interface SyntaxFault {
  readonly line: number;
  readonly messages: readonly string[];
}

/** Statements that bash reads together, because they stand on the same line; then the fault, if one follows. */
export interface Parsed {
  readonly groups: readonly (readonly Statement[])[];
  readonly fault?: SyntaxFault;
}

export function parseUnit(unit: Unit): Parsed {
  const script = parse(unit.text);
  const error = firstError(script);
  if (error === undefined) return { groups: group(unit.text, script.commands) };
  return {
    groups: group(unit.text, soundPrefix(unit.text, script, error.pos)),
    fault: fault(unit, error.pos, error.message),
  };
}

function firstError(script: ParsedScript): { pos: number; message: string } | undefined {
  let first: { pos: number; message: string } | undefined;
  for (const error of script.errors ?? []) if (first === undefined || error.pos < first.pos) first = error;
  return first;
}

function group(text: string, statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [];
  let end = -1;
  for (const statement of statements) {
    const last = groups[groups.length - 1];
    if (last === undefined || text.slice(end, statement.pos).includes("\n")) groups.push([statement]);
    else last.push(statement);
    end = statement.end;
  }
  return groups;
}

/** The statements on the lines before the one that cannot be parsed: bash has run them when it meets the fault. */
function soundPrefix(text: string, script: ParsedScript, errorAt: number): readonly Statement[] {
  const before = script.commands.filter((statement) => statement.pos <= errorAt);
  const cuts = [errorAt, ...before.map((statement) => statement.pos).reverse()];
  let previous = -1;
  for (const position of cuts) {
    const cut = text.lastIndexOf("\n", position - 1) + 1;
    if (cut === previous) continue;
    previous = cut;
    const part = parse(text.slice(0, cut));
    if (firstError(part) === undefined) return part.commands;
  }
  return [];
}

/** The first fault in a substitution inside these statements: bash parses `$(...)` with the command that holds it. */
export function nestedFault(unit: Unit, statements: readonly Statement[]): SyntaxFault | undefined {
  let found: SyntaxFault | undefined;
  const visit = (node: SyntaxNode): void => {
    if (found !== undefined) return;
    if (node.type === "Script") {
      const error = firstError(node);
      if (error !== undefined && node.source === undefined) found = fault(unit, error.pos, error.message);
    }
    forEachChild(node, visit);
  };
  for (const statement of statements) visit(statement);
  return found;
}

/** Here-documents that the end of the file ends: bash warns when it reads them. */
export function openHereDocuments(
  unit: Unit,
  statements: readonly Statement[],
): { readonly line: number; readonly wanted: string }[] {
  const found: { line: number; wanted: string }[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === "HereDoc" && node.closing === undefined && node.delimiter !== undefined)
      found.push({ line: unit.lineOf(node.pos), wanted: node.delimiter.value });
    if (node.type !== "Word") forEachChild(node, visit);
  };
  for (const statement of statements) visit(statement);
  return found;
}

/** Whether bash would ask for another line: the text ends inside a quote, a compound command, a here-document, or after an operator. */
export function isIncomplete(unit: Unit): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(unit.text)) return true;
  const { groups, fault } = parseUnit(unit);
  if (
    fault?.messages.some(
      (message) => message.includes("unexpected E") || message.includes("unexpected end of file"),
    ) === true
  )
    return true;
  return groups.some((statements) => {
    const nested = nestedFault(unit, statements);
    const open = nested?.messages.some((message) => message.startsWith("unexpected EOF")) === true;
    return open || openHereDocuments(unit, statements).length > 0;
  });
}

const QUOTE_OF: readonly (readonly [RegExp, string])[] = [
  [/single quote|ANSI-C/, "'"],
  [/double quote/, '"'],
  [/backtick/, "`"],
  [/parameter expansion/, "}"],
  [/command substitution|process substitution|arithmetic expansion|arithmetic command|extended glob/, ")"],
  [/subscript/, "]"],
];

/** Messages after which bash would still read on over a newline. */
const READS_ON = /^expected (?:command|'(?:then|do|fi|done|esac|\}|\))')|^expected 'in'/;

function fault(unit: Unit, position: number, message: string): SyntaxFault {
  if (message.startsWith("maximum")) return { line: unit.lineOf(position), messages: [message] };
  if (message.startsWith("unterminated")) {
    const mark = QUOTE_OF.find(([pattern]) => pattern.test(message))?.[1] ?? ")";
    const toEnd = /command substitution/.test(message) && !unit.text.startsWith("$((", position);
    const line = toEnd ? unit.endLine : unit.lineOf(position);
    return { line, messages: [`unexpected EOF while looking for matching \`${mark}'`] };
  }
  const header = message.startsWith("expected three arithmetic") && /\(\(.*\)\)/.exec(unit.lineAt(position));
  if (header)
    return {
      line: unit.lineOf(position),
      messages: ["syntax error: arithmetic expression required", `syntax error: \`${header[0]}'`],
    };
  const token = tokenAt(unit.text, position, READS_ON.test(message));
  if (token === undefined) return { line: unit.endLine, messages: ["syntax error: unexpected end of file"] };
  return {
    line: unit.lineOf(token.at),
    messages: [`syntax error near unexpected token \`${token.text}'`, `\`${unit.lineAt(token.at)}'`],
  };
}

const OPERATOR = /^(?:;;&|;;|;&|&&|\|\||\|&|<<<|<<-|<<|>>|<&|>&|<>|>\||&>>|&>|[;&|()<>])/;

/** The token that begins at or after `position`; undefined at the end of the text. */
function tokenAt(
  text: string,
  position: number,
  overLines: boolean,
): { at: number; text: string } | undefined {
  let at = position;
  for (;;) {
    const blank = (overLines ? /^(?:[ \t\n]|\\\n)+/ : /^(?:[ \t]|\\\n)+/).exec(text.slice(at));
    if (blank !== null) at += blank[0].length;
    else if (text[at] === "#") at += /^#[^\n]*/.exec(text.slice(at))![0].length;
    else break;
  }
  if (at >= text.length) return overLines ? undefined : { at: text.length - 1, text: "newline" };
  if (text[at] === "\n") return { at, text: "newline" };
  const operator = OPERATOR.exec(text.slice(at));
  if (operator !== null) return { at, text: operator[0] };
  return { at, text: /^(?:[^\s;&|()<>"'\\]|\\.|"[^"]*"|'[^']*')+/.exec(text.slice(at))?.[0] ?? text[at]! };
}
