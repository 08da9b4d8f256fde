import type { Task } from "../../sim/task.ts";
import { program, refuse } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import { listDirectory, readFile, statFile } from "../os/files.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { getOptions, type Options, type OptionTable, programName } from "../text/getopt.ts";
import { quote } from "../text/locale.ts";

/** Programs that make, move and remove files: mkdir(1), rmdir(1), rm(1), touch(1), cp(1), mv(1), mktemp(1), chmod(1). */

const MKTEMP_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function* fail(process: Process, message: string): Task<number> {
  yield* process.printError(`${programName(process)}: ${message}\n`);
  return 1;
}

function* missingOperand(process: Process, what = "missing operand"): Task<number> {
  const name = programName(process);
  return yield* fail(process, `${what}\nTry '${name} --help' for more information.`);
}

/** Runs `one` for each operand; the status is 1 when one of them failed. */
function* eachOperand(
  process: Process,
  table: OptionTable,
  one: (path: string, options: Options) => string | undefined,
): Task<number> {
  const options = yield* getOptions(process, table);
  if (typeof options === "number") return options;
  if (options.operands.length === 0 && !options.has("f")) return yield* missingOperand(process);
  let status = 0;
  for (const path of options.operands) {
    const error = one(path, options);
    if (error === undefined) continue;
    status = yield* fail(process, error);
  }
  return status;
}

export function* mkdir(process: Process): Task<number> {
  const { fs } = process.host;
  const table = { short: "pm:v", long: { parents: "p", mode: "m", verbose: "v" } };
  return yield* eachOperand(process, table, (path, options) => {
    const full = resolvePath(process.cwd, path);
    const fault = (error: Parameters<typeof strerror>[0]): string =>
      `cannot create directory ${quote(process, path)}: ${strerror(error)}`;
    if (!options.has("p")) {
      const made = fs.mkdir(full);
      return made.ok ? undefined : fault(made.error);
    }
    const parts = full.split("/");
    for (let i = 2; i <= parts.length; i++) {
      const part = parts.slice(0, i).join("/");
      const stat = statFile(process, part);
      if (stat?.kind === "directory") continue;
      const made = fs.mkdir(part);
      if (!made.ok) return fault(made.error === "EEXIST" && i < parts.length ? "ENOTDIR" : made.error);
    }
    return undefined;
  });
}

export function* rmdir(process: Process): Task<number> {
  return yield* eachOperand(process, { short: "p" }, (path) => {
    const full = resolvePath(process.cwd, path);
    const stat = statFile(process, full);
    const error = stat === undefined ? "ENOENT" : stat.kind === "directory" ? undefined : "ENOTDIR";
    const removed = error === undefined ? process.host.fs.remove(full) : undefined;
    const fault = error ?? (removed?.ok === false ? removed.error : undefined);
    return fault === undefined ? undefined : `failed to remove '${path}': ${strerror(fault)}`;
  });
}

export function* rm(process: Process): Task<number> {
  const table = { short: "frRidv", long: { force: "f", recursive: "r", dir: "d", verbose: "v" } };
  return yield* eachOperand(process, table, (path, options) => {
    const full = resolvePath(process.cwd, path);
    const stat = statFile(process, full);
    const recursive = options.has("r") || options.has("R");
    if (stat === undefined)
      return options.has("f") ? undefined : `cannot remove '${path}': ${strerror("ENOENT")}`;
    if (stat.kind === "directory" && !recursive && !options.has("d"))
      return `cannot remove '${path}': ${strerror("EISDIR")}`;
    return removeTree(process, full, path, recursive);
  });
}

function removeTree(process: Process, full: string, shown: string, recursive: boolean): string | undefined {
  const { fs } = process.host;
  if (recursive && fs.stat(full)?.kind === "directory") {
    const names = fs.list(full);
    for (const name of names.ok ? names.value : []) {
      const error = removeTree(process, `${full}/${name}`, `${shown}/${name}`, true);
      if (error !== undefined) return error;
    }
  }
  const removed = fs.remove(full);
  return removed.ok ? undefined : `cannot remove '${shown}': ${strerror(removed.error)}`;
}

export function* touch(process: Process): Task<number> {
  const table = { short: "acmd:t:r:", long: { "no-create": "c", date: "d", reference: "r" } };
  return yield* eachOperand(process, table, (path, options) => {
    if (statFile(process, path) !== undefined || options.has("c")) return undefined;
    const made = process.host.fs.write(resolvePath(process.cwd, path), new Uint8Array(0), "append");
    return made.ok ? undefined : `cannot touch '${path}': ${strerror(made.error)}`;
  });
}

export function* chmod(process: Process): Task<number> {
  process.argv = process.argv.map((word, i) => (i > 0 && /^-[rwxX]+$/.test(word) ? `a${word}` : word));
  const options = yield* getOptions(process, {
    short: "Rcfv",
    long: { recursive: "R", silent: "f", verbose: "v" },
  });
  if (typeof options === "number") return options;
  const [mode, ...paths] = options.operands;
  if (mode === undefined || paths.length === 0)
    return yield* missingOperand(
      process,
      mode === undefined ? "missing operand" : `missing operand after ${quote(process, mode)}`,
    );
  let status = 0;
  for (const path of paths) {
    const stat = statFile(process, path);
    const bits = newMode(mode, stat?.mode ?? (stat?.kind === "directory" ? 0o755 : 0o644));
    if (bits === undefined)
      return yield* fail(
        process,
        `invalid mode: ${quote(process, mode)}\nTry 'chmod --help' for more information.`,
      );
    if (stat === undefined) status = yield* fail(process, `cannot access '${path}': ${strerror("ENOENT")}`);
    else process.host.fs.chmod?.(resolvePath(process.cwd, path), bits);
  }
  return status;
}

/** `755`, `+x`, `u=rw,go-w`. */
function newMode(text: string, old: number): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return parseInt(text, 8);
  let mode = old;
  for (const part of text.split(",")) {
    const match = /^([ugoa]*)([-+=])([rwxX]*)$/.exec(part);
    if (match === null) return undefined;
    const who = match[1] === "" || match[1]!.includes("a") ? "ugo" : match[1]!;
    let bits = 0;
    for (const letter of match[3]!) bits |= letter === "r" ? 4 : letter === "w" ? 2 : 1;
    for (const each of who) {
      const shift = each === "u" ? 6 : each === "g" ? 3 : 0;
      if (match[2] === "=") mode &= ~(7 << shift);
      mode = match[2] === "-" ? mode & ~(bits << shift) : mode | (bits << shift);
    }
  }
  return mode;
}

/** Where cp and mv put a source: into a directory under its own name. */
function destination(process: Process, source: string, target: string): string {
  const full = resolvePath(process.cwd, target);
  if (statFile(process, full)?.kind !== "directory") return full;
  const name = resolvePath(process.cwd, source).split("/").at(-1) ?? "";
  return full === "/" ? `/${name}` : `${full}/${name}`;
}

function* copyOrMove(process: Process, table: OptionTable, move: boolean): Task<number> {
  const options = yield* getOptions(process, table);
  if (typeof options === "number") return options;
  const sources = [...options.operands];
  const target = options.get("t") ?? sources.pop();
  if (target === undefined) return yield* missingOperand(process, "missing file operand");
  if (sources.length === 0)
    return yield* missingOperand(process, `missing destination file operand after '${target}'`);
  if (sources.length > 1 && statFile(process, target)?.kind !== "directory")
    return yield* fail(process, `target '${target}' is not a directory`);
  const recursive = move || options.has("r") || options.has("R") || options.has("a");
  let status = 0;
  for (const source of sources) {
    const to = destination(process, source, target);
    const error = copyTree(process, source, resolvePath(process.cwd, source), to, target, recursive, move);
    if (error !== undefined) status = yield* fail(process, error);
    else if (move && to !== resolvePath(process.cwd, source))
      removeTree(process, resolvePath(process.cwd, source), source, true);
  }
  return status;
}

function copyTree(
  process: Process,
  shown: string,
  from: string,
  to: string,
  target: string,
  recursive: boolean,
  move: boolean,
): string | undefined {
  const { fs } = process.host;
  const stat = statFile(process, from);
  if (stat === undefined) return `cannot stat '${shown}': ${strerror("ENOENT")}`;
  if (from === to) return `'${shown}' and '${target}' are the same file`;
  if (stat.kind === "directory") {
    if (!recursive) return `-r not specified; omitting directory '${shown}'`;
    if (to.startsWith(`${from}/`))
      return `cannot ${move ? "move" : "copy"} a directory, '${shown}', into itself, '${target}'`;
    fs.mkdir(to);
    const names = listDirectory(process, from);
    for (const name of names.ok ? names.value : []) {
      const error = copyTree(
        process,
        `${shown}/${name}`,
        `${from}/${name}`,
        `${to}/${name}`,
        target,
        true,
        move,
      );
      if (error !== undefined) return error;
    }
    return undefined;
  }
  const bytes = readFile(process, from);
  const written = bytes.ok ? fs.write(to, bytes.value, "truncate") : bytes;
  if (!written.ok) return `cannot create regular file '${target}': ${strerror(written.error)}`;
  if (stat.mode !== undefined) fs.chmod?.(to, stat.mode);
  return undefined;
}

export function* cp(process: Process): Task<number> {
  const table = {
    short: "afiprRt:vu",
    long: { archive: "a", force: "f", recursive: "r", "target-directory": "t" },
  };
  return yield* copyOrMove(process, table, false);
}

export function* mv(process: Process): Task<number> {
  return yield* copyOrMove(
    process,
    { short: "fint:vu", long: { force: "f", "target-directory": "t" } },
    true,
  );
}

export function* mktemp(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "dqup:t",
    long: { directory: "d", quiet: "q", "dry-run": "u", tmpdir: "maybe", suffix: "argument" },
  });
  if (typeof options === "number") return options;
  const template = options.operands[0] ?? "tmp.XXXXXXXXXX";
  const marks = /(X{3,})([^X/]*)$/.exec(template);
  if (marks === null) return yield* fail(process, `too few X's in template ${quote(process, template)}`);
  const letters = process.host.random.text(marks[1]!.length, MKTEMP_ALPHABET);
  const name = template.slice(0, marks.index) + letters + marks[2]! + (options.get("suffix") ?? "");
  const temporary =
    options.get("p") ?? (options.get("tmpdir") || undefined) ?? process.env.get("TMPDIR") ?? "/tmp";
  const inTemporary =
    options.operands.length === 0 || options.has("p") || options.has("tmpdir") || options.has("t");
  const path = inTemporary ? `${temporary}/${name}` : name;
  const full = resolvePath(process.cwd, path);
  const { fs } = process.host;
  if (!options.has("u")) {
    const made = options.has("d") ? fs.mkdir(full) : fs.write(full, new Uint8Array(0), "truncate");
    if (!made.ok) {
      const kind = options.has("d") ? "directory" : "file";
      return yield* fail(
        process,
        `failed to create ${kind} via template ${quote(process, inTemporary ? `${temporary}/${template}` : template)}: ${strerror(made.error)}`,
      );
    }
  }
  yield* process.print(`${path}\n`);
  return 0;
}

/** mkfifo(1): named pipes do not exist here. */
export const mkfifo = program(function* (process) {
  const options = yield* getOptions(process, { short: "m:Z", long: { mode: "m" } });
  if (typeof options === "number") return options;
  if (options.operands.length > 0) refuse("mkfifo");
  yield* process.printError("mkfifo: missing operand\nTry 'mkfifo --help' for more information.\n");
  return 1;
});
