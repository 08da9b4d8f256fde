import { concat } from "../../base/bytes.ts";
import { utf8Encode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import type { OpenFile } from "../os/io.ts";

/** BUFSIZ of a file or a pipe. */
const BUFFER = 4096;

/**
 * stdio: what is written to a file or a pipe comes out when 4096 bytes have gathered, or at the end; a terminal, or a
 * stream that is told to, gives every line away at once.
 */
export class Stream {
  private readonly file: OpenFile;
  private readonly unbuffered: boolean;
  private gathered: Uint8Array[] = [];
  private size = 0;

  constructor(file: OpenFile, unbuffered: boolean) {
    this.file = file;
    this.unbuffered = unbuffered;
  }

  *text(text: string): Task<void> {
    yield* this.write(utf8Encode(text));
  }

  *write(bytes: Uint8Array): Task<void> {
    this.gathered.push(bytes);
    this.size += bytes.length;
    if (this.unbuffered) yield* this.flush();
    else if (this.size >= BUFFER) {
      const all = concat(this.gathered);
      const whole = all.length - (all.length % BUFFER);
      this.gathered = [all.slice(whole)];
      this.size = all.length - whole;
      yield* this.file.write(all.subarray(0, whole));
    }
  }

  *flush(): Task<void> {
    if (this.size === 0) return;
    const all = concat(this.gathered);
    this.gathered = [];
    this.size = 0;
    yield* this.file.write(all);
  }
}
