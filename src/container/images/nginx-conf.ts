import { err, ok, type Result } from "../../base/result.ts";

/** nginx's configuration language: directives with words, and blocks of directives. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly line: number;
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  const shape =
    /\n|[ \t\r]+|#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|[{};]|(?:[^\s{};"'\\]|\\.|\$\{\w+\})+/g;
  for (const m of text.matchAll(shape)) {
    const [whole] = m;
    const quoted = m[1] ?? m[2];
    if (quoted !== undefined)
      tokens.push({ text: quoted.replace(/\\n/g, "\n").replace(/\\(["'\\])/g, "$1"), quoted: true, line });
    else if (!/^[\s#]/.test(whole)) tokens.push({ text: whole, quoted: false, line });
    line += whole.split("\n").length - 1;
  }
  return tokens;
}

/** The error is worded as nginx words it, without the file's name. */
export function parseNginx(
  text: string,
): Result<readonly Directive[], { readonly text: string; readonly line: number }> {
  const tokens = tokensOf(text);
  let at = 0;
  const directives = (nested: boolean): Result<readonly Directive[], { text: string; line: number }> => {
    const out: Directive[] = [];
    let words: Token[] = [];
    for (;;) {
      const token = tokens[at++];
      if (token === undefined) {
        const line = tokens.at(-1)?.line ?? 1;
        if (nested || words.length > 0)
          return err({ text: 'unexpected end of file, expecting ";" or "}"', line });
        return ok(out);
      }
      const first = words[0];
      if (token.quoted || !/^[{};]$/.test(token.text)) words.push(token);
      else if (token.text === "}") {
        if (!nested || words.length > 0) return err({ text: 'unexpected "}"', line: token.line });
        return ok(out);
      } else if (first === undefined) return err({ text: `unexpected "${token.text}"`, line: token.line });
      else {
        let block: readonly Directive[] | undefined;
        if (token.text === "{") {
          const inner = directives(true);
          if (!inner.ok) return inner;
          block = inner.value;
        }
        out.push({
          name: first.text,
          words: words.slice(1).map((word) => word.text),
          block,
          line: first.line,
        });
        words = [];
      }
    }
  };
  return directives(false);
}
