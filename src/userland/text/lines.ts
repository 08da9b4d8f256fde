import { concat } from "../../base/bytes.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { strerror } from "../os/errno.ts";
import { openFile, ReadError } from "../os/files.ts";
import type { FsError } from "../os/fs.ts";
import type { OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";

const NEWLINE = 10;

/** A line without its newline; `ended` is false for a last line that has none. */
export interface Line {
  readonly text: string;
  readonly ended: boolean;
}

/** Reads a file line by line as it comes. */
export class LineReader {
  private readonly file: Pick<OpenFile, "read">;
  private readonly separator: number;
  private buffer: Uint8Array = new Uint8Array(0);
  private atEnd = false;

  constructor(file: Pick<OpenFile, "read">, separator = NEWLINE) {
    this.file = file;
    this.separator = separator;
  }

  /** Whether the next line is there without waiting. */
  get ready(): boolean {
    return this.buffer.indexOf(this.separator) >= 0;
  }

  *next(): Task<Line | null> {
    for (;;) {
      const end = this.buffer.indexOf(this.separator);
      if (end >= 0) {
        const text = utf8Decode(this.buffer.subarray(0, end));
        this.buffer = this.buffer.subarray(end + 1);
        return { text, ended: true };
      }
      const part = this.atEnd ? null : yield* this.file.read();
      if (part === null) {
        this.atEnd = true;
        if (this.buffer.length === 0) return null;
        const text = utf8Decode(this.buffer);
        this.buffer = new Uint8Array(0);
        return { text, ended: false };
      }
      this.buffer = concat([this.buffer, part]);
    }
  }
}

/** Splits a whole text into lines without their newlines. */
export function splitLines(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** An input file of a command: `-` is standard input. */
export type Opened = { readonly file: OpenFile; close(): void } | { readonly error: string };

export function openInput(process: Process, path: string): Opened {
  if (path === "-") return { file: process.stdin, close: () => {} };
  const opened = openFile(process, path, "read");
  if (!opened.ok) return { error: strerror(opened.error) };
  return { file: opened.value, close: () => opened.value.close() };
}

/** Reads with the words of strerror instead of an exception. */
export function* attempt<T>(task: Task<T>): Task<{ readonly value: T } | { readonly error: FsError }> {
  try {
    return { value: yield* task };
  } catch (error) {
    if (error instanceof ReadError) return { error: error.errno };
    throw error;
  }
}

/** All text of some inputs, one after the other; `complain` makes the message for one that cannot be read. */
export function* readInputs(
  process: Process,
  paths: readonly string[],
  complain: (path: string, error: string) => string,
): Task<{ texts: { path: string; bytes: Uint8Array }[]; failed: boolean }> {
  const texts: { path: string; bytes: Uint8Array }[] = [];
  let failed = false;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const result = yield* readInput(process, path);
    if ("bytes" in result) texts.push({ path, bytes: result.bytes });
    else {
      yield* process.printError(`${complain(path, result.error)}\n`);
      failed = true;
    }
  }
  return { texts, failed };
}

/** All bytes of one input, or strerror's words. */
export function* readInput(process: Process, path: string): Task<{ bytes: Uint8Array } | { error: string }> {
  const input = openInput(process, path);
  if ("error" in input) return input;
  const result = yield* attempt(readAllBytes(input.file));
  input.close();
  return "value" in result ? { bytes: result.value } : { error: strerror(result.error) };
}

function* readAllBytes(file: OpenFile): Task<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = yield* file.read(); part !== null; part = yield* file.read()) parts.push(part);
  return concat(parts);
}
