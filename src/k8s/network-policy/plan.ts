import type { Named } from "./names.ts";

export type SetType = "hash:ip" | "hash:net";

export interface SetEntry {
  /** An address, or a network with its length. */
  readonly text: string;
  readonly nomatch: boolean;
}

export interface WantedSet {
  readonly type: SetType;
  readonly entries: readonly SetEntry[];
}

/** What one sync wants of the kernel: sets, chains of its own, and what the top chains get. Rules are texts for `-A`. */
export interface Plan {
  readonly sets: ReadonlyMap<string, WantedSet>;
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Rules at the end of KUBE-ROUTER-INPUT, -FORWARD and -OUTPUT, instead of the last sync's. */
  readonly top: ReadonlyMap<string, readonly string[]>;
}

/** nftables keeps comments up to 128 bytes; kube-router cuts its own shorter. */
const LONGEST_COMMENT = 120;

/** `NAMESPACE/NAME KIND`. Models: idComment. */
export function identity({ namespace, name }: Named, kind: string): string {
  return `${namespace}/${name} ${kind}`.slice(0, LONGEST_COMMENT);
}

export function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}
