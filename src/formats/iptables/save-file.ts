import { err, ok, type Result } from "../../base/result.ts";
import type { XtCounters, XtFamily, XtTableName } from "../../kernel/uapi/xtables.ts";
import { checkChainName, type IptablesCommand, parseCommand } from "./command.ts";
import { describeProblem, Failure, type Problem, wrong } from "./failure.ts";
import type { ParserWorld } from "./rule-parser.ts";
import { splitWords } from "./words.ts";

/** What `iptables-save` prints, read without carrying it out: for people who paste it. */

export interface SavedChain {
  readonly name: string;
  /** As it stands there: "-" for a chain that a user made. */
  readonly policy: string;
  readonly counters?: XtCounters;
  readonly line: number;
}

export interface SavedCommand {
  readonly command: IptablesCommand;
  readonly counters?: XtCounters;
  readonly line: number;
}

export interface SavedTable {
  readonly table: XtTableName;
  readonly chains: readonly SavedChain[];
  readonly commands: readonly SavedCommand[];
}

export interface SavedProblem extends Problem {
  /** From 1. */
  readonly line: number;
}

const TABLES: readonly XtTableName[] = ["raw", "mangle", "nat", "filter", "security"];

const blankSeparated = (text: string): string[] => text.split(/[ \t]+/).filter((word) => word !== "");

/** `:CHAIN POLICY [PACKETS:BYTES]`. */
function readChain(line: string, number: number): SavedChain {
  const [name, policy, counted] = blankSeparated(line.slice(1));
  if (name === undefined) return wrong("chain name invalid");
  checkChainName(name);
  if (policy === undefined) return wrong("policy invalid");
  const counters = countersOf(counted ?? "");
  return { name, policy, ...(counters !== undefined && { counters }), line: number };
}

function countersOf(text: string): XtCounters | undefined {
  const m = /^\[(\d+):(\d+)\]$/.exec(text);
  return m === null ? undefined : { packets: Number(m[1]), bytes: Number(m[2]) };
}

/** `[PACKETS:BYTES]` before a rule, and what follows it. */
export function splitCounters(line: string, number: number): readonly [string | undefined, string] {
  if (!line.startsWith("[")) return [undefined, line];
  const m = /^(\[[^:\]]*:[^\]]*\]) ?(.*)$/.exec(line);
  if (m === null) return wrong(`Bad line ${number}: need ]`);
  return [m[1], m[2] ?? ""];
}

class Reader {
  private readonly family: XtFamily;
  private readonly world: ParserWorld;
  readonly tables: SavedTable[] = [];
  private open: { table: XtTableName; chains: SavedChain[]; commands: SavedCommand[] } | undefined;

  constructor(family: XtFamily, world: ParserWorld) {
    this.family = family;
    this.world = world;
  }

  read(line: string, number: number): void {
    if (line.trim() === "" || line.startsWith("#")) return;
    if (this.open === undefined) {
      this.begin(line);
    } else if (line.trim() === "COMMIT") {
      this.tables.push(this.open);
      this.open = undefined;
    } else if (line.startsWith(":")) this.open.chains.push(readChain(line, number));
    else this.open.commands.push(this.command(this.open.table, line, number));
  }

  private begin(line: string): void {
    if (!line.startsWith("*")) wrong("a table (*NAME) must come first");
    const name = blankSeparated(line.slice(1))[0];
    const table = TABLES.find((one) => one === name);
    if (table === undefined) return wrong(`table name '${name ?? ""}' invalid`);
    this.open = { table, chains: [], commands: [] };
  }

  private command(table: XtTableName, line: string, number: number): SavedCommand {
    const [counted, rest] = splitCounters(line, number);
    const parsed = parseCommand(splitWords(rest), {
      family: this.family,
      restore: { table, program: "iptables-restore" },
      world: this.world,
    });
    if (!parsed.ok) throw new Failure(parsed.error);
    const counters = countersOf(counted ?? "");
    return { command: parsed.value, ...(counters !== undefined && { counters }), line: number };
  }

  end(): void {
    if (this.open !== undefined) wrong("COMMIT expected");
  }
}

/** Reads a saved rule set; the first mistake ends it. */
export function parseSaved(
  text: string,
  family: XtFamily,
  world: ParserWorld = {},
): Result<readonly SavedTable[], SavedProblem> {
  const reader = new Reader(family, world);
  const lines = text.split(/\r?\n/);
  let line = 0;
  try {
    for (; line < lines.length; line++) reader.read(lines[line] ?? "", line + 1);
    reader.end();
    return ok(reader.tables);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return err({ ...error.problem, line: Math.min(line + 1, lines.length) });
  }
}

/** One line for people: where, and what is wrong. */
export function describeSavedProblem(problem: SavedProblem): string {
  return `line ${problem.line}: ${describeProblem(problem)}`;
}
