import type { Task } from "../../sim/task.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Process } from "../os/process.ts";
import { getOptions } from "../text/getopt.ts";
import { LineReader, openInput } from "../text/lines.ts";
import { standardOutput } from "../text/stdio.ts";
import { quote } from "../text/locale.ts";

const HINT = (name: string): string => `Try '${name} --help' for more information.\n`;

type Range = readonly [number, number];

/** `1,3-5,7-`: undefined for anything else. */
function parseRanges(text: string): readonly Range[] | undefined {
  const out: Range[] = [];
  for (const part of text.split(/[, ]/)) {
    const match = /^(?:(\d+)(-(\d*))?|-(\d+))$/.exec(part);
    if (match === null) return undefined;
    if (match[4] !== undefined) out.push([1, Number(match[4])]);
    else {
      const from = Number(match[1]);
      out.push([from, match[2] === undefined ? from : match[3] === "" ? Infinity : Number(match[3])]);
    }
  }
  return out.some(([from, to]) => from === 0 || from > to) ? undefined : out;
}

/** cut(1). */
export function* cut(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "b:c:d:f:ns",
    long: {
      bytes: "b",
      characters: "c",
      delimiter: "d",
      fields: "f",
      "only-delimited": "s",
      complement: "",
      "output-delimiter": "argument",
    },
  });
  if (typeof options === "number") return options;
  const lists = options.list.filter(([name]) => "bcf".includes(name));
  const fault = (text: string): Task<void> => process.printError(`cut: ${text}\n${HINT("cut")}`);
  if (lists.length !== 1) {
    yield* fault(
      lists.length === 0
        ? "you must specify a list of bytes, characters, or fields"
        : "only one list may be specified",
    );
    return 1;
  }
  const [kind, text] = lists[0]!;
  const ranges = parseRanges(text);
  const delimiter = options.get("d") ?? "\t";
  if (ranges === undefined || Array.from(delimiter).length > 1) {
    const bad = `invalid ${kind === "f" ? "field" : "byte/character position"} value ${quote(process, text)}`;
    yield* fault(ranges === undefined ? bad : "the delimiter must be a single character");
    return 1;
  }
  const complement = options.has("complement");
  const chosen = (n: number): boolean => ranges.some(([from, to]) => n >= from && n <= to) !== complement;
  const glue = options.get("output-delimiter") ?? (kind === "f" ? delimiter : "");
  const take = (line: string): string | undefined => {
    if (kind !== "f")
      return Array.from(line)
        .filter((_, i) => chosen(i + 1))
        .join("");
    const fields = line.split(delimiter);
    if (fields.length === 1) return options.has("s") ? undefined : line;
    return fields.filter((_, i) => chosen(i + 1)).join(glue);
  };
  return yield* eachLine(process, "cut", options.operands, take);
}

/** Writes what `change` makes of each line; undefined drops it. */
function* eachLine(
  process: Process,
  name: string,
  paths: readonly string[],
  change: (line: string) => string | undefined,
): Task<number> {
  const out = standardOutput(process);
  let status = 0;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const input = openInput(process, path);
    if ("error" in input) {
      yield* process.printError(`${name}: ${path}: ${input.error}\n`);
      status = 1;
      continue;
    }
    const reader = new LineReader(input.file);
    for (let line = yield* reader.next(); line !== null; line = yield* reader.next()) {
      const text = change(line.text);
      if (text !== undefined) out.put(`${text}\n`);
      if (!reader.ready) yield* out.pass();
    }
    input.close();
  }
  yield* out.flush();
  return status;
}

const CLASSES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: [[48, 57]],
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [[65, 90]],
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
};

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** The characters of a tr set; a repetition `[c*]` fills up to `length`. */
function expandSet(text: string, length: number): string[] {
  const units = unescapeSet(text);
  const out: string[] = [];
  for (let i = 0; i < units.length; i++) {
    const rest = units.slice(i).join("");
    const named = /^\[:(\w+):\]/.exec(rest);
    const ranges = named === null ? undefined : CLASSES[named[1]!];
    if (ranges !== undefined) {
      for (const [from, to] of ranges) for (let c = from; c <= to; c++) out.push(String.fromCharCode(c));
      i += named![0].length - 1;
      continue;
    }
    const repeat = /^\[(.)\*(\d*)\]/s.exec(rest);
    if (repeat !== null) {
      const count = repeat[2] === "" ? Math.max(0, length - out.length) : Number(repeat[2]);
      for (let k = 0; k < count; k++) out.push(repeat[1]!);
      i += repeat[0].length - 1;
      continue;
    }
    if (units[i + 1] === "-" && units[i + 2] !== undefined) {
      const to = units[i + 2]!.codePointAt(0)!;
      for (let c = units[i]!.codePointAt(0)!; c <= to; c++) out.push(String.fromCodePoint(c));
      i += 2;
    } else out.push(units[i]!);
  }
  return out;
}

function unescapeSet(text: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < text.length;) {
    const octal = /^\\([0-7]{1,3})/.exec(text.slice(i));
    if (octal !== null) {
      out.push(String.fromCharCode(parseInt(octal[1]!, 8)));
      i += octal[0].length;
    } else if (text[i] === "\\" && i + 1 < text.length) {
      out.push(ESCAPES[text[i + 1]!] ?? text[i + 1]!);
      i += 2;
    } else {
      const c = String.fromCodePoint(text.codePointAt(i)!);
      out.push(c);
      i += c.length;
    }
  }
  return out;
}

/** tr(1). */
export function* tr(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "cCdst",
    long: { complement: "c", delete: "d", "squeeze-repeats": "s", "truncate-set1": "t" },
    stopAtOperand: true,
  });
  if (typeof options === "number") return options;
  const { operands } = options;
  const complement = options.has("c") || options.has("C");
  const [deleting, squeezing] = [options.has("d"), options.has("s")];
  const needed = deleting === squeezing ? 2 : 1;
  const most = deleting && !squeezing ? 1 : 2;
  if (operands.length < needed || operands.length > most) {
    yield* process.printError(trFault(process, operands, needed, most, deleting));
    return 1;
  }
  const first = expandSet(operands[0]!, 0);
  const second = operands[1] === undefined ? undefined : expandSet(operands[1], first.length);
  const map = trTable(first, second, { complement, deleting, truncate: options.has("t") });
  const last = second ?? first;
  const squeezed = new Set(last);
  const squeezes = (c: string): boolean =>
    squeezing && (second === undefined && complement ? !squeezed.has(c) : squeezed.has(c));
  const { stdin } = process;
  const output = standardOutput(process);
  let previous = "";
  for (let part = yield* stdin.read(); part !== null; part = yield* stdin.read()) {
    let out = "";
    for (const c of utf8Decode(part)) {
      const mapped = map(c);
      if (mapped === undefined || (mapped === previous && squeezes(mapped))) continue;
      out += mapped;
      previous = mapped;
    }
    yield* output.write(out);
  }
  yield* output.flush();
  return 0;
}

function trFault(
  process: Process,
  operands: readonly string[],
  needed: number,
  most: number,
  deleting: boolean,
): string {
  if (operands.length > most) {
    const note =
      deleting && most === 1 ? "Only one string may be given when deleting without squeezing repeats.\n" : "";
    return `tr: extra operand ${quote(process, operands[most]!)}\n${note}${HINT("tr")}`;
  }
  if (operands.length === 0) return `tr: missing operand\n${HINT("tr")}`;
  const note = deleting
    ? "Two strings must be given when both deleting and squeezing repeats.\n"
    : "Two strings must be given when translating.\n";
  return `tr: missing operand after ${quote(process, operands[0]!)}\n${needed === 2 ? note : ""}${HINT("tr")}`;
}

/** What becomes of a character: undefined when it is deleted. */
function trTable(
  first: readonly string[],
  second: readonly string[] | undefined,
  how: { readonly complement: boolean; readonly deleting: boolean; readonly truncate: boolean },
): (c: string) => string | undefined {
  const members = new Set(first);
  if (how.deleting) return (c) => (members.has(c) !== how.complement ? undefined : c);
  if (second === undefined) return (c) => c;
  const end = second.at(-1) ?? "";
  if (how.complement) return (c) => (members.has(c) ? c : end);
  const table = new Map<string, string>();
  first.forEach((c, i) => {
    const target = second[i] ?? (how.truncate ? undefined : end);
    if (target !== undefined && !(how.truncate && i >= second.length)) table.set(c, target);
  });
  return (c) => table.get(c) ?? c;
}
