import type { PolicyRow } from "../../trace/rows.ts";
import { protocolText, type Question, tableRow, type TableView } from "./tables.ts";
import type { Entry, WorldState } from "./world.ts";

const TABLES: Readonly<Record<number, string>> = { 253: "default", 254: "main", 255: "local" };
export const [MAIN, LOCAL] = [254, 255];

/** A table of routes as `ip` names it. */
export function routeTableName(table: number): string {
  return TABLES[table] ?? String(table);
}

const hex = (number: number): string => `0x${number.toString(16)}`;

function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
}

/** The rules that every namespace begins with; the journal tells of them only when they are taken away. */
const DEFAULTS: readonly (readonly [key: string, priority: number, table: number])[] = [
  ["inet/1", 0, LOCAL],
  ["inet/2", 32766, MAIN],
  ["inet/3", 32767, 253],
];

/** The rules of policy routing, in the order in which they are asked. */
export function policies(world: WorldState, netns: number): readonly Entry<PolicyRow>[] {
  const known = world.rows("rule", netns);
  const first = DEFAULTS.filter(([key]) => !world.wasWritten("rule", netns, key)).map(
    ([key, priority, table]): Entry<PolicyRow> => ({
      key,
      netns,
      row: { family: "inet", priority, action: "lookup", table, protocol: 2 },
      changedAt: 0,
      actor: "kernel",
      detail: "",
    }),
  );
  const order = ({ row }: Entry<PolicyRow>): number => (row.family === "inet" ? 0 : 2 ** 32) + row.priority;
  return [...first, ...known].sort((a, b) => order(a) - order(b));
}

/** What a rule asks of a packet, and where it then sends it, in the words of `ip rule`. */
export function policyWords(row: PolicyRow): { readonly asks: string; readonly does: string } {
  const { mark, mask = 0xffffffff, table = 0, target = 0, action } = row;
  const asks = words(
    row.invert === true && "not",
    `from ${row.src?.replace(/\/(32|128)$/, "") ?? "all"}`,
    row.dst !== undefined && `to ${row.dst.replace(/\/(32|128)$/, "")}`,
    row.tos !== undefined && `tos ${hex(row.tos)}`,
    mark !== undefined && `fwmark ${hex(mark)}${mask === 0xffffffff ? "" : `/${hex(mask)}`}`,
    row.iif !== undefined && `iif ${row.iif}`,
    row.oif !== undefined && `oif ${row.oif}`,
    row.ipProtocol !== undefined && `ipproto ${protocolText(row.ipProtocol)}`,
    row.sourcePorts !== undefined && `sport ${row.sourcePorts}`,
    row.destinationPorts !== undefined && `dport ${row.destinationPorts}`,
  );
  const goal =
    action === "lookup" ? `lookup ${routeTableName(table)}` : action === "goto" ? `goto ${target}` : action;
  const does = words(
    goal,
    row.suppressPrefixLength !== undefined && `suppress_prefixlength ${row.suppressPrefixLength}`,
    row.suppressGroup !== undefined && `suppress_ifgroup ${row.suppressGroup}`,
  );
  return { asks, does };
}

/** What `ip rule` lists. */
export function policyTable(q: Question): TableView {
  const rows = policies(q.world, q.netns).map((entry) => {
    const { asks, does } = policyWords(entry.row);
    return tableRow(q, entry, [String(entry.row.priority), asks, does]);
  });
  const columns = ["column.priority", "column.asked", "column.action"] as const;
  return { title: "table.policy", of: q.cast.name(q.netns), columns, rows };
}
