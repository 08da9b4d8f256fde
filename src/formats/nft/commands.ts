import type { NftElement, NftFamily, NftStep, NftType } from "../../kernel/uapi/nft.ts";
import type { SetTypes } from "./expression.ts";
import type { Names } from "./value.ts";

/** What a script asks for, with the places of its parts in the text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where the parts of a change stand, for the marks under an error. */
export interface Marks {
  readonly whole: Span;
  readonly table: Span;
  readonly object: Span;
  /** A chain that a rule jumps to, a handle, an element. */
  readonly inner?: Span;
}

export type ListWhat =
  | "ruleset"
  | "tables"
  | "table"
  | "chains"
  | "chain"
  | "sets"
  | "set"
  | "maps"
  | "map"
  | "counters"
  | "counter";

export type NftCommand =
  | {
      readonly kind: "change";
      readonly steps: readonly NftStep[];
      readonly marks: readonly Marks[];
      readonly text: Span;
    }
  | {
      readonly kind: "list" | "reset" | "get";
      readonly what: ListWhat;
      readonly family?: NftFamily;
      readonly table?: string;
      readonly name?: string;
      readonly elements?: readonly NftElement[];
      readonly marks: Marks;
    }
  | { readonly kind: "describe"; readonly types: readonly NftType[]; readonly text: Span };

/** What is already there. */
export interface World {
  readonly names: Names;
  /** Undefined: no such set; with a `hint` in the complaint when a name is close. */
  set(family: NftFamily, table: string, name: string): SetTypes | undefined;
  hint(family: NftFamily, table: string, name: string): string | undefined;
  /** What is said of a table that is not there; undefined where it is. */
  absent(family: NftFamily, table: string): string | undefined;
  /** The handle of a chain's rule by its index. */
  ruleAt(family: NftFamily, table: string, chain: string, index: number): number | undefined;
}
