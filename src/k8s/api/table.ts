import { compareText, isRecord } from "../../formats/json.ts";
import type { Labels, Selector } from "../../formats/selector.ts";
import type { AnyObject } from "./types.ts";

interface Bucket {
  readonly byName: Map<string, AnyObject>;
  /** Names in order; null when one was added or removed since. */
  order: readonly string[] | null;
}

/** What can be looked up without going through all objects. */
export interface Clue {
  readonly namespace?: string;
  readonly nodeName?: string;
  readonly labels?: Selector;
}

/** Of a pod: the node that it is bound to; "" for everything else. */
export function nodeNameOf(object: AnyObject | undefined): string {
  const spec = object === undefined || !("spec" in object) ? undefined : object.spec;
  const name = isRecord(spec) ? spec["nodeName"] : undefined;
  return typeof name === "string" ? name : "";
}

/** The objects that share a mark: a label of theirs in one namespace, or a node. */
class Marks {
  private readonly sets = new Map<string, Set<string>>();

  add(mark: string, key: string): void {
    const set = this.sets.get(mark);
    if (set === undefined) this.sets.set(mark, new Set([key]));
    else set.add(key);
  }

  delete(mark: string, key: string): void {
    const set = this.sets.get(mark);
    set?.delete(key);
    if (set?.size === 0) this.sets.delete(mark);
  }

  size(mark: string): number {
    return this.sets.get(mark)?.size ?? 0;
  }

  /** In the order of etcd's keys. */
  sorted(mark: string): readonly string[] {
    return [...(this.sets.get(mark) ?? [])].toSorted(compareText);
  }
}

const labelMark = (namespace: string, key: string, value: string): string => `${namespace} ${key}=${value}`;
const nodeMark = (node: string): string => ` ${node}`;

/**
 * The objects of one kind, in the order that etcd's keys give them: `/registry/pods/NAMESPACE/NAME`. Labels and nodes
 * are indexed: finding thirty pods costs the same among a hundred and among thirty thousand.
 */
export class Table {
  private readonly buckets = new Map<string, Bucket>();
  private readonly marks = new Marks();
  private namespaceOrder: readonly string[] | null = null;
  size = 0;

  get(namespace: string, name: string): AnyObject | undefined {
    return this.buckets.get(namespace)?.byName.get(name);
  }

  set(object: AnyObject): void {
    const { namespace = "", name } = object.metadata;
    let bucket = this.buckets.get(namespace);
    if (bucket === undefined) {
      bucket = { byName: new Map(), order: null };
      this.buckets.set(namespace, bucket);
      this.namespaceOrder = null;
    }
    const before = bucket.byName.get(name);
    if (before === undefined) {
      bucket.order = null;
      this.size++;
    }
    bucket.byName.set(name, object);
    this.remark(namespace, name, before, object);
  }

  delete(namespace: string, name: string): void {
    const bucket = this.buckets.get(namespace);
    const before = bucket?.byName.get(name);
    if (bucket === undefined || before === undefined) return;
    bucket.byName.delete(name);
    this.size--;
    bucket.order = null;
    this.remark(namespace, name, before, undefined);
  }

  /** All objects, or those of one namespace. */
  *values(namespace?: string): Generator<AnyObject> {
    if (namespace !== undefined) {
      yield* this.inBucket(this.buckets.get(namespace));
      return;
    }
    // The separator belongs to the key: "a-b/" comes before "a/".
    this.namespaceOrder ??= [...this.buckets.keys()].toSorted((a, b) => compareText(`${a}/`, `${b}/`));
    for (const key of this.namespaceOrder) yield* this.inBucket(this.buckets.get(key));
  }

  /** In order, every object that fits the clue, and perhaps others: whoever asks looks at each still. */
  candidates(clue: Clue): Iterable<AnyObject> {
    const mark = this.bestMark(clue);
    return mark === undefined ? this.values(clue.namespace) : this.marked(mark);
  }

  private *marked(mark: string): Generator<AnyObject> {
    for (const key of this.marks.sorted(mark)) {
      const slash = key.indexOf("/");
      const object = this.get(key.slice(0, slash), key.slice(slash + 1));
      if (object !== undefined) yield object;
    }
  }

  /** The mark that the fewest objects bear; undefined when the clue has none. */
  private bestMark({ namespace, nodeName, labels = [] }: Clue): string | undefined {
    const marks = nodeName === undefined || nodeName === "" ? [] : [nodeMark(nodeName)];
    if (namespace !== undefined)
      for (const { key, operator, values } of labels)
        if (operator === "in" && values.length === 1) marks.push(labelMark(namespace, key, values[0] ?? ""));
    let best = marks[0];
    for (const mark of marks) if (this.marks.size(mark) < this.marks.size(best ?? "")) best = mark;
    return best;
  }

  private remark(
    namespace: string,
    name: string,
    before: AnyObject | undefined,
    after: AnyObject | undefined,
  ): void {
    const key = `${namespace}/${name}`;
    const [was, is] = [before?.metadata.labels, after?.metadata.labels];
    if (was !== is) {
      for (const mark of labelMarks(namespace, was)) this.marks.delete(mark, key);
      for (const mark of labelMarks(namespace, is)) this.marks.add(mark, key);
    }
    const [from, to] = [nodeNameOf(before), nodeNameOf(after)];
    if (from === to) return;
    if (from !== "") this.marks.delete(nodeMark(from), key);
    if (to !== "") this.marks.add(nodeMark(to), key);
  }

  private *inBucket(bucket: Bucket | undefined): Generator<AnyObject> {
    if (bucket === undefined) return;
    bucket.order ??= [...bucket.byName.keys()].toSorted(compareText);
    for (const name of bucket.order) yield bucket.byName.get(name)!;
  }
}

function labelMarks(namespace: string, labels: Labels | undefined): readonly string[] {
  return Object.entries(labels ?? {}).map(([key, value]) => labelMark(namespace, key, value));
}
