import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { strerror } from "../os/errno.ts";
import { ReadError } from "../os/files.ts";
import type { OpenFile } from "../os/io.ts";
import { getOptions, type Options } from "../text/getopt.ts";
import { LineReader, openInput } from "../text/lines.ts";
import { Output } from "../text/stdio.ts";

/** cat(1). */
export function* cat(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "AbeEnstTuv",
    long: {
      "show-all": "A",
      "number-nonblank": "b",
      "show-ends": "E",
      number: "n",
      "squeeze-blank": "s",
      "show-tabs": "T",
      "show-nonprinting": "v",
    },
  });
  if (typeof options === "number") return options;
  const marks = options.list.some(([name]) => name !== "u") ? new Marks(options) : undefined;
  let status = 0;
  for (const path of options.operands.length === 0 ? ["-"] : options.operands) {
    const input = openInput(process, path);
    if ("error" in input) {
      yield* process.printError(`cat: ${path}: ${input.error}\n`);
      status = 1;
      continue;
    }
    try {
      if (marks === undefined) yield* copy(input.file, process.stdout);
      else yield* marks.copy(input.file, process.stdout);
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      yield* process.printError(`cat: ${path}: ${strerror(error.errno)}\n`);
      status = 1;
    } finally {
      input.close();
    }
  }
  return status;
}

function* copy(from: OpenFile, to: OpenFile): Task<void> {
  for (let part = yield* from.read(); part !== null; part = yield* from.read()) yield* to.write(part);
}

/** `-n`, `-b`, `-s`, `-E`, `-T`, `-v`. */
class Marks {
  private readonly has: (name: string) => boolean;
  private count = 0;
  private blank = false;

  constructor(options: Options) {
    const implied: Readonly<Record<string, readonly string[]>> = {
      E: ["A", "e"],
      T: ["A", "t"],
      v: ["A", "e", "t", "v"],
    };
    this.has = (name) => [name, ...(implied[name] ?? [])].some((each) => options.has(each));
  }

  *copy(from: OpenFile, to: OpenFile): Task<void> {
    const reader = new LineReader(from);
    const out = new Output(to, true);
    for (let line = yield* reader.next(); line !== null; line = yield* reader.next()) {
      const empty = line.text === "" && line.ended;
      if (this.has("s") && empty && this.blank) continue;
      this.blank = empty;
      const numbered = this.has("b") ? !empty : this.has("n");
      if (numbered) out.put(`${String(++this.count).padStart(6)}\t`);
      out.put(this.show(line.text) + (line.ended ? (this.has("E") ? "$\n" : "\n") : ""));
      if (!reader.ready) yield* out.pass();
    }
    yield* out.flush();
  }

  private show(text: string): string {
    const tabs = this.has("T") ? text.replaceAll("\t", "^I") : text;
    if (!this.has("v")) return tabs;
    return tabs.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (c) => `^${String.fromCharCode(c.charCodeAt(0) ^ 64)}`);
  }
}
