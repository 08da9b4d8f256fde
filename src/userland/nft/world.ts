import type { World } from "../../formats/nft/commands.ts";
import type { Names } from "../../formats/nft/value.ts";
import type { NetApi, NftFamily, NftTableInfo } from "../../kernel/uapi/index.ts";
import { serviceName, servicePort } from "../../formats/services.ts";

/** What the parser asks of the machine: interfaces, services, and the sets that are there. */
export function worldOf(net: NetApi, tables: readonly NftTableInfo[]): World {
  const find = (family: NftFamily, name: string): NftTableInfo | undefined =>
    tables.find((table) => table.family === family && table.name === name);
  return {
    names: namesOf(net),
    set: (family, table, name) => find(family, table)?.sets.find((set) => set.name === name),
    absent: (family, table) => (find(family, table) === undefined ? noTable(table, tables) : undefined),
    hint: (family, table, name) =>
      similar(
        name,
        (find(family, table)?.sets ?? []).map((set) => set.name),
      ),
    ruleAt: (family, table, chain, index) =>
      find(family, table)?.chains.find((one) => one.name === chain)?.rules[index]?.handle,
  };
}

/** With the table whose name is nearest. Models: table_not_found of src/evaluate.c. */
export function noTable(name: string, tables: readonly NftTableInfo[]): string {
  const near = similar(
    name,
    tables.map((table) => table.name),
  );
  const family = tables.find((table) => table.name === near)?.family;
  const hint = family === undefined ? "" : `; did you mean table ‘${near}’ in family ${family}?`;
  return `No such file or directory${hint}`;
}

export function namesOf(net: NetApi): Names {
  return {
    index: (name) => net.link.byName(name)?.index,
    interfaceName: (index) => net.link.list().find((link) => Number(link.index) === index)?.name,
    service: (name) => servicePort(name),
    serviceName: (port) => serviceName(port, "tcp"),
  };
}

/** The name that is nearest to a mistyped one, if it is near at all. Models: string_misspell_update. */
export function similar(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.floor(word.length / 2) + 2;
  for (const name of known) {
    const distance = edits(word, name);
    if (distance >= least) continue;
    least = distance;
    best = name;
  }
  return best;
}

/** Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
