import type { TraceReader } from "../../trace/reader.ts";

/** Something that a component of the control plane said or changed. */
export interface Deed {
  /** Place in the trace. */
  readonly index: number;
  readonly time: number;
  /** Who: `kubelet kind-worker`, `deployment-controller`, `flanneld`. */
  readonly component: string;
  readonly kind: "said" | "created" | "changed" | "deleted";
  /** Of an object: `Pod default/frontend-x`. */
  readonly object: string | undefined;
  /** What was said; of an object the verb by which it was changed. */
  readonly text: string;
}

/** A value of an object that is another one now; undefined: was not there, or is no more. */
export interface ObjectChange {
  /** `spec.nodeName`, `status.conditions[0].status`. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

interface StoredRow {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly object?: unknown;
}

function rowOf(text: string | null): StoredRow | undefined {
  if (text === null) return undefined;
  const row: unknown = JSON.parse(text);
  return typeof row === "object" && row !== null ? row : undefined;
}

function nameOf({ kind = "", namespace, name = "" }: StoredRow): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Who did what in the control plane, in the order in which it happened; follows the trace as it grows. */
export class ControlLog {
  readonly deeds: Deed[] = [];
  private readonly reader: TraceReader;
  private seen = 0;

  constructor(reader: TraceReader) {
    this.reader = reader;
  }

  catchUp(): void {
    for (; this.seen < this.reader.length; this.seen++) {
      const kind = this.reader.kind(this.seen);
      if (kind !== "control" && kind !== "change") continue;
      const deed = this.read(this.seen);
      if (deed !== undefined) this.deeds.push(deed);
    }
  }

  /** Everybody who did something, by name. */
  components(): readonly string[] {
    return [...new Set(this.deeds.map(({ component }) => component))].toSorted();
  }

  /** What an object's change changed; nothing for other deeds. */
  changes(deed: Deed): readonly ObjectChange[] {
    const record = this.reader.record(deed.index);
    if (record.kind !== "change" || record.table !== "object") return [];
    return differences(rowOf(record.before)?.object, rowOf(record.after)?.object);
  }

  private read(index: number): Deed | undefined {
    const record = this.reader.record(index);
    if (record.kind === "control") {
      const { time, component, place, text } = record;
      const who = place === "" ? component : `${component} ${place}`;
      return { index, time, component: who, kind: "said", object: undefined, text };
    }
    if (record.kind !== "change" || record.table !== "object") return undefined;
    const row = rowOf(record.after) ?? rowOf(record.before);
    if (row === undefined) return undefined;
    const kind = record.before === null ? "created" : record.after === null ? "deleted" : "changed";
    return {
      index,
      time: record.time,
      component: record.actor,
      kind,
      object: nameOf(row),
      text: record.detail,
    };
  }
}

/** Deeds of a component ("" for all) that say all words of a text. */
export function filterDeeds(deeds: readonly Deed[], component: string, text: string): readonly Deed[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return deeds.filter((deed) => {
    if (component !== "" && deed.component !== component) return false;
    const said = `${deed.component} ${deed.object ?? ""} ${deed.text}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** Grows with every write and says nothing to a reader. */
const NOISE = new Set(["metadata.resourceVersion", "metadata.managedFields"]);

/** The values in which two objects differ, in the order of their paths' first appearance. */
export function differences(before: unknown, after: unknown): readonly ObjectChange[] {
  const old = leaves(before);
  const now = leaves(after);
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    return was === is || NOISE.has(path) ? [] : [{ path, before: was, after: is }];
  });
}

function leaves(value: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (at: unknown, path: string): void => {
    if (at === undefined) return;
    if (Array.isArray(at)) at.forEach((each, i) => walk(each, `${path}[${i}]`));
    else if (typeof at === "object" && at !== null)
      for (const [key, each] of Object.entries(at)) walk(each, path === "" ? key : `${path}.${key}`);
    else found.set(path, typeof at === "string" ? at : JSON.stringify(at));
  };
  walk(value, "");
  return found;
}
