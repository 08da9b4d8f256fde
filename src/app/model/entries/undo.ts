import type { TraceReader } from "../../../trace/reader.ts";
import { allEntries } from "./all.ts";
import type { EntryBreak, Site } from "./entry.ts";

/** Tables whose entries can be put back as they were. */
const KNOWN: ReadonlySet<string> = new Set([
  ...["route", "rule", "link", "address", "neigh", "fdb", "sysctl"],
  ...["xtables", "nft", "ipset", "ipvs"],
]);

/** Rows of a place's tables that a command has written, or that followed from it. */
function touched(
  reader: TraceReader,
  netns: number,
  command: string,
  from: number,
  to: number,
): ReadonlySet<string> {
  const programs = new Set(command.split(/[\s';&|]+/));
  const found = new Set<string>();
  for (let index = from; index < to; index++) {
    if (reader.kind(index) !== "change" || reader.netns(index) !== netns) continue;
    const record = reader.record(index);
    if (record.kind !== "change" || !KNOWN.has(record.table)) continue;
    const { actor, table, key } = record;
    const isMade = programs.has(actor.split("/").at(-1) ?? "");
    if (isMade || (actor === "kernel" && isLost(record))) found.add(`${table}/${key}`);
  }
  return found;
}

/** What the kernel dropped because of it and will not make again by itself. */
function isLost({
  table,
  before,
  after,
}: {
  table: string;
  before: string | null;
  after: string | null;
}): boolean {
  if (after !== null || before === null) return false;
  if (table === "route") return !before.includes('"protocol":2,');
  if (table === "neigh") return before.includes('"PERMANENT"');
  return table === "address";
}

/**
 * The commands that bring a place's tables back to what they were before a command was typed, from what it has changed in
 * them between two records; undefined when it has changed nothing that can be put back. Leaves the world at the second.
 */
export function undoOf(
  site: Site,
  reader: TraceReader,
  command: string,
  from: number,
  to: number,
): string | undefined {
  const rows = touched(reader, site.place.netns, command, from, to);
  const entriesAt = (moment: number): ReadonlyMap<string, EntryBreak> => {
    site.world.moveTo(moment);
    const there = allEntries(site).filter(({ row }) => rows.has(row));
    return new Map(there.map((entry) => [entry.entry, entry]));
  };
  const before = entriesAt(from);
  const after = entriesAt(to);
  const came = [...after.values()].filter(
    ({ entry, within }) => !before.has(entry) && !isNew(within, before, after),
  );
  const went = [...before.values()].filter(
    ({ entry, within }) => !after.has(entry) && !isNew(within, after, before),
  );
  const other = [...before.values()].filter(({ entry, says }) => {
    const now = after.get(entry);
    return now !== undefined && now.says !== says;
  });
  const commands = [
    ...came.toReversed().map((one) => one.command),
    ...other.flatMap((one) => one.set ?? [after.get(one.entry)?.command ?? "", one.undo ?? ""]),
    // A route may have come back with its address.
    ...went.map((one) => (one.undo ?? "").replace(" route add ", " route replace ")),
  ].filter((one) => one !== "");
  return commands.length === 0 ? undefined : [...new Set(commands)].join(" && ");
}

/** Whether what an entry belongs to is on one side only: it then goes and comes with that. */
function isNew(
  within: string | undefined,
  here: ReadonlyMap<string, EntryBreak>,
  there: ReadonlyMap<string, EntryBreak>,
): boolean {
  return within !== undefined && there.has(within) && !here.has(within);
}
