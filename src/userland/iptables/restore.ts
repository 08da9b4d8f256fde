import type { IptablesCommand } from "../../formats/iptables/command.ts";
import { checkChainName } from "../../formats/iptables/command.ts";
import { Failure, IPTABLES_VERSION, type Problem } from "../../formats/iptables/failure.ts";
import { splitWords } from "../../formats/iptables/words.ts";
import type { XtCounters, XtFamily, XtTableName } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { utf8Decode } from "../../base/utf8.ts";
import { fail, program } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { strerror } from "../os/errno.ts";
import { openFile } from "../os/files.ts";
import { readAll } from "../os/io.ts";
import type { Process, Program } from "../os/process.ts";
import { commitSteps } from "./commit.ts";
import { failWith, isTable, spoken } from "./iptables.ts";
import { list, listRules } from "./show.ts";
import { type Refusal, REASONS, TableEdit } from "./table-edit.ts";
import { restoreUsage } from "./usage.ts";
import { HostNames } from "./world.ts";

/** iptables-restore(8). Models: xtables-restore.c. */

const LONG: readonly LongOption[] = [
  { name: "counters", argument: "none", short: "c" },
  { name: "verbose", argument: "none", short: "v" },
  { name: "version", argument: "none", short: "V" },
  { name: "test", argument: "none", short: "t" },
  { name: "help", argument: "none", short: "h" },
  { name: "noflush", argument: "none", short: "n" },
  { name: "modprobe", argument: "required", short: "M" },
  { name: "table", argument: "required", short: "T" },
  { name: "wait", argument: "optional", short: "w" },
  { name: "wait-interval", argument: "optional", short: "W" },
];

interface Options {
  readonly counters: boolean;
  readonly verbose: boolean;
  readonly test: boolean;
  readonly noflush: boolean;
  readonly table: string | undefined;
}

/** A line of a table's part: a chain to make, or a command. */
type Line =
  | {
      readonly kind: "chain";
      readonly name: string;
      readonly policy: string;
      readonly counters: XtCounters | undefined;
      readonly line: number;
    }
  | { readonly kind: "command"; readonly command: IptablesCommand; readonly line: number };

/** Reads a saved rule set and carries out each table's part at its COMMIT, all or nothing. */
class Restore {
  private readonly process: Process;
  private readonly family: XtFamily;
  private readonly name: string;
  private readonly options: Options;
  private readonly names: HostNames;
  private table: XtTableName | undefined;
  private lines: Line[] = [];

  constructor(process: Process, family: XtFamily, name: string, options: Options) {
    this.process = process;
    this.family = family;
    this.name = name;
    this.options = options;
    this.names = new HostNames(process);
  }

  *run(text: string): Task<void> {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (const [i, line] of lines.entries()) yield* this.read(line, i + 1);
    if (this.table !== undefined) fail(1, `${this.name}: COMMIT expected at line ${lines.length + 1}\n`);
  }

  private problem(message: string, line: number): never {
    return failWith({ kind: "parameter", message }, this.name, line);
  }

  /** Whether `-T` asks for another table than this. */
  private get skipped(): boolean {
    return this.options.table !== undefined && this.options.table !== this.table;
  }

  private *read(line: string, number: number): Task<void> {
    if (line === "") return;
    if (line.startsWith("#")) {
      if (this.options.verbose) yield* this.process.print(`${line}\n`);
      return;
    }
    if (this.table === undefined) {
      if (!line.startsWith("*")) fail(1, `${this.name}: line ${number} failed\n`);
      this.begin(line, number);
    } else if (line === "COMMIT") {
      if (!this.skipped) yield* this.commit(this.table, number);
      this.table = undefined;
    } else if (this.skipped) return;
    else if (line.startsWith(":")) this.chain(line, number);
    else yield* this.command(this.table, line, number);
  }

  private begin(line: string, number: number): void {
    const table = line
      .slice(1)
      .split(/[ \t]+/)
      .find((word) => word !== "");
    const where = `${this.name}: line ${number} table name`;
    if (table === undefined) return this.problem(`${where} invalid`, number);
    if (!isTable(table)) return this.problem(`${where} '${table}' invalid`, number);
    this.table = table;
    this.lines = [];
  }

  private chain(line: string, number: number): void {
    const [name, policy, counters] = line
      .slice(1)
      .split(/[ \t]+/)
      .filter((word) => word !== "");
    if (name === undefined) return this.problem(`${this.name}: line ${number} chain name invalid`, number);
    this.checkName(name, number);
    if (policy === undefined) return this.problem(`${this.name}: line ${number} policy invalid`, number);
    let counted: XtCounters | undefined;
    if (this.options.counters) {
      const m = /^\[(\d+):(\d+)\]/.exec(counters ?? "");
      if (m === null) return this.problem(`invalid policy counters for chain '${name}'`, number);
      counted = { packets: Number(m[1]), bytes: Number(m[2]) };
    }
    this.lines.push({ kind: "chain", name, policy, counters: counted, line: number });
  }

  private checkName(name: string, number: number): void {
    try {
      checkChainName(name);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failWith(error.problem, this.name, number);
    }
  }

  private *command(table: XtTableName, line: string, number: number): Task<void> {
    // The tool keeps the newline: a quote that nobody closes has it.
    let words = splitWords(`${line}\n`);
    if (line.startsWith("[")) {
      const m = /^\[([^:\]]*):([^\]]*)\] ?(.*)$/.exec(line);
      if (m === null) return this.problem(`Bad line ${number}: need ]`, number);
      words = splitWords(`${m[3] ?? ""}\n`);
      if (this.options.counters) words.push("--set-counters", m[1] ?? "", m[2] ?? "");
    }
    const parsed = yield* this.names.parse(words, {
      family: this.family,
      restore: { table, program: this.name },
    });
    if (!parsed.ok) return this.failAt(parsed.error, number);
    yield* this.process.printError(parsed.value.warnings.join(""));
    this.lines.push({ kind: "command", command: parsed.value, line: number });
  }

  private failAt(problem: Problem, line: number): never {
    return failWith(problem, this.name, line);
  }

  /** Tells why line `line` cannot be carried out; `now` is the line of COMMIT. */
  private refuse(refusal: Refusal, line: number, now: number): never {
    if (typeof refusal === "string")
      return fail(1, `${this.name}: line ${line} failed: ${REASONS[refusal]}.\n`);
    // One line further on than COMMIT when it comes directly behind: the tool counts what it has read.
    return this.problem(`Chain '${refusal.missing}' does not exist`, now);
  }

  private *commit(table: XtTableName, number: number): Task<void> {
    const edit = new TableEdit(this.process.net, this.family, table);
    if (!this.options.noflush) {
      if (this.options.verbose) yield* this.process.print(flushed(edit));
      edit.clear(number);
    }
    for (const one of this.lines) {
      if (one.kind === "chain") this.applyChain(edit, one, number);
      else yield* this.applyCommand(edit, table, one, number);
    }
    if (this.options.test) return;
    commitSteps(this.process.net, this.family, table, edit.steps, this.name, true);
  }

  private applyChain(edit: TableEdit, chain: Extract<Line, { kind: "chain" }>, now: number): void {
    const { name, policy, counters, line } = chain;
    const builtin = edit.policyOf(name);
    // A chain of a user that is there already is emptied, --noflush or not.
    if (builtin === undefined) edit.newChain(name, line);
    else if (builtin === null) edit.flush(name, line);
    if (builtin === undefined || builtin === null) return;
    const to = policy === "-" ? "ACCEPT" : policy;
    const done = edit.setPolicy(name, to, counters ?? { packets: 0, bytes: 0 }, line);
    if (!done.ok) this.refuse(done.error, line, now);
  }

  private *applyCommand(
    edit: TableEdit,
    table: XtTableName,
    one: Extract<Line, { kind: "command" }>,
    now: number,
  ): Task<void> {
    const { process, family, name } = this;
    const command = this.options.verbose ? { ...one.command, verbose: 1 } : one.command;
    if (command.ops.includes("list")) yield* list(process, family, table, command, name);
    if (command.ops.includes("list-rules")) yield* listRules(process, family, table, command, name);
    const words = spoken(command, edit, family);
    const done = edit.apply(command, one.line);
    if (!done.ok) return this.refuse(done.error, one.line, now);
    yield* process.print(words);
  }
}

/** What `-v` says of a table that is emptied. */
function flushed(edit: TableEdit): string {
  const all = edit.names("all").map((name) => `Flushing chain \`${name}'\n`);
  return [...all, ...edit.names("users").map((name) => `Deleting chain \`${name}'\n`)].join("");
}

/** The rule set: a file or standard input. */
function* readInput(process: Process, path: string | undefined): Task<string> {
  if (path === undefined) return utf8Decode(yield* readAll(process.stdin));
  const file = openFile(process, path, "read");
  if (!file.ok) return fail(1, `Can't open ${path}: ${strerror(file.error)}\n`);
  const text = utf8Decode(yield* readAll(file.value));
  file.value.close();
  return text;
}

function tool(family: XtFamily): Program {
  return program(function* (process: Process): Task<number> {
    const name = (process.argv[0] ?? "").replace(/^.*\//, "");
    const argv = [name, ...process.argv.slice(1)];
    const { options, operands, complaint } = getopt(argv, "bcvVthnwWM:T:", LONG);
    if (complaint !== undefined) fail(1, `${complaint}Try \`${name} -h' for more information.\n`);
    const has = (letter: string): boolean => options.some((option) => option.letter === letter);
    if (has("V")) yield* process.print(`${name} ${IPTABLES_VERSION}\n`);
    else if (has("h")) yield* process.printError(restoreUsage(name));
    if (has("V") || has("h")) return 0;
    const [path, more] = has("w") || has("W") ? operands.filter((word) => !/^\d+$/.test(word)) : operands;
    if (more !== undefined) fail(1, "Unknown arguments found on commandline\n");
    const restore = new Restore(process, family, name, {
      counters: has("c"),
      verbose: has("v"),
      test: has("t"),
      noflush: has("n"),
      table: options.findLast(({ letter }) => letter === "T")?.value,
    });
    yield* restore.run(yield* readInput(process, path));
    return 0;
  });
}

export const iptablesRestore: Program = tool("ip");
export const ip6tablesRestore: Program = tool("ip6");
