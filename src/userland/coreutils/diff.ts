import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { program, refuse } from "../args/exit.ts";
import { statFile } from "../os/files.ts";
import type { Process } from "../os/process.ts";
import { getOptions, programName } from "../text/getopt.ts";
import { readInput } from "../text/lines.ts";

/** diff(1) of GNU diffutils 3.8 over two files: the plain form, -u, -U N, -q, -s and -b -w -i. Files have no times here: -u names them without. */

const STATUS_TROUBLE = 2;
const CONTEXT = 3;
const NO_NEWLINE = "\\ No newline at end of file\n";

/** Lines `[a0, a1)` of the old file became lines `[b0, b1)` of the new one. */
interface Change {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

interface Side {
  readonly path: string;
  readonly lines: readonly string[];
  /** What the lines are compared by. */
  readonly keys: readonly string[];
  /** The last line has no newline. */
  readonly open: boolean;
}

/** Changes between the two, by the longest common subsequence of what equal ends leave over. */
function changes(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const width = bEnd - start + 1;
  const common = new Uint32Array((aEnd - start + 1) * width);
  const at = (i: number, j: number): number => (i - start) * width + (j - start);
  for (let i = aEnd - 1; i >= start; i--)
    for (let j = bEnd - 1; j >= start; j--)
      common[at(i, j)] =
        a[i] === b[j]
          ? common[at(i + 1, j + 1)]! + 1
          : Math.max(common[at(i + 1, j)]!, common[at(i, j + 1)]!);
  const out: Change[] = [];
  let [i, j] = [start, start];
  while (i < aEnd || j < bEnd) {
    const [a0, b0] = [i, j];
    while (i < aEnd || j < bEnd) {
      if (i < aEnd && j < bEnd && a[i] === b[j]) break;
      if (j >= bEnd || (i < aEnd && common[at(i + 1, j)]! >= common[at(i, j + 1)]!)) i++;
      else j++;
    }
    if (i > a0 || j > b0) out.push({ a0, a1: i, b0, b1: j });
    while (i < aEnd && j < bEnd && a[i] === b[j]) {
      i++;
      j++;
    }
  }
  return out;
}

function line(side: Side, index: number, sign: string): string {
  const last = side.open && index === side.lines.length - 1;
  return `${sign}${side.lines[index] ?? ""}\n${last ? NO_NEWLINE : ""}`;
}

function lines(side: Side, from: number, to: number, sign: string): string {
  let out = "";
  for (let i = from; i < to; i++) out += line(side, i, sign);
  return out;
}

/** `2`, `2,4`; of nothing, the line before. */
function range(from: number, to: number): string {
  if (to - from <= 1) return String(to === from ? from : from + 1);
  return `${from + 1},${to}`;
}

function plain(a: Side, b: Side, all: readonly Change[]): string {
  return all
    .map(({ a0, a1, b0, b1 }) => {
      const letter = a0 === a1 ? "a" : b0 === b1 ? "d" : "c";
      const middle = letter === "c" ? "---\n" : "";
      return `${range(a0, a1)}${letter}${range(b0, b1)}\n${lines(a, a0, a1, "< ")}${middle}${lines(b, b0, b1, "> ")}`;
    })
    .join("");
}

/** `2,3` of a hunk's head: the first line and how many. */
function span(from: number, to: number): string {
  const count = to - from;
  return count === 1 ? String(from + 1) : `${count === 0 ? from : from + 1},${count}`;
}

function unified(a: Side, b: Side, all: readonly Change[], context: number): string {
  let out = "";
  for (let first = 0; first < all.length;) {
    let last = first;
    while (last + 1 < all.length && all[last + 1]!.a0 - all[last]!.a1 <= 2 * context) last++;
    const group = all.slice(first, last + 1);
    const [head, tail] = [group[0]!, group[group.length - 1]!];
    const a0 = Math.max(0, head.a0 - context);
    const a1 = Math.min(a.lines.length, tail.a1 + context);
    const b0 = head.b0 - (head.a0 - a0);
    out += `@@ -${span(a0, a1)} +${span(b0, tail.b1 + (a1 - tail.a1))} @@\n`;
    let at = a0;
    for (const change of group) {
      out +=
        lines(a, at, change.a0, " ") +
        lines(a, change.a0, change.a1, "-") +
        lines(b, change.b0, change.b1, "+");
      at = change.a1;
    }
    out += lines(a, at, a1, " ");
    first = last + 1;
  }
  return out;
}

function side(path: string, bytes: Uint8Array, key: (text: string) => string): Side {
  const text = utf8Decode(bytes);
  const open = text !== "" && !text.endsWith("\n");
  const found = text.split("\n");
  if (!open) found.pop();
  const keys = found.map((each, i) => key(each) + (open && i === found.length - 1 ? "\0" : ""));
  return { path, lines: found, keys, open };
}

function* trouble(process: Process, text: string): Task<number> {
  yield* process.printError(`diff: ${text}\ndiff: Try 'diff --help' for more information.\n`);
  return STATUS_TROUBLE;
}

function* main(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "uU:qsbwiaN",
    long: {
      unified: "u",
      brief: "q",
      "report-identical-files": "s",
      "ignore-space-change": "b",
      "ignore-all-space": "w",
      "ignore-case": "i",
      text: "a",
      "new-file": "N",
    },
    status: STATUS_TROUBLE,
    hint: `${programName(process)}: Try 'diff --help' for more information.\n`,
  });
  if (typeof options === "number") return options;
  const { operands } = options;
  if (operands.length < 2) return yield* trouble(process, `missing operand after '${operands[0] ?? "diff"}'`);
  if (operands.length > 2) return yield* trouble(process, `extra operand '${operands[2]!}'`);
  const context = options.get("U") ?? String(CONTEXT);
  if (!/^\d+$/.test(context)) return yield* trouble(process, `invalid context length '${context}'`);
  const key = (text: string): string => {
    const spaces = options.has("w")
      ? text.replace(/\s+/g, "")
      : options.has("b")
        ? text.replace(/\s+/g, " ").trimEnd()
        : text;
    return options.has("i") ? spaces.toLowerCase() : spaces;
  };
  const sides: Side[] = [];
  for (const path of operands) {
    if (path !== "-" && statFile(process, path)?.kind === "directory") refuse("diff of directories");
    const read = yield* readInput(process, path);
    if (!("error" in read)) sides.push(side(path, read.bytes, key));
    else if (options.has("N")) sides.push(side(path, new Uint8Array(0), key));
    else yield* process.printError(`diff: ${path}: ${read.error}\n`);
  }
  const [a, b] = sides;
  if (a === undefined || b === undefined) return STATUS_TROUBLE;
  const found = changes(a.keys, b.keys);
  if (found.length === 0) {
    if (options.has("s")) yield* process.print(`Files ${a.path} and ${b.path} are identical\n`);
    return 0;
  }
  if (options.has("q")) yield* process.print(`Files ${a.path} and ${b.path} differ\n`);
  else if (options.has("u") || options.has("U"))
    yield* process.print(`--- ${a.path}\n+++ ${b.path}\n${unified(a, b, found, Number(context))}`);
  else yield* process.print(plain(a, b, found));
  return 1;
}

export const diff = program(main);
