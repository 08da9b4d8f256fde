import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { concat } from "../../base/bytes.ts";
import { Signal, type Task } from "../../sim/task.ts";
import type { FsError } from "./fs.ts";
import type { Tty } from "./tty.ts";

/** An open file description: what a file descriptor points to. Both ends may be shared; `retain` and `close` count. */
export interface OpenFile {
  /** At most `max` bytes, waiting for at least one; null at the end of the file. */
  read(max?: number): Task<Uint8Array | null>;
  /** Writes all, waiting for room where there is a limit. Throws BrokenPipe when nobody reads any more. */
  write(bytes: Uint8Array): Task<void>;
  retain(): this;
  close(): void;
  readonly isTerminal: boolean;
  /** The terminal that it is, where there is more to ask than whether it is one. */
  readonly tty?: Tty;
}

/** The writer's end of SIGPIPE: the process ends with status 141 unless it catches this. */
export class BrokenPipe extends Error {
  constructor() {
    super("broken pipe");
  }
}

/** A write that the file refused (a sysctl that is out of range): what write(2) would have returned. */
export class WriteError extends Error {
  readonly errno: FsError;

  constructor(errno: FsError) {
    super(errno);
    this.errno = errno;
  }
}

/** A read that failed: a directory can be opened, but not read. */
export class ReadError extends Error {
  readonly errno: FsError;

  constructor(errno: FsError) {
    super(errno);
    this.errno = errno;
  }
}

/** Linux's default pipe capacity, pipe(7). */
const PIPE_CAPACITY = 65536;

/** pipe(7): a byte queue with a capacity, an end to read and an end to write. */
export class Pipe {
  private chunks: Uint8Array[] = [];
  private size = 0;
  private readers = 1;
  private writers = 1;
  private readonly changed = new Signal();
  readonly reader: OpenFile;
  readonly writer: OpenFile;

  constructor() {
    this.reader = new PipeEnd(this, "read");
    this.writer = new PipeEnd(this, "write");
  }

  *read(max = PIPE_CAPACITY): Task<Uint8Array | null> {
    while (this.size === 0) {
      if (this.writers === 0) return null;
      yield* this.changed.wait();
    }
    const all = this.chunks.length === 1 ? this.chunks[0]! : concat(this.chunks);
    const head = all.subarray(0, max);
    this.chunks = head.length < all.length ? [all.subarray(head.length)] : [];
    this.size -= head.length;
    this.changed.fire();
    return head;
  }

  *write(bytes: Uint8Array): Task<void> {
    let from = 0;
    while (from < bytes.length) {
      if (this.readers === 0) throw new BrokenPipe();
      const room = PIPE_CAPACITY - this.size;
      if (room <= 0) {
        yield* this.changed.wait();
        continue;
      }
      const part = bytes.slice(from, from + room);
      this.chunks.push(part);
      this.size += part.length;
      from += part.length;
      this.changed.fire();
    }
  }

  adjust(end: "read" | "write", by: number): void {
    if (end === "read") this.readers += by;
    else this.writers += by;
    if (this.readers === 0 || this.writers === 0) this.changed.fire();
  }
}

class PipeEnd implements OpenFile {
  readonly isTerminal = false;
  private readonly pipe: Pipe;
  private readonly end: "read" | "write";

  constructor(pipe: Pipe, end: "read" | "write") {
    this.pipe = pipe;
    this.end = end;
  }

  read(max?: number): Task<Uint8Array | null> {
    return this.pipe.read(max);
  }

  write(bytes: Uint8Array): Task<void> {
    return this.pipe.write(bytes);
  }

  retain(): this {
    this.pipe.adjust(this.end, 1);
    return this;
  }

  close(): void {
    this.pipe.adjust(this.end, -1);
  }
}

/** /dev/null. */
export const NULL_FILE: OpenFile = {
  isTerminal: false,
  *read() {
    return null;
  },
  *write() {},
  retain() {
    return this;
  },
  close() {},
};

/** A file that hands every write to a function: the lab's standard output, the page's terminal. Reading gives the end at once. */
export function sinkFile(sink: (bytes: Uint8Array) => void, isTerminal = false): OpenFile {
  return {
    isTerminal,
    *read() {
      return null;
    },
    *write(bytes) {
      sink(bytes);
    },
    retain() {
      return this;
    },
    close() {},
  };
}

/** A file that holds `bytes` to be read: a here-document, a script on standard input. */
export function sourceFile(bytes: Uint8Array): OpenFile {
  let at = 0;
  return {
    isTerminal: false,
    *read(max = PIPE_CAPACITY) {
      if (at >= bytes.length) return null;
      const part = bytes.subarray(at, at + max);
      at += part.length;
      return part;
    },
    *write() {},
    retain() {
      return this;
    },
    close() {},
  };
}

export function* writeText(file: OpenFile, text: string): Task<void> {
  if (text !== "") yield* file.write(utf8Encode(text));
}

export function* readAll(file: OpenFile): Task<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = yield* file.read(); part !== null; part = yield* file.read()) parts.push(part);
  return concat(parts);
}

export function* readAllText(file: OpenFile): Task<string> {
  return utf8Decode(yield* readAll(file));
}
