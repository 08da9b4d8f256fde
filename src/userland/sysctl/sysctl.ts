import type { Task } from "../../sim/task.ts";
import { utf8Decode } from "../../base/utf8.ts";
import { program } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { strerror } from "../os/errno.ts";
import { openFile } from "../os/files.ts";
import { readAll } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { USAGE } from "./usage.ts";

/** procps-ng's sysctl(8). */

const LONG: readonly LongOption[] = [
  { name: "all", argument: "none", short: "a" },
  { name: "deprecated", argument: "none", short: "o" },
  { name: "dry-run", argument: "none", short: "D" },
  { name: "binary", argument: "none", short: "b" },
  { name: "ignore", argument: "none", short: "e" },
  { name: "names", argument: "none", short: "N" },
  { name: "values", argument: "none", short: "n" },
  { name: "load", argument: "optional", short: "p" },
  { name: "quiet", argument: "none", short: "q" },
  { name: "write", argument: "none", short: "w" },
  { name: "system", argument: "none", short: "S" },
  { name: "pattern", argument: "required", short: "r" },
  { name: "help", argument: "none", short: "h" },
  { name: "version", argument: "none", short: "V" },
];

interface Options {
  readonly ignore: boolean;
  readonly quiet: boolean;
  readonly namesOnly: boolean;
  readonly valuesOnly: boolean;
  readonly bare: boolean;
  readonly dryRun: boolean;
  readonly write: boolean;
  readonly pattern: RegExp | undefined;
}

/** A key as a path below /proc/sys: dots and slashes change places unless the first separator is a slash. */
export function keyPath(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  if (first !== ".") return key;
  return key.replace(/[./]/g, (c) => (c === "." ? "/" : "."));
}

/** The dotted name of a path: the slash of a device's name stands for its dot. */
export function keyName(path: string): string {
  return path.replace(/[./]/g, (c) => (c === "/" ? "." : "/"));
}

function shown(options: Options, name: string, value: string): string {
  if (options.namesOnly) return `${name}\n`;
  if (options.bare) return value;
  if (options.valuesOnly) return `${value}\n`;
  return value === ""
    ? `${name} = \n`
    : value
        .split("\n")
        .map((line) => `${name} = ${line}\n`)
        .join("");
}

function missing(path: string): string {
  return `sysctl: cannot stat /proc/sys/${path}: No such file or directory\n`;
}

/** Prints one key, or all below a directory. */
function* show(process: Process, options: Options, key: string): Task<number> {
  const path = keyPath(key).replace(/\/+$/, "");
  const { sysctl } = process.net;
  const value = sysctl.get(path);
  if (value.ok) {
    const name = keyName(path);
    if (options.pattern?.test(name) !== false) yield* process.print(shown(options, name, value.value));
    return 0;
  }
  const prefix = `${keyName(path)}.`;
  const below = path === "" ? [] : sysctl.list().filter((name) => name.startsWith(prefix));
  if (below.length > 0) return yield* showAll(process, options, below);
  if (options.ignore) return 0;
  yield* process.printError(missing(path));
  return 1;
}

function* showAll(process: Process, options: Options, names: readonly string[]): Task<number> {
  let text = "";
  for (const name of names) {
    if (options.pattern?.test(name) === false) continue;
    const value = process.net.sysctl.get(keyPath(name));
    if (value.ok) text += shown(options, name, value.value);
  }
  yield* process.print(text);
  return 0;
}

function* set(process: Process, options: Options, key: string, value: string, ignore: boolean): Task<number> {
  const path = keyPath(key);
  const name = keyName(path);
  const { sysctl } = process.net;
  if (path === "") {
    yield* process.printError("sysctl: Path is not under /proc/sys/: /proc/sys/\n");
    return 1;
  }
  const known = sysctl.get(path);
  if (!known.ok) {
    if (ignore || options.ignore) return 0;
    yield* process.printError(missing(path));
    return 1;
  }
  if (!options.dryRun) {
    const result = sysctl.set(path, value);
    if (!result.ok) {
      yield* process.printError(`sysctl: setting key "${name}": ${strerror(result.error.errno)}\n`);
      return ignore ? 0 : 1;
    }
  }
  if (!options.quiet) yield* process.print(shown(options, name, value));
  return 0;
}

/** `KEY=VALUE`; `where` names its place when it is no assignment. */
function* assign(process: Process, options: Options, text: string, where: string): Task<number> {
  const equals = text.indexOf("=");
  if (equals < 0) {
    yield* process.printError(`sysctl: ${where}: invalid syntax, continuing...\n`);
    return 1;
  }
  return yield* set(process, options, text.slice(0, equals).trim(), text.slice(equals + 1).trim(), false);
}

function* load(process: Process, options: Options, name: string): Task<number> {
  const file = openFile(process, name, "read");
  if (!file.ok) {
    yield* process.printError(`sysctl: cannot open "${name}": ${strerror(file.error)}\n`);
    return 1;
  }
  const lines = utf8Decode(yield* readAll(file.value)).split("\n");
  file.value.close();
  const assignments: (readonly [key: string, value: string, ignore: boolean])[] = [];
  for (const [i, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const equals = line.indexOf("=");
    if (equals < 0) yield* process.printError(`sysctl: ${name}(${i + 1}): invalid syntax, continuing...\n`);
    else {
      const ignore = line.startsWith("-");
      assignments.push([line.slice(ignore ? 1 : 0, equals).trim(), line.slice(equals + 1).trim(), ignore]);
    }
  }
  let status = 0;
  for (const [key, value, ignore] of assignments)
    status = (yield* set(process, options, key, value, ignore)) || status;
  return status;
}

function* main(process: Process): Task<number> {
  const { options, operands, complaint } = getopt(process.argv, "bneNwfp::qoxaAXr:Vdh", LONG);
  if (complaint !== undefined) {
    yield* process.printError(complaint + USAGE);
    return 0;
  }
  const given = new Set(options.map(({ letter }) => letter));
  if (given.has("V")) {
    yield* process.print("sysctl from procps-ng 4.0.2\n");
    return 0;
  }
  if (given.has("h") || given.has("d")) {
    yield* process.print(USAGE);
    return 0;
  }
  const pattern = options.find(({ letter }) => letter === "r")?.value;
  const settings: Options = {
    ignore: given.has("e"),
    quiet: given.has("q"),
    namesOnly: given.has("N"),
    valuesOnly: given.has("n"),
    bare: given.has("b"),
    dryRun: given.has("D"),
    write: given.has("w"),
    pattern: pattern === undefined ? undefined : new RegExp(pattern),
  };
  if (["a", "A", "X"].some((letter) => given.has(letter)))
    return yield* showAll(process, settings, process.net.sysctl.list());
  const file = options.find(({ letter }) => letter === "p" || letter === "f");
  if (file !== undefined || given.has("S")) {
    const names =
      file?.value !== undefined ? [file.value] : operands.length > 0 ? operands : ["/etc/sysctl.conf"];
    let status = 0;
    for (const name of names) status = (yield* load(process, settings, name)) || status;
    return status;
  }
  return yield* operate(process, settings, operands);
}

function* operate(process: Process, options: Options, operands: readonly string[]): Task<number> {
  if (operands.length === 0) {
    yield* process.printError(USAGE);
    return 1;
  }
  let status = 0;
  for (const operand of operands) {
    const one =
      options.write || operand.includes("=")
        ? assign(process, options, operand, "command line(0)")
        : show(process, options, operand);
    status = (yield* one) || status;
  }
  return status;
}

export const sysctl = program(main);
