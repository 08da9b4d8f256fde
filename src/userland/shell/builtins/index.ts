import type { Task } from "../../../sim/task.ts";
import type { Shell } from "../shell.ts";
import { cd, echo, fail, printf, pwd, succeed, test, times, umask } from "./basic.ts";
import { evaluates, exec, exit, jump, lets, returns, shift, source } from "./control.ts";
import { history } from "./history.ts";
import { disown, foreground, jobs, kill, trap, wait } from "./jobs.ts";
import { alias, builtin, command, hash, type } from "./lookup.ts";
import { notModelled } from "./output.ts";
import { mapfile, read } from "./read.ts";
import { getopts, set, shopt } from "./settings.ts";
import type { Builtin, BuiltinCall } from "./types.ts";
import { declare, exports, readonly, unset } from "./variables.ts";

export type { Builtin } from "./types.ts";

function* refuse(shell: Shell, call: BuiltinCall): Task<number> {
  return yield* notModelled(shell, call.name);
}

/** Builtins of bash that scripts have no use for here. */
const REFUSED = "bind caller compgen complete compopt dirs enable fc help popd pushd suspend ulimit".split(
  " ",
);

/** Every builtin by its name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [":", succeed],
  ["true", succeed],
  ["false", fail],
  ["echo", echo],
  ["printf", printf],
  ["test", test],
  ["[", test],
  ["pwd", pwd],
  ["cd", cd],
  ["umask", umask],
  ["times", times],
  ["break", jump],
  ["continue", jump],
  ["exit", exit],
  ["return", returns],
  ["eval", evaluates],
  [".", source],
  ["source", source],
  ["exec", exec],
  ["shift", shift],
  ["let", lets],
  ["declare", declare],
  ["typeset", declare],
  ["local", declare],
  ["export", exports],
  ["readonly", readonly],
  ["unset", unset],
  ["read", read],
  ["mapfile", mapfile],
  ["readarray", mapfile],
  ["wait", wait],
  ["jobs", jobs],
  ["kill", kill],
  ["disown", disown],
  ["fg", foreground],
  ["bg", foreground],
  ["trap", trap],
  ["set", set],
  ["shopt", shopt],
  ["getopts", getopts],
  ["type", type],
  ["command", command],
  ["builtin", builtin],
  ["hash", hash],
  ["history", history],
  ["logout", exit],
  ["alias", alias],
  ["unalias", alias],
  ...REFUSED.map((name) => [name, refuse] as const),
]);

/** Builtins whose arguments may be assignments. */
export const DECLARATIONS: ReadonlySet<string> = new Set([
  "declare",
  "typeset",
  "local",
  "export",
  "readonly",
]);
