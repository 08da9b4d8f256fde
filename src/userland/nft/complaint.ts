import type { Marks, Span } from "../../formats/nft/commands.ts";
import type { NftStep, NftTableInfo } from "../../kernel/uapi/index.ts";
import { strerror } from "../os/errno.ts";
import type { Errno } from "../../kernel/uapi/index.ts";
import { similar } from "./world.ts";

/** Where a text came from: null for the command line. */
export interface Source {
  readonly file: string | null;
  readonly text: string;
}

/** The message, the line that it is about, and marks under the place. */
export function complaint(source: Source, message: string, span: Span): string {
  const { file, text } = source;
  const from = Math.min(span.from, text.length);
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const end = text.indexOf("\n", from);
  const line = text.slice(start, end < 0 ? text.length : end);
  const column = from - start;
  // A whole command's marks reach one past its end.
  const width = Math.max(1, Math.min(span.to - span.from, Math.max(line.length - column + 1, 1)));
  const number = text.slice(0, from).split("\n").length;
  const place = file === null ? "" : `${file}:${number}:${column + 1}-${column + width}: `;
  return `${place}Error: ${message}\n${line}\n${" ".repeat(column)}${"^".repeat(width)}\n`;
}

/** Which part of a refused step nft puts its marks under. */
function placeOf(
  source: Source,
  step: NftStep,
  marks: Marks,
  errno: Errno,
  tables: readonly NftTableInfo[],
): Span {
  const whole = { from: marks.whole.from, to: marks.whole.to + 1 };
  if (errno === "EMLINK" || errno === "ENFILE") return whole;
  if (errno === "EOPNOTSUPP") return policyOf(source, step, marks, tables) ?? whole;
  if (errno !== "ENOENT") return marks.inner ?? marks.object;
  if (step.op === "flush-ruleset") return whole;
  const table = tables.find((one) => one.family === step.family && one.name === step.table);
  if (table === undefined) return marks.table;
  if (step.op === "add-rule") {
    if (!table.chains.some((chain) => chain.name === step.chain)) return marks.object;
    return missingChain(source, step, marks, table) ?? marks.inner ?? marks.object;
  }
  return marks.inner ?? marks.object;
}

/** A policy given to a chain that is at no hook. */
function policyOf(
  source: Source,
  step: NftStep,
  marks: Marks,
  tables: readonly NftTableInfo[],
): Span | undefined {
  if (step.op !== "add-chain") return undefined;
  const table = tables.find((one) => one.family === step.family && one.name === step.table);
  const chain = table?.chains.find((one) => one.name === step.chain);
  if (chain === undefined || chain.base !== undefined) return undefined;
  const text = source.text.slice(marks.whole.from, marks.whole.to);
  const found = /policy \w+/.exec(text);
  if (found === null) return undefined;
  const from = marks.whole.from + found.index;
  return { from, to: from + found[0].length };
}

function missingChain(
  source: Source,
  step: Extract<NftStep, { op: "add-rule" }>,
  marks: Marks,
  table: NftTableInfo,
): Span | undefined {
  for (const statement of step.rule.statements) {
    if (statement.kind !== "verdict" || !("chain" in statement.verdict)) continue;
    const { chain } = statement.verdict;
    if (table.chains.some((one) => one.name === chain)) continue;
    const from = source.text.indexOf(chain, marks.inner?.from ?? marks.whole.from);
    if (from >= 0) return { from, to: from + chain.length };
  }
  return undefined;
}

/** What nft says when the kernel refuses a step. */
export function refusal(
  source: Source,
  step: NftStep,
  marks: Marks,
  error: { readonly errno: Errno; readonly extack?: string },
  tables: readonly NftTableInfo[],
): string {
  const span = placeOf(source, step, marks, error.errno, tables);
  return complaint(source, `Could not process rule: ${strerror(error.errno)}`, span);
}

/** A rule for a chain that is not there, beside one that is called nearly so. */
export function misspelt(
  step: NftStep,
  added: ReadonlySet<string>,
  tables: readonly NftTableInfo[],
): string | undefined {
  if (step.op !== "add-rule" && step.op !== "rename-chain") return undefined;
  const table = tables.find((one) => one.family === step.family && one.name === step.table);
  if (table === undefined || added.has(step.chain)) return undefined;
  if (table.chains.some((chain) => chain.name === step.chain)) return undefined;
  const near = similar(
    step.chain,
    table.chains.map((chain) => chain.name),
  );
  if (step.op === "rename-chain") return "No such file or directory";
  if (near === undefined) return undefined;
  return `No such file or directory; did you mean chain ‘${near}’ in table ${step.family} ‘${step.table}’?`;
}
