import type { Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { listDirectory, statFile } from "../os/files.ts";
import type { OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { escapeRegExp } from "../shell/pattern.ts";
import { getOptions, type Options, programName } from "../text/getopt.ts";
import { attempt, LineReader, openInput, readInput, splitLines } from "../text/lines.ts";
import { type Output, standardOutput } from "../text/stdio.ts";
import { compileRegExp } from "../text/regexp.ts";
import { utf8Decode } from "../../base/utf8.ts";
import { refuse } from "../args/exit.ts";

const STATUS_TROUBLE = 2;
const USAGE = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

/** What `egrep` and `fgrep` mean without an option. */
const KIND_BY_NAME: Readonly<Record<string, string>> = { egrep: "E", fgrep: "F" };

const LONG = {
  "extended-regexp": "E",
  "fixed-strings": "F",
  "basic-regexp": "G",
  "perl-regexp": "P",
  regexp: "e",
  file: "f",
  "ignore-case": "i",
  "no-ignore-case": "",
  "word-regexp": "w",
  "line-regexp": "x",
  "no-messages": "s",
  "invert-match": "v",
  "max-count": "m",
  "line-number": "n",
  "line-buffered": "line-buffered",
  "with-filename": "H",
  "no-filename": "h",
  "only-matching": "o",
  quiet: "q",
  silent: "q",
  recursive: "r",
  "files-without-match": "L",
  "files-with-matches": "l",
  count: "c",
  "before-context": "B",
  "after-context": "A",
  context: "C",
  color: "maybe",
  colour: "maybe",
  text: "a",
  "null-data": "z",
  "byte-offset": "b",
  include: "argument",
};

/** grep(1): `-P` is read as an extended expression with Perl's classes. */
export function* grep(process: Process): Task<number> {
  process.argv = process.argv.map((word, i) => (i > 0 && /^-\d+$/.test(word) ? `-C${word.slice(1)}` : word));
  const options = yield* getOptions(process, {
    short: "EFGPe:f:iywxsvm:nHhoqrRLlcB:A:C:abz",
    long: LONG,
    hint: USAGE,
    status: STATUS_TROUBLE,
  });
  if (typeof options === "number") return options;
  for (const letter of ["z", "b"]) if (options.has(letter)) refuse(`grep -${letter}`);
  const patterns = yield* patternsOf(process, options);
  if (typeof patterns === "number") return patterns;
  const { sources, paths } = patterns;
  const byName = KIND_BY_NAME[programName(process)] ?? "G";
  const matcher = compile(sources, options, byName);
  if (typeof matcher === "string") {
    yield* process.printError(`grep: ${matcher}\n`);
    return STATUS_TROUBLE;
  }
  return yield* new Search(process, options, matcher).run(paths);
}

function* patternsOf(
  process: Process,
  options: Options,
): Task<{ sources: string[]; paths: readonly string[] } | number> {
  const sources = options.all("e").flatMap((text) => text.split("\n"));
  for (const path of options.all("f")) {
    const read = yield* readInput(process, path);
    if ("error" in read) {
      yield* process.printError(`grep: ${path}: ${read.error}\n`);
      return STATUS_TROUBLE;
    }
    sources.push(...splitLines(utf8Decode(read.bytes)));
  }
  if (options.has("e") || options.has("f")) return { sources, paths: options.operands };
  const [first, ...paths] = options.operands;
  if (first === undefined) {
    yield* process.printError(USAGE);
    return STATUS_TROUBLE;
  }
  return { sources: first.split("\n"), paths };
}

/** The longest match at the leftmost place of all patterns, as POSIX wants it: one expression per pattern. */
type Matcher = (line: string, from: number) => { start: number; end: number } | undefined;

function compile(sources: readonly string[], options: Options, byName: string): Matcher | string {
  const expressions: RegExp[] = [];
  for (const source of sources) {
    const one = expression(source, options, byName);
    if (typeof one === "string") return one;
    expressions.push(one);
  }
  return (line, from) => {
    let best: { start: number; end: number } | undefined;
    for (const each of expressions) {
      each.lastIndex = from;
      const match = each.exec(line);
      if (match === null) continue;
      const found = { start: match.index, end: match.index + match[0].length };
      if (
        best === undefined ||
        found.start < best.start ||
        (found.start === best.start && found.end > best.end)
      )
        best = found;
    }
    return best;
  };
}

function expression(source: string, options: Options, byName: string): RegExp | string {
  const kind = options.list.findLast(([name]) => "EFGP".includes(name))?.[0] ?? byName;
  const ignoreCase = options.has("i") || options.has("y");
  const flags = ignoreCase ? "giu" : "gu";
  let base: RegExp | string;
  if (kind === "F") base = new RegExp(escapeRegExp(source), flags);
  else if (kind === "P") base = perlExpression(source, flags);
  else base = compileRegExp(source, { extended: kind === "E", ignoreCase, global: true });
  if (typeof base === "string") return base;
  if (options.has("x")) return new RegExp(`^(?:${base.source})$`, base.flags);
  if (options.has("w")) return new RegExp(`(?<![A-Za-z0-9_])(?:${base.source})(?![A-Za-z0-9_])`, base.flags);
  return base;
}

function perlExpression(source: string, flags: string): RegExp | string {
  try {
    // \K keeps what stands before it out of the match.
    const keep = source.indexOf("\\K");
    const text = keep < 0 ? source : `(?<=${source.slice(0, keep)})${source.slice(keep + 2)}`;
    return new RegExp(text.replace(/\\h/g, "[ \\t]"), flags.replace("u", ""));
  } catch {
    return "unrecognized character follows \\";
  }
}

class Search {
  private readonly process: Process;
  private readonly options: Options;
  private readonly matcher: Matcher;
  private readonly out: Output;
  private names = false;
  private matched = false;
  private failed = false;

  constructor(process: Process, options: Options, matcher: Matcher) {
    this.process = process;
    this.options = options;
    this.matcher = matcher;
    this.out = standardOutput(process, options.has("line-buffered"));
  }

  *run(paths: readonly string[]): Task<number> {
    const { options } = this;
    const recursive = options.has("r") || options.has("R");
    const all = paths.length > 0 ? paths : recursive ? ["."] : ["-"];
    const files = recursive ? all.flatMap((path) => this.walk(path)) : all;
    this.names = options.has("H") || ((files.length > 1 || recursive) && !options.has("h"));
    for (const path of files) {
      yield* this.file(path);
      if (this.matched && options.has("q")) return 0;
    }
    yield* this.out.flush();
    if (this.failed && !(this.matched && options.has("q"))) return STATUS_TROUBLE;
    return this.matched ? 0 : 1;
  }

  private walk(path: string): string[] {
    if (statFile(this.process, path)?.kind !== "directory") return [path];
    const names = listDirectory(this.process, path);
    const base = path === "." ? "" : path.endsWith("/") ? path : `${path}/`;
    return names.ok ? names.value.flatMap((name) => this.walk(base + name)) : [];
  }

  private *file(path: string): Task<void> {
    const input = openInput(this.process, path);
    if ("error" in input) {
      yield* this.complain(path, input.error);
      return;
    }
    const result = yield* attempt(this.lines(path === "-" ? "(standard input)" : path, input.file));
    input.close();
    if ("error" in result) yield* this.complain(path, strerror(result.error));
  }

  private *complain(path: string, error: string): Task<void> {
    this.failed = true;
    if (!this.options.has("s")) yield* this.process.printError(`grep: ${path}: ${error}\n`);
  }

  private *lines(name: string, file: OpenFile): Task<void> {
    const { options, out } = this;
    const limit = Number(options.get("m") ?? Infinity);
    const context = new Context(options);
    const reader = new LineReader(file);
    const quiet = options.has("c") || options.has("l") || options.has("L") || options.has("q");
    let count = 0;
    let number = 0;
    while (count < limit || context.after > 0) {
      const line = yield* reader.next();
      if (line === null) break;
      number++;
      const hit = count < limit && (this.matcher(line.text, 0) !== undefined) !== options.has("v");
      if (hit) count++;
      if (hit && (options.has("q") || options.has("l"))) break;
      if (!quiet) {
        if (hit) out.put(context.before() + this.show(name, number, line.text, context));
        else out.put(context.miss(() => this.prefix(name, number, "-") + line.text));
      }
      if (!reader.ready) yield* out.pass();
    }
    if (count > 0) this.matched = true;
    if (options.has("L")) {
      if (count === 0) out.put(`${name}\n`);
    } else if (options.has("l") && count > 0) out.put(`${name}\n`);
    else if (options.has("c") && !options.has("q")) out.put(`${this.names ? `${name}:` : ""}${count}\n`);
  }

  private prefix(name: string, number: number, mark: string): string {
    return (this.names ? name + mark : "") + (this.options.has("n") ? `${number}${mark}` : "");
  }

  private show(name: string, number: number, text: string, context: Context): string {
    context.hit();
    if (!this.options.has("o")) return `${this.prefix(name, number, ":")}${text}\n`;
    if (this.options.has("v")) return "";
    let out = "";
    for (let from = 0; from <= text.length;) {
      const match = this.matcher(text, from);
      if (match === undefined) break;
      if (match.end > match.start)
        out += `${this.prefix(name, number, ":")}${text.slice(match.start, match.end)}\n`;
      from = match.end > match.start ? match.end : match.end + 1;
    }
    return out;
  }
}

/** `-A`, `-B`, `-C`: lines around the matches, with `--` between groups that do not touch. */
class Context {
  private readonly linesBefore: number;
  private readonly linesAfter: number;
  private held: string[] = [];
  private gap = false;
  private any = false;
  /** Lines still to be printed after the last match. */
  after = 0;

  constructor(options: Options) {
    const both = options.get("C") ?? "0";
    this.linesBefore = Number(options.get("B") ?? both);
    this.linesAfter = Number(options.get("A") ?? both);
  }

  before(): string {
    const separator = this.any && this.gap && this.linesBefore + this.linesAfter > 0 ? "--\n" : "";
    const text = separator + this.held.join("");
    this.held = [];
    this.gap = false;
    this.any = true;
    return text;
  }

  hit(): void {
    this.after = this.linesAfter;
  }

  miss(line: () => string): string {
    if (this.after > 0) {
      this.after--;
      return `${line()}\n`;
    }
    if (this.linesBefore > 0) this.held.push(`${line()}\n`);
    if (this.held.length > this.linesBefore) {
      this.held.shift();
      this.gap = true;
    }
    if (this.linesBefore === 0) this.gap = true;
    return "";
  }
}
