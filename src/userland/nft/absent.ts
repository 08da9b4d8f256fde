import type { Marks, Span } from "../../formats/nft/commands.ts";
import type { NftStep, NftTableInfo } from "../../kernel/uapi/index.ts";
import { noTable } from "./world.ts";

/** Steps for which nft looks the table up itself, before it asks the kernel. Models: table_cache_find of src/evaluate.c. */
const LOOKED_UP: ReadonlySet<NftStep["op"]> = new Set([
  "add-chain",
  "rename-chain",
  "add-set",
  "flush-set",
  "add-elements",
  "delete-elements",
  "add-counter",
]);

/** A step about a table that is not there: what nft says of it by itself, and of what. */
export function absentTable(
  step: NftStep,
  marks: Marks,
  tables: readonly NftTableInfo[],
  made: ReadonlySet<string>,
): { readonly message: string; readonly span: Span } | undefined {
  if (!("table" in step)) return undefined;
  const { family, table } = step;
  if (made.has(`${family} ${table}`) || tables.some((one) => one.family === family && one.name === table))
    return undefined;
  const message = noTable(table, tables);
  const hinted = step.op === "delete-table" && message.includes(";");
  return LOOKED_UP.has(step.op) || hinted ? { message, span: marks.table } : undefined;
}
