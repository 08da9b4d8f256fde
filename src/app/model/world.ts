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

/** One table of one namespace: its changes so far, and its rows after those that are applied. */
class TableLog {
  readonly table: TableName;
  readonly netns: number;
  /** Index of each of its change records, ascending. */
  readonly changes: number[] = [];
  private readonly reader: TraceReader;
  private readonly latest = new Map<string, Version>();
  private applied = 0;

  constructor(reader: TraceReader, table: TableName, netns: number) {
    this.reader = reader;
    this.table = table;
    this.netns = netns;
  }

  /** The rows as they stood when exactly the records before `index` had happened. Work for the changes between. */
  at(index: number): ReadonlyMap<string, Version> {
    const { changes } = this;
    while (this.applied < changes.length && changes[this.applied]! < index) this.apply();
    while (this.applied > 0 && changes[this.applied - 1]! >= index) this.undo();
    return this.latest;
  }

  /** How many of its changes lie before `index`: the same number, the same rows. */
  age(index: number): number {
    const { changes } = this;
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (changes[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private apply(): void {
    const change = changeAt(this.reader, this.changes[this.applied++]!);
    const previous = this.latest.get(change.key);
    // A removal stays as a version without a row, so that undoing finds what it removed.
    this.latest.set(change.key, { change, previous, entry: undefined });
  }

  private undo(): void {
    const { key } = changeAt(this.reader, this.changes[--this.applied]!);
    const previous = this.latest.get(key)?.previous;
    if (previous === undefined) this.latest.delete(key);
    else this.latest.set(key, previous);
  }
}

function changeAt(reader: TraceReader, index: number): ChangeRecord {
  const record = reader.record(index);
  if (record.kind !== "change") throw new Error(`bug: record ${index} is no change`);
  return record;
}

/**
 * The world as it stood at one record of the trace, folded from the journal. `moveTo` says when; a table is brought there
 * when it is looked into, by applying or undoing the changes between. What nobody looks at costs nothing: in a large
 * cluster that is nearly everything. Nothing is simulated again.
 */
export class WorldState {
  private readonly reader: TraceReader;
  /** Index of every change record read so far, ascending, and what it belongs to. */
  private readonly changes: number[] = [];
  private readonly logs = new Map<TableName, Map<number, TableLog>>();
  private scanned = 0;
  private moment = 0;
  /** Changes before that moment. */
  private applied = 0;
  private drawnHash = 0;

  constructor(reader: TraceReader) {
    this.reader = reader;
  }

  /** Same number, same devices, addresses and pods. */
  get drawing(): number {
    return this.drawnHash;
  }

  /** The records before this one have happened. */
  get now(): number {
    return this.moment;
  }

  /** To the state in which exactly the records before `index` have happened. */
  moveTo(index: number): void {
    this.scan();
    const { changes } = this;
    this.moment = index;
    while (this.applied < changes.length && changes[this.applied]! < index) this.mark(this.applied++);
    while (this.applied > 0 && changes[this.applied - 1]! >= index) this.mark(--this.applied);
  }

  moveToEnd(): void {
    this.moveTo(this.reader.length);
  }

  /** Rows of a table of one namespace, in the order in which they were first written. */
  rows<T extends KnownTable>(table: T, netns: number): readonly Entry<Rows[T]>[] {
    const log = this.logs.get(table)?.get(netns);
    return log === undefined ? [] : this.entries(table, log);
  }

  /** Those whose keys begin so; the others are not read. */
  rowsOf<T extends KnownTable>(table: T, netns: number, prefix: string): readonly Entry<Rows[T]>[] {
    const found: Entry<Rows[T]>[] = [];
    for (const [key, version] of this.logs.get(table)?.get(netns)?.at(this.moment) ?? []) {
      const entry = key.startsWith(prefix) ? entryOf(table, version) : null;
      if (entry !== null) found.push(entry);
    }
    return found;
  }

  row<T extends KnownTable>(table: T, netns: number, key: string): Entry<Rows[T]> | undefined {
    const version = this.version(table, netns, key);
    return version === undefined ? undefined : (entryOf(table, version) ?? undefined);
  }

  /** Whether a row was ever written, or taken away. */
  wasWritten(table: KnownTable, netns: number, key: string): boolean {
    return this.version(table, netns, key) !== undefined;
  }

  /** Whether a table of a namespace has a row, without reading it. */
  has(table: KnownTable, netns: number): boolean {
    const log = this.logs.get(table)?.get(netns);
    if (log === undefined) return false;
    for (const { change } of log.at(this.moment).values()) if (change.after !== null) return true;
    return false;
  }

  /** A number that stays the same as long as the rows of a table of a namespace do. */
  age(table: KnownTable, netns: number): number {
    return this.logs.get(table)?.get(netns)?.age(this.moment) ?? 0;
  }

  /** The entry as the next change of it will leave it: of a row that is about to be written. */
  upcoming<T extends KnownTable>(table: T, netns: number, key: string): Entry<Rows[T]> | undefined {
    const most = Math.min(this.changes.length, this.applied + LOOK_AHEAD);
    for (let i = this.applied; i < most; i++) {
      const index = this.changes[i]!;
      if (this.reader.table(index) !== table || this.reader.netns(index) !== netns) continue;
      const change = changeAt(this.reader, index);
      if (change.key !== key) continue;
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
    let version = this.version(table, netns, key);
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
    for (const log of this.logs.get(table)?.values() ?? [])
      for (const entry of this.entries(table, log)) found.push(entry);
    return found;
  }

  private entries<T extends KnownTable>(table: T, log: TableLog): readonly Entry<Rows[T]>[] {
    const found: Entry<Rows[T]>[] = [];
    for (const version of log.at(this.moment).values()) {
      const entry = entryOf(table, version);
      if (entry !== null) found.push(entry);
    }
    return found;
  }

  private version(table: TableName, netns: number, key: string): Version | undefined {
    return this.logs.get(table)?.get(netns)?.at(this.moment).get(key);
  }

  private scan(): void {
    const { reader } = this;
    for (; this.scanned < reader.length; this.scanned++) {
      if (reader.kind(this.scanned) !== "change") continue;
      this.changes.push(this.scanned);
      this.log(reader.table(this.scanned), reader.netns(this.scanned)).changes.push(this.scanned);
    }
  }

  private log(table: TableName, netns: number): TableLog {
    let logs = this.logs.get(table);
    if (logs === undefined) {
      logs = new Map();
      this.logs.set(table, logs);
    }
    let log = logs.get(netns);
    if (log === undefined) {
      log = new TableLog(this.reader, table, netns);
      logs.set(netns, log);
    }
    return log;
  }

  private mark(position: number): void {
    const index = this.changes[position]!;
    if (DRAWN.has(this.reader.table(index))) this.drawnHash ^= Math.imul(index + 1, 0x9e3779b1);
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
