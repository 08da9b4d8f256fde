import type { Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { listDirectory, statFile } from "../os/files.ts";
import { type FileStat, resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { textWidth } from "../readline/width.ts";
import { getOptions, type Options } from "../text/getopt.ts";
import { compareVersions } from "../text/version-order.ts";

const STATUS_TROUBLE = 2;

interface Entry {
  readonly name: string;
  readonly stat: FileStat;
}

/** ls(1): in columns on a terminal, else one name a line; dates are the epoch of the lab. */
export function* ls(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "1aAdFhlnrRStUvXpCi",
    long: {
      all: "a",
      "almost-all": "A",
      directory: "d",
      classify: "F",
      "human-readable": "h",
      reverse: "r",
      recursive: "R",
      color: "maybe",
      "numeric-uid-gid": "n",
    },
    status: STATUS_TROUBLE,
  });
  if (typeof options === "number") return options;
  const paths = options.operands.length === 0 ? ["."] : [...options.operands].sort();
  let status = 0;
  const files: Entry[] = [];
  const directories: string[] = [];
  for (const path of paths) {
    const stat = statFile(process, path);
    if (stat === undefined) {
      yield* process.printError(`ls: cannot access '${path}': ${strerror("ENOENT")}\n`);
      status = STATUS_TROUBLE;
    } else if (stat.kind === "directory" && !options.has("d")) directories.push(path);
    else files.push({ name: path, stat });
  }
  let out = files.length > 0 ? show(files, options, process.stdout.tty?.columns) : "";
  const headers = paths.length > 1 || options.has("R");
  for (const path of directories) out += list(process, path, options, headers, out === "");
  yield* process.print(out);
  return status;
}

function list(process: Process, path: string, options: Options, header: boolean, first: boolean): string {
  const names = listDirectory(process, path);
  const entries: Entry[] = [];
  const add = (name: string): void => {
    const stat = statFile(process, `${resolvePath(process.cwd, path)}/${name}`);
    if (stat !== undefined) entries.push({ name, stat });
  };
  const hidden = options.has("a") || options.has("A");
  if (options.has("a")) for (const name of [".", ".."]) add(name);
  for (const name of names.ok ? names.value : []) if (hidden || !name.startsWith(".")) add(name);
  let out = header ? `${first ? "" : "\n"}${path}:\n` : "";
  if (options.has("l") || options.has("n")) out += "total 0\n";
  out += show(entries, options, process.stdout.tty?.columns);
  if (!options.has("R")) return out;
  for (const { name, stat } of entries)
    if (stat.kind === "directory" && name !== "." && name !== "..")
      out += list(process, `${path}/${name}`, options, true, false);
  return out;
}

function show(entries: readonly Entry[], options: Options, columns: number | undefined): string {
  const sorted = [...entries];
  if (options.has("v")) sorted.sort((a, b) => compareVersions(a.name, b.name));
  else if (options.has("S")) sorted.sort((a, b) => b.stat.size - a.stat.size);
  if (options.has("r")) sorted.reverse();
  const width = Math.max(1, ...sorted.map(({ stat }) => String(stat.size).length));
  const lines = sorted.map((entry) => line(entry, options, width));
  const isLong = options.has("l") || options.has("n") || options.has("1");
  if (columns !== undefined && !isLong) return inColumns(lines, columns);
  return lines.map((text) => `${text}\n`).join("");
}

/** As many columns as fit, each as wide as it needs, filled downwards, two blanks between. */
function inColumns(names: readonly string[], width: number): string {
  for (let across = names.length; across > 0; across--) {
    const rows = Math.ceil(names.length / across);
    const columns = Array.from({ length: Math.ceil(names.length / rows) }, (_, i) =>
      names.slice(i * rows, (i + 1) * rows),
    );
    const widths = columns.map((column) => Math.max(...column.map(textWidth)));
    const total = widths.reduce((sum, each) => sum + each + 2, -2);
    if (total > width && across > 1) continue;
    const line = (row: number): string =>
      columns
        .flatMap((column, i) => {
          const name = column[row];
          if (name === undefined) return [];
          const isLast = columns[i + 1]?.[row] === undefined;
          return [isLast ? name : name + " ".repeat(widths[i]! + 2 - textWidth(name))];
        })
        .join("");
    return Array.from({ length: rows }, (_, row) => `${line(row)}\n`).join("");
  }
  return "";
}

function line({ name, stat }: Entry, options: Options, width: number): string {
  const isDirectory = stat.kind === "directory";
  const mark = isDirectory && (options.has("F") || options.has("p")) ? "/" : "";
  const executable = stat.kind === "file" && ((stat.mode ?? 0) & 0o111) !== 0 && options.has("F") ? "*" : "";
  const shown = name + mark + executable;
  if (!options.has("l") && !options.has("n")) return shown;
  const owner = options.has("n") ? "0 0" : "root root";
  return `${permissions(stat)} 1 ${owner} ${String(stat.size).padStart(width)} Jan  1 00:00 ${shown}`;
}

function permissions(stat: FileStat): string {
  const mode = stat.mode ?? (stat.kind === "directory" ? 0o755 : 0o644);
  const type = stat.kind === "directory" ? "d" : stat.kind === "device" ? "c" : "-";
  let out = type;
  for (let shift = 6; shift >= 0; shift -= 3)
    for (const [bit, letter] of [
      [4, "r"],
      [2, "w"],
      [1, "x"],
    ] as const)
      out += ((mode >> shift) & bit) !== 0 ? letter : "-";
  return out;
}
