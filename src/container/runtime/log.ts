import { concat } from "../../base/bytes.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { EventQueue } from "../../sim/queue.ts";
import { Signal } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import { type OpenFile, sinkFile } from "../../userland/os/io.ts";

export interface LogLine {
  readonly time: Nanos;
  readonly stream: "stdout" | "stderr";
  /** Without the line end. */
  readonly text: string;
}

/** What a container wrote to its standard output and error, line by line as the CRI log keeps it. */
export class ContainerLog {
  readonly lines: LogLine[] = [];
  /** Fires with every new line, and when the container has ended. */
  readonly grown = new Signal();
  readonly stdout: OpenFile;
  readonly stderr: OpenFile;
  private readonly queue: EventQueue;
  private readonly partial: Record<LogLine["stream"], Uint8Array> = {
    stdout: new Uint8Array(0),
    stderr: new Uint8Array(0),
  };

  constructor(queue: EventQueue) {
    this.queue = queue;
    this.stdout = sinkFile((bytes) => this.take("stdout", bytes));
    this.stderr = sinkFile((bytes) => this.take("stderr", bytes));
  }

  /** What was left without a line end becomes a line. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.partial[stream].length > 0) this.push(stream, this.partial[stream]);
      this.partial[stream] = new Uint8Array(0);
    }
    this.grown.fire();
  }

  private take(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    let rest = concat([this.partial[stream], bytes]);
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      this.push(stream, rest.subarray(0, at));
      rest = rest.slice(at + 1);
    }
    this.partial[stream] = rest;
    this.grown.fire();
  }

  private push(stream: "stdout" | "stderr", line: Uint8Array): void {
    this.lines.push({ time: this.queue.now, stream, text: utf8Decode(line) });
  }
}
