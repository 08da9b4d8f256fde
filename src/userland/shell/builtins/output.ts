import { utf8Encode } from "../../../base/utf8.ts";
import type { Task } from "../../../sim/task.ts";
import type { Shell } from "../shell.ts";
import { type BuiltinCall, STATUS_USAGE } from "./types.ts";

/** Writes to the standard output of a builtin; the status says whether it is open. */
export function* print(shell: Shell, name: string, content: string | Uint8Array): Task<number> {
  const file = shell.process.files.get(1);
  const bytes = typeof content === "string" ? utf8Encode(content) : content;
  if (file === undefined) {
    yield* shell.complain(`${name}: write error: Bad file descriptor`);
    return 1;
  }
  if (bytes.length > 0) yield* file.write(bytes);
  return 0;
}

/** `NAME: -x: invalid option` and the usage line. */
export function* refuseOption(shell: Shell, call: BuiltinCall, option: string): Task<number> {
  yield* shell.complain(`${call.name}: ${option}: invalid option`);
  return yield* usage(shell, call);
}

export function* usage(shell: Shell, call: BuiltinCall): Task<number> {
  const text = USAGE[call.name];
  if (text !== undefined) yield* shell.writeError(`${call.name}: usage: ${call.name}${text}\n`);
  return STATUS_USAGE;
}

/** `NAME: what: not modelled`: bash has it, this shell does not. */
export function* notModelled(shell: Shell, name: string, what = ""): Task<number> {
  yield* shell.complain(`${name}: ${what === "" ? "" : `${what}: `}not modelled`);
  return STATUS_USAGE;
}

const USAGE: Readonly<Record<string, string>> = {
  alias: " [-p] [name[=value] ... ]",
  builtin: " [shell-builtin [arg ...]]",
  cd: " [-L|[-P [-e]] [-@]] [dir]",
  command: " [-pVv] command [arg ...]",
  declare: " [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]",
  disown: " [-h] [-ar] [jobspec ... | pid ...]",
  exec: " [-cl] [-a name] [command [argument ...]] [redirection ...]",
  export: " [-fn] [name[=value] ...] or export -p",
  getopts: " optstring name [arg ...]",
  hash: " [-lr] [-p pathname] [-dt] [name ...]",
  jobs: " [-lnprs] [jobspec ...] or jobs -x command [args]",
  kill: " [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
  local: " [option] name[=value] ...",
  mapfile: " [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
  printf: " [-v var] format [arguments]",
  pwd: " [-LP]",
  read: " [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
  readarray: " [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
  readonly: " [-aAf] [name[=value] ...] or readonly -p",
  set: " [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]",
  shopt: " [-pqsu] [-o] [optname ...]",
  source: " filename [arguments]",
  ".": " filename [arguments]",
  trap: " [-lp] [[arg] signal_spec ...]",
  type: " [-afptP] name [name ...]",
  typeset: " [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]",
  unalias: " [-a] name [name ...]",
  unset: " [-f] [-v] [-n] [name ...]",
  wait: " [-fn] [-p var] [id ...]",
};
