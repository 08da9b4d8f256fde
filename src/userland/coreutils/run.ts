import type { Task } from "../../sim/task.ts";
import { canRun, forkProgram, runProgram } from "../os/exec.ts";
import { utf8Decode } from "../../base/utf8.ts";
import { NULL_FILE } from "../os/io.ts";
import { statFile } from "../os/files.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options } from "../text/getopt.ts";
import { readInput } from "../text/lines.ts";
import { STDBUF_OUTPUT } from "../text/stdio.ts";
import { cannotRun } from "./time.ts";

/** Programs that run other programs: env(1), xargs(1), nohup(1), setsid(1), stdbuf(1), nice(1). */

const STATUS_ENV_FAILED = 125;
const STATUS_XARGS_CHILD_FAILED = 123;
const STATUS_XARGS_CHILD_ABORTED = 124;
const XARGS_LIMIT = 131072;

export function* env(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "i0u:C:S:v",
    long: { "ignore-environment": "i", null: "0", unset: "u", chdir: "C", "split-string": "S" },
    stopAtOperand: true,
    status: STATUS_ENV_FAILED,
  });
  if (typeof options === "number") return options;
  const operands = [...options.operands];
  const variables = new Map(options.has("i") || operands[0] === "-" ? [] : process.env);
  if (operands[0] === "-") operands.shift();
  for (const name of options.all("u")) variables.delete(name);
  while (operands[0]?.includes("=") === true) {
    const word = operands.shift()!;
    variables.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  }
  const split = options.get("S");
  if (split !== undefined) operands.unshift(...split.split(/\s+/).filter((word) => word !== ""));
  if (operands.length === 0) {
    const end = options.has("0") ? "\0" : "\n";
    yield* process.print([...variables].map(([name, value]) => `${name}=${value}${end}`).join(""));
    return 0;
  }
  let cwd: string | undefined;
  const directory = options.get("C");
  if (directory !== undefined) {
    cwd = resolvePath(process.cwd, directory);
    if (statFile(process, cwd)?.kind !== "directory") {
      yield* process.printError(
        `env: cannot change directory to '${directory}': No such file or directory\n`,
      );
      return STATUS_ENV_FAILED;
    }
  }
  if (!canRun(process, operands, { env: variables })) return yield* cannotRun(process, "env", operands[0]!);
  return yield* runProgram(process, operands, { env: variables, ...(cwd !== undefined && { cwd }) });
}

/** `nohup`, `setsid`, `nice`: what they change does not exist here, so they run the command; `stdbuf` tells it of -o. */
export function* runInPlace(process: Process): Task<number> {
  const name = (process.argv[0] ?? "").replace(/^.*\//, "");
  const letters: Readonly<Record<string, string>> = {
    nice: "n:",
    stdbuf: "i:o:e:",
    setsid: "cfw",
    nohup: "",
  };
  const options = yield* getOptions(process, {
    short: letters[name] ?? "",
    long: { adjustment: "n", input: "i", output: "o", error: "e", wait: "w", fork: "f" },
    stopAtOperand: true,
    status: STATUS_ENV_FAILED,
  });
  if (typeof options === "number") return options;
  if (options.operands.length === 0) {
    yield* process.printError(`${name}: missing operand\nTry '${name} --help' for more information.\n`);
    return STATUS_ENV_FAILED;
  }
  if (!canRun(process, options.operands)) return yield* cannotRun(process, name, options.operands[0]!);
  if (name === "nohup") process.onSignal("HUP", "ignore");
  const env = new Map(process.env);
  if (name === "stdbuf") env.set(STDBUF_OUTPUT, options.get("o") ?? "");
  return yield* runProgram(process, options.operands, { env });
}

/** xargs(1), one command after the other: -P changes nothing. */
export function* xargs(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "0a:d:E:I:i::L:n:P:rts:x",
    long: {
      null: "0",
      "arg-file": "a",
      delimiter: "d",
      replace: "i",
      "max-lines": "L",
      "max-args": "n",
      "max-procs": "P",
      "no-run-if-empty": "r",
      verbose: "t",
      "max-chars": "s",
    },
    stopAtOperand: true,
  });
  if (typeof options === "number") return options;
  const read = yield* readInput(process, options.get("a") ?? "-");
  if ("error" in read) {
    yield* process.printError(`xargs: Cannot open input file '${options.get("a") ?? "-"}': ${read.error}\n`);
    return 1;
  }
  const items = splitItems(utf8Decode(read.bytes), options);
  if (typeof items === "string") {
    yield* process.printError(`xargs: ${items}\n`);
    return 1;
  }
  const command = options.operands.length === 0 ? ["echo"] : options.operands;
  const mark = options.get("I") ?? (options.has("i") ? options.get("i") || "{}" : undefined);
  return yield* runBatches(process, options, batches(items, command, options, mark));
}

/** Words with quotes and backslashes, or pieces between delimiters; a string is a complaint. */
function splitItems(text: string, options: Options): string[] | string {
  if (options.has("0")) return text.split("\0").filter((item, i, all) => item !== "" || i < all.length - 1);
  const delimiter = options.get("d");
  if (delimiter !== undefined) {
    const by =
      delimiter === "\\n" ? "\n" : delimiter === "\\t" ? "\t" : delimiter === "\\0" ? "\0" : delimiter;
    const items = text.split(by);
    return items.at(-1) === "" ? items.slice(0, -1) : items;
  }
  const byLine = options.has("I") || options.has("i");
  const items: string[] = [];
  let item: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1);
      const newline = text.indexOf("\n", i + 1);
      if (end < 0 || (newline >= 0 && newline < end))
        return `unmatched ${c === "'" ? "single" : "double"} quote; by default quotes are special to xargs unless you use the -0 option`;
      item = (item ?? "") + text.slice(i + 1, end);
      i = end;
    } else if (c === "\\" && i + 1 < text.length) item = (item ?? "") + text[++i]!;
    else if (c === "\n" || (!byLine && /[ \t]/.test(c))) {
      if (item !== undefined) items.push(item);
      item = undefined;
    } else if (!(byLine && item === undefined && /[ \t]/.test(c))) item = (item ?? "") + c;
  }
  if (item !== undefined) items.push(item);
  return items;
}

function batches(
  items: readonly string[],
  command: readonly string[],
  options: Options,
  mark: string | undefined,
): string[][] {
  if (mark !== undefined) return items.map((item) => command.map((word) => word.replaceAll(mark, item)));
  if (items.length === 0) return options.has("r") ? [] : [[...command]];
  const size = Number(options.get("n") ?? options.get("L") ?? Infinity);
  const out: string[][] = [];
  let batch: string[] = [];
  let length = 0;
  for (const item of items) {
    if (batch.length >= size || length + item.length > XARGS_LIMIT) {
      out.push([...command, ...batch]);
      batch = [];
      length = 0;
    }
    batch.push(item);
    length += item.length + 1;
  }
  return [...out, [...command, ...batch]];
}

function* runBatches(process: Process, options: Options, commands: readonly string[][]): Task<number> {
  let status = 0;
  const stdin = process.files.get(0);
  if (!options.has("a")) process.files.set(0, NULL_FILE);
  try {
    for (const command of commands) {
      if (options.has("t")) yield* process.printError(`${command.join(" ")}\n`);
      if (!canRun(process, command)) return yield* cannotRun(process, "xargs", command[0]!);
      const child = forkProgram(process, command);
      if (child === undefined) return 127;
      let code: number;
      try {
        code = yield* child.wait();
      } finally {
        child.kill("KILL");
      }
      if (code === 255) {
        yield* process.printError(`xargs: ${command[0]!}: exited with status 255; aborting\n`);
        return STATUS_XARGS_CHILD_ABORTED;
      }
      if (child.endedBy !== undefined) {
        yield* process.printError(`xargs: ${command[0]!}: terminated by signal ${code - 128}\n`);
        return 125;
      }
      if (code !== 0) status = STATUS_XARGS_CHILD_FAILED;
    }
  } finally {
    if (stdin !== undefined) process.files.set(0, stdin);
  }
  return status;
}
