import type { TerminalAction } from "../../protocol/messages.ts";
import type { TextKey } from "../i18n/en.ts";
import type { Probe, Repeat } from "./probe.ts";

/** Something that a command of the reader's broke: what is said of it, and what mends it. */
export interface Broken {
  readonly label: TextKey;
  readonly values: Readonly<Record<string, string | number>>;
  readonly undo: string | undefined;
}

/**
 * What the reader did in a world. The engine does the same again for the same deeds in the same order, so that these and
 * the scenario are the whole world, to the nanosecond. Places are network namespace labels.
 */
export type Deed =
  /** A question of the scenario's own, by its number. */
  | { readonly kind: "prepared"; readonly number: number }
  | {
      readonly kind: "ask";
      readonly from: string;
      readonly probe: Probe;
      readonly target: string;
      readonly repeat: Repeat | undefined;
    }
  /** A command line, which may have broken something, or mended what another one broke. */
  | {
      readonly kind: "type";
      readonly at: string;
      readonly command: string;
      readonly breaks?: Broken | undefined;
      readonly mends?: boolean | undefined;
    }
  /** Virtual nanoseconds that passed. */
  | { readonly kind: "wait"; readonly nanos: number }
  | { readonly kind: "terminal"; readonly terminal: number; readonly action: TerminalAction };

/** A deed, and the first record of what it led to; undefined as long as that is not known. */
export interface Done {
  readonly deed: Deed;
  from: number | undefined;
}
