import { addTime, millis, type Nanos, nanos } from "../../sim/time.ts";
import type { ApiStore } from "../api/index.ts";

/** From the news of a change to the controller's reaction. */
const REACTION = millis(5);
const FIRST_RETRY = millis(5);
const LONGEST_RETRY = millis(1_000_000);

/** What became of one key: done, or to be tried again with growing delay. */
export type Reconciled = "done" | "retry";

/**
 * The keys that a controller has to look at, each once however often it was named in the meantime.
 * Models: client-go/util/workqueue with its exponential back-off.
 */
export class WorkQueue {
  private readonly store: ApiStore;
  private readonly reconcile: (key: string) => Reconciled;
  private readonly due = new Map<string, Nanos>();
  private readonly failures = new Map<string, number>();

  constructor(store: ApiStore, reconcile: (key: string) => Reconciled) {
    this.store = store;
    this.reconcile = reconcile;
  }

  /** Looks at `key` after `delay`; an earlier appointment stands. */
  add(key: string, delay: Nanos = REACTION): void {
    const at = addTime(this.store.now, delay);
    const known = this.due.get(key);
    if (known !== undefined && known <= at) return;
    this.due.set(key, at);
    this.store.queue.after(delay, () => {
      this.store.whenServing(() => {
        if (this.due.get(key) !== at) return;
        this.due.delete(key);
        this.run(key);
      });
    });
  }

  private run(key: string): void {
    if (this.reconcile(key) === "done") {
      this.failures.delete(key);
      return;
    }
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.add(key, nanos(Math.min(FIRST_RETRY * 2 ** failures, LONGEST_RETRY)));
  }
}

/** `NAMESPACE/NAME` of an object. */
export function objectKey(object: {
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string };
}): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

export function splitKey(key: string): readonly [namespace: string, name: string] {
  const at = key.indexOf("/");
  return [key.slice(0, at), key.slice(at + 1)];
}
