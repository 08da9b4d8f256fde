import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { openFile } from "../os/files.ts";
import { strerror } from "../os/errno.ts";
import { writeText } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options } from "../text/getopt.ts";
import { readInputs, splitLines } from "../text/lines.ts";
import { compareVersions } from "../text/version-order.ts";
import { quote } from "../text/locale.ts";
import { refuse } from "../args/exit.ts";

/** How two keys are compared. */
interface Ordering {
  readonly numeric: boolean;
  readonly human: boolean;
  readonly version: boolean;
  readonly general: boolean;
  readonly fold: boolean;
  readonly dictionary: boolean;
  readonly blanks: boolean;
  readonly month: boolean;
  readonly reverse: boolean;
}

/** `-k F1.C1,F2.C2`: where a key begins and ends, 1 is the first. */
interface Key {
  readonly from: { readonly field: number; readonly character: number };
  readonly to: { readonly field: number; readonly character: number } | undefined;
  readonly order: Ordering;
}

const STATUS_TROUBLE = 2;

function ordering(letters: string): Ordering {
  return {
    numeric: letters.includes("n"),
    human: letters.includes("h"),
    version: letters.includes("V"),
    general: letters.includes("g"),
    fold: letters.includes("f"),
    dictionary: letters.includes("d"),
    blanks: letters.includes("b"),
    month: letters.includes("M"),
    reverse: letters.includes("r"),
  };
}

function parseKey(text: string, global: string): Key | undefined {
  const match = /^(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*))?$/.exec(text);
  if (match === null || match[1] === "0") return undefined;
  const letters = (match[3] ?? "") + (match[6] ?? "");
  return {
    from: { field: Number(match[1]), character: Number(match[2] ?? 1) },
    to: match[4] === undefined ? undefined : { field: Number(match[4]), character: Number(match[5] ?? 0) },
    order: ordering(letters === "" ? global : letters),
  };
}

/** sort(1) in the C locale. */
export function* sort(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "bdfghiMno:k:rRst:uVcCmz",
    long: {
      "ignore-leading-blanks": "b",
      "dictionary-order": "d",
      "ignore-case": "f",
      "general-numeric-sort": "g",
      "human-numeric-sort": "h",
      "month-sort": "M",
      "numeric-sort": "n",
      reverse: "r",
      "version-sort": "V",
      key: "k",
      output: "o",
      stable: "s",
      "field-separator": "t",
      unique: "u",
      check: "c",
      merge: "m",
    },
    status: STATUS_TROUBLE,
  });
  if (typeof options === "number") return options;
  for (const letter of ["R", "z", "i"]) if (options.has(letter)) refuse(`sort -${letter}`);
  const global = options.list
    .map(([name]) => name)
    .filter((name) => "bdfghMnrV".includes(name))
    .join("");
  const keys: Key[] = [];
  for (const text of options.all("k")) {
    const key = parseKey(text, global);
    if (key === undefined) {
      yield* process.printError(
        `sort: invalid number at field start: invalid count at start of ${quote(process, text)}\n`,
      );
      return STATUS_TROUBLE;
    }
    keys.push(key);
  }
  const { texts, failed } = yield* readInputs(
    process,
    options.operands,
    (path, error) => `sort: cannot read: ${path}: ${error}`,
  );
  if (failed) return STATUS_TROUBLE;
  const lines = texts.flatMap(({ bytes }) => splitLines(utf8Decode(bytes)));
  return yield* order(process, options, lines, new Comparison(keys, ordering(global), options));
}

function* order(
  process: Process,
  options: Options,
  lines: readonly string[],
  comparison: Comparison,
): Task<number> {
  if (options.has("c") || options.has("C")) return yield* check(process, options, lines, comparison);
  const sorted = [...lines].sort((a, b) => comparison.compare(a, b));
  const kept = options.has("u")
    ? sorted.filter((line, i) => i === 0 || comparison.byKeys(sorted[i - 1]!, line) !== 0)
    : sorted;
  const text = kept.map((line) => `${line}\n`).join("");
  const target = options.get("o");
  if (target === undefined) {
    yield* process.print(text);
    return 0;
  }
  const file = openFile(process, target, "write");
  if (!file.ok) {
    yield* process.printError(`sort: open failed: ${target}: ${strerror(file.error)}\n`);
    return STATUS_TROUBLE;
  }
  yield* writeText(file.value, text);
  file.value.close();
  return 0;
}

function* check(
  process: Process,
  options: Options,
  lines: readonly string[],
  comparison: Comparison,
): Task<number> {
  const limit = options.has("u") ? 0 : 1;
  for (let i = 1; i < lines.length; i++) {
    if (comparison.byKeys(lines[i - 1]!, lines[i]!) < limit) continue;
    if (options.has("c"))
      yield* process.printError(`sort: ${options.operands[0] ?? "-"}:${i + 1}: disorder: ${lines[i]!}\n`);
    return 1;
  }
  return 0;
}

class Comparison {
  private readonly keys: readonly Key[];
  private readonly whole: Ordering;
  private readonly separator: string | undefined;
  private readonly lastResort: boolean;

  constructor(keys: readonly Key[], whole: Ordering, options: Options) {
    this.keys = keys;
    this.whole = whole;
    this.separator = options.get("t");
    this.lastResort = !options.has("s") && !options.has("u");
  }

  compare(a: string, b: string): number {
    const order = this.byKeys(a, b);
    if (order !== 0 || !this.lastResort) return order;
    const bytes = compareText(a, b);
    return this.whole.reverse ? -bytes : bytes;
  }

  byKeys(a: string, b: string): number {
    if (this.keys.length === 0) return compareBy(this.whole, a, b);
    for (const key of this.keys) {
      const order = compareBy(key.order, this.part(a, key), this.part(b, key));
      if (order !== 0) return order;
    }
    return 0;
  }

  /** The part of a line that a key names. Without -t a field begins with the blanks before it. */
  private part(line: string, key: Key): string {
    const fields = this.fields(line);
    const at = ({ field, character }: { field: number; character: number }, end: boolean): number => {
      const span = fields[field - 1];
      if (span === undefined) return line.length;
      if (end && character === 0) return span.end;
      let start = span.start;
      if (key.order.blanks) while (start < span.end && " \t".includes(line[start]!)) start++;
      return Math.min(line.length, start + character - (end ? 0 : 1));
    };
    return line.slice(at(key.from, false), key.to === undefined ? undefined : at(key.to, true));
  }

  private fields(line: string): { start: number; end: number }[] {
    const out: { start: number; end: number }[] = [];
    if (this.separator !== undefined) {
      let start = 0;
      for (const field of line.split(this.separator)) {
        out.push({ start, end: start + field.length });
        start += field.length + this.separator.length;
      }
      return out;
    }
    for (const match of line.matchAll(/[ \t]*[^ \t]+/g))
      out.push({ start: match.index, end: match.index + match[0].length });
    return out;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareBy(order: Ordering, a: string, b: string): number {
  const result = unsigned(order, a, b);
  return order.reverse ? -result : result;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

function unsigned(order: Ordering, a: string, b: string): number {
  if (order.numeric) return numberOf(a) - numberOf(b);
  if (order.general) return generalOf(a) - generalOf(b);
  if (order.human) return humanOf(a) - humanOf(b);
  if (order.month) return monthOf(a) - monthOf(b);
  const shown = (text: string): string => {
    let out = order.blanks ? text.replace(/^[ \t]+/, "") : text;
    if (order.dictionary) out = out.replace(/[^A-Za-z0-9 \t]/g, "");
    return order.fold ? out.toUpperCase() : out;
  };
  return order.version ? compareVersions(shown(a), shown(b)) : compareText(shown(a), shown(b));
}

function numberOf(text: string): number {
  return Number(/^[ \t]*(-?\d*\.?\d+|-?\d+\.?)/.exec(text)?.[1] ?? 0);
}

function generalOf(text: string): number {
  const value = parseFloat(text);
  return Number.isNaN(value) ? -Number.MAX_VALUE : value;
}

function humanOf(text: string): number {
  const match = /^[ \t]*(-?[\d.]+)([kKMGTPE]?)/.exec(text);
  if (match === null) return 0;
  return Number(match[1]) * 1024 ** " KMGTPE".indexOf(match[2] === "" ? " " : match[2]!.toUpperCase());
}

function monthOf(text: string): number {
  return MONTHS.indexOf(text.trim().slice(0, 3).toUpperCase());
}
