import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { openFile } from "../os/files.ts";
import { type OpenFile, writeText } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options, programName } from "../text/getopt.ts";
import { LineReader, openInput, readInputs, splitLines } from "../text/lines.ts";
import { Output, standardOutput } from "../text/stdio.ts";
import { refuse } from "../args/exit.ts";

/** Programs that go over lines: wc(1), uniq(1), tee(1), rev(1), tac(1), nl(1), paste(1). */

interface Counts {
  lines: number;
  words: number;
  bytes: number;
  characters: number;
  longest: number;
}

export function* wc(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "clmwL",
    long: { bytes: "c", chars: "m", lines: "l", words: "w", "max-line-length": "L" },
  });
  if (typeof options === "number") return options;
  const { texts, failed } = yield* readInputs(
    process,
    options.operands,
    (path, error) => `wc: ${path}: ${error}`,
  );
  const wanted = (["l", "w", "m", "c", "L"] as const).filter((letter) =>
    options.list.length === 0 ? "lwc".includes(letter) : options.has(letter),
  );
  const counted = texts.map(({ path, bytes }) => ({ path, counts: countIn(bytes) }));
  const total = counted.reduce((sum, { counts }) => add(sum, counts), countIn(new Uint8Array(0)));
  const files = options.operands.length;
  const stdin = files === 0 || options.operands.includes("-");
  const width = wanted.length === 1 && files <= 1 ? 1 : stdin ? 7 : String(total.bytes).length;
  const print = (counts: Counts, name: string): string => {
    const numbers = wanted.map((letter) => String(valueOf(counts, letter)).padStart(width)).join(" ");
    return `${numbers}${name === "" ? "" : ` ${name}`}\n`;
  };
  let out = counted.map(({ path, counts }) => print(counts, files === 0 ? "" : path)).join("");
  if (files > 1) out += print(total, "total");
  yield* process.print(out);
  return failed ? 1 : 0;
}

function valueOf(counts: Counts, letter: "l" | "w" | "m" | "c" | "L"): number {
  switch (letter) {
    case "l":
      return counts.lines;
    case "w":
      return counts.words;
    case "m":
      return counts.characters;
    case "c":
      return counts.bytes;
    case "L":
      return counts.longest;
  }
}

function countIn(bytes: Uint8Array): Counts {
  const text = utf8Decode(bytes);
  let lines = 0;
  for (const byte of bytes) if (byte === 10) lines++;
  return {
    lines,
    words: text.split(/\s+/).filter((word) => word !== "").length,
    bytes: bytes.length,
    characters: Array.from(text).length,
    longest: Math.max(0, ...splitLines(text).map((line) => line.length)),
  };
}

function add(a: Counts, b: Counts): Counts {
  return {
    lines: a.lines + b.lines,
    words: a.words + b.words,
    bytes: a.bytes + b.bytes,
    characters: a.characters + b.characters,
    longest: Math.max(a.longest, b.longest),
  };
}

/** Where a command with an optional input and an optional output operand reads and writes. */
function* inAndOut(
  process: Process,
  operands: readonly string[],
): Task<{ input: OpenFile; output: OpenFile } | number> {
  const name = programName(process);
  const input = openInput(process, operands[0] ?? "-");
  if ("error" in input) {
    yield* process.printError(`${name}: ${operands[0]!}: ${input.error}\n`);
    return 1;
  }
  if (operands[1] === undefined) return { input: input.file, output: process.stdout };
  const output = openFile(process, operands[1], "write");
  if (output.ok) return { input: input.file, output: output.value };
  yield* process.printError(`${name}: ${operands[1]}: ${strerror(output.error)}\n`);
  return 1;
}

export function* uniq(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "cdDf:is:uw:",
    long: {
      count: "c",
      repeated: "d",
      "skip-fields": "f",
      "ignore-case": "i",
      "skip-chars": "s",
      unique: "u",
      "check-chars": "w",
    },
  });
  if (typeof options === "number") return options;
  if (options.has("D")) refuse("uniq -D");
  const files = yield* inAndOut(process, options.operands);
  if (typeof files === "number") return files;
  const out = options.operands[1] === undefined ? standardOutput(process) : new Output(files.output);
  const reader = new LineReader(files.input);
  let kept: { text: string; key: string; count: number } | undefined;
  const emit = (): void => {
    if (kept === undefined) return;
    if (options.has("d") && kept.count < 2) return;
    if (options.has("u") && kept.count > 1) return;
    out.put(`${options.has("c") ? `${String(kept.count).padStart(7)} ` : ""}${kept.text}\n`);
  };
  for (let line = yield* reader.next(); line !== null; line = yield* reader.next()) {
    const key = uniqueKey(line.text, options);
    if (kept?.key === key) kept.count++;
    else {
      emit();
      kept = { text: line.text, key, count: 1 };
    }
    if (!reader.ready) yield* out.pass();
  }
  emit();
  yield* out.flush();
  return 0;
}

function uniqueKey(text: string, options: Options): string {
  let key = text;
  for (let i = Number(options.get("f") ?? 0); i > 0; i--) key = key.replace(/^\s*\S*/, "");
  key = key.slice(Number(options.get("s") ?? 0));
  const width = options.get("w");
  if (width !== undefined) key = key.slice(0, Number(width));
  return options.has("i") ? key.toLowerCase() : key;
}

export function* tee(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "aip",
    long: { append: "a", "ignore-interrupts": "i" },
  });
  if (typeof options === "number") return options;
  let status = 0;
  const files: OpenFile[] = [process.stdout];
  for (const path of options.operands) {
    const file = openFile(process, path, options.has("a") ? "append" : "write");
    if (file.ok) files.push(file.value);
    else {
      yield* process.printError(`tee: ${path}: ${strerror(file.error)}\n`);
      status = 1;
    }
  }
  const { stdin } = process;
  for (let part = yield* stdin.read(); part !== null; part = yield* stdin.read())
    for (const file of files) yield* file.write(part);
  for (const file of files.slice(1)) file.close();
  return status;
}

export function* rev(process: Process): Task<number> {
  return yield* mapText(
    process,
    (path, error) => `rev: cannot open ${path}: ${error}`,
    (lines) => lines.map((line) => Array.from(line).reverse().join("")),
  );
}

export function* tac(process: Process): Task<number> {
  return yield* mapText(
    process,
    (path, error) => `tac: failed to open '${path}' for reading: ${error}`,
    (lines) => lines.reverse(),
  );
}

function* mapText(
  process: Process,
  complain: (path: string, error: string) => string,
  change: (lines: string[]) => string[],
): Task<number> {
  const options = yield* getOptions(process, { short: "" });
  if (typeof options === "number") return options;
  const { texts, failed } = yield* readInputs(process, options.operands, complain);
  for (const { bytes } of texts)
    for (const line of change(splitLines(utf8Decode(bytes)))) yield* process.print(`${line}\n`);
  return failed ? 1 : 0;
}

export function* nl(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "b:w:s:v:n:i:",
    long: {
      "body-numbering": "b",
      "number-width": "w",
      "number-separator": "s",
      "starting-line-number": "v",
      "number-format": "n",
      "line-increment": "i",
    },
  });
  if (typeof options === "number") return options;
  const { texts, failed } = yield* readInputs(
    process,
    options.operands,
    (path, error) => `nl: ${path}: ${error}`,
  );
  const all = options.get("b") === "a";
  const none = options.get("b") === "n";
  const width = Number(options.get("w") ?? 6);
  const separator = options.get("s") ?? "\t";
  const format = options.get("n") ?? "rn";
  let number = Number(options.get("v") ?? 1);
  let out = "";
  for (const { bytes } of texts)
    for (const line of splitLines(utf8Decode(bytes))) {
      if (none || (line === "" && !all)) {
        out += `${" ".repeat(width + separator.length)}${line}\n`;
        continue;
      }
      const digits = String(number);
      const shown =
        format === "ln"
          ? digits.padEnd(width)
          : format === "rz"
            ? digits.padStart(width, "0")
            : digits.padStart(width);
      out += `${shown}${separator}${line}\n`;
      number += Number(options.get("i") ?? 1);
    }
  yield* process.print(out);
  return failed ? 1 : 0;
}

export function* paste(process: Process): Task<number> {
  const options = yield* getOptions(process, { short: "d:s", long: { delimiters: "d", serial: "s" } });
  if (typeof options === "number") return options;
  const delimiters = (options.get("d") ?? "\t").replace(/\\([nt0\\])/g, (_, c: string) =>
    c === "n" ? "\n" : c === "t" ? "\t" : c === "0" ? "\0" : "\\",
  );
  const at = (i: number): string => {
    const c = delimiters === "" ? "" : delimiters[i % delimiters.length]!;
    return c === "\0" ? "" : c;
  };
  const join = (items: readonly string[]): string =>
    items.map((item, i) => (i === 0 ? item : at(i - 1) + item)).join("");
  const columns: string[][] = [];
  const shared = options.operands.filter((path) => path === "-").length;
  let stdin: string[] | undefined;
  let taken = 0;
  for (const path of options.operands.length === 0 ? ["-"] : options.operands) {
    if (path === "-" && stdin !== undefined) {
      columns.push(stdin.filter((_, i) => i % shared === taken));
      taken++;
      continue;
    }
    const { texts, failed } = yield* readInputs(process, [path], (name, error) => `paste: ${name}: ${error}`);
    if (failed) return 1;
    const lines = splitLines(utf8Decode(texts[0]!.bytes));
    if (path === "-" && shared > 1) {
      stdin = lines;
      columns.push(lines.filter((_, i) => i % shared === 0));
      taken = 1;
    } else columns.push(lines);
  }
  const rows = options.has("s")
    ? columns.map(join)
    : Array.from({ length: Math.max(0, ...columns.map((column) => column.length)) }, (_, i) =>
        join(columns.map((column) => column[i] ?? "")),
      );
  yield* writeText(process.stdout, rows.map((row) => `${row}\n`).join(""));
  return 0;
}
