import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { backslashQuote } from "../shell/quote.ts";
import { ByteText, writeEscaped } from "../text/escapes.ts";
import { getOptions, programName } from "../text/getopt.ts";
import { formatPrintf } from "../text/printf.ts";
import { evaluateTest, TestFault } from "../text/test-expression.ts";
import { quote } from "../text/locale.ts";

/** Programs of a few lines each: true(1), false(1), echo(1), printf(1), test(1), yes(1), seq(1), nproc(1). */

export function* succeed(): Task<number> {
  return 0;
}

/** clear(1): the screen and what was scrolled off it. */
export function* clear(process: Process): Task<number> {
  yield* process.print("\x1b[H\x1b[2J\x1b[3J");
  return 0;
}

export function* fail(): Task<number> {
  return 1;
}

export function* echo(process: Process): Task<number> {
  let at = 1;
  let newline = true;
  let escapes = false;
  for (; /^-[neE]+$/.test(process.argv[at] ?? ""); at++)
    for (const letter of process.argv[at]!.slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
  const text = process.argv.slice(at).join(" ");
  const out = new ByteText();
  const { stopped } = escapes ? writeEscaped(out, text, "zero") : { stopped: false };
  if (!escapes) out.text(text);
  if (newline && !stopped) out.text("\n");
  yield* process.stdout.write(out.bytes());
  return 0;
}

export function* printf(process: Process): Task<number> {
  const [format, ...args] = process.argv.slice(process.argv[1] === "--" ? 2 : 1);
  if (format === undefined) {
    yield* process.printError("printf: missing operand\nTry 'printf --help' for more information.\n");
    return 1;
  }
  const { bytes, complaints } = formatPrintf(format, args, {
    invalidNumber: (text) => `${quote(process, text)}: expected a numeric value`,
    invalidFormat: (letter) => `%${letter}: invalid conversion specification`,
    quote: backslashQuote,
  });
  yield* process.stdout.write(bytes);
  for (const complaint of complaints)
    yield* process.printError(`${process.argv[0] ?? "printf"}: ${complaint}\n`);
  return complaints.length > 0 ? 1 : 0;
}

export function* test(process: Process): Task<number> {
  const name = programName(process);
  let words = process.argv.slice(1);
  if (name === "[") {
    if (words.at(-1) !== "]") {
      yield* process.printError("[: missing ']'\n");
      return 2;
    }
    words = words.slice(0, -1);
  }
  try {
    return evaluateTest({ process }, words) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestFault)) throw error;
    const bad = /^(.*): integer expression expected$/s.exec(error.message);
    yield* process.printError(
      `${name}: ${bad === null ? error.message : `invalid integer ${quote(process, bad[1]!)}`}\n`,
    );
    return 2;
  }
}

/** Ends when nobody reads its output any more. */
export function* yes(process: Process): Task<number> {
  const words = process.argv.slice(1);
  const line = `${words.length === 0 ? "y" : words.join(" ")}\n`;
  const block = line.repeat(Math.max(1, Math.floor(4096 / line.length)));
  for (;;) yield* process.print(block);
}

export function* nproc(process: Process): Task<number> {
  yield* process.print("1\n");
  return 0;
}

export function* seq(process: Process): Task<number> {
  // A negative number is an operand, not an option.
  const words = process.argv.slice(1);
  const numbers = words.findIndex((word) => /^-?[\d.]/.test(word));
  if (numbers >= 0)
    process.argv = [process.argv[0]!, ...words.slice(0, numbers), "--", ...words.slice(numbers)];
  const table = { short: "f:s:w", long: { format: "f", separator: "s", "equal-width": "w" } };
  const options = yield* getOptions(process, table);
  if (typeof options === "number") return options;
  const operands = options.operands[0] === "--" ? options.operands.slice(1) : options.operands;
  if (operands.length === 0 || operands.length > 3) {
    const what = operands.length === 0 ? "missing operand" : `extra operand ${quote(process, operands[3]!)}`;
    yield* process.printError(`seq: ${what}\nTry 'seq --help' for more information.\n`);
    return 1;
  }
  const bad = operands.find((word) => !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word));
  if (bad !== undefined) {
    yield* process.printError(
      `seq: invalid floating point argument: ${quote(process, bad)}\nTry 'seq --help' for more information.\n`,
    );
    return 1;
  }
  const first = operands.length === 1 ? "1" : operands[0]!;
  const step = operands.length === 3 ? operands[1]! : "1";
  const last = operands.at(-1)!;
  if (Number(step) === 0) {
    yield* process.printError(
      `seq: invalid Zero increment value: ${quote(process, step)}\nTry 'seq --help' for more information.\n`,
    );
    return 1;
  }
  return yield* printSequence(process, first, step, last, {
    separator: options.get("s") ?? "\n",
    format: options.get("f"),
    wide: options.has("w"),
  });
}

function decimals(text: string): number {
  return /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
}

function* printSequence(
  process: Process,
  first: string,
  step: string,
  last: string,
  style: { readonly separator: string; readonly format: string | undefined; readonly wide: boolean },
): Task<number> {
  const places = Math.max(decimals(first), decimals(step));
  const [from, by, to] = [Number(first), Number(step), Number(last)];
  const items: string[] = [];
  let written = false;
  const width = Math.max(from.toFixed(places).length, to.toFixed(places).length);
  for (let i = 0; by > 0 ? from + i * by <= to + 1e-9 : from + i * by >= to - 1e-9; i++) {
    const text = (from + i * by).toFixed(places);
    const sign = text.startsWith("-") ? "-" : "";
    const padded = style.wide ? sign + text.slice(sign.length).padStart(width - sign.length, "0") : text;
    items.push(style.format === undefined ? padded : formatOne(style.format, text));
    if (items.length < 1000) continue;
    yield* process.print((written ? style.separator : "") + items.splice(0).join(style.separator));
    written = true;
  }
  if (items.length > 0) yield* process.print((written ? style.separator : "") + items.join(style.separator));
  if (written || items.length > 0) yield* process.print("\n");
  return 0;
}

function formatOne(format: string, text: string): string {
  const { bytes } = formatPrintf(format, [text], { invalidNumber: () => "", invalidFormat: () => "" });
  return String.fromCharCode(...bytes);
}
