import { sleep, type Task } from "../../sim/task.ts";
import { micros, NANOS_PER_MILLI, NANOS_PER_SECOND } from "../../sim/time.ts";
import type { Process } from "../../userland/os/process.ts";
import { timestamp } from "../api/index.ts";

const LINE_COST = micros(120);

export type Severity = "INFO" | "WARNING" | "ERROR" | "FATAL";
export type Fields = Readonly<Record<string, string>>;

/** `2026-01-02 15:04:05.000 [INFO][9] startup/startup.go 432: text key="value"`. Models: libcalico-go/lib/logutils Formatter. */
export function logLine(
  process: Process,
  severity: Severity,
  place: string,
  text: string,
  fields: Fields = {},
): string {
  const { now } = process.host.queue;
  const stamp = timestamp(now);
  const fraction = String(Math.floor((now % NANOS_PER_SECOND) / NANOS_PER_MILLI)).padStart(3, "0");
  const rest = Object.keys(fields)
    .sort()
    .map((key) => ` ${key}=${JSON.stringify(fields[key])}`)
    .join("");
  return `${stamp.slice(0, 10)} ${stamp.slice(11, 19)}.${fraction} [${severity}][${process.pid}] ${place}: ${text}${rest}\n`;
}

/** The log of Calico's Go programs, on standard output. A line stands for the work before it, which is not free. */
export class CalicoLog {
  private readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  *info(place: string, text: string, fields?: Fields): Task<void> {
    yield* this.line("INFO", place, text, fields);
  }

  *warning(place: string, text: string, fields?: Fields): Task<void> {
    yield* this.line("WARNING", place, text, fields);
  }

  *error(place: string, text: string, fields?: Fields): Task<void> {
    yield* this.line("ERROR", place, text, fields);
  }

  private *line(severity: Severity, place: string, text: string, fields?: Fields): Task<void> {
    yield* sleep(LINE_COST);
    yield* this.process.print(logLine(this.process, severity, place, text, fields));
  }
}
