import { AwkFault } from "./ast.ts";

export interface Token {
  readonly kind:
    "number" | "string" | "regexp" | "name" | "call" | "builtin" | "keyword" | "operator" | "newline" | "end";
  readonly text: string;
  readonly line: number;
}

const KEYWORDS = new Set(
  "BEGIN END break continue delete do else exit for function func getline if in next nextfile print printf return while".split(
    " ",
  ),
);

export const BUILTINS: ReadonlySet<string> = new Set(
  "atan2 close cos exp fflush gsub index int length log match rand sin split sprintf sqrt srand strftime sub substr system systime tolower toupper".split(
    " ",
  ),
);

const OPERATOR = /(?:&&|\|\||>>|==|!=|<=|>=|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|!~|[-+*/%^!<>|?:~$=(){}[\];,])/y;

/** After these a slash divides; anywhere else it begins a regular expression. */
function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "operator") return /^(?:\)|\]|\+\+|--|\$)$/.test(token.text);
  return ["number", "string", "name", "builtin", "regexp"].includes(token.kind);
}

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const push = (kind: Token["kind"], value: string): void => void tokens.push({ kind, text: value, line });
  while (at < text.length) {
    if (take(/[ \t\r]+|#[^\n]*/y) !== undefined) continue;
    if (take(/\\\r?\n/y) !== undefined) line++;
    else if (take(/\n/y) !== undefined) {
      push("newline", "\n");
      line++;
    } else if (text[at] === '"') {
      const [value, end] = quoted(text, at, line);
      at = end;
      push("string", value);
    } else if (text[at] === "/" && !endsOperand(tokens.at(-1))) {
      const [value, end] = regexp(text, at, line);
      at = end;
      push("regexp", value);
    } else word(take, push, text, line, () => text[at]);
  }
  push("newline", "\n");
  line++;
  push("end", "");
  return tokens;
}

function word(
  take: (pattern: RegExp) => string | undefined,
  push: (kind: Token["kind"], value: string) => void,
  text: string,
  line: number,
  here: () => string | undefined,
): void {
  const number = take(/(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y);
  if (number !== undefined) {
    push("number", number);
    return;
  }
  const name = take(/[A-Za-z_]\w*/y);
  if (name !== undefined) {
    if (KEYWORDS.has(name)) push("keyword", name === "func" ? "function" : name);
    else if (BUILTINS.has(name)) push("builtin", name);
    else push(here() === "(" ? "call" : "name", name);
    return;
  }
  const operator = take(OPERATOR);
  if (operator === undefined)
    throw new AwkFault(`line ${line}: unexpected character '${here() ?? text.slice(-1)}'`);
  push("operator", operator);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "/": "/",
};

/** What the escapes of a string mean; an unknown one keeps its backslash. */
export function unescape(text: string): string {
  return text.replace(
    /\\(?:([0-7]{1,3})|([\s\S]))/g,
    (match, octal: string | undefined, c: string | undefined) => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      if (c === "\n") return "";
      return ESCAPES[c ?? ""] ?? match;
    },
  );
}

function quoted(text: string, start: number, line: number): [string, number] {
  for (let i = start + 1; i < text.length && text[i] !== "\n"; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return [unescape(text.slice(start + 1, i)), i + 1];
  }
  throw new AwkFault(`line ${line}: runaway string constant ${text.slice(start, start + 12)} ...`);
}

function regexp(text: string, start: number, line: number): [string, number] {
  let bracket = false;
  for (let i = start + 1; i < text.length && text[i] !== "\n"; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "[") bracket = true;
    else if (text[i] === "]") bracket = false;
    else if (text[i] === "/" && !bracket) return [text.slice(start + 1, i).replaceAll("\\/", "/"), i + 1];
  }
  throw new AwkFault(`line ${line}: runaway regular expression /${text.slice(start + 1, start + 12)} ...`);
}
