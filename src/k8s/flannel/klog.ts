import { sleep, type Task } from "../../sim/task.ts";
import { micros, NANOS_PER_MICRO, NANOS_PER_SECOND } from "../../sim/time.ts";
import type { Process } from "../../userland/os/process.ts";
import { timestamp } from "../api/index.ts";

const LINE_COST = micros(120);

/**
 * klog's lines on standard error: `I0102 15:04:05.000000       1 main.go:255] text`.
 *
 * Models: k8s.io/klog/v2 formatHeader.
 */
export class Klog {
  private readonly process: Process;
  private readonly pidWidth: number;

  /** Of old a process number has five places (glog). */
  constructor(process: Process, pidWidth = 7) {
    this.process = process;
    this.pidWidth = pidWidth;
  }

  *info(place: string, text: string): Task<void> {
    yield* this.line("I", place, text);
  }

  *warning(place: string, text: string): Task<void> {
    yield* this.line("W", place, text);
  }

  *error(place: string, text: string): Task<void> {
    yield* this.line("E", place, text);
  }

  /** A line stands for the work before it, which is not free. */
  private *line(severity: string, place: string, text: string): Task<void> {
    yield* sleep(LINE_COST);
    const { now } = this.process.host.queue;
    const stamp = timestamp(now);
    const day = stamp.slice(5, 7) + stamp.slice(8, 10);
    const fraction = Math.floor((now % NANOS_PER_SECOND) / NANOS_PER_MICRO);
    const time = `${stamp.slice(11, 19)}.${String(fraction).padStart(6, "0")}`;
    yield* this.process.printError(
      `${severity}${day} ${time} ${String(this.process.pid).padStart(this.pidWidth)} ${place}] ${text.replace(/\n$/, "")}\n`,
    );
  }
}
