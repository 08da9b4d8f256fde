import { concat } from "../../../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../../../base/utf8.ts";
import type { Task } from "../../../sim/task.ts";
import { strerror } from "../../os/errno.ts";
import { openFile } from "../../os/files.ts";
import { type OpenFile, readAllText } from "../../os/io.ts";
import type { Process } from "../../os/process.ts";
import { getOptions, programName } from "../../text/getopt.ts";
import { LineReader, openInput, readInput } from "../../text/lines.ts";
import { Output } from "../../text/stdio.ts";
import { AwkFault, type AwkProgram, type Rule } from "./ast.ts";
import { Interpreter } from "./interpreter.ts";
import { unescape } from "./lexer.ts";
import { parseAwk } from "./parser.ts";
import { awkRegExp } from "./record.ts";
import { InputText, toNumber } from "./values.ts";
import { refuse } from "../../args/exit.ts";

const STATUS_TROUBLE = 2;
const INPUT_BUFFER = 4096;

/** awk(1), as Debian's mawk. */
export function* awk(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "F:v:f:W:",
    long: { assign: "v", "field-separator": "F", file: "f", version: "" },
    stopAtOperand: true,
    hint: "",
    status: STATUS_TROUBLE,
  });
  if (typeof options === "number") return options;
  if (options.has("W") || options.has("version")) refuse("mawk -W");
  const sources: string[] = [];
  for (const path of options.all("f")) {
    const read = yield* readInput(process, path);
    if ("error" in read) {
      yield* process.printError(`mawk: couldn't open file ${path}\n`);
      return STATUS_TROUBLE;
    }
    sources.push(utf8Decode(read.bytes));
  }
  const operands = [...options.operands];
  if (sources.length === 0) {
    const source = operands.shift();
    if (source === undefined) {
      yield* process.printError("Usage: mawk [Options] [Program] [file ...]\n");
      return STATUS_TROUBLE;
    }
    sources.push(source);
  }
  try {
    const program = parseAwk(sources.join("\n"));
    const run = new Run(process, program, operands);
    for (const [name, value] of options.list) {
      if (name === "F") run.awk.set("FS", value === "t" ? "\t" : unescape(value));
      else if (name === "v" && !run.assignment(value)) throw new AwkFault(`improper assignment: -v ${value}`);
    }
    return yield* run.main();
  } catch (error) {
    if (!(error instanceof AwkFault)) throw error;
    yield* process.printError(`${programName(process) === "mawk" ? "mawk" : "awk"}: ${error.message}\n`);
    return STATUS_TROUBLE;
  }
}

class Run {
  readonly awk: Interpreter;
  private readonly process: Process;
  private readonly program: AwkProgram;
  private readonly operands: readonly string[];
  private readonly files = new Map<string, OpenFile>();
  private readonly out: Output;
  private readonly open = new Set<Rule>();
  private exiting = false;

  constructor(process: Process, program: AwkProgram, operands: readonly string[]) {
    this.process = process;
    this.program = program;
    this.operands = operands;
    this.out = new Output(process.stdout);
    this.awk = new Interpreter(process, program);
    const argv = this.awk.array("ARGV");
    ["awk", ...operands].forEach((word, i) => argv.set(String(i), new InputText(word)));
    this.awk.set("ARGC", operands.length + 1);
  }

  /** `name=value` among the operands or after -v. */
  assignment(text: string): boolean {
    const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
    if (match === null) return false;
    this.awk.set(match[1]!, new InputText(unescape(match[2]!)));
    return true;
  }

  *main(): Task<number> {
    let status = 0;
    try {
      yield* this.section("begin");
      const reads = this.program.rules.some(({ pattern }) => pattern.kind !== "begin");
      if (reads && !this.exiting) status = yield* this.records();
      this.exiting = false;
      yield* this.section("end");
      yield* this.out.flush();
    } finally {
      for (const file of this.files.values()) file.close();
    }
    return this.awk.exitStatus !== 0 ? this.awk.exitStatus : status;
  }

  private *section(kind: "begin" | "end"): Task<void> {
    for (const { pattern, action } of this.program.rules) {
      if (pattern.kind !== kind || action === undefined) continue;
      const flow = this.awk.run(action);
      yield* this.flush();
      if (flow !== "exit") continue;
      this.exiting = true;
      return;
    }
  }

  private *records(): Task<number> {
    const operands = this.operands.filter((word) => !/^[A-Za-z_]\w*=/.test(word));
    let status = 0;
    for (const word of this.operands) {
      if (operands.includes(word)) status = Math.max(status, yield* this.file(word));
      else this.assignment(word);
      if (this.exiting) return status;
    }
    return operands.length === 0 ? yield* this.file("-") : status;
  }

  private *file(path: string): Task<number> {
    const input = openInput(this.process, path);
    if ("error" in input) {
      yield* this.process.printError(`awk: cannot open ${path} (${input.error})\n`);
      return STATUS_TROUBLE;
    }
    this.awk.set("FILENAME", path === "-" ? "" : path);
    this.awk.set("FNR", 0);
    const separator = this.awk.variableText("RS");
    if (separator === "\n") yield* this.lines(input.file);
    else
      for (const text of splitRecords(yield* readAllText(input.file), separator)) {
        yield* this.one(text, false);
        if (this.exiting) break;
      }
    yield* this.flush();
    input.close();
    return 0;
  }

  private *lines(file: OpenFile): Task<void> {
    const reader = new LineReader(file.isTerminal ? file : inBlocks(file));
    while (!this.exiting) {
      const line = yield* reader.next();
      if (line === null) return;
      yield* this.one(line.text, reader.ready);
    }
  }

  private *one(text: string, more: boolean): Task<void> {
    const { awk } = this;
    awk.record.set(text);
    awk.set("NR", toNumber(awk.get("NR")) + 1);
    awk.set("FNR", toNumber(awk.get("FNR")) + 1);
    for (const rule of this.program.rules) {
      if (!this.applies(rule)) continue;
      const flow = awk.run(rule.action ?? { kind: "print", values: [], to: undefined });
      if (flow === "exit") this.exiting = true;
      if (flow === "exit" || flow === "next") break;
    }
    if (!more) yield* this.flush();
  }

  private applies(rule: Rule): boolean {
    const { pattern } = rule;
    switch (pattern.kind) {
      case "always":
        return true;
      case "test":
        return this.awk.truth(pattern.test);
      case "range":
        if (!this.open.has(rule) && !this.awk.truth(pattern.from)) return false;
        if (this.awk.truth(pattern.to)) this.open.delete(rule);
        else this.open.add(rule);
        return true;
      default:
        return false;
    }
  }

  private *flush(): Task<void> {
    let text = "";
    for (const piece of this.awk.written.splice(0)) {
      if (piece === "flush") {
        yield* this.out.write(text);
        text = "";
        yield* this.out.flush();
        continue;
      }
      if (piece.to === undefined || piece.to.path === "/dev/stdout" || piece.to.path === "-") {
        text += piece.text;
        continue;
      }
      yield* this.out.write(text);
      text = "";
      yield* (yield* this.target(piece.to.path, piece.to.append)).write(utf8Encode(piece.text));
    }
    yield* this.out.write(text);
  }

  private *target(path: string, append: boolean): Task<OpenFile> {
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const file = openFile(this.process, path, append ? "append" : "write");
    if (!file.ok) throw new AwkFault(`cannot open "${path}" for output (${strerror(file.error)})`);
    this.files.set(path, file.value);
    return file.value;
  }
}

/** mawk fills its buffer of 4096 bytes before it looks at a record, even from a pipe. */
function inBlocks(file: OpenFile): Pick<OpenFile, "read"> {
  return {
    *read() {
      const parts: Uint8Array[] = [];
      for (let size = 0; size < INPUT_BUFFER;) {
        const part = yield* file.read(INPUT_BUFFER - size);
        if (part === null) break;
        parts.push(part);
        size += part.length;
      }
      return parts.length === 0 ? null : concat(parts);
    },
  };
}

/** Records that something else than a newline separates; "" is an empty line. */
function splitRecords(text: string, separator: string): string[] {
  if (text === "") return [];
  if (separator === "") return text.replace(/^\n+|\n+$/g, "").split(/\n\n+/);
  const parts = separator.length === 1 ? text.split(separator) : text.split(awkRegExp(separator));
  return parts.at(-1) === "" ? parts.slice(0, -1) : parts;
}
