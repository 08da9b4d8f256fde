/** How bash writes text so that it can be read back: `printf %q`, `set -x`, `declare -p`, `${x@Q}`. */

const CONTROL = /[\x00-\x1f\x7f]/;
const NAMES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\x1b": "\\E",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "'": "\\'",
  "\\": "\\\\",
};

/** `$'...'`. */
export function ansiQuote(text: string): string {
  let out = "$'";
  for (const c of text) {
    const name = NAMES[c];
    if (name !== undefined) out += name;
    else if (CONTROL.test(c)) out += `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`;
    else out += c;
  }
  return `${out}'`;
}

/** `'...'`, a quote in it as `'\''`. */
export function singleQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** sh_backslash_quote: `printf %q` and the arguments of `declare -f`-like texts. */
export function backslashQuote(text: string): string {
  if (text === "") return "''";
  if (CONTROL.test(text)) return ansiQuote(text);
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (" \t\n'\"\\|&;()<>!{}*[]?^$`,".includes(c)) out += `\\${c}`;
    else if (c === "#" && i === 0) out += "\\#";
    else if (c === "~" && (i === 0 || text[i - 1] === ":" || text[i - 1] === "=")) out += "\\~";
    else out += c;
  }
  return out;
}

/** Characters that make sh_contains_shell_metas true. */
function needsQuotes(text: string): boolean {
  if (/[ \t\n'"\\|&;()<>!{}*[\]?^$`]/.test(text)) return true;
  if (/^[#~]/.test(text)) return true;
  return /[=:]~/.test(text);
}

/** A word of `set -x`. */
export function traceQuote(text: string): string {
  if (text === "") return "''";
  if (CONTROL.test(text)) return ansiQuote(text);
  return needsQuotes(text) ? singleQuote(text) : text;
}

/** The right side of an assignment in `set -x` and `set`. */
export function valueQuote(text: string): string {
  if (text === "") return "";
  if (CONTROL.test(text)) return ansiQuote(text);
  return needsQuotes(text) ? singleQuote(text) : text;
}

/** `"..."` of `declare -p`. */
export function doubleQuote(text: string): string {
  if (CONTROL.test(text)) return ansiQuote(text);
  return `"${text.replace(/["$`\\]/g, "\\$&")}"`;
}
