/** Brace expansion (braces.c) on the text of a word, before anything else is expanded. Quoted braces are left alone. */

const LIMIT = 100_000;

/** The words that `text` becomes; `[text]` when nothing in it expands. */
export function expandBraces(text: string): string[] {
  const open = findOpen(text, 0);
  if (open === undefined) return [text];
  const head = text.slice(0, open.at);
  const tails = expandBraces(text.slice(open.end + 1));
  const out: string[] = [];
  for (const middle of open.items)
    for (const tail of tails) if (out.length < LIMIT) out.push(head + middle + tail);
  return out;
}

interface Braces {
  readonly at: number;
  readonly end: number;
  readonly items: readonly string[];
}

/** The first pair of braces that expands. */
function findOpen(text: string, from: number): Braces | undefined {
  for (let i = from; i < text.length; i = skip(text, i)) {
    if (text[i] !== "{") continue;
    const found = braces(text, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function braces(text: string, at: number): Braces | undefined {
  let depth = 0;
  const commas: number[] = [];
  for (let i = at; i < text.length; i = skip(text, i)) {
    const c = text[i];
    if (c === "{") depth++;
    else if (c === "," && depth === 1) commas.push(i);
    else if (c === "}" && --depth === 0) {
      if (commas.length === 0) {
        const items = sequence(text.slice(at + 1, i));
        return items === undefined ? undefined : { at, end: i, items };
      }
      const edges = [at, ...commas, i];
      const parts = commas.concat(i).map((end, k) => text.slice(edges[k]! + 1, end));
      return { at, end: i, items: parts.flatMap(expandBraces) };
    }
  }
  return undefined;
}

/** The index after the character at `i`, or after the quotation or expansion that begins there. */
function skip(text: string, i: number): number {
  const c = text[i];
  if (c === "\\") return i + 2;
  if (c === "'") return after(text.indexOf("'", i + 1), text);
  if (c === '"' || c === "`") return quotationEnd(text, i, c);
  if (c === "$" && text[i + 1] === "{") return nestedEnd(text, i + 1, "{", "}");
  if (c === "$" && text[i + 1] === "(") return nestedEnd(text, i + 1, "(", ")");
  return i + 1;
}

function after(index: number, text: string): number {
  return index < 0 ? text.length : index + 1;
}

function quotationEnd(text: string, from: number, quote: string): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote) return i + 1;
  }
  return text.length;
}

function nestedEnd(text: string, from: number, open: string, close: string): number {
  let depth = 0;
  for (let i = from; i < text.length;) {
    if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i + 1;
    i = text[i] === open ? i + 1 : skip(text, i);
  }
  return text.length;
}

/** `1..5`, `01..10..2`, `a..e`. */
function sequence(inside: string): string[] | undefined {
  const numbers = /^([+-]?\d+)\.\.([+-]?\d+)(?:\.\.([+-]?\d+))?$/.exec(inside);
  if (numbers !== null) {
    const padded = [numbers[1]!, numbers[2]!].some((text) => /^-?0\d/.test(text));
    const width = padded ? Math.max(numbers[1]!.length, numbers[2]!.length) : 0;
    return steps(Number(numbers[1]), Number(numbers[2]), Number(numbers[3] ?? 1)).map((n) => pad(n, width));
  }
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.([+-]?\d+))?$/.exec(inside);
  if (letters === null) return undefined;
  return steps(letters[1]!.charCodeAt(0), letters[2]!.charCodeAt(0), Number(letters[3] ?? 1)).map((code) =>
    String.fromCharCode(code),
  );
}

function steps(from: number, to: number, by: number): number[] {
  const size = Math.abs(by) || 1;
  const out: number[] = [];
  for (let n = from; (from <= to ? n <= to : n >= to) && out.length < LIMIT; n += from <= to ? size : -size)
    out.push(n);
  return out;
}

function pad(n: number, width: number): string {
  const digits = String(Math.abs(n)).padStart(width - (n < 0 ? 1 : 0), "0");
  return n < 0 ? `-${digits}` : digits;
}
