import type { Nanos } from "../../../sim/time.ts";
import type { ApiStore } from "../../api/index.ts";
import { age } from "../../api/time.ts";
import type { AnyObject, Kind, ObjectOf } from "../../api/types.ts";

export interface RowContext {
  readonly now: Nanos;
  readonly wide: boolean;
  readonly store: ApiStore;
}

/** How a kind is listed: headers, those that only -o wide shows, and a row. */
export interface Table<T> {
  readonly columns: readonly string[];
  readonly wide?: readonly string[];
  /** Cells for `columns`, then for `wide`. The first is the name. */
  readonly row: (object: T, context: RowContext) => readonly (string | number)[];
}

export type TableOf<K extends Kind> = Table<ObjectOf<K>>;

export const NONE = "<none>";

export const orNone = (text: string | undefined): string => (text === undefined || text === "" ? NONE : text);

export function ageOf(
  object: { readonly metadata: { readonly creationTimestamp: string } },
  { now }: RowContext,
): string {
  return age(object.metadata.creationTimestamp, now);
}

/** `a=1,b=2`, sorted; `<none>` when empty. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? NONE : pairs.toSorted().join(",");
}

/** For a kind without a table of its own, and for custom ones. */
export const PLAIN_TABLE: Table<AnyObject> = {
  columns: ["NAME", "AGE"],
  row: (object, context) => [object.metadata.name, ageOf(object, context)],
};

export const CREATED_AT_TABLE: Table<AnyObject> = {
  columns: ["NAME", "CREATED AT"],
  row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
};
