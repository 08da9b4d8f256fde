import { pass, spawn, Signal, type Task } from "../../../sim/task.ts";
import type { Process } from "../../os/process.ts";
import { signalName, signalNumber, SIGNALS, signalText, STOP_SIGNALS } from "../../os/signals.ts";
import { assignScalar } from "../assign.ts";
import { announceJobs } from "../foreground.ts";
import type { Job } from "../jobs.ts";
import { runTrapsNow } from "../interrupts.ts";
import type { Shell } from "../shell.ts";
import { notModelled, print, refuseOption, usage } from "./output.ts";
import { type BuiltinCall, STATUS_USAGE } from "./types.ts";

const STATUS_NOT_FOUND = 127;
const STATE_WIDTH = 24;

/** Waits until one of the processes is over or a trapped signal arrives, whose name is the answer. */
function* waitForAny(shell: Shell, processes: readonly Process[]): Task<string | undefined> {
  if (shell.traps.pending.length > 0) return shell.traps.pending[0];
  if (processes.some((process) => process.status !== undefined)) return undefined;
  const woken = new Signal<string | undefined>();
  const { queue } = shell.host;
  const waiting = [
    ...processes.map((process) =>
      spawn(
        queue,
        fireAfter(process.wait(), () => woken.fire(undefined)),
      ),
    ),
    spawn(
      queue,
      fireAfter(shell.signalled.wait(), (name) => woken.fire(name)),
    ),
  ];
  try {
    return yield* woken.wait();
  } finally {
    for (const each of waiting) each.kill("KILL");
  }
}

function* fireAfter<T>(task: Task<T>, fire: (value: T) => void): Task<void> {
  fire(yield* task);
}

/** Waits for a process to end; a trapped signal ends the wait with 128 and its number. */
function* waitFor(shell: Shell, process: Process): Task<{ status: number; interrupted: boolean }> {
  shell.steps = 0;
  while (process.status === undefined) {
    const signal = yield* waitForAny(shell, [process]);
    if (signal === undefined) continue;
    yield* runTrapsNow(shell);
    return { status: 128 + (signalNumber(signal) ?? 0), interrupted: true };
  }
  return { status: process.status, interrupted: false };
}

export function* wait(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  let next = false;
  let variable: string | undefined;
  while (/^-./.test(words[0] ?? "")) {
    const option = words[0]!;
    words = words.slice(1);
    if (option === "--") break;
    if (option === "-n") next = true;
    else if (option === "-p") {
      variable = words[0];
      words = words.slice(1);
    } else if (option !== "-f") return yield* refuseOption(shell, call, option.slice(0, 2));
  }
  if (next) return yield* waitNext(shell, words, variable);
  if (words.length === 0) return yield* waitAll(shell);
  let status = 0;
  for (const word of words) {
    const result = yield* waitOne(shell, word, variable);
    status = result.status;
    if (result.interrupted) break;
  }
  return status;
}

function* waitAll(shell: Shell): Task<number> {
  for (const job of shell.jobs.awaited()) {
    for (const process of job.processes) {
      const { status, interrupted } = yield* waitFor(shell, process);
      if (interrupted) return status;
    }
  }
  yield* announceJobs(shell);
  return 0;
}

/** The job that a word of `wait` means; a number is a status known already, or the failure to find one. */
function* jobOf(shell: Shell, word: string): Task<{ job: Job; process: Process } | number> {
  if (word.startsWith("%")) {
    const job = shell.jobs.find(word);
    if (job !== undefined) return { job, process: job.last };
    yield* shell.complain(`wait: ${word}: no such job`);
    return STATUS_NOT_FOUND;
  }
  if (!/^\d+$/.test(word)) {
    yield* shell.complain(`wait: \`${word}': not a pid or valid job spec`);
    return 1;
  }
  const pid = Number(word);
  const job = shell.jobs.byPid(pid);
  const process = job?.processes.find((each) => each.pid === pid);
  if (job !== undefined && process !== undefined) return { job, process };
  const past = shell.jobs.pastStatus(pid);
  if (past !== undefined) return past;
  yield* shell.complain(`wait: pid ${pid} is not a child of this shell`);
  return STATUS_NOT_FOUND;
}

function* waitOne(
  shell: Shell,
  word: string,
  variable: string | undefined,
): Task<{ status: number; interrupted: boolean }> {
  const found = yield* jobOf(shell, word);
  if (typeof found === "number") return { status: found, interrupted: false };
  const result = yield* waitFor(shell, found.process);
  if (!result.interrupted) yield* announceJobs(shell);
  if (variable !== undefined) assignScalar(shell, variable, String(found.process.pid));
  return result;
}

function* waitNext(shell: Shell, words: readonly string[], variable: string | undefined): Task<number> {
  let jobs = shell.jobs.awaited();
  if (words.length > 0) {
    const found: Job[] = [];
    for (const word of words) {
      const one = yield* jobOf(shell, word);
      if (typeof one !== "number") found.push(one.job);
    }
    jobs = found;
  }
  if (jobs.length === 0) return STATUS_NOT_FOUND;
  for (;;) {
    const done = jobs.find((job) => !job.running);
    if (done !== undefined) {
      if (variable !== undefined) assignScalar(shell, variable, String(done.last.pid));
      const status = done.last.status ?? 0;
      done.noticed = true;
      shell.jobs.forget(done);
      return status;
    }
    shell.steps = 0;
    const signal = yield* waitForAny(
      shell,
      jobs.flatMap((job) => job.processes.filter((each) => each.status === undefined)),
    );
    if (signal === undefined) continue;
    yield* runTrapsNow(shell);
    return 128 + (signalNumber(signal) ?? 0);
  }
}

export function* jobs(shell: Shell, call: BuiltinCall): Task<number> {
  const option = call.words.find((word) => /^-./.test(word));
  if (option !== undefined && !/^-[lprs]+$/.test(option))
    return yield* refuseOption(shell, call, option.slice(0, 2));
  const pids = option?.includes("p") === true;
  const [current, previous] = shell.jobs.current();
  const names = call.words.filter((word) => !word.startsWith("-"));
  const list = names.length === 0 ? shell.jobs.list() : names.flatMap((name) => shell.jobs.find(name) ?? []);
  if (names.length > list.length) {
    yield* shell.complain(`jobs: ${names.find((name) => shell.jobs.find(name) === undefined)!}: no such job`);
    return 1;
  }
  let out = "";
  for (const job of list) {
    if (option?.includes("r") === true && !job.running) continue;
    if (option?.includes("s") === true) continue;
    if (pids) out += `${job.processes[0]!.pid}\n`;
    else
      out += jobLine(
        job,
        job === current ? "+" : job === previous ? "-" : " ",
        option?.includes("l") === true,
      );
  }
  for (const job of [...list]) if (!job.running) shell.jobs.forget(job);
  return yield* print(shell, "jobs", out);
}

function jobLine(job: Job, mark: string, withPid: boolean): string {
  const pid = withPid ? `${job.last.pid} ` : "";
  const state = `[${job.id}]${mark}  ${pid}${stateText(job).padEnd(STATE_WIDTH)}`;
  return `${state}${job.text}${job.running ? " &" : ""}\n`;
}

function stateText(job: Job): string {
  if (job.running) return "Running";
  if (job.last.endedBy !== undefined) return signalText(job.last.endedBy);
  return job.last.status === 0 ? "Done" : `Exit ${job.last.status ?? 0}`;
}

export function* disown(shell: Shell, call: BuiltinCall): Task<number> {
  const names = call.words.filter((word) => !word.startsWith("-"));
  const all = call.words.some((word) => /^-[ar]+$/.test(word));
  if (call.words.includes("-h")) return 0;
  const current = shell.jobs.current()[0];
  const found = all
    ? [...shell.jobs.list()]
    : names.length === 0
      ? current === undefined
        ? []
        : [current]
      : names.flatMap(
          (name) => (name.startsWith("%") ? shell.jobs.find(name) : shell.jobs.byPid(Number(name))) ?? [],
        );
  if (found.length === 0 && !all) {
    yield* shell.complain(`disown: ${names[0] ?? "current"}: no such job`);
    return 1;
  }
  for (const job of found) shell.jobs.forget(job);
  return 0;
}

export function* kill(shell: Shell, call: BuiltinCall): Task<number> {
  const { words } = call;
  const first = words[0];
  if (first === undefined) return yield* usage(shell, call);
  if (first === "-l" || first === "-L") return yield* listSignals(shell, words.slice(1));
  let spec = "TERM";
  let rest: readonly string[] = words;
  if (first === "-s" || first === "-n") {
    if (words[1] === undefined) {
      yield* shell.complain(`kill: ${first}: option requires an argument`);
      return 1;
    }
    spec = words[1];
    rest = words.slice(2);
  } else if (first === "--") rest = words.slice(1);
  else if (/^-./.test(first)) {
    spec = /^-[sn]/.test(first) && signalName(first.slice(1)) === undefined ? first.slice(2) : first.slice(1);
    rest = words.slice(1);
  }
  if (rest[0] === "--") rest = rest.slice(1);
  const signal = spec === "0" || spec === "EXIT" ? "" : signalName(spec);
  if (signal === undefined) {
    yield* shell.complain(`kill: ${spec}: invalid signal specification`);
    return 1;
  }
  if (rest.length === 0) return yield* usage(shell, call);
  if (STOP_SIGNALS.has(signal)) return yield* notModelled(shell, "kill", `SIG${signal}`);
  let status = 1;
  for (const word of rest) if (yield* send(shell, signal, word)) status = 0;
  return status;
}

/** Sends a signal; an empty one only asks whether it could be sent. */
function* send(shell: Shell, signal: string, word: string): Task<boolean> {
  if (word.startsWith("%")) {
    const job = shell.jobs.find(word);
    if (job === undefined) {
      yield* shell.complain(`kill: ${word}: no such job`);
      return false;
    }
    if (signal !== "") for (const process of job.processes) process.kill(signal);
    return true;
  }
  if (!/^-?\d+$/.test(word)) {
    yield* shell.complain(`kill: ${word}: arguments must be process or job IDs`);
    return false;
  }
  const pid = Number(word);
  const { processes } = shell.host;
  const group = [...processes.values()].filter((process) => process.session === shell.process.session);
  const one = processes.get(Math.abs(pid));
  const targets =
    pid === 0
      ? group
      : pid < 0
        ? -pid === shell.process.session
          ? group
          : []
        : one === undefined
          ? []
          : [one];
  if (targets.length === 0) {
    if (pid > 0 && shell.jobs.byPid(pid)?.running === false && signal !== "") return true;
    yield* shell.complain(`kill: (${word}) - No such process`);
    return false;
  }
  if (signal === "") return true;
  for (const process of targets) if (process !== shell.process) process.kill(signal);
  if (targets.includes(shell.process)) {
    shell.process.kill(signal);
    // A signal that ends this shell does so now, not at its next wait.
    yield* pass();
  }
  return true;
}

/** The table of `kill -l` and `trap -l`. */
export function signalTable(): string {
  let out = "";
  const names: readonly (readonly [number, string])[] = [
    ...SIGNALS.map((name, i) => [i + 1, `SIG${name}`] as const),
    ...realTimeSignals(),
  ];
  names.forEach(([number, name], i) => {
    out += `${String(number).padStart(2)}) ${name}${(i + 1) % 5 === 0 ? "\n" : "\t"}`;
  });
  return out.endsWith("\n") ? out : `${out.replace(/\t$/, "\t")}\n`;
}

function realTimeSignals(): (readonly [number, string])[] {
  const out: (readonly [number, string])[] = [];
  for (let number = 34; number <= 64; number++) {
    const low = number - 34;
    const high = 64 - number;
    const name =
      low === 0 ? "SIGRTMIN" : high === 0 ? "SIGRTMAX" : low <= 15 ? `SIGRTMIN+${low}` : `SIGRTMAX-${high}`;
    out.push([number, name]);
  }
  return out;
}

function* listSignals(shell: Shell, words: readonly string[]): Task<number> {
  if (words.length === 0) return yield* print(shell, "kill", signalTable());
  for (const word of words) {
    const number = Number(word);
    const name = /^\d+$/.test(word) ? SIGNALS[(number > 128 ? number - 128 : number) - 1] : signalName(word);
    if (name === undefined) {
      yield* shell.complain(`kill: ${word}: invalid signal specification`);
      return 1;
    }
    yield* print(shell, "kill", /^\d+$/.test(word) ? `${name}\n` : `${signalNumber(name)!}\n`);
  }
  return 0;
}

export function* foreground(shell: Shell, call: BuiltinCall): Task<number> {
  yield* shell.complain(`${call.name}: no job control`);
  return 1;
}

export function* trap(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  if (words[0] === "-l") return yield* print(shell, "trap", signalTable());
  if (words[0] === "-p") return yield* printTraps(shell, words.slice(1));
  if (words[0] === "--") words = words.slice(1);
  else if (/^-./.test(words[0] ?? "")) return yield* refuseOption(shell, call, words[0]!.slice(0, 2));
  if (words.length === 0) return yield* printTraps(shell, []);
  const first = words[0]!;
  const reset =
    first === "-" || (words.length === 1 && conditionName(first) !== undefined) || /^\d+$/.test(first);
  const names = first === "-" || !reset ? words.slice(1) : words;
  if (names.length === 0) return (yield* usage(shell, call)) && STATUS_USAGE;
  let status = 0;
  for (const word of names) {
    const name = conditionName(word);
    if (name === "DEBUG" || name === "RETURN") return yield* notModelled(shell, "trap", name);
    if (name === undefined) {
      yield* shell.complain(`trap: ${word}: invalid signal specification`);
      status = 1;
    } else setTrap(shell, name, reset ? undefined : first);
  }
  return status;
}

function conditionName(word: string): string | undefined {
  const name = word.toUpperCase().replace(/^SIG/, "");
  if (word === "0" || name === "EXIT") return "EXIT";
  if (name === "ERR" || name === "DEBUG" || name === "RETURN") return name;
  return signalName(word);
}

function setTrap(shell: Shell, name: string, command: string | undefined): void {
  if (command === undefined) shell.traps.reset(name);
  else shell.traps.set(name, command);
  if (name === "EXIT") {
    shell.catchTerminators();
    return;
  }
  if (name === "ERR") return;
  if (command === undefined) shell.process.onSignal(name, "default");
  else if (command === "") shell.process.onSignal(name, "ignore");
  else
    shell.process.onSignal(name, (signal) => {
      shell.traps.pending.push(signal);
      shell.signalled.fire(signal);
    });
}

function* printTraps(shell: Shell, words: readonly string[]): Task<number> {
  const wanted = words.map((word) => conditionName(word) ?? word);
  const order = (name: string): number => (name === "EXIT" ? 0 : (signalNumber(name) ?? 100));
  const names = [...shell.traps.names()].sort((a, b) => order(a) - order(b));
  let out = "";
  for (const name of names) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const shown = signalNumber(name) === undefined ? name : `SIG${name}`;
    out += `trap -- '${shell.traps.get(name)!.replaceAll("'", "'\\''")}' ${shown}\n`;
  }
  return yield* print(shell, "trap", out);
}
