import type { TextKey } from "../../i18n/en.ts";
import type { RuleLine } from "../netfilter.ts";
import type { TableView } from "../tables.ts";

/** A sentence of the dictionary with what goes into it; values are the same in every language. */
export interface Phrase {
  readonly key: TextKey;
  readonly values: Readonly<Record<string, string | number>>;
}

export function phrase(key: TextKey, values: Phrase["values"] = {}): Phrase {
  return { key, values };
}

/** The conntrack entry that a packet belongs to: a ticket of two lines. */
export interface FlowView {
  readonly protocol: string;
  /** How the packet stands to it: NEW, ESTABLISHED ... */
  readonly state: string;
  readonly original: string;
  readonly reply: string;
  /** The packet goes the way of the reply. */
  readonly isReply: boolean;
  /** Original and reply differ by more than their direction. */
  readonly translated: boolean;
  /** Not yet in the table: that happens at the packet's last hook. */
  readonly unconfirmed: boolean;
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
  /** Further ones. */
  readonly checks?: readonly string[];
  /** Rules that matched, in order; the last one had the last word. */
  readonly rules?: readonly RuleLine[];
  readonly flow?: FlowView | undefined;
  /** The network policies that decided against the packet, `default/deny-all`. */
  readonly policy?: string | undefined;
  /** A few words beside the token: what changed on it. */
  readonly badge?: Phrase | undefined;
  /** What to try when the packet was lost. */
  readonly advice?: Phrase | undefined;
}
