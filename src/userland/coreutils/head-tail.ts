import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { sleep } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import type { OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options, type OptionTable, programName } from "../text/getopt.ts";
import { openInput, readInput } from "../text/lines.ts";
import { type Output, standardOutput } from "../text/stdio.ts";
import { quote } from "../text/locale.ts";

const DEFAULT_LINES = 10;
const FOLLOW_SECONDS = 1;
const TABLE: OptionTable = {
  short: "c:n:qvfFs:",
  long: { bytes: "c", lines: "n", quiet: "q", silent: "q", verbose: "v", follow: "f" },
};

/** How much to print: `from` counts from the start (`tail -n +3`) or leaves out the end (`head -n -3`). */
interface Amount {
  readonly unit: "lines" | "bytes";
  readonly count: number;
  readonly sign: "" | "+" | "-";
}

/** `-5` for `-n 5`, as both still take it. */
function modernize(process: Process): void {
  process.argv = process.argv.map((word, i) =>
    i === 1 && /^-\d+$/.test(word) ? `-n${word.slice(1)}` : word,
  );
}

function* amountOf(process: Process, options: Options): Task<Amount | number> {
  const last = options.list.findLast(([name]) => name === "n" || name === "c");
  if (last === undefined) return { unit: "lines", count: DEFAULT_LINES, sign: "" };
  const unit = last[0] === "n" ? "lines" : "bytes";
  const match = /^([-+]?)(\d+)([kKMG]?)$/.exec(last[1]);
  if (match === null) {
    yield* process.printError(
      `${programName(process)}: invalid number of ${unit}: ${quote(process, last[1])}\n`,
    );
    return 1;
  }
  const factor = { "": 1, k: 1024, K: 1024, M: 1048576, G: 1073741824 }[match[3]!] ?? 1;
  const sign = match[1] === "+" ? "+" : match[1] === "-" ? "-" : "";
  return { unit, count: Number(match[2]) * factor, sign };
}

/** Runs `one` for each file, with the headers between them that -q and -v change. */
function* eachFile(
  process: Process,
  options: Options,
  out: Output,
  one: (path: string, file: OpenFile) => Task<void>,
): Task<number> {
  const name = programName(process);
  const paths = options.operands.length === 0 ? ["-"] : options.operands;
  const headers = options.has("v") || (paths.length > 1 && !options.has("q"));
  let status = 0;
  let first = true;
  for (const path of paths) {
    const input = openInput(process, path);
    if ("error" in input) {
      yield* process.printError(`${name}: cannot open '${path}' for reading: ${input.error}\n`);
      status = 1;
      continue;
    }
    if (headers) yield* out.write(`${first ? "" : "\n"}==> ${path === "-" ? "standard input" : path} <==\n`);
    first = false;
    yield* one(path, input.file);
    input.close();
  }
  return status;
}

/** head(1). */
export function* head(process: Process): Task<number> {
  modernize(process);
  const options = yield* getOptions(process, TABLE);
  if (typeof options === "number") return options;
  const amount = yield* amountOf(process, options);
  if (typeof amount === "number") return amount;
  const out = standardOutput(process);
  const status = yield* eachFile(process, options, out, (_, file) => headOf(out, file, amount));
  yield* out.flush();
  return status;
}

function* headOf(out: Output, file: OpenFile, amount: Amount): Task<void> {
  if (amount.sign === "-") {
    yield* out.write(withoutEnd(yield* readBytes(file), amount));
    return;
  }
  let left = amount.count;
  while (left > 0) {
    const part = yield* file.read();
    if (part === null) return;
    let end = 0;
    if (amount.unit === "bytes") {
      end = Math.min(left, part.length);
      left -= end;
    } else while (left > 0 && end < part.length) if (part[end++] === 10) left--;
    yield* out.write(part.subarray(0, end));
  }
}

function* readBytes(file: OpenFile): Task<Uint8Array> {
  let all = new Uint8Array(0);
  for (let part = yield* file.read(); part !== null; part = yield* file.read()) {
    const sum = new Uint8Array(all.length + part.length);
    sum.set(all);
    sum.set(part, all.length);
    all = sum;
  }
  return all;
}

/** Where the last `count` lines or bytes begin. */
function startOfEnd(bytes: Uint8Array, amount: Amount): number {
  if (amount.unit === "bytes") return Math.max(0, bytes.length - amount.count);
  if (amount.count === 0) return bytes.length;
  let left = amount.count;
  for (let i = bytes.length - 2; i >= 0; i--) if (bytes[i] === 10 && --left === 0) return i + 1;
  return 0;
}

function withoutEnd(bytes: Uint8Array, amount: Amount): Uint8Array {
  return bytes.subarray(0, startOfEnd(bytes, amount));
}

function fromStart(bytes: Uint8Array, amount: Amount): Uint8Array {
  let left = Math.max(0, amount.count - 1);
  if (amount.unit === "bytes") return bytes.subarray(left);
  let at = 0;
  while (left > 0 && at < bytes.length) if (bytes[at++] === 10) left--;
  return bytes.subarray(at);
}

/** tail(1). */
export function* tail(process: Process): Task<number> {
  modernize(process);
  const options = yield* getOptions(process, TABLE);
  if (typeof options === "number") return options;
  const amount = yield* amountOf(process, options);
  if (typeof amount === "number") return amount;
  const out = standardOutput(process);
  const status = yield* eachFile(process, options, out, function* (_, file) {
    const bytes = yield* readBytes(file);
    const part = amount.sign === "+" ? fromStart(bytes, amount) : bytes.subarray(startOfEnd(bytes, amount));
    yield* out.write(part);
  });
  yield* out.flush();
  if (!options.has("f") && !options.has("F")) return status;
  return yield* follow(
    process,
    options.operands.filter((path) => path !== "-"),
  );
}

/** `-f`: looks once a second for what was added. Ends only by a signal, unless there is no file to follow. */
function* follow(process: Process, paths: readonly string[]): Task<number> {
  const seen = new Map<string, string>();
  for (const path of paths) seen.set(path, yield* textOf(process, path));
  while (paths.length > 0) {
    yield* sleep(seconds(FOLLOW_SECONDS));
    for (const path of paths) {
      const now = yield* textOf(process, path);
      const before = seen.get(path) ?? "";
      yield* process.print(now.startsWith(before) ? now.slice(before.length) : now);
      seen.set(path, now);
    }
  }
  return 0;
}

function* textOf(process: Process, path: string): Task<string> {
  const result = yield* readInput(process, path);
  return "bytes" in result ? utf8Decode(result.bytes) : "";
}
