import type { Task } from "../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import type { Process } from "../os/process.ts";
import type { CurlOptions } from "./options.ts";

const TITLES =
  "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
  "                                 Dload  Upload   Total   Spent    Left  Speed\n";

/** Five columns: 99999, 1234k, 12.3M. Models: max5data. */
function five(bytes: number): string {
  if (bytes < 100_000) return String(bytes).padStart(5);
  if (bytes < 10_000 * 1024) return `${String(Math.floor(bytes / 1024)).padStart(4)}k`;
  const mega = bytes / (1024 * 1024);
  return mega < 100 ? `${mega.toFixed(1).padStart(4)}M` : `${String(Math.floor(mega)).padStart(4)}M`;
}

function clock(seconds: number): string {
  if (seconds <= 0) return "--:--:--";
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(Math.floor(seconds / 3600)).padStart(2)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** The progress meter on standard error, unless -s or the body goes to a terminal. Models: lib/progress.c. */
export class Progress {
  private readonly process: Process;
  private readonly shown: boolean;
  private begun = false;
  private readonly started: number;
  /** Of the body; undefined where nobody said. */
  total: number | undefined;
  received = 0;

  constructor(process: Process, options: CurlOptions) {
    this.process = process;
    this.shown = !options.silent && (!process.stdout.isTerminal || options.output !== undefined);
    this.started = process.host.queue.now;
  }

  /** The titles and a first line of nothing, before anything happens. */
  *begin(): Task<void> {
    if (!this.shown || this.begun) return;
    this.begun = true;
    yield* this.process.printError(`${TITLES}  ${this.line(0, 0)}`);
  }

  *end(): Task<void> {
    if (!this.shown || !this.begun) return;
    const elapsed = (this.process.host.queue.now - this.started) / NANOS_PER_SECOND;
    const speed = elapsed > 0 ? Math.floor(this.received / elapsed) : 0;
    const percent =
      this.total !== undefined && this.total > 0 ? Math.floor((this.received * 100) / this.total) : 0;
    yield* this.process.printError(`\r${String(percent).padStart(3)}${this.line(speed, elapsed)}\n`);
  }

  private line(speed: number, elapsed: number): string {
    const total = this.total ?? this.received;
    const percent =
      this.total !== undefined && this.total > 0 ? Math.floor((this.received * 100) / this.total) : 0;
    const spent = clock(Math.floor(elapsed));
    const first = this.begun && elapsed > 0 ? ` ${five(total)}` : `0 ${five(total)}`;
    return (
      `${first}  ${String(percent).padStart(3)} ${five(this.received)}    0     0  ${five(speed)}      0 ` +
      `--:--:-- ${spent} --:--:-- ${five(speed)}`
    );
  }
}
