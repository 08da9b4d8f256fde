import type { TextKey } from "../../i18n/en.ts";
import type { TableView } from "../tables.ts";

/** A sentence of the dictionary with what goes into it; values are the same in every language. */
export interface Phrase {
  readonly key: TextKey;
  readonly values: Readonly<Record<string, string | number>>;
}

export function phrase(key: TextKey, values: Phrase["values"] = {}): Phrase {
  return { key, values };
}

/** Everything that is said about a hop. */
export interface Explanation {
  readonly headline: Phrase;
  readonly reason: readonly Phrase[];
  /** The table that decided; its used row is marked. */
  readonly table?: TableView | undefined;
  /** The command that would have made the deciding entry. */
  readonly install?: string | undefined;
  /** The command that shows the same on a real machine. */
  readonly check?: string | undefined;
  /** A few words beside the token: what changed on it. */
  readonly badge?: Phrase | undefined;
  /** What to try when the packet was lost. */
  readonly advice?: Phrase | undefined;
}
