import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { DEFAULT_PATH } from "../os/exec.ts";
import type { Shell } from "./shell.ts";
import { indexed, scalar, type Variable } from "./variables.ts";

/** 2026-01-01 00:00:00 UTC: the lab's wall clock when its virtual time is 0. */
export const EPOCH_SECONDS = 1_767_225_600;

/** The variables of a new shell: the environment, and what bash adds to it. */
export function importEnvironment(shell: Shell, env: ReadonlyMap<string, string>): void {
  const { variables } = shell;
  for (const [name, text] of env) {
    if (!/^[A-Za-z_]\w*$/.test(name)) continue;
    const variable = scalar(text);
    variable.exported = true;
    variables.setHere(name, variable);
  }
  const initial: Readonly<Record<string, string>> = {
    BASH: "/usr/bin/bash",
    BASH_VERSION: "5.2.15(1)-release",
    HOSTTYPE: "x86_64",
    IFS: " \t\n",
    MACHTYPE: "x86_64-pc-linux-gnu",
    OPTIND: "1",
    OSTYPE: "linux-gnu",
    PATH: env.get("PATH") ?? DEFAULT_PATH,
    PS4: env.get("PS4") ?? "+ ",
    SHELL: env.get("SHELL") ?? "/bin/bash",
    TERM: env.get("TERM") ?? "dumb",
    HOSTNAME: shell.host.name,
    HOME: env.get("HOME") ?? "/root",
    OPTERR: "1",
  };
  for (const [name, text] of Object.entries(initial))
    variables.ensureGlobal(name).value = { kind: "scalar", text };
  for (const name of ["PATH", "HOME"]) variables.ensureGlobal(name).exported = true;
  const set = (name: string, text: string): Variable => {
    const variable = variables.ensureGlobal(name);
    variable.value = { kind: "scalar", text };
    return variable;
  };
  set("PWD", shell.process.cwd).exported = true;
  set("SHLVL", String(Number(env.get("SHLVL") ?? 0) + 1)).exported = true;
  variables.ensureGlobal("OLDPWD").exported = true;
  for (const name of ["UID", "EUID"]) set(name, "0").readonly = true;
  const version = indexed(["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"]);
  version.readonly = true;
  variables.setHere("BASH_VERSINFO", version);
}

const READONLY = new Set(["PPID", "SHELLOPTS"]);

/** Variables that are computed when they are read. */
export function defineSpecialVariables(shell: Shell): void {
  const { variables, host } = shell;
  const define = (
    name: string,
    get: () => string | readonly string[],
    set?: (text: string) => void,
  ): void => {
    const read = (): Variable => {
      const value = get();
      const variable = typeof value === "string" ? scalar(value) : indexed(value);
      variable.readonly = READONLY.has(name);
      return variable;
    };
    variables.define(name, set === undefined ? { get: read } : { get: read, set });
  };
  const functions = (): boolean => shell.frames.some((frame) => frame.kind === "function");
  define(
    "RANDOM",
    () => String(host.random.below(32768)),
    () => {},
  );
  define("SRANDOM", () => String(host.random.u32()));
  define(
    "SECONDS",
    () => String(Math.floor((host.queue.now - shell.secondsBase) / NANOS_PER_SECOND)),
    (text) => (shell.secondsBase = host.queue.now - (parseInt(text, 10) || 0) * NANOS_PER_SECOND),
  );
  define("EPOCHSECONDS", () => String(EPOCH_SECONDS + Math.floor(host.queue.now / NANOS_PER_SECOND)));
  define("EPOCHREALTIME", () => (EPOCH_SECONDS + host.queue.now / NANOS_PER_SECOND).toFixed(6));
  define(
    "LINENO",
    () => String(shell.line),
    () => {},
  );
  define("BASHPID", () => String(shell.process.pid));
  define("PPID", () => String(shell.parentPid));
  define("BASH_SUBSHELL", () => String(shell.depth));
  define("PIPESTATUS", () => shell.pipeStatus.map(String));
  define("DIRSTACK", () => [shell.process.cwd]);
  define("GROUPS", () => ["0"]);
  define("FUNCNAME", () =>
    functions()
      ? [...shell.frames.map((frame) => (frame.kind === "file" ? "source" : frame.name)), "main"]
      : [],
  );
  define("BASH_SOURCE", () => {
    const paths = shell.frames.map((frame) => frame.unit.path);
    return shell.commandString && paths.length === 0 ? [] : [...paths, bottomPath(shell)];
  });
  define("BASH_LINENO", () => [...shell.frames.map((frame) => String(frame.callLine)), "0"]);
  define("SHELLOPTS", () =>
    shell.options
      .names()
      .filter((name) => shell.options.has(name))
      .join(":"),
  );
}

/** The script at the bottom of the stack of calls. */
function bottomPath(shell: Shell): string {
  const first = shell.frames[shell.frames.length - 1];
  return first === undefined ? shell.unit.path : shell.scriptPath;
}
