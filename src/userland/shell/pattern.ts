/**
 * Shell patterns (`*`, `?`, `[...]`, extended globs) as regular expressions. In a pattern's text a backslash takes the
 * meaning from the character after it; expansions write their quoted parts in this way.
 */

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  ascii: "\\x00-\\x7f",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "\\x21-\\x7e",
  lower: "a-z",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  word: "a-zA-Z0-9_",
  xdigit: "0-9a-fA-F",
};

/** The inside of a JavaScript class for a POSIX class name. */
export function posixClass(name: string): string | undefined {
  return CLASSES[name];
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Writes text so that a pattern takes it literally. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]()|!@+]/g, "\\$&");
}

/** Takes the backslashes out of a pattern that matched nothing. */
export function unescapePattern(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}

export function hasWildcard(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === "\\") i++;
    else if (c === "*" || c === "?") return true;
    else if (c === "[" && bracketEnd(pattern, i) > 0) return true;
    else if ("+@!".includes(c) && pattern[i + 1] === "(" && closing(pattern, i + 1) > 0) return true;
  }
  return false;
}

interface Style {
  /** `*` and `?` do not match a slash: file names. */
  readonly path?: boolean;
  readonly ignoreCase?: boolean;
  /** The shortest match instead of the longest, for `${x#pattern}`. */
  readonly lazy?: boolean;
}

const cache = new Map<string, string>();
const CACHE_LIMIT = 2000;

/** The source of a regular expression for `pattern`, without anchors. */
export function patternSource(pattern: string, style: Style = {}): string {
  const key = `${style.path === true ? "p" : ""}${style.lazy === true ? "l" : ""}:${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const source = translate(pattern, style);
  if (cache.size > CACHE_LIMIT) cache.clear();
  cache.set(key, source);
  return source;
}

/** Whether the whole of `text` matches. */
export function matchPattern(pattern: string, text: string, style: Style = {}): boolean {
  return regExp(`^(?:${patternSource(pattern, style)})$`, style.ignoreCase === true ? "isu" : "su").test(
    text,
  );
}

/** A regular expression, or one that matches nothing when the source is beyond JavaScript's. */
export function regExp(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch {
    return /(?!)/;
  }
}

function translate(pattern: string, style: Style): string {
  const any = style.path === true ? "[^/]" : "[\\s\\S]";
  const many = style.lazy === true ? "*?" : "*";
  let out = "";
  for (let i = 0; i < pattern.length;) {
    const point = pattern.codePointAt(i)!;
    const c = String.fromCodePoint(point);
    const extended = "?*+@!".includes(c) && pattern[i + 1] === "(" ? closing(pattern, i + 1) : -1;
    if (extended > 0) {
      out += extendedGlob(c, pattern.slice(i + 2, extended), pattern.slice(extended + 1), style);
      i = extended + 1;
    } else if (c === "\\") {
      const next = pattern.codePointAt(i + 1);
      const text = next === undefined ? "\\" : String.fromCodePoint(next);
      out += escapeRegExp(text);
      i += 1 + (next === undefined ? 0 : text.length);
    } else if (c === "*") {
      out += any + many;
      i++;
    } else if (c === "?") {
      out += any;
      i++;
    } else if (c === "[") {
      const end = bracketEnd(pattern, i);
      out += end < 0 ? "\\[" : bracketSource(pattern.slice(i + 1, end));
      i = end < 0 ? i + 1 : end + 1;
    } else {
      out += escapeRegExp(c);
      i += c.length;
    }
  }
  return out;
}

function extendedGlob(operator: string, inside: string, rest: string, style: Style): string {
  const choice = alternatives(inside)
    .map((part) => translate(part, style))
    .join("|");
  switch (operator) {
    case "?":
      return `(?:${choice})?`;
    case "*":
      return `(?:${choice})*`;
    case "+":
      return `(?:${choice})+`;
    case "!":
      return `(?!(?:${choice})${rest === "" ? "$" : `(?:${translate(rest, style)})$`})[\\s\\S]*?`;
    default:
      return `(?:${choice})`;
  }
}

function alternatives(inside: string): string[] {
  const parts = [""];
  let depth = 0;
  for (let i = 0; i < inside.length; i++) {
    const c = inside[i]!;
    if (c === "\\") parts[parts.length - 1] += c + (inside[++i] ?? "");
    else if (c === "|" && depth === 0) parts.push("");
    else {
      if (c === "(") depth++;
      if (c === ")") depth--;
      parts[parts.length - 1] += c;
    }
  }
  return parts;
}

/** Index of the parenthesis that closes the one at `open`, or -1. */
function closing(pattern: string, open: number): number {
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "\\") i++;
    else if (c === "(") depth++;
    else if (c === ")" && --depth === 0) return i;
  }
  return -1;
}

/** Index of the `]` that closes the bracket expression at `open`, or -1. */
export function bracketEnd(pattern: string, open: number): number {
  let i = open + 1;
  if (pattern[i] === "!" || pattern[i] === "^") i++;
  if (pattern[i] === "]") i++;
  for (; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === "\\") i++;
    else if (c === "]") return i;
    else if (c === "[" && ":.=".includes(pattern[i + 1] ?? " ")) {
      const end = pattern.indexOf(`${pattern[i + 1]!}]`, i + 2);
      if (end > 0) i = end + 1;
    }
  }
  return -1;
}

/** A JavaScript class for what stands between the brackets of a shell pattern. */
function bracketSource(inside: string): string {
  const negated = inside.startsWith("!") || inside.startsWith("^");
  let out = "";
  for (let i = negated ? 1 : 0; i < inside.length;) {
    const named = /^\[:(\w+):\]/.exec(inside.slice(i));
    if (named !== null) {
      out += CLASSES[named[1]!] ?? "";
      i += named[0].length;
      continue;
    }
    const [from, next] = member(inside, i);
    i = next;
    if (inside[i] === "-" && i + 1 < inside.length) {
      const [to, after] = member(inside, i + 1);
      i = after;
      if (from <= to) out += `${classEscape(from)}-${classEscape(to)}`;
    } else out += classEscape(from);
  }
  if (out === "") return negated ? "[\\s\\S]" : "(?!)";
  return `[${negated ? "^" : ""}${out}]`;
}

function member(inside: string, at: number): [string, number] {
  const collating = /^\[([.=])(.)\1\]/.exec(inside.slice(at));
  if (collating !== null) return [collating[2]!, at + collating[0].length];
  const from = inside[at] === "\\" && at + 1 < inside.length ? at + 1 : at;
  const c = String.fromCodePoint(inside.codePointAt(from)!);
  return [c, from + c.length];
}

function classEscape(c: string): string {
  return /[\\\]^[-]/.test(c) ? `\\${c}` : c === "/" ? "\\/" : c;
}
