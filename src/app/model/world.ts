import type { ChangeRecord, TableName } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import { type KnownTable, parseRow, type Rows } from "./rows.ts";

/** One row as the journal left it: what it says, and who wrote it when. */
export interface Entry<T> {
  readonly key: string;
  readonly netns: number;
  readonly row: T;
  /** The record that wrote it. */
  readonly changedAt: number;
  readonly actor: string;
  readonly detail: string;
}

interface Version {
  readonly change: ChangeRecord;
  /** What stood there before; undefined for nothing. */
  readonly previous: Version | undefined;
  /** Parsed when first asked for. */
  entry: Entry<unknown> | null | undefined;
}

/** Tables whose rows the drawing is computed from. */
const DRAWN: ReadonlySet<TableName> = new Set<TableName>([
  "netns",
  "link",
  "address",
  "sandbox",
  "container",
  "sysctl",
]);

/** Changes within which something that is being made is written down. */
const LOOK_AHEAD = 60;

/**
 * The world as it stood at one record of the trace, folded from the journal. `moveTo` applies or undoes the changes
 * between; nothing is simulated again.
 */
export class WorldState {
  private readonly reader: TraceReader;
  /** Index of every change record read so far, ascending. */
  private readonly changes: number[] = [];
  private scanned = 0;
  /** Changes applied. */
  private applied = 0;
  private readonly tables = new Map<string, Map<string, Version>>();
  private drawnHash = 0;

  constructor(reader: TraceReader) {
    this.reader = reader;
  }

  /** Same number, same devices, addresses and pods. */
  get drawing(): number {
    return this.drawnHash;
  }

  /** To the state in which exactly the records before `index` have happened. */
  moveTo(index: number): void {
    this.scan();
    while (this.applied < this.changes.length && this.changes[this.applied]! < index) this.apply();
    while (this.applied > 0 && this.changes[this.applied - 1]! >= index) this.undo();
  }

  moveToEnd(): void {
    this.moveTo(this.reader.length);
  }

  /** Rows of a table of one namespace, in the order in which they were first written. */
  rows<T extends KnownTable>(table: T, netns: number): readonly Entry<Rows[T]>[] {
    const versions = this.tables.get(`${table}/${netns}`);
    if (versions === undefined) return [];
    const found: Entry<Rows[T]>[] = [];
    for (const version of versions.values()) {
      const entry = entryOf(table, version);
      if (entry !== null) found.push(entry);
    }
    return found;
  }

  row<T extends KnownTable>(table: T, netns: number, key: string): Entry<Rows[T]> | undefined {
    const version = this.tables.get(`${table}/${netns}`)?.get(key);
    return version === undefined ? undefined : (entryOf(table, version) ?? undefined);
  }

  /** The entry as the next change of it will leave it: of a row that is about to be written. */
  upcoming<T extends KnownTable>(table: T, netns: number, key: string): Entry<Rows[T]> | undefined {
    const most = Math.min(this.changes.length, this.applied + LOOK_AHEAD);
    for (let i = this.applied; i < most; i++) {
      const change = this.change(i);
      if (change.table !== table || change.netns !== netns || change.key !== key) continue;
      return entryOf(table, { change, previous: undefined, entry: undefined }) ?? undefined;
    }
    return undefined;
  }

  /** The oldest version of a row from which on `has` was always true: who brought that about. */
  since<T extends KnownTable>(
    table: T,
    netns: number,
    key: string,
    has: (row: Rows[T]) => boolean,
  ): Entry<Rows[T]> | undefined {
    let found: Entry<Rows[T]> | undefined;
    let version = this.tables.get(`${table}/${netns}`)?.get(key);
    for (; version !== undefined; version = version.previous) {
      const entry = entryOf(table, version);
      if (entry === null || !has(entry.row)) break;
      found = entry;
    }
    return found;
  }

  /** Rows of a table over all namespaces. */
  everywhere<T extends KnownTable>(table: T): readonly Entry<Rows[T]>[] {
    const found: Entry<Rows[T]>[] = [];
    const prefix = `${table}/`;
    for (const key of this.tables.keys())
      if (key.startsWith(prefix)) found.push(...this.rows(table, Number(key.slice(prefix.length))));
    return found;
  }

  private scan(): void {
    for (; this.scanned < this.reader.length; this.scanned++)
      if (this.reader.kind(this.scanned) === "change") this.changes.push(this.scanned);
  }

  private change(position: number): ChangeRecord {
    const record = this.reader.record(this.changes[position]!);
    if (record.kind !== "change") throw new Error(`bug: record ${record.index} is no change`);
    return record;
  }

  private apply(): void {
    const change = this.change(this.applied++);
    const table = this.table(change);
    const previous = table.get(change.key);
    // A removal stays as a version without a row, so that undoing finds what it removed.
    table.set(change.key, { change, previous, entry: undefined });
    this.mark(change);
  }

  private undo(): void {
    const change = this.change(--this.applied);
    const table = this.table(change);
    const previous = table.get(change.key)?.previous;
    if (previous === undefined) table.delete(change.key);
    else table.set(change.key, previous);
    this.mark(change);
  }

  private table(change: ChangeRecord): Map<string, Version> {
    const key = `${change.table}/${change.netns}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = new Map();
      this.tables.set(key, table);
    }
    return table;
  }

  private mark(change: ChangeRecord): void {
    if (DRAWN.has(change.table)) this.drawnHash ^= Math.imul(change.index + 1, 0x9e3779b1);
  }
}

function entryOf<T extends KnownTable>(table: T, version: Version): Entry<Rows[T]> | null {
  if (version.entry === undefined) {
    const { key, netns, index, after, actor, detail } = version.change;
    const row = after === null ? undefined : parseRow(table, after);
    version.entry = row === undefined ? null : { key, netns, row, changedAt: index, actor, detail };
  }
  return version.entry as Entry<Rows[T]> | null;
}
