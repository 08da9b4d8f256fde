import type { NftCommand } from "../../formats/nft/commands.ts";
import { chainText, counterText, inTable, setText, type Style, tableText } from "../../formats/nft/print.ts";
import type { NftKey, NftPart, NftSetInfo, NftTableInfo } from "../../kernel/uapi/index.ts";

type List = Extract<NftCommand, { kind: "list" | "reset" | "get" }>;

/** `nft list`: the text, or null when what was named is not there. */
export function listed(command: List, tables: readonly NftTableInfo[], style: Style): string | null {
  const chosen = tables.filter(
    (table) =>
      (command.family === undefined || table.family === command.family) &&
      (command.table === undefined || table.name === command.table),
  );
  switch (command.what) {
    case "ruleset":
      return chosen.map((table) => tableText(table, style)).join("");
    case "tables":
      return chosen.map((table) => `table ${table.family} ${table.name}\n`).join("");
    case "chains":
      return chosen
        .map((table) =>
          inTable(table, table.chains.map((chain) => chainText(table.family, chain, style, false)).join("")),
        )
        .join("");
    case "sets":
      return chosen.map((table) => inTable(table, setsOf(table, false, style))).join("");
    case "maps":
      return chosen.map((table) => inTable(table, setsOf(table, true, style))).join("");
    case "counters":
      return chosen
        .filter((table) => table.counters.length > 0)
        .map((table) => inTable(table, allCounters(table, style)))
        .join("");
    default:
      return one(command, chosen[0], style);
  }
}

function setsOf(table: NftTableInfo, maps: boolean, style: Style): string {
  return table.sets
    .filter((set) => (set.data !== undefined) === maps)
    .map((set) => setText(set, style))
    .join("");
}

function allCounters(table: NftTableInfo, style: Style): string {
  return table.counters.map((counter) => counterText(table, counter.name, style)).join("");
}

function one(command: List, table: NftTableInfo | undefined, style: Style): string | null {
  if (table === undefined) return null;
  if (command.what === "table") return tableText(table, style);
  const name = command.name ?? "";
  if (command.what === "chain") {
    const chain = table.chains.find((known) => known.name === name);
    return chain === undefined ? null : inTable(table, chainText(table.family, chain, style));
  }
  if (command.what === "counter") {
    const text = counterText(table, name, style);
    return text === "" ? null : inTable(table, text);
  }
  const set = table.sets.find((known) => known.name === name);
  if (set === undefined) return null;
  if (command.kind !== "get") return inTable(table, setText(set, style));
  const found = wanted(set, command);
  return found === null ? null : inTable(table, setText({ ...set, elements: found }, style));
}

/**
 * `nft get element`: those that were asked for, or the intervals that hold them; null when one is missing. Of a map's
 * interval nft 1.0.6 tells the lower end only.
 */
function wanted(set: NftSetInfo, command: List): NftSetInfo["elements"] | null {
  const out = [];
  for (const { key } of command.elements ?? []) {
    const found = set.elements.find((element) => holds(element.key, key));
    if (found === undefined) return null;
    out.push(set.data === undefined ? found : { ...found, key: found.key.map(lowerEnd) });
  }
  return out;
}

function holds(key: NftKey, asked: NftKey): boolean {
  return key.length === asked.length && key.every((part, at) => holdsPart(part, asked[at]!));
}

function holdsPart(part: NftPart, asked: NftPart): boolean {
  const [all, some] = [bounds(part), bounds(asked)];
  if (all === undefined || some === undefined) return JSON.stringify(part) === JSON.stringify(asked);
  return all[0] <= some[0] && some[1] <= all[1];
}

/** First and last number of a part; undefined of what is no number (names, IPv6 addresses). */
function bounds(part: NftPart): readonly [number, number] | undefined {
  const low = (part.kind === "range" ? part.low : part.value).value;
  const high = (part.kind === "range" ? part.high : part.value).value;
  if (typeof low !== "number" || typeof high !== "number") return undefined;
  if (part.kind !== "prefix") return [low, high];
  const size = 2 ** (32 - part.length);
  const first = Math.floor(low / size) * size;
  return [first, first + size - 1];
}

function lowerEnd(part: NftPart): NftPart {
  return { kind: "value", value: part.kind === "range" ? part.low : part.value };
}
