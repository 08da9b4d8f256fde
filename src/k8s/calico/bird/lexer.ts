/** A piece of bird.cfg, with the place that error messages name. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "ip" | "prefix" | "sign" | "end";
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** What a configuration does wrong: BIRD's words, with file and line. */
export class ConfigFault extends Error {
  constructor(token: Pick<Token, "file" | "line">, text: string) {
    super(`${token.file}, line ${token.line}: ${text}`);
  }
}

const TOKEN =
  /[ \t\r]+|(?<line>\n)|#[^\n]*|\/\*[\s\S]*?\*\/|(?<prefix>\d+\.\d+\.\d+\.\d+\/\d+)|(?<ip>\d+\.\d+\.\d+\.\d+)|(?<number>\d+)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|'(?<quoted>[^'\n]*)'|"(?<string>[^"\n]*)"|(?<sign>&&|\|\||!~|!=|[{}()[\];,~=!.+<>-])/y;

const KINDS = ["prefix", "ip", "number", "word", "quoted", "string", "sign"] as const;

/** Cuts a file into tokens; the last is of kind "end". */
export function tokenize(text: string, file: string): readonly Token[] {
  const out: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) throw new ConfigFault({ file, line }, "syntax error");
    const groups = match.groups ?? {};
    const kind = KINDS.find((each) => groups[each] !== undefined);
    if (kind !== undefined) out.push({ kind, text: groups[kind] ?? "", file, line });
    line += match[0].split("\n").length - 1;
  }
  out.push({ kind: "end", text: "", file, line });
  return out;
}
