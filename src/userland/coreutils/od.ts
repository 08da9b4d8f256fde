import { concat } from "../../base/bytes.ts";
import type { Task } from "../../sim/task.ts";
import { program, refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options } from "../text/getopt.ts";
import { readInputs } from "../text/lines.ts";

/** od(1) of GNU coreutils 9.1: -A, -t of c, o, u, x in one, two or four bytes, -b -c -d -o -x, -j, -N, -v. */

const ROW = 16;

interface Format {
  /** Bytes that one field shows. */
  readonly size: number;
  readonly width: number;
  readonly field: (value: number) => string;
  /** The row's text is shown after it. */
  readonly text: boolean;
}

const ESCAPES = new Map([
  [0, "\\0"],
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
]);

function character(byte: number): string {
  if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
  return ESCAPES.get(byte) ?? byte.toString(8).padStart(3, "0");
}

/** Digits of the greatest number in so many bytes. */
const WIDTHS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  o: { 1: 3, 2: 6, 4: 11 },
  u: { 1: 3, 2: 5, 4: 10 },
  x: { 1: 2, 2: 4, 4: 8 },
};
const RADIX: Readonly<Record<string, number>> = { o: 8, u: 10, x: 16 };

function format(type: string): Format {
  const [, letter = "", size = "", text] = /^([cdoux])(\d?)(z?)$/.exec(type) ?? refuse(`od -t ${type}`);
  if (letter === "c") return { size: 1, width: 4, field: character, text: text !== "" };
  const bytes = Number(size === "" ? "4" : size);
  const digits = WIDTHS[letter]?.[bytes] ?? refuse(`od -t ${type}`);
  const field = (value: number): string =>
    value.toString(RADIX[letter]).padStart(digits, letter === "u" ? " " : "0");
  return { size: bytes, width: digits + 1, field, text: text !== "" };
}

const SHORT: Readonly<Record<string, string>> = { b: "o1", c: "c", d: "u2", o: "o2", x: "x2" };

function formats(options: Options): Format[] {
  const types = options.list.flatMap(([letter, value]) => {
    if (letter === "t") return value.match(/[a-z]\d*z?/g) ?? [value];
    return SHORT[letter] ?? [];
  });
  return (types.length === 0 ? ["o2"] : types).map(format);
}

/** One row in one format; `cell` is how wide the place of one byte is in the widest format. */
function row(bytes: Uint8Array, { size, field, text }: Format, cell: number): string {
  let out = "";
  for (let o = 0; o < bytes.length; o += size) {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[o + i] ?? 0);
    out += field(value).padStart(cell * size);
  }
  if (!text) return out;
  const shown = [...bytes]
    .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."))
    .join("");
  return `${out.padEnd(cell * ROW)}  >${shown}<`;
}

function dump(bytes: Uint8Array, skip: number, options: Options): string {
  const wanted = formats(options);
  const cell = Math.max(...wanted.map(({ size, width }) => width / size));
  const radix = options.get("A") ?? "o";
  const address = (at: number): string =>
    radix === "n"
      ? ""
      : at.toString(radix === "x" ? 16 : radix === "d" ? 10 : 8).padStart(radix === "x" ? 6 : 7, "0");
  const blank = " ".repeat(address(0).length);
  let out = "";
  let last = "";
  let repeated = false;
  for (let o = 0; o < bytes.length; o += ROW) {
    const piece = bytes.subarray(o, o + ROW);
    const rows = wanted.map((one) => row(piece, one, cell));
    const same = rows.join("\n");
    if (same === last && piece.length === ROW && !options.has("v")) {
      if (!repeated) out += "*\n";
      repeated = true;
      continue;
    }
    repeated = false;
    last = same;
    out += rows.map((text, i) => `${i === 0 ? address(skip + o) : blank}${text}\n`).join("");
  }
  return radix === "n" ? out : `${out}${address(skip + bytes.length)}\n`;
}

function* main(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "A:t:j:N:vbcdox",
    long: {
      "address-radix": "A",
      format: "t",
      "skip-bytes": "j",
      "read-bytes": "N",
      "output-duplicates": "v",
    },
  });
  if (typeof options === "number") return options;
  for (const letter of ["j", "N"])
    if (!/^\d*$/.test(options.get(letter) ?? "")) refuse(`od -${letter} ${options.get(letter)!}`);
  const read = yield* readInputs(process, options.operands, (path, error) => `od: ${path}: ${error}`);
  if (read.failed && read.texts.length === 0) return 1;
  const skip = Number(options.get("j") ?? 0);
  const count = options.get("N");
  const all = concat(read.texts.map(({ bytes }) => bytes)).subarray(skip);
  yield* process.print(dump(count === undefined ? all : all.subarray(0, Number(count)), skip, options));
  return read.failed ? 1 : 0;
}

export const od = program(main);
