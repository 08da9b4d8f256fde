import type { Netns } from "../../netns.ts";
import type { NftTable } from "./table.ts";

/** nf_tables in one namespace. */
export class Nft {
  readonly ns: Netns;
  /** By `family name`, in the order of creation. */
  readonly tables = new Map<string, NftTable>();
  private lastHandle = 0;
  private lastRule = 0;

  constructor(ns: Netns) {
    this.ns = ns;
  }

  nextHandle(): number {
    return ++this.lastHandle;
  }

  nextRule(): number {
    return ++this.lastRule;
  }

  close(): void {
    for (const table of this.tables.values()) for (const set of table.sets.values()) set.close();
  }
}
