import { type IptablesCommand } from "../../formats/iptables/command.ts";
import { IPTABLES_VERSION, type Problem, problemText } from "../../formats/iptables/failure.ts";
import { XT_TABLES, type XtFamily, type XtTableName } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { fail, program, refuse } from "../args/exit.ts";
import type { Process, Program } from "../os/process.ts";
import { commitSteps } from "./commit.ts";
import { list, listRules, ruleLines } from "./show.ts";
import { type Refusal, REASONS, TableEdit } from "./table-edit.ts";
import { usage } from "./usage.ts";
import { HostNames } from "./world.ts";

/** iptables(8) and ip6tables(8) 1.8.9 with the nf_tables backend. Models: xtables-standalone.c, xtables.c, nft.c. */

const PARAMETER_PROBLEM = 2;
const VERSION_PROBLEM = 3;

/** Ends the program as the real tool ends it over a wrong command line. */
export function failWith(problem: Problem, name: string, line?: number): never {
  if (problem.kind === "refused") refuse(problem.message);
  const status = problem.kind === "version" ? VERSION_PROBLEM : PARAMETER_PROBLEM;
  const before = problem.warnings?.join("") ?? "";
  return fail(status, before + problemText(problem, name, line));
}

export function isTable(name: string): name is XtTableName {
  return XT_TABLES.some((table) => table === name);
}

function refusalText(refusal: Refusal, name: string): never {
  if (typeof refusal !== "string") {
    const message = `Chain '${refusal.missing}' does not exist`;
    return failWith({ kind: "parameter", message }, name);
  }
  const hint = refusal === "badPolicy" ? ". Run `dmesg' for more information" : "";
  return fail(1, `${name}: ${REASONS[refusal]}${hint}.\n`);
}

/** What `-v` says while a command is carried out. `edit` is the table before it. */
export function spoken(command: IptablesCommand, edit: TableEdit, family: XtFamily): string {
  if (command.verbose === 0) return "";
  const { chain } = command;
  let text = "";
  for (const op of command.ops) {
    const each = (verb: string, names: readonly string[]): string =>
      names.map((name) => `${verb} chain \`${name}'\n`).join("");
    if (["append", "insert", "replace", "check", "delete"].includes(op)) text += ruleLines(command, family);
    else if (op === "flush") text += each("Flushing", chain === undefined ? edit.names("all") : [chain]);
    else if (op === "zero") text += each("Zeroing", chain === undefined ? edit.names("all") : [chain]);
    else if (op === "delete-chain")
      text += each("Deleting", chain === undefined ? edit.names("users") : [chain]);
  }
  return text;
}

/** Carries out what one command line says, on the table as it is now. */
function* execute(
  process: Process,
  family: XtFamily,
  table: XtTableName,
  command: IptablesCommand,
  name: string,
): Task<void> {
  if (command.ops.includes("list")) yield* list(process, family, table, command, name);
  if (command.ops.includes("list-rules")) yield* listRules(process, family, table, command, name);
  const edit = new TableEdit(process.net, family, table);
  const words = spoken(command, edit, family);
  const done = edit.apply(command);
  // A rule is told even where its chain is missing, but not where its target is or where it was not found.
  const silent = !done.ok && done.error !== "noChain";
  const aloud =
    done.ok || ["append", "insert", "replace"].some((op) => command.ops.some((one) => one === op));
  if (!silent && aloud) yield* process.print(words);
  if (!done.ok) return refusalText(done.error, name);
  commitSteps(process.net, family, table, edit.steps, name, false);
}

function tool(family: XtFamily): Program {
  const name = family === "ip" ? "iptables" : "ip6tables";
  return program(function* (process: Process): Task<number> {
    const parsed = yield* new HostNames(process).parse(process.argv.slice(1), { family });
    if (!parsed.ok) return failWith(parsed.error, name);
    const command = parsed.value;
    yield* process.printError(command.warnings.join(""));
    if (command.show === "version") yield* process.print(`${name} ${IPTABLES_VERSION}\n`);
    if (command.show === "help") yield* process.print(usage(name, family));
    if (command.show !== undefined) return 0;
    const { table } = command;
    if (!isTable(table))
      return failWith({ kind: "version", message: `table '${table}' does not exist` }, name);
    if (command.verbose > 1) refuse(`the debugging output of ${name} -vv`);
    yield* execute(process, family, table, command, name);
    return 0;
  });
}

export const iptables: Program = tool("ip");
export const ip6tables: Program = tool("ip6");
