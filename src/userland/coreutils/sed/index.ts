import { utf8Decode, utf8Encode } from "../../../base/utf8.ts";
import type { Task } from "../../../sim/task.ts";
import { strerror } from "../../os/errno.ts";
import { openFile, ReadError } from "../../os/files.ts";
import { resolvePath } from "../../os/fs.ts";
import { type OpenFile, writeText } from "../../os/io.ts";
import type { Process } from "../../os/process.ts";
import { getOptions, type Options } from "../../text/getopt.ts";
import { type Line, LineReader, openInput, readInput } from "../../text/lines.ts";
import { Output, standardOutput } from "../../text/stdio.ts";
import { type Address, type Command, parseScript, SedFault } from "./script.ts";
import { substitute } from "./substitute.ts";
import { refuse } from "../../args/exit.ts";

const USAGE = "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n";
const STATUS_BAD_INPUT = 2;
/** A script that jumps round and round without reading is stopped. */
const MAX_STEPS_PER_LINE = 1_000_000;

/** sed(1). */
export function* sed(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "nrEe:f:i::suzl:",
    long: {
      quiet: "n",
      silent: "n",
      "regexp-extended": "E",
      expression: "e",
      file: "f",
      "in-place": "i",
      separate: "s",
      unbuffered: "u",
      "null-data": "z",
      posix: "",
      debug: "",
    },
    hint: USAGE,
  });
  if (typeof options === "number") return options;
  for (const name of ["z", "l", "debug"]) if (options.has(name)) refuse(`sed -${name}`);
  const script = yield* scriptOf(process, options);
  if (typeof script === "number") return script;
  try {
    const commands = parseScript(script.parts, options.has("E") || options.has("r"));
    return yield* new Sed(process, options, commands).run(script.paths);
  } catch (error) {
    if (!(error instanceof SedFault)) throw error;
    yield* process.printError(`sed: ${error.message}\n`);
    return 1;
  }
}

function* scriptOf(
  process: Process,
  options: Options,
): Task<{ parts: string[]; paths: readonly string[] } | number> {
  const parts: string[] = [];
  for (const [name, value] of options.list) {
    if (name === "e") parts.push(value);
    if (name !== "f") continue;
    const read = yield* readInput(process, value);
    if ("error" in read) {
      yield* process.printError(`sed: couldn't open file ${value}: ${read.error}\n`);
      return 1;
    }
    parts.push(utf8Decode(read.bytes).replace(/\n$/, ""));
  }
  if (parts.length > 0) return { parts, paths: options.operands };
  const [script, ...paths] = options.operands;
  if (script !== undefined) return { parts: [script], paths };
  yield* process.printError(USAGE);
  return 1;
}

/** Reads the lines of several files as one, and knows which line is the last. */
class Input {
  private readonly process: Process;
  private readonly paths: string[];
  private reader: LineReader | undefined;
  private close: () => void = () => {};
  private ahead: Line | null | undefined;
  failed = false;

  constructor(process: Process, paths: readonly string[]) {
    this.process = process;
    this.paths = [...paths];
  }

  get ready(): boolean {
    return this.reader?.ready === true;
  }

  *next(): Task<Line | null> {
    const line = this.ahead === undefined ? yield* this.read() : this.ahead;
    this.ahead = undefined;
    return line;
  }

  *isLast(): Task<boolean> {
    if (this.ahead === undefined) this.ahead = yield* this.read();
    return this.ahead === null;
  }

  private *read(): Task<Line | null> {
    for (;;) {
      const line = this.reader === undefined ? null : yield* this.readLine(this.reader);
      if (line !== null) return line;
      this.close();
      this.close = () => {};
      const path = this.paths.shift();
      if (path === undefined) return null;
      const input = openInput(this.process, path);
      if ("error" in input) {
        this.failed = true;
        yield* this.process.printError(`sed: can't read ${path}: ${input.error}\n`);
        continue;
      }
      this.reader = new LineReader(input.file);
      this.close = () => input.close();
    }
  }

  private *readLine(reader: LineReader): Task<Line | null> {
    try {
      return yield* reader.next();
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      this.failed = true;
      yield* this.process.printError(`sed: couldn't edit or read: ${strerror(error.errno).toLowerCase()}\n`);
      return null;
    }
  }
}

/** What a command has the cycle do next: the index of a command, or the cycle's end. */
type Next = number | "end" | "restart" | "delete" | "quit";

class Sed {
  private readonly process: Process;
  private readonly options: Options;
  private readonly commands: readonly Command[];
  private readonly files = new Map<string, OpenFile>();
  private out: Output;
  private input: Input;
  private pattern = "";
  private hold = "";
  private ended = true;
  private line = 0;
  private appended = "";
  private substituted = false;
  private status = 0;
  /** The line on which each range that is open began or ends. */
  private readonly ranges = new Map<Command, number>();
  private lastExpression: RegExp | undefined;

  constructor(process: Process, options: Options, commands: readonly Command[]) {
    this.process = process;
    this.options = options;
    this.commands = commands;
    this.out = standardOutput(process, options.has("u"));
    this.input = new Input(process, []);
  }

  *run(paths: readonly string[]): Task<number> {
    const inPlace = this.options.has("i");
    const separate = inPlace || this.options.has("s");
    let failed = false;
    for (const group of separate && paths.length > 0 ? paths.map((path) => [path]) : [paths]) {
      this.input = new Input(this.process, group.length === 0 ? ["-"] : group);
      const collected: Uint8Array[] = [];
      if (inPlace) {
        this.line = 0;
        this.out = new Output(collector(collected));
      }
      const quit = yield* this.cycles();
      yield* this.out.flush();
      failed ||= this.input.failed;
      if (inPlace && !this.input.failed) yield* this.replaceFile(group[0] ?? "", collected);
      if (quit) break;
    }
    for (const file of this.files.values()) file.close();
    return this.status !== 0 ? this.status : failed ? STATUS_BAD_INPUT : 0;
  }

  private *replaceFile(path: string, parts: readonly Uint8Array[]): Task<void> {
    const { fs } = this.process.host;
    const full = resolvePath(this.process.cwd, path);
    const suffix = this.options.get("i") ?? "";
    const old = fs.read(full);
    if (suffix !== "" && old.ok) fs.write(full + suffix, old.value, "truncate");
    fs.write(full, new Uint8Array(0), "truncate");
    for (const part of parts) fs.write(full, part, "append");
    yield* writeText(this.process.stdout, "");
  }

  /** All lines of the input; true when `q` ended the work. */
  private *cycles(): Task<boolean> {
    for (;;) {
      const line = yield* this.input.next();
      if (line === null) return false;
      this.take(line);
      let next = yield* this.cycle();
      while (next === "restart") next = yield* this.cycle();
      if (next !== "delete" && next !== "quit-silent") this.autoPrint();
      this.flushAppended();
      if (next === "quit" || next === "quit-silent") return true;
      if (!this.input.ready) yield* this.out.pass();
    }
  }

  private take(line: Line): void {
    this.pattern = line.text;
    this.ended = line.ended;
    this.line++;
    this.substituted = false;
  }

  private autoPrint(): void {
    if (!this.options.has("n")) this.out.put(this.pattern + (this.ended ? "\n" : ""));
  }

  private flushAppended(): void {
    if (this.appended === "") return;
    this.out.put((this.ended || this.options.has("n") ? "" : "\n") + this.appended);
    this.appended = "";
  }

  private *cycle(): Task<Next | "quit-silent"> {
    let at = 0;
    for (let steps = 0; at < this.commands.length; steps++) {
      if (steps > MAX_STEPS_PER_LINE) throw new SedFault("the script does not end");
      const command = this.commands[at]!;
      const selected = (yield* this.selects(command)) !== command.negated;
      if (!selected) {
        at = command.name === "{" ? command.target : at + 1;
        continue;
      }
      const next = yield* this.perform(command, at);
      if (typeof next !== "number") return next;
      at = next;
    }
    return "end";
  }

  private *matches(address: Address): Task<boolean> {
    switch (address.kind) {
      case "line":
        return this.line === address.line;
      case "last":
        return yield* this.input.isLast();
      case "step":
        if (address.step === 0) return this.line === address.first;
        return this.line >= address.first && (this.line - address.first) % address.step === 0;
      case "match":
        return this.expression(address.expression).test(this.pattern);
      default:
        return false;
    }
  }

  /** The expression, or the last one used for an empty one, ready to match from the start. */
  private expression(given: RegExp | undefined): RegExp {
    const expression = given ?? this.lastExpression;
    if (expression === undefined) throw new SedFault("no previous regular expression");
    this.lastExpression = expression;
    expression.lastIndex = 0;
    return expression;
  }

  private *selects(command: Command): Task<boolean> {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return yield* this.matches(from);
    const until = this.ranges.get(command);
    if (until !== undefined) {
      const over = Number.isNaN(until) ? yield* this.matches(to) : this.line >= until;
      if (over) this.ranges.delete(command);
      // A line number that was passed already ends the range without the line.
      return !(to.kind === "line" && this.line > to.line);
    }
    const zero = from.kind === "line" && from.line === 0;
    if (!(zero ? this.line === 1 : yield* this.matches(from))) return false;
    yield* this.open(command, to, zero);
    return true;
  }

  /** Remembers where a range that begins here ends: a line number, or NaN when the second address must match. */
  private *open(command: Command, to: Address, zero: boolean): Task<void> {
    let until = NaN;
    if (to.kind === "line") until = to.line;
    else if (to.kind === "plus") until = this.line + to.count;
    else if (to.kind === "multiple")
      until = to.count === 0 ? this.line : Math.ceil(this.line / to.count) * to.count;
    else if (zero && (yield* this.matches(to))) return;
    if (Number.isNaN(until) || until > this.line) this.ranges.set(command, until);
  }

  private *perform(command: Command, at: number): Task<Next | "quit-silent"> {
    const { name, text } = command;
    switch (name) {
      case "s":
        yield* this.substitution(command);
        return at + 1;
      case "b":
        return command.target;
      case "t":
      case "T": {
        const jump = this.substituted === (name === "t");
        this.substituted = false;
        return jump ? command.target : at + 1;
      }
      case "d":
        return "delete";
      case "D": {
        const newline = this.pattern.indexOf("\n");
        if (newline < 0) return "delete";
        this.pattern = this.pattern.slice(newline + 1);
        this.flushAppended();
        return "restart";
      }
      case "q":
        this.status = Number(text);
        return "quit";
      case "Q":
        this.status = Number(text);
        return "quit-silent";
      case "n":
      case "N":
        return (yield* this.readNext(name)) ?? at + 1;
      case "c":
        return yield* this.change(command);
      case "r": {
        const read = yield* readInput(this.process, text);
        if ("bytes" in read) this.appended += utf8Decode(read.bytes);
        return at + 1;
      }
      case "w":
        yield* this.writeTo(text, `${this.pattern}\n`);
        return at + 1;
      default:
        this.simple(command);
        return at + 1;
    }
  }

  /** Commands that only move text about. */
  private simple({ name, text, table }: Command): void {
    switch (name) {
      case "=":
        this.out.put(`${this.line}\n`);
        return;
      case "a":
        this.appended += text;
        return;
      case "i":
        this.out.put(text);
        return;
      case "g":
        this.pattern = this.hold;
        return;
      case "G":
        this.pattern += `\n${this.hold}`;
        return;
      case "h":
        this.hold = this.pattern;
        return;
      case "H":
        this.hold += `\n${this.pattern}`;
        return;
      case "x":
        [this.pattern, this.hold] = [this.hold, this.pattern];
        return;
      case "p":
        this.out.put(`${this.pattern}\n`);
        return;
      case "P":
        this.out.put(`${this.pattern.split("\n", 1)[0]!}\n`);
        return;
      case "l":
        this.out.put(
          `${this.pattern.replace(/[\\\n\t]/g, (c) => (c === "\n" ? "\\n" : c === "\t" ? "\\t" : "\\\\"))}$\n`,
        );
        return;
      case "y":
        this.pattern = Array.from(this.pattern)
          .map((c) => table?.get(c) ?? c)
          .join("");
        return;
      case "z":
        this.pattern = "";
        return;
      case "F":
        this.out.put("-\n");
    }
  }

  /** `n`, `N`: without a next line the cycle ends, GNU's `N` printing what there is. */
  private *readNext(name: "n" | "N"): Task<Next | "quit-silent" | undefined> {
    if (yield* this.input.isLast()) return "quit";
    if (name === "n") this.autoPrint();
    this.flushAppended();
    const before = this.pattern;
    const { substituted } = this;
    const line = yield* this.input.next();
    if (line === null) return "quit-silent";
    this.take(line);
    this.substituted = substituted;
    if (name === "N") this.pattern = `${before}\n${line.text}`;
    return undefined;
  }

  private *change(command: Command): Task<Next> {
    const inRange = command.to !== undefined && this.ranges.has(command) && !command.negated;
    if (!inRange) this.out.put(command.text);
    return "delete";
  }

  private *substitution(command: Command): Task<void> {
    const { substitution } = command;
    if (substitution === undefined) return;
    const result = substitute(this.pattern, this.expression(substitution.expression), substitution);
    if (result === undefined) return;
    this.pattern = result;
    this.substituted = true;
    if (substitution.print) this.out.put(`${this.pattern}\n`);
    if (substitution.file !== undefined) yield* this.writeTo(substitution.file, `${this.pattern}\n`);
  }

  private *writeTo(path: string, text: string): Task<void> {
    if (path === "/dev/stdout") {
      this.out.put(text);
      return;
    }
    let file = this.files.get(path);
    if (file === undefined) {
      const opened = openFile(this.process, path, "write");
      if (!opened.ok) throw new SedFault(`couldn't open file ${path}: ${strerror(opened.error)}`);
      file = opened.value;
      this.files.set(path, file);
    }
    yield* file.write(utf8Encode(text));
  }
}

function collector(parts: Uint8Array[]): OpenFile {
  return {
    isTerminal: false,
    *read() {
      return null;
    },
    *write(bytes) {
      parts.push(bytes);
    },
    retain() {
      return this;
    },
    close() {},
  };
}
