import type { UseStore } from "idb-keyval";
import type * as keyval from "idb-keyval";
import { readScenario } from "../../scenario/read.ts";
import type { Scenario } from "../../scenario/schema.ts";

/** A scenario that a reader works on, with every state it has been in. */
export interface Work {
  readonly id: string;
  readonly scenario: Scenario;
  /** What undo leads back to, the oldest first. */
  readonly past: readonly Scenario[];
  /** What redo leads to, the nearest first. */
  readonly future: readonly Scenario[];
  /** Milliseconds since 1970. */
  readonly saved: number;
  /** Counts the saves: who finds another number than his own last one meets somebody else's work. */
  readonly revision: number;
}

/** Earlier states that are kept with a work. */
export const KEPT_STATES = 60;

/** Where works are kept. One is in the browser (IndexedDB); where that is switched off, works last as long as the page. */
export interface Shelf {
  list(): Promise<readonly Work[]>;
  read(id: string): Promise<Work | undefined>;
  /** Puts a work in the place of the one with revision `work.revision - 1`; false when another one lies there. */
  put(work: Work): Promise<boolean>;
  remove(id: string): Promise<void>;
}

/** What is used of idb-keyval, whose code comes when the store is opened. */
type Keyval = Pick<typeof keyval, "createStore" | "keys" | "values" | "get" | "update" | "del">;

/** Works in the browser's own store; one transaction a change, so that two pages never mix theirs. */
export class BrowserShelf implements Shelf {
  private readonly store: UseStore;
  private readonly idb: Keyval;

  private constructor(idb: Keyval) {
    this.idb = idb;
    this.store = idb.createStore("flannelgraph", "works");
  }

  /** Fails where the browser keeps nothing. */
  static async open(): Promise<BrowserShelf> {
    const shelf = new BrowserShelf(await import("idb-keyval"));
    await shelf.idb.keys(shelf.store);
    return shelf;
  }

  async list(): Promise<readonly Work[]> {
    const values: unknown[] = await this.idb.values(this.store);
    return values.flatMap((value) => readWork(value) ?? []).sort((a, b) => b.saved - a.saved);
  }

  async read(id: string): Promise<Work | undefined> {
    return readWork(await this.idb.get<unknown>(id, this.store));
  }

  async put(work: Work): Promise<boolean> {
    let isOurs = true;
    await this.idb.update<unknown>(
      work.id,
      (there) => {
        const before = readWork(there);
        isOurs = (before?.revision ?? 0) === work.revision - 1;
        return isOurs ? work : there;
      },
      this.store,
    );
    return isOurs;
  }

  async remove(id: string): Promise<void> {
    await this.idb.del(id, this.store);
  }
}

/** Works in memory. */
export class MemoryShelf implements Shelf {
  private readonly works = new Map<string, Work>();

  list(): Promise<readonly Work[]> {
    return Promise.resolve([...this.works.values()].sort((a, b) => b.saved - a.saved));
  }

  read(id: string): Promise<Work | undefined> {
    return Promise.resolve(this.works.get(id));
  }

  put(work: Work): Promise<boolean> {
    if ((this.works.get(work.id)?.revision ?? 0) !== work.revision - 1) return Promise.resolve(false);
    this.works.set(work.id, work);
    return Promise.resolve(true);
  }

  remove(id: string): Promise<void> {
    this.works.delete(id);
    return Promise.resolve();
  }
}

/** What lies in the store was written by some version of this page: it is read as carefully as a link. */
function readWork(value: unknown): Work | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, scenario, past, future, saved, revision } = value as Partial<Record<keyof Work, unknown>>;
  const now = readScenario(scenario);
  if (!now.ok || typeof id !== "string") return undefined;
  return {
    id,
    scenario: now.value,
    past: states(past),
    future: states(future),
    saved: typeof saved === "number" ? saved : 0,
    revision: typeof revision === "number" ? revision : 0,
  };
}

function states(value: unknown): readonly Scenario[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown) => {
    const read = readScenario(each);
    return read.ok ? [read.value] : [];
  });
}
