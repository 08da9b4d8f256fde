import { sleep as pause, type Task, waitFor } from "../../sim/task.ts";
import { NANOS_PER_SECOND, seconds } from "../../sim/time.ts";
import { findCommand, forkProgram } from "../os/exec.ts";
import type { Process } from "../os/process.ts";
import { signalName, signalNumber } from "../os/signals.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import { getOptions } from "../text/getopt.ts";
import { daysFromCivil, momentOf, strftime } from "../text/strftime.ts";
import { quote } from "../text/locale.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86400 };
const STATUS_TIMED_OUT = 124;
const STATUS_TIMEOUT_FAILED = 125;

/** Seconds of "1.5", "2m", "infinity". */
function duration(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Infinity;
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2]!]!;
}

/** sleep(1), in virtual time. */
export function* sleep(process: Process): Task<number> {
  const options = yield* getOptions(process, { short: "" });
  if (typeof options === "number") return options;
  if (options.operands.length === 0) {
    yield* process.printError("sleep: missing operand\nTry 'sleep --help' for more information.\n");
    return 1;
  }
  let total = 0;
  for (const operand of options.operands) {
    const part = duration(operand);
    if (part === undefined) {
      yield* process.printError(
        `sleep: invalid time interval ${quote(process, operand)}\nTry 'sleep --help' for more information.\n`,
      );
      return 1;
    }
    total += part;
  }
  if (total === Infinity) yield* waitFor<void>(() => () => {});
  yield* pause(seconds(total));
  return 0;
}

/** timeout(1): runs a command, and sends it a signal when its time is over. */
export function* timeout(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "k:s:v",
    long: { "kill-after": "k", signal: "s", verbose: "v", foreground: "", "preserve-status": "" },
    stopAtOperand: true,
    status: STATUS_TIMEOUT_FAILED,
  });
  if (typeof options === "number") return options;
  const [limit, ...command] = options.operands;
  if (limit === undefined || command.length === 0) {
    yield* process.printError("Try 'timeout --help' for more information.\n");
    return STATUS_TIMEOUT_FAILED;
  }
  for (const text of [limit, options.get("k")]) {
    if (text === undefined || duration(text) !== undefined) continue;
    yield* process.printError(
      `timeout: invalid time interval ${quote(process, text)}\nTry 'timeout --help' for more information.\n`,
    );
    return STATUS_TIMEOUT_FAILED;
  }
  const signal = signalName(options.get("s") ?? "TERM");
  if (signal === undefined) {
    yield* process.printError(
      `timeout: ${quote(process, options.get("s")!)}: invalid signal\nTry 'timeout --help' for more information.\n`,
    );
    return STATUS_TIMEOUT_FAILED;
  }
  const child = forkProgram(process, command);
  if (child === undefined) return yield* cannotRun(process, "timeout", command[0]!);
  return yield* supervise(process, child, {
    seconds: duration(limit)!,
    killAfter: duration(options.get("k") ?? "0")!,
    signal,
    preserve: options.has("preserve-status"),
    verbose: options.has("v") ? command[0]! : undefined,
  });
}

/** The words of coreutils for a command that cannot be run: 127 or 126. */
export function* cannotRun(process: Process, name: string, command: string): Task<number> {
  const missing = findCommand(process, command, process.env.get("PATH")).kind === "missing";
  const words = missing ? "No such file or directory" : "Permission denied";
  yield* process.printError(
    name === "env" || name === "xargs" || name === "nohup" || name === "nice" || name === "stdbuf"
      ? `${name}: ${name === "env" ? quote(process, command) : command}: ${words}\n`
      : `${name}: failed to run command ${quote(process, command)}: ${words}\n`,
  );
  return missing ? 127 : 126;
}

interface Limits {
  readonly seconds: number;
  readonly killAfter: number;
  readonly signal: string;
  readonly preserve: boolean;
  readonly verbose: string | undefined;
}

/** The command's process group: itself, and what it has started. */
function killTree(root: Process, signal: string): void {
  const all = [...root.host.processes.values()];
  for (const child of all) if (child.ppid === root.pid) killTree(child, signal);
  root.kill(signal);
}

function* supervise(process: Process, child: Process, limits: Limits): Task<number> {
  const { queue } = process.host;
  const state = { timedOut: false };
  const expire = (): void => {
    state.timedOut = true;
    killTree(child, limits.signal);
    // timeout sends the signal to its own process group; of those only KILL cannot be ignored.
    if (limits.signal === "KILL") process.kill("KILL");
    if (limits.killAfter > 0) killer = queue.after(seconds(limits.killAfter), () => killTree(child, "KILL"));
  };
  let killer: { cancel(): void } | undefined;
  const timer =
    limits.seconds > 0 && limits.seconds !== Infinity
      ? queue.after(seconds(limits.seconds), expire)
      : undefined;
  for (const signal of ["INT", "TERM", "HUP", "QUIT"])
    if (!process.ignores(signal)) process.onSignal(signal, (which) => child.kill(which));
  try {
    const status = yield* child.wait();
    if (state.timedOut && limits.verbose !== undefined)
      yield* process.printError(
        `timeout: sending signal ${limits.signal} to command ${quote(process, limits.verbose)}\n`,
      );
    if (!state.timedOut || limits.preserve) return status;
    return child.endedBy === "KILL" ? 128 + signalNumber("KILL")! : STATUS_TIMED_OUT;
  } finally {
    timer?.cancel();
    killer?.cancel();
    if (child.alive) child.kill("KILL");
  }
}

/** date(1): UTC, in virtual time. */
export function* date(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "d:uRI::",
    long: { date: "d", utc: "u", universal: "u", "rfc-email": "R", "iso-8601": "I", "rfc-3339": "argument" },
  });
  if (typeof options === "number") return options;
  const now = process.host.queue.now;
  let epoch = EPOCH_SECONDS + Math.floor(now / NANOS_PER_SECOND);
  let nanosecond = Math.floor(now % NANOS_PER_SECOND);
  const given = options.get("d");
  if (given !== undefined) {
    const parsed = parseDate(given, epoch);
    if (parsed === undefined) {
      yield* process.printError(`date: invalid date ${quote(process, given)}\n`);
      return 1;
    }
    if (parsed !== epoch) nanosecond = 0;
    epoch = parsed;
  }
  const format = options.operands[0];
  if (format !== undefined && !format.startsWith("+")) {
    yield* process.printError(`date: invalid date ${quote(process, format)}\n`);
    return 1;
  }
  yield* process.print(
    `${strftime(format?.slice(1) ?? standardFormat(options.list), momentOf(epoch, nanosecond))}\n`,
  );
  return 0;
}

const ISO: Readonly<Record<string, string>> = {
  "": "%Y-%m-%d",
  date: "%Y-%m-%d",
  hours: "%Y-%m-%dT%H+00:00",
  minutes: "%Y-%m-%dT%H:%M+00:00",
  seconds: "%Y-%m-%dT%H:%M:%S+00:00",
  ns: "%Y-%m-%dT%H:%M:%S,%N+00:00",
};

function standardFormat(list: readonly (readonly [string, string])[]): string {
  const last = list.findLast(([name]) => name !== "d" && name !== "u");
  if (last?.[0] === "R") return "%a, %d %b %Y %H:%M:%S +0000";
  if (last?.[0] === "I") return ISO[last[1]] ?? ISO[""]!;
  if (last?.[0] === "rfc-3339") return last[1] === "date" ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S+00:00";
  return "%a %b %e %H:%M:%S UTC %Y";
}

/** "@SECONDS", "now", "2026-01-01 10:00:00", "2 hours ago", "+1 day". */
function parseDate(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  if (/^@-?\d+(\.\d+)?$/.test(trimmed)) return Math.floor(Number(trimmed.slice(1)));
  const relative = /^(?:now\s*)?([-+]?\d+)\s*(second|sec|minute|min|hour|day|week)s?(\s+ago)?$/.exec(trimmed);
  if (relative !== null) {
    const unit = { second: 1, sec: 1, minute: 60, min: 60, hour: 3600, day: 86400, week: 604800 }[
      relative[2]!
    ]!;
    return now + Number(relative[1]) * unit * (relative[3] === undefined ? 1 : -1);
  }
  const fixed: Readonly<Record<string, number>> = {
    "": 0,
    now: 0,
    today: 0,
    yesterday: -86400,
    tomorrow: 86400,
  };
  const shift = fixed[trimmed];
  if (shift !== undefined) return now + shift;
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?)?\s*(?:Z|UTC|\+00:00)?$/.exec(
    trimmed,
  );
  if (iso === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0"] = iso;
  const days = daysFromCivil(Number(year), Number(month) - 1, Number(day));
  return days * 86400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}
