import { compareText } from "../../formats/json.ts";
import type { AnyObject } from "./types.ts";

interface Bucket {
  readonly byName: Map<string, AnyObject>;
  /** Names in order; null when one was added or removed since. */
  order: readonly string[] | null;
}

/** The objects of one kind, in the order that etcd's keys give them: `/registry/pods/NAMESPACE/NAME`. */
export class Table {
  private readonly buckets = new Map<string, Bucket>();
  private namespaceOrder: readonly string[] | null = null;

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
    if (!bucket.byName.has(name)) bucket.order = null;
    bucket.byName.set(name, object);
  }

  delete(namespace: string, name: string): void {
    const bucket = this.buckets.get(namespace);
    if (bucket?.byName.delete(name) === true) bucket.order = null;
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

  private *inBucket(bucket: Bucket | undefined): Generator<AnyObject> {
    if (bucket === undefined) return;
    bucket.order ??= [...bucket.byName.keys()].toSorted(compareText);
    for (const name of bucket.order) yield bucket.byName.get(name)!;
  }
}
