import type { Task } from "../../../sim/task.ts";
import type { Assigned } from "../assign.ts";
import type { Redirected } from "../redirect.ts";
import type { Shell } from "../shell.ts";

/** How a builtin is called. */
export interface BuiltinCall {
  readonly name: string;
  /** The arguments without the name; empty for `export` and its kin, which have `declared`. */
  readonly words: readonly string[];
  /** The arguments of `export` and its kin: options and names as text, assignments apart. */
  readonly declared: readonly (string | Assigned)[];
  /** The redirections of the command, which `exec` keeps. */
  readonly redirected: Redirected | undefined;
}

export type Builtin = (shell: Shell, call: BuiltinCall) => Task<number>;

export const STATUS_USAGE = 2;
