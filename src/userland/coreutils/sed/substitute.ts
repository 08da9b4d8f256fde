import type { Piece, Substitution } from "./script.ts";

/** The text after `s`; undefined when nothing was replaced. */
export function substitute(text: string, expression: RegExp, how: Substitution): string | undefined {
  let out = "";
  let from = 0;
  let count = 0;
  let changed = false;
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    const end = match.index + match[0].length;
    // An empty match right after the match before is none.
    const counts = match[0] !== "" || match.index !== from || count === 0 || from === 0;
    if (counts) count++;
    if (counts && count >= how.occurrence) {
      out += text.slice(from, match.index) + replacement(how.replacement, match);
      from = end;
      changed = true;
      if (!how.global) break;
    }
    if (match[0] === "") expression.lastIndex = end + 1;
    if (expression.lastIndex > text.length) break;
  }
  return changed ? out + text.slice(from) : undefined;
}

function replacement(pieces: readonly Piece[], match: RegExpExecArray): string {
  let out = "";
  let mode: "U" | "L" | "E" = "E";
  let once: "u" | "l" | undefined;
  const put = (text: string): void => {
    if (text === "") return;
    let changed = mode === "U" ? text.toUpperCase() : mode === "L" ? text.toLowerCase() : text;
    if (once !== undefined) {
      const first = changed.slice(0, 1);
      changed = (once === "u" ? first.toUpperCase() : first.toLowerCase()) + changed.slice(1);
      once = undefined;
    }
    out += changed;
  };
  for (const piece of pieces) {
    if (piece.kind === "text") put(piece.text);
    else if (piece.kind === "group") put(match[piece.group] ?? "");
    else if (piece.mode === "u" || piece.mode === "l") once = piece.mode;
    else mode = piece.mode;
  }
  return out;
}
