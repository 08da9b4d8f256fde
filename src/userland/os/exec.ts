import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { isExecutable, parentPath, resolvePath } from "./fs.ts";
import type { Host } from "./host.ts";
import { NO_COST, Process, type Program } from "./process.ts";

/** Debian's login PATH for root. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Where Debian 12 keeps programs; every program is found in each of them. */
const BIN_DIRECTORIES = new Set(DEFAULT_PATH.split(":"));

/** Programs that `command -v` and `which` find in /usr/sbin; all others are in /usr/bin. */
const IN_SBIN = new Set(
  (
    "arp arpd arptables bridge brctl chroot conntrack dcb devlink ebtables ethtool ifconfig ip ip6tables " +
    "ip6tables-restore ip6tables-save ipset iptables iptables-restore iptables-save iptables-nft ipvsadm " +
    "lsmod modprobe ipvsadm-restore ipvsadm-save nft rarp route rtmon sysctl tc traceroute ifup ifdown xtables-monitor"
  ).split(" "),
);

/** What a command's name leads to. A script is a file of the host that its interpreter must run. */
export type Found =
  | { readonly kind: "program"; readonly program: Program; readonly path: string }
  | { readonly kind: "script"; readonly path: string }
  | { readonly kind: "directory" | "denied" | "missing" };

/** The search of execvp(3): a name without a slash in PATH, a path where it leads. */
export function findCommand(
  process: Process,
  name: string,
  path: string | undefined,
  host: Host = process.host,
): Found {
  if (name === "") return { kind: "missing" };
  if (name.includes("/")) return atPath(host, resolvePath(process.cwd, name));
  let denied: Found | undefined;
  for (const directory of (path ?? DEFAULT_PATH).split(":")) {
    const full = resolvePath(process.cwd, `${directory === "" ? "." : directory}/${name}`);
    if (BIN_DIRECTORIES.has(parentPath(full)) && !isAtHome(full) && host.fs.stat(full) === undefined)
      continue;
    const found = atPath(host, full);
    if (found.kind === "program" || found.kind === "script") return found;
    if (found.kind === "denied") denied = found;
  }
  return denied ?? { kind: "missing" };
}

function atPath(host: Host, path: string): Found {
  const stat = host.fs.stat(path);
  if (stat?.kind === "directory") return { kind: "directory" };
  if (stat !== undefined) return isExecutable(stat) ? { kind: "script", path } : { kind: "denied" };
  const program = programAt(host, path);
  return program === undefined ? { kind: "missing" } : { kind: "program", program, path };
}

/** The program that a path in one of Debian's directories of programs leads to. */
export function programAt(host: Host, path: string): Program | undefined {
  if (!BIN_DIRECTORIES.has(parentPath(path))) return undefined;
  return host.programs.get(path.slice(path.lastIndexOf("/") + 1));
}

/** Whether a program's path is the one that Debian's PATH finds first. */
function isAtHome(path: string): boolean {
  const directory = parentPath(path);
  if (directory.startsWith("/usr/local")) return false;
  return directory.endsWith("sbin") === IN_SBIN.has(path.slice(path.lastIndexOf("/") + 1));
}

/** The program that runs a command found as a script: `#!/bin/sh -e` and the like; without a first line of that kind, bash. */
function interpreter(host: Host, path: string): { program: Program; argv: readonly string[] } | undefined {
  const bytes = host.fs.read(path);
  if (!bytes.ok) return undefined;
  let line = "";
  for (const byte of bytes.value.subarray(0, 256)) {
    if (byte === 10) break;
    line += String.fromCharCode(byte);
  }
  const words = line.startsWith("#!") ? line.slice(2).trim().split(/\s+/) : ["/bin/bash"];
  if (words[0]?.endsWith("/env") === true) words.shift();
  const program = host.programs.get((words[0] ?? "").replace(/^.*\//, ""));
  return program === undefined ? undefined : { program, argv: [...words, path] };
}

/** How the file of a program begins that is not there by its path alone: an image's own. The name follows. */
export const BINARY = "\x7fELF flannelgraph program ";

/** The program that an executable file says it is. */
function binary(host: Host, path: string): Program | undefined {
  const bytes = host.fs.read(path);
  if (!bytes.ok || bytes.value[0] !== 0x7f) return undefined;
  const text = String.fromCharCode(...bytes.value.subarray(0, 256));
  return text.startsWith(BINARY) ? host.programs.get(text.slice(BINARY.length).trim()) : undefined;
}

/** A program ready to run, with the arguments that it is to be given: a script's interpreter gets the script's path before them. */
export function prepareCommand(
  process: Process,
  argv: readonly string[],
  path: string | undefined = process.env.get("PATH"),
  host: Host = process.host,
):
  | { readonly program: Program; readonly argv: readonly string[] }
  | Exclude<Found["kind"], "program" | "script"> {
  const found = findCommand(process, argv[0] ?? "", path, host);
  switch (found.kind) {
    case "program":
      return { program: found.program, argv };
    case "script": {
      const own = binary(host, found.path);
      if (own !== undefined) return { program: own, argv };
      const by = interpreter(host, found.path);
      return by === undefined ? "missing" : { program: by.program, argv: [...by.argv, ...argv.slice(1)] };
    }
    case "directory":
    case "denied":
    case "missing":
      return found.kind;
  }
}

export interface RunOptions {
  readonly netns?: NetnsId;
  /** Another machine or container: the program starts in that host's own namespace unless `netns` says otherwise. */
  readonly host?: Host;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
}

/** Whether `argv` names a program that can be run, so that a caller can print its own words when not. */
export function canRun(process: Process, argv: readonly string[], options: RunOptions = {}): boolean {
  const env = options.env ?? process.env;
  return typeof prepareCommand(process, argv, env.get("PATH"), options.host) !== "string";
}

/**
 * exec(3): runs another program in the caller's place with its files, for `ip netns exec`, `env`, `nsenter`, `ssh`.
 * On the same host the program takes over the caller's pid and signals; on another host it is a process there, which
 * gets the caller's signals and ends with it. Costs no time: the caller has paid for its own start.
 * 127 when there is no such program, 126 when it may not be run (`canRun` tells beforehand).
 */
export function* runProgram(
  process: Process,
  argv: readonly string[],
  options: RunOptions = {},
): Task<number> {
  const env = options.env ?? process.env;
  const command = prepareCommand(process, argv, env.get("PATH"), options.host);
  if (command === "missing") return 127;
  if (typeof command === "string") return 126;
  const { program, argv: words } = command;
  if (options.host === undefined || options.host === process.host)
    return yield* process.exec(program, { argv: words, env, cwd: options.cwd, netns: options.netns });
  return yield* runElsewhere(process, program, words, { ...options, env, host: options.host });
}

function* runElsewhere(
  process: Process,
  program: Program,
  argv: readonly string[],
  options: RunOptions & { readonly host: Host; readonly env: ReadonlyMap<string, string> },
): Task<number> {
  const remote = Process.spawn(
    options.host,
    program,
    {
      argv,
      env: options.env,
      cwd: options.cwd ?? "/",
      netns: options.netns ?? options.host.netns,
      files: process.files,
    },
    NO_COST,
  );
  for (const signal of ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"])
    if (!process.ignores(signal)) process.onSignal(signal, (which) => remote.kill(which));
  try {
    return yield* remote.wait();
  } finally {
    for (const signal of ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"])
      if (!process.ignores(signal)) process.onSignal(signal, "default");
    remote.kill("KILL");
  }
}

/** fork and exec: a child with the caller's files that costs the time of a command; undefined when there is no such program. */
export function forkProgram(
  process: Process,
  argv: readonly string[],
  options: RunOptions = {},
): Process | undefined {
  const env = options.env ?? process.env;
  const command = prepareCommand(process, argv, env.get("PATH"));
  if (typeof command === "string") return undefined;
  return Process.spawn(process.host, command.program, {
    argv: command.argv,
    env,
    cwd: options.cwd ?? process.cwd,
    netns: options.netns ?? process.netns,
    files: process.files,
    parent: process,
  });
}
