import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options } from "../text/getopt.ts";
import { readInputs, splitLines } from "../text/lines.ts";

/** column(1) of util-linux: `-t` makes a table; without it lines are filled into columns. */
export function* column(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "ts:o:N:R:c:nx",
    long: {
      table: "t",
      separator: "s",
      "output-separator": "o",
      "table-columns": "N",
      "table-right": "R",
      "output-width": "c",
      fillrows: "x",
    },
  });
  if (typeof options === "number") return options;
  const { texts, failed } = yield* readInputs(
    process,
    options.operands,
    (path, error) => `column: cannot open ${path}: ${error}`,
  );
  const lines = texts
    .flatMap(({ bytes }) => splitLines(utf8Decode(bytes)))
    .filter((line) => line.trim() !== "");
  yield* process.print(options.has("t") ? table(lines, options) : fill(lines, options));
  return failed ? 1 : 0;
}

function table(lines: readonly string[], options: Options): string {
  const separator = options.get("s");
  const glue = options.get("o") ?? "  ";
  const split = (line: string): string[] => {
    if (separator === undefined) return line.trim().split(/[ \t]+/);
    const escaped = separator.replace(/[\]\\^-]/g, "\\$&");
    return line.split(new RegExp(`[${escaped}]`));
  };
  const rows = lines.map(split);
  const names = options.get("N")?.split(",");
  if (names !== undefined) rows.unshift(names);
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, Array.from(cell).length);
  const right = new Set(options.get("R")?.split(",") ?? []);
  const aligned = (cell: string, i: number): string => {
    const isRight = right.has(String(i + 1)) || (names?.[i] !== undefined && right.has(names[i]));
    const missing = " ".repeat((widths[i] ?? 0) - Array.from(cell).length);
    return isRight ? missing + cell : cell + missing;
  };
  return rows.map((row) => `${cells(row, widths.length, aligned, glue)}\n`).join("");
}

/** The last column is not padded, unless a short row leaves it out. */
function cells(
  row: readonly string[],
  width: number,
  aligned: (cell: string, i: number) => string,
  glue: string,
): string {
  const full = Array.from({ length: width }, (_, i) => row[i] ?? "");
  const texts = full.map((cell, i) =>
    i === width - 1 && row.length >= width ? aligned(cell, i).trimEnd() : aligned(cell, i),
  );
  return texts.join(glue);
}

const TAB = 8;

function fill(lines: readonly string[], options: Options): string {
  if (lines.length === 0) return "";
  const total = Number(options.get("c") ?? 80);
  const longest = Math.max(...lines.map((line) => line.length));
  const width = (Math.floor(longest / TAB) + 1) * TAB;
  const columns = Math.max(1, Math.floor(total / width));
  const rows = Math.ceil(lines.length / columns);
  let out = "";
  for (let row = 0; row < rows; row++) {
    let line = "";
    for (let i = 0; i < columns; i++) {
      const item = lines[options.has("x") ? row * columns + i : i * rows + row];
      if (item === undefined) break;
      while (lengthOf(line) < i * width) line += "\t";
      line += item;
    }
    out += `${line}\n`;
  }
  return out;
}

/** Columns that a line takes with its tabs. */
function lengthOf(line: string): number {
  let at = 0;
  for (const c of line) at = c === "\t" ? (Math.floor(at / TAB) + 1) * TAB : at + 1;
  return at;
}
