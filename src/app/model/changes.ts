import type { ChangeRecord, TableName } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import type { NeighRow, PolicyRow, RouteRow, XtablesRow } from "../../trace/rows.ts";
import { policyWords } from "./fib-rules.ts";
import { ruleText } from "./netfilter.ts";
import { nftLines } from "./nft.ts";
import { virtualLines } from "./virtual.ts";
import { policyCommand, spiText } from "./ipsec.ts";
import { type KnownTable, parseRow, type Rows } from "./rows.ts";

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

/** States of a neighbour whose address is known, which come and go with every packet and with time. */
const IN_USE: ReadonlySet<string> = new Set(["REACHABLE", "STALE", "DELAY", "PROBE"]);

type Lines<T extends KnownTable> = (row: Rows[T], key: string) => readonly string[];

function routeLines(row: RouteRow): readonly string[] {
  const via = row.gateway === undefined ? "" : ` via ${row.gateway}`;
  const hops =
    row.hops?.map(({ gateway, weight }) => ` nexthop ${gateway ?? ""} weight ${weight}`).join("") ?? via;
  const type = row.type === "unicast" ? "" : `${row.type} `;
  const mtu = row.mtu === undefined ? "" : ` mtu ${row.mtu}`;
  const state = row.linkdown || row.dead ? " linkdown" : "";
  return [`${type}${row.dst}${hops} dev ${row.dev ?? "-"}${mtu}${state}`];
}

function neighbourLines({ dst, lladdr, state }: NeighRow): readonly string[] {
  return state === "NONE" ? [] : [`${dst} ${lladdr ?? "-"}${IN_USE.has(state) ? "" : ` ${state}`}`];
}

function policyLines(row: PolicyRow): readonly string[] {
  const { asks, does } = policyWords(row);
  return [`rule ${row.priority}: ${asks} ${does}`];
}

function chainLines({ policy, rules }: XtablesRow, key: string): readonly string[] {
  const [, name = "", chain = ""] = key.split("/");
  const lines = rules.map(({ rule }) => `${name}: -A ${chain} ${ruleText(rule)}`);
  return policy === null ? lines : [`${name}: -P ${chain} ${policy}`, ...lines];
}

/** One line or several for a row, as people name such things. */
const LINES: { readonly [T in KnownTable]?: Lines<T> } = {
  route: routeLines,
  rule: policyLines,
  link: (row) => [`${row.name} mtu ${row.mtu} ${row.up ? "up" : "down"} ${row.operState}`],
  address: (row) => [`${row.local}/${row.length}`],
  neigh: neighbourLines,
  fdb: (row) => [`${row.mac} ${row.dst ?? `port ${row.dev}`}`],
  sysctl: (row, key) => [`${key} = ${row}`],
  xtables: chainLines,
  nft: (row, key) => nftLines(key, row),
  ipvs: virtualLines,
  ipset: (_, key) => [`ipset ${key}`],
  "xfrm-policy": (row) => [policyCommand(row).replace("ip xfrm policy add ", "")],
  "xfrm-state": (row) => [`${row.src} → ${row.dst} spi ${spiText(row.spi)} ${row.algorithm}`],
};

function isTold(table: string): table is keyof typeof LINES {
  return table in LINES;
}

function linesOf<T extends keyof typeof LINES>(table: T, key: string, json: string): readonly string[] {
  const row = parseRow(table, json);
  return row === undefined ? [] : (LINES[table]?.(row, key) ?? []);
}

function lines(table: TableName, key: string, json: string | null): readonly string[] {
  if (json === null) return [];
  return isTold(table) ? linesOf(table, key, json) : [key];
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
