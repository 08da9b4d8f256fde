import type { Task } from "../../sim/task.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { statFile } from "../os/files.ts";
import { getOptions, programName } from "../text/getopt.ts";
import { quote } from "../text/locale.ts";

/** Programs about names: basename(1), dirname(1), realpath(1), readlink(1), pwd(1). */

function* missing(process: Process): Task<number> {
  const name = programName(process);
  yield* process.printError(`${name}: missing operand\nTry '${name} --help' for more information.\n`);
  return 1;
}

export function* basename(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "as:z",
    long: { multiple: "a", suffix: "s" },
    stopAtOperand: true,
  });
  if (typeof options === "number") return options;
  const several = options.has("a") || options.has("s");
  const { operands } = options;
  if (operands.length === 0) return yield* missing(process);
  if (!several && operands.length > 2) {
    yield* process.printError(
      `basename: extra operand ${quote(process, operands[2]!)}\nTry 'basename --help' for more information.\n`,
    );
    return 1;
  }
  const suffix = several ? (options.get("s") ?? "") : (operands[1] ?? "");
  for (const path of several ? operands : operands.slice(0, 1)) {
    const trimmed = path.replace(/\/+$/, "");
    const name = trimmed === "" && path !== "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
    const cut =
      suffix !== "" && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    yield* process.print(`${cut}\n`);
  }
  return 0;
}

export function* dirname(process: Process): Task<number> {
  const options = yield* getOptions(process, { short: "z" });
  if (typeof options === "number") return options;
  if (options.operands.length === 0) return yield* missing(process);
  for (const path of options.operands) {
    const trimmed = path.replace(/\/+$/, "");
    const slash = trimmed.lastIndexOf("/");
    const up =
      slash < 0
        ? trimmed === "" && path !== ""
          ? "/"
          : "."
        : trimmed.slice(0, slash).replace(/\/+$/, "") || "/";
    yield* process.print(`${up}\n`);
  }
  return 0;
}

/** There are no symbolic links here: a path's only other name is its absolute one. */
export function* realpath(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "efmqsnz",
    long: { canonicalize: "f", "canonicalize-existing": "e", "canonicalize-missing": "m", quiet: "q" },
  });
  if (typeof options === "number") return options;
  const name = programName(process);
  if (options.operands.length === 0) return yield* missing(process);
  let status = 0;
  for (const path of options.operands) {
    const full = resolvePath(process.cwd, path);
    const needed = options.has("e") ? full : full.slice(0, Math.max(1, full.lastIndexOf("/")));
    const link = name === "readlink" && !/[efm]/.test(options.list.map(([letter]) => letter).join(""));
    if (link || (!options.has("m") && statFile(process, needed) === undefined)) {
      if (!link && !options.has("q"))
        yield* process.printError(`${name}: ${path}: No such file or directory\n`);
      status = 1;
    } else yield* process.print(`${full}\n`);
  }
  return status;
}

export function* pwd(process: Process): Task<number> {
  const options = yield* getOptions(process, { short: "LP" });
  if (typeof options === "number") return options;
  yield* process.print(`${process.cwd}\n`);
  return 0;
}
