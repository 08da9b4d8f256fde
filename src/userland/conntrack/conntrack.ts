import type { CtEvent, CtInfo } from "../../kernel/uapi/index.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { program } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import { entryLine, eventLine } from "./format.ts";
import { HEAD, type Options, parseOptions } from "./options.ts";
import { USAGE } from "./usage.ts";

/** conntrack(8) of conntrack-tools 1.4.7. */

/** Entries and how many they are. What goes into a pipe or a file leaves stdio's buffer at the end, after the message. */
function* report(process: Process, entries: readonly CtInfo[], options: Options, what: string): Task<void> {
  const text = entries.map((entry) => entryLine(entry, options.output)).join("");
  const message = `${HEAD}${entries.length} flow entries have been ${what}.\n`;
  const terminal = process.stdout.isTerminal;
  if (terminal) yield* process.print(text);
  yield* process.printError(message);
  if (!terminal) yield* process.print(text);
}

function* list(process: Process, options: Options): Task<number> {
  if (options.table === "expect") {
    yield* process.printError(`${HEAD}0 expectations have been shown.\n`);
    return 0;
  }
  const entries = process.net.conntrack.list().filter((entry) => options.matches(entry));
  yield* report(process, entries, options, "shown");
  return 0;
}

function* remove(process: Process, options: Options): Task<number> {
  const { conntrack } = process.net;
  const entries = conntrack.list().filter((entry) => options.matches(entry));
  const gone = entries.filter(({ id }) => conntrack.delete(id).ok);
  yield* report(process, gone, options, "deleted");
  return gone.length > 0 ? 0 : 1;
}

function* flush(process: Process): Task<number> {
  const { conntrack } = process.net;
  for (const { id } of conntrack.list()) conntrack.delete(id);
  yield* process.printError(`${HEAD}connection tracking table has been emptied.\n`);
  return 0;
}

/** `[SECONDS.MICROSECONDS]` of the simulated clock, and a tab. */
function stamp(process: Process): string {
  const { now } = process.host.queue;
  const seconds = EPOCH_SECONDS + Math.floor(now / NANOS_PER_SECOND);
  const micros = Math.floor((now % NANOS_PER_SECOND) / 1000);
  return `[${seconds}.${String(micros).padStart(6, "0")}]\t`;
}

/** `-E`: until SIGINT or SIGTERM. */
function* events(process: Process, options: Options): Task<number> {
  const waiting: string[] = [];
  const changed = new Signal();
  let ended = false;
  let shown = 0;
  const take = (event: CtEvent): void => {
    if (!options.events.has(event.type) || !options.matches(event.entry)) return;
    waiting.push((options.output.timestamp ? stamp(process) : "") + eventLine(event, options.output));
    changed.fire();
  };
  const stop = process.net.conntrack.subscribe(take);
  const signals = ["INT", "TERM"].filter((signal) => !process.ignores(signal));
  for (const signal of signals)
    process.onSignal(signal, () => {
      ended = true;
      changed.fire();
    });
  try {
    while (!ended) {
      const text = waiting.splice(0);
      shown += text.length;
      if (text.length > 0) yield* process.print(text.join(""));
      else yield* changed.wait();
    }
  } finally {
    stop();
    for (const signal of signals) process.onSignal(signal, "default");
  }
  yield* process.printError(`${HEAD}${shown} flow events have been shown.\n`);
  return 0;
}

function* main(process: Process): Task<number> {
  const options = parseOptions(process.argv.slice(1));
  switch (options.command) {
    case "list":
      return yield* list(process, options);
    case "delete":
      return yield* remove(process, options);
    case "event":
      return yield* events(process, options);
    case "flush":
      return yield* flush(process);
    case "count":
      yield* process.print(`${process.net.conntrack.count()}\n`);
      return 0;
    case "version":
      yield* process.print("conntrack v1.4.7 (conntrack-tools)\n");
      return 0;
    case "help":
      yield* process.print(USAGE);
      return 0;
  }
}

export const conntrack = program(main);
