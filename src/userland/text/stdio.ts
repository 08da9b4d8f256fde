import { concat } from "../../base/bytes.ts";
import { utf8Encode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import type { OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";

/** BUFSIZ of a file or a pipe. */
const BUFFER = 4096;

/** How stdbuf(1) tells a program's C library the buffering of its standard output. */
export const STDBUF_OUTPUT = "_STDBUF_O";

/**
 * An output stream of stdio(3): what goes to a file or a pipe comes out when 4096 bytes have gathered, or at the end; a
 * terminal, or a stream that is told to, gives away what there is at once. A process that a signal ends loses the rest.
 */
export class Output {
  private readonly file: OpenFile;
  private readonly eager: boolean;
  private text = "";
  private gathered: Uint8Array[] = [];
  private size = 0;

  constructor(file: OpenFile, eager = file.isTerminal) {
    this.file = file;
    this.eager = eager;
  }

  put(text: string): void {
    this.text += text;
    if (this.text.length >= BUFFER) this.encode();
  }

  /** `put`, then `pass`. */
  *write(data: string | Uint8Array): Task<void> {
    if (typeof data === "string") this.put(data);
    else {
      this.encode();
      this.gather(data);
    }
    yield* this.pass();
  }

  /** Before waiting for more input: gives away what is due. */
  *pass(): Task<void> {
    if (this.eager) yield* this.flush();
    else if (this.size >= BUFFER) {
      const all = concat(this.gathered);
      const whole = all.length - (all.length % BUFFER);
      this.gathered = [all.slice(whole)];
      this.size = all.length - whole;
      yield* this.file.write(all.subarray(0, whole));
    }
  }

  *flush(): Task<void> {
    this.encode();
    if (this.size === 0) return;
    const all = concat(this.gathered);
    this.gathered = [];
    this.size = 0;
    yield* this.file.write(all);
  }

  private encode(): void {
    if (this.text === "") return;
    this.gather(utf8Encode(this.text));
    this.text = "";
  }

  private gather(bytes: Uint8Array): void {
    this.gathered.push(bytes);
    this.size += bytes.length;
  }
}

/** A program's standard output, buffered as stdbuf(1) asked for; `eager` where the program itself says so. */
export function standardOutput(process: Process, eager = false): Output {
  const asked = process.env.get(STDBUF_OUTPUT);
  return new Output(process.stdout, eager || process.stdout.isTerminal || asked === "L" || asked === "0");
}
