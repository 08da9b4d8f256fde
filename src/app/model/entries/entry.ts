import type { TextKey } from "../../i18n/en.ts";
import type { Cast, Place } from "../cast.ts";
import type { WorldState } from "../world.ts";

/** The command that makes an entry anew, with the part of it that a person changes. */
export interface Edit {
  readonly head: string;
  readonly text: string;
  readonly end?: string;
  /** The text stands between the shell's single quotes. */
  readonly quoted?: boolean;
}

/** Something that can be broken: the command as one would type it, and the one that mends it again. */
export interface Break {
  readonly label: TextKey;
  readonly values: Readonly<Record<string, string | number>>;
  /** Label of the namespace in which it is typed; "" is the admin's machine. */
  readonly at: string;
  readonly command: string;
  /** Undefined where nothing brings it back but time: a controller makes a new pod. */
  readonly undo: string | undefined;
  /** The entry that it takes away or turns round, as the inspector's tables name it: `route/12`. */
  readonly entry?: string;
  readonly edit?: Edit;
}

/**
 * An entry of a kernel's table: `command` takes it away, `undo` puts it back at its place. Those of a place stand in the
 * order in which they can be put back: what others need comes first.
 */
export interface EntryBreak extends Break {
  readonly entry: string;
  /** The row of the journal that it is in: `xtables/ip/nat/PREROUTING`. */
  readonly row: string;
  /** What it says, in as many words as it takes to see that it has changed. */
  readonly says: string;
  /** Gives it its value again where it is there, but has another. */
  readonly set?: string;
  /** The entry that it goes and comes with: a virtual service, of its servers. */
  readonly within?: string;
}

/** Where entries are looked for. */
export interface Site {
  readonly world: WorldState;
  readonly cast: Cast;
  readonly place: Place;
}

/** The whole line, with what somebody has made of the text in it. */
export function editCommand({ head, end = "", quoted = false }: Edit, text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return `${head}${quoted ? line.replaceAll("'", "'\\''") : line}${end}`;
}
