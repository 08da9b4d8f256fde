import type { ChangeRecord, TableName } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import { ruleText } from "./netfilter.ts";
import { policyCommand, spiText } from "./ipsec.ts";
import { parseRow } from "./rows.ts";

/** A change of a table as a difference: lines that went, lines that came. */
export interface Difference {
  readonly index: number;
  readonly time: number;
  readonly netns: number;
  readonly table: TableName;
  readonly gone: readonly string[];
  readonly come: readonly string[];
  readonly actor: string;
}

/** Tables that say how packets go; what packets themselves write (flows, sockets) is left out. */
const TOLD: ReadonlySet<TableName> = new Set<TableName>([
  "netns",
  "link",
  "address",
  "route",
  "rule",
  "neigh",
  "fdb",
  "sysctl",
  "ipvs",
  "nft",
  "xtables",
  "ipset",
  "xfrm-policy",
  "xfrm-state",
  "sandbox",
]);

/** One line or several for a row, as people name such things. */
function lines(table: TableName, key: string, json: string | null): readonly string[] {
  if (json === null) return [];
  switch (table) {
    case "route": {
      const row = parseRow("route", json);
      if (row === undefined) return [];
      const via = row.gateway === undefined ? "" : ` via ${row.gateway}`;
      const state = row.linkdown || row.dead ? " linkdown" : "";
      return [
        `${row.type === "unicast" ? "" : `${row.type} `}${row.dst}${via} dev ${row.dev ?? "-"}${state}`,
      ];
    }
    case "xfrm-policy": {
      const row = parseRow("xfrm-policy", json);
      return row === undefined ? [] : [policyCommand(row).replace("ip xfrm policy add ", "")];
    }
    case "xfrm-state": {
      const row = parseRow("xfrm-state", json);
      return row === undefined ? [] : [`${row.src} → ${row.dst} spi ${spiText(row.spi)} ${row.algorithm}`];
    }
    case "link": {
      const row = parseRow("link", json);
      return row === undefined
        ? []
        : [`${row.name} mtu ${row.mtu} ${row.up ? "up" : "down"} ${row.operState}`];
    }
    case "address": {
      const row = parseRow("address", json);
      return row === undefined ? [] : [`${row.local}/${row.length}`];
    }
    case "neigh": {
      const row = parseRow("neigh", json);
      return row === undefined ? [] : [`${row.dst} ${row.lladdr ?? "-"} ${row.state}`];
    }
    case "fdb": {
      const row = parseRow("fdb", json);
      return row === undefined ? [] : [`${row.mac} ${row.dst ?? `port ${row.dev}`}`];
    }
    case "sysctl":
      return [`${key} = ${parseRow("sysctl", json) ?? ""}`];
    case "xtables": {
      const [, name = "", chain = ""] = key.split("/");
      const row = parseRow("xtables", json);
      if (row === undefined) return [];
      const rules = row.rules.map(({ rule }) => `${name}: -A ${chain} ${ruleText(rule)}`);
      return row.policy === null ? rules : [`${name}: -P ${chain} ${row.policy}`, ...rules];
    }
    default:
      return [key];
  }
}

function differenceOf(change: ChangeRecord): Difference | undefined {
  const { index, time, netns, table, key, actor } = change;
  const before = lines(table, key, change.before);
  const after = lines(table, key, change.after);
  const [had, has] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !has.has(line));
  const come = after.filter((line) => !had.has(line));
  if (gone.length === 0 && come.length === 0) return undefined;
  return { index, time, netns, table, gone, come, actor };
}

/** What has changed since a record, the newest first; what came and went again in between is both. */
export function changesSince(reader: TraceReader, from: number, most: number): readonly Difference[] {
  const found: Difference[] = [];
  for (let index = reader.length - 1; index >= from && found.length < most; index--) {
    if (reader.kind(index) !== "change") continue;
    const record = reader.record(index);
    if (record.kind !== "change" || !TOLD.has(record.table)) continue;
    const difference = differenceOf(record);
    if (difference !== undefined) found.push(difference);
  }
  return found;
}
