import type { EventQueue } from "../../sim/queue.ts";
import { millis } from "../../sim/time.ts";
import { matches, type Selector } from "../../formats/selector.ts";
import { nodeNameOf } from "./table.ts";
import type { AnyObject } from "./types.ts";

/** From the write to the watcher's callback: etcd, the watch cache and one trip over the network. */
const WATCH_DELAY = millis(2);

/** What a watcher wants to hear about; everything of the kind when empty. */
export interface WatchScope {
  readonly namespace?: string;
  readonly name?: string;
  /** Pods bound to this node. */
  readonly nodeName?: string;
  readonly labels?: Selector;
}

export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
  /** The object before, for MODIFIED. */
  readonly before?: T;
}

export type WatchHandler<T> = (event: WatchEvent<T>) => void;

interface Watcher {
  readonly scope: WatchScope;
  readonly handler: WatchHandler<AnyObject>;
  /** Writes up to this version were in the list that the watch began with. */
  readonly after: number;
  stopped: boolean;
}

export function inScope(scope: WatchScope, object: AnyObject): boolean {
  const { metadata } = object;
  return (
    (scope.namespace === undefined || scope.namespace === (metadata.namespace ?? "")) &&
    (scope.name === undefined || scope.name === metadata.name) &&
    (scope.nodeName === undefined || scope.nodeName === nodeNameOf(object)) &&
    (scope.labels === undefined || matches(scope.labels, metadata.labels))
  );
}

/** The watchers of one kind. Those that follow one node are found by its name: a write costs the same at 5,000 nodes. */
export class WatchHub {
  private readonly queue: EventQueue;
  private readonly general = new Set<Watcher>();
  private readonly byNode = new Map<string, Set<Watcher>>();

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** Hands over `present` as ADDED, then every later write, in order. The result stops it. */
  add(
    scope: WatchScope,
    present: readonly AnyObject[],
    version: number,
    handler: WatchHandler<AnyObject>,
  ): () => void {
    const watcher: Watcher = { scope, handler, after: version, stopped: false };
    const set = this.setFor(scope.nodeName);
    set.add(watcher);
    if (present.length > 0) {
      this.queue.after(WATCH_DELAY, () => {
        for (const object of present) if (!watcher.stopped) handler({ type: "ADDED", object });
      });
    }
    return () => {
      watcher.stopped = true;
      set.delete(watcher);
    };
  }

  notify(before: AnyObject | undefined, after: AnyObject | undefined, version: number): void {
    if (this.general.size === 0 && this.byNode.size === 0) return;
    this.queue.after(WATCH_DELAY, () => {
      const nodes = new Set([nodeNameOf(before), nodeNameOf(after)]);
      const hearers = [...this.general, ...[...nodes].flatMap((node) => [...(this.byNode.get(node) ?? [])])];
      for (const watcher of hearers) this.deliver(watcher, before, after, version);
    });
  }

  private deliver(
    watcher: Watcher,
    before: AnyObject | undefined,
    after: AnyObject | undefined,
    version: number,
  ): void {
    if (watcher.stopped || version <= watcher.after) return;
    const was = before !== undefined && inScope(watcher.scope, before);
    const is = after !== undefined && inScope(watcher.scope, after);
    if (was && is) watcher.handler({ type: "MODIFIED", object: after, before });
    else if (is) watcher.handler({ type: "ADDED", object: after });
    else if (was) watcher.handler({ type: "DELETED", object: after ?? before });
  }

  private setFor(nodeName: string | undefined): Set<Watcher> {
    if (nodeName === undefined) return this.general;
    let set = this.byNode.get(nodeName);
    if (set === undefined) {
      set = new Set();
      this.byNode.set(nodeName, set);
    }
    return set;
  }
}
