import type { Task } from "../../sim/task.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { runProgram } from "../os/exec.ts";
import { listDirectory, statFile } from "../os/files.ts";
import { type FileStat, resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { matchPattern } from "../shell/pattern.ts";

/** find(1) of GNU findutils 4.9: tests by name, path, type, size and emptiness; print, printf, exec, delete, prune. */

interface Found {
  readonly path: string;
  /** The operand it was reached from. */
  readonly depth: number;
  readonly stat: FileStat;
}

/** What one file does to an expression, and what comes out. */
type Expression = (walk: Walk, file: Found) => Task<boolean>;

/** The state of one run. */
interface Walk {
  readonly process: Process;
  /** This directory is not gone into. */
  pruned: boolean;
  status: number;
}

const basename = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//, "") || path;

class Reader {
  min = 0;
  max = Infinity;
  /** Some action is there, so nothing is printed unasked. */
  acts = false;
  /** Files come before their directory. */
  deepFirst = false;
  /** `-exec ... +`, to be run at the end. */
  readonly batches: { words: string[]; paths: string[] }[] = [];
  private readonly words: string[];

  constructor(words: readonly string[]) {
    this.words = [...words];
  }

  read(): Expression {
    if (this.words.length === 0) return truth;
    const expression = this.or();
    const rest = this.words[0];
    if (rest !== undefined) fail(1, "find: you have too many ')'\n");
    return expression;
  }

  private or(): Expression {
    let left = this.and();
    while (this.take("-o", "-or")) {
      const [a, b] = [left, this.and()];
      left = function* (walk, file) {
        return (yield* a(walk, file)) || (yield* b(walk, file));
      };
    }
    return left;
  }

  private and(): Expression {
    let left = this.not();
    for (;;) {
      this.take("-a", "-and");
      const next = this.words[0];
      if (next === undefined || next === ")" || next === "-o" || next === "-or") return left;
      const [a, b] = [left, this.not()];
      left = function* (walk, file) {
        return (yield* a(walk, file)) && (yield* b(walk, file));
      };
    }
  }

  private not(): Expression {
    if (this.take("!", "-not")) {
      const test = this.not();
      return function* (walk, file) {
        return !(yield* test(walk, file));
      };
    }
    if (this.take("(")) {
      const inner = this.or();
      if (!this.take(")"))
        fail(1, "find: invalid expression; I was expecting to find a ')' somewhere but did not see one.\n");
      return inner;
    }
    return this.primary();
  }

  private take(...names: string[]): boolean {
    if (!names.includes(this.words[0] ?? "")) return false;
    this.words.shift();
    return true;
  }

  private value(word: string): string {
    return this.words.shift() ?? fail(1, `find: missing argument to \`${word}'\n`);
  }

  private primary(): Expression {
    const word = this.words.shift() ?? "";
    switch (word) {
      case "-name":
      case "-iname":
      case "-path":
      case "-ipath":
      case "-wholename":
        return this.pattern(word);
      case "-type":
        return type(this.value(word));
      case "-empty":
        return function* ({ process }, { path, stat }) {
          if (stat.kind !== "directory") return stat.kind === "file" && stat.size === 0;
          const names = listDirectory(process, path);
          return names.ok && names.value.length === 0;
        };
      case "-size":
        return size(this.value(word));
      case "-maxdepth":
        this.max = this.level(word);
        return truth;
      case "-mindepth":
        this.min = this.level(word);
        return truth;
      case "-depth":
        this.deepFirst = true;
        return truth;
      case "-true":
        return truth;
      default:
        return this.action(word);
    }
  }

  private level(word: string): number {
    const value = this.value(word);
    if (!/^\d+$/.test(value))
      fail(1, `find: Expected a positive decimal integer argument to ${word}, but got ‘${value}’\n`);
    return Number(value);
  }

  private pattern(word: string): Expression {
    const pattern = this.value(word);
    const whole = word.endsWith("path") || word === "-wholename";
    const fold = word.startsWith("-i");
    const wanted = fold ? pattern.toLowerCase() : pattern;
    return function* (_walk, { path }) {
      const text = whole ? path : basename(path);
      return matchPattern(wanted, fold ? text.toLowerCase() : text);
    };
  }

  private action(word: string): Expression {
    this.acts ||= word !== "-prune";
    switch (word) {
      case "-print":
        return print("\n");
      case "-print0":
        return print("\0");
      case "-printf":
        return printf(this.value(word));
      case "-exec":
        return this.exec();
      case "-prune":
        return function* (walk) {
          walk.pruned = true;
          return true;
        };
      case "-delete":
        this.deepFirst = true;
        return function* ({ process }, { path }) {
          return process.host.fs.remove(resolvePath(process.cwd, path)).ok;
        };
      default:
        return this.unknown(word);
    }
  }

  private unknown(word: string): never {
    if (KNOWN.includes(word)) refuse(`find ${word}`);
    return fail(
      1,
      word.startsWith("-")
        ? `find: unknown predicate \`${word}'\n`
        : `find: paths must precede expression: \`${word}'\n`,
    );
  }

  private exec(): Expression {
    const words: string[] = [];
    for (;;) {
      const word = this.words.shift() ?? fail(1, "find: missing argument to `-exec'\n");
      if (word === ";") break;
      if (word === "+" && words[words.length - 1] === "{}") {
        const batch = { words: words.slice(0, -1), paths: [] as string[] };
        this.batches.push(batch);
        return function* (_walk, { path }) {
          batch.paths.push(path);
          return true;
        };
      }
      words.push(word);
    }
    return function* ({ process }, { path }) {
      return (
        (yield* runProgram(
          process,
          words.map((word) => word.replaceAll("{}", path)),
        )) === 0
      );
    };
  }
}

/** What find knows and this one does not. */
const KNOWN = [
  "-mtime",
  "-mmin",
  "-newer",
  "-perm",
  "-user",
  "-group",
  "-regex",
  "-iregex",
  "-ls",
  "-links",
  "-quit",
  "-execdir",
  "-ok",
  "-follow",
  "-xdev",
  "-mount",
  "-inum",
  "-atime",
  "-ctime",
  "-readable",
  "-writable",
  "-executable",
  "-samefile",
  "-lname",
  "-fprint",
];

const truth: Expression = function* () {
  return true;
};

function print(end: string): Expression {
  return function* ({ process }, { path }) {
    yield* process.print(`${path}${end}`);
    return true;
  };
}

function type(letters: string): Expression {
  const kinds: Readonly<Record<string, string>> = { f: "file", d: "directory", c: "device" };
  const wanted = letters.split(",").map((letter) => {
    if (!/^[bcdpflsD]$/.test(letter)) fail(1, `find: Unknown argument to -type: ${letter}\n`);
    return kinds[letter];
  });
  return function* (_walk, { stat }) {
    return wanted.includes(stat.kind);
  };
}

const UNITS: Readonly<Record<string, number>> = {
  "": 512,
  b: 512,
  c: 1,
  w: 2,
  k: 1024,
  M: 1 << 20,
  G: 1 << 30,
};

/** Sizes are compared in whole units, rounded up. */
function size(text: string): Expression {
  const [, sign, count, unit] =
    /^([+-]?)(\d+)([bcwkMG]?)$/.exec(text) ?? fail(1, `find: invalid -size type \`${text.slice(-1)}'\n`);
  return function* (_walk, { stat }) {
    const units = Math.ceil(stat.size / UNITS[unit!]!);
    return sign === "+"
      ? units > Number(count)
      : sign === "-"
        ? units < Number(count)
        : units === Number(count);
  };
}

function printf(text: string): Expression {
  return function* ({ process }, { path, stat, depth }) {
    const out = text.replace(
      /\\(.)|%(.)/g,
      (_all, escape: string | undefined, letter: string | undefined) => {
        if (escape !== undefined) return ESCAPES[escape] ?? refuse(`find -printf \\${escape}`);
        switch (letter) {
          case "p":
            return path;
          case "f":
            return basename(path);
          case "h":
            return path.includes("/") ? path.replace(/\/[^/]*$/, "") : ".";
          case "s":
            return String(stat.size);
          case "d":
            return String(depth);
          case "y":
            return stat.kind === "directory" ? "d" : stat.kind === "file" ? "f" : "c";
          case "%":
            return "%";
          default:
            return refuse(`find -printf %${letter ?? ""}`);
        }
      },
    );
    yield* process.print(out);
    return true;
  };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "0": "\0", "\\": "\\" };

const isPruned = (walk: Walk): boolean => walk.pruned;

function* visit(walk: Walk, reader: Reader, test: Expression, file: Found): Task<void> {
  const { process } = walk;
  const judge = function* (): Task<void> {
    if (file.depth >= reader.min && (yield* test(walk, file)) && !reader.acts)
      yield* process.print(`${file.path}\n`);
  };
  walk.pruned = false;
  if (!reader.deepFirst) yield* judge();
  if (file.stat.kind === "directory" && file.depth < reader.max && !isPruned(walk)) {
    const names = listDirectory(process, file.path);
    for (const name of names.ok ? names.value : []) {
      const path = file.path.endsWith("/") ? `${file.path}${name}` : `${file.path}/${name}`;
      const stat = statFile(process, path);
      if (stat !== undefined) yield* visit(walk, reader, test, { path, depth: file.depth + 1, stat });
    }
  }
  if (reader.deepFirst) yield* judge();
}

function* main(process: Process): Task<number> {
  const words = process.argv.slice(1);
  const first = words.findIndex((word) => /^(-.|[(!]$)/.test(word));
  const paths = first < 0 ? words : words.slice(0, first);
  const reader = new Reader(first < 0 ? [] : words.slice(first));
  const test = reader.read();
  const walk: Walk = { process, pruned: false, status: 0 };
  for (const path of paths.length === 0 ? ["."] : paths) {
    const stat = statFile(process, path);
    if (stat === undefined) {
      yield* process.printError(`find: ‘${path}’: No such file or directory\n`);
      walk.status = 1;
    } else yield* visit(walk, reader, test, { path, depth: 0, stat });
  }
  for (const batch of reader.batches)
    if (batch.paths.length > 0 && (yield* runProgram(process, [...batch.words, ...batch.paths])) !== 0)
      walk.status = 1;
  return walk.status;
}

export const find = program(main);
