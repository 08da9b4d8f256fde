/** Linux's signals on x86-64, signal(7), in the order of their numbers from 1, with bash's words for a job that one ended. */
const TABLE: readonly (readonly [string, string])[] = [
  ["HUP", "Hangup"],
  ["INT", "Interrupt"],
  ["QUIT", "Quit"],
  ["ILL", "Illegal instruction"],
  ["TRAP", "Trace/breakpoint trap"],
  ["ABRT", "Aborted"],
  ["BUS", "Bus error"],
  ["FPE", "Floating point exception"],
  ["KILL", "Killed"],
  ["USR1", "User defined signal 1"],
  ["SEGV", "Segmentation fault"],
  ["USR2", "User defined signal 2"],
  ["PIPE", "Broken pipe"],
  ["ALRM", "Alarm clock"],
  ["TERM", "Terminated"],
  ["STKFLT", "Stack fault"],
  ["CHLD", "Child exited"],
  ["CONT", "Continued"],
  ["STOP", "Stopped (signal)"],
  ["TSTP", "Stopped"],
  ["TTIN", "Stopped (tty input)"],
  ["TTOU", "Stopped (tty output)"],
  ["URG", "Urgent I/O condition"],
  ["XCPU", "CPU time limit exceeded"],
  ["XFSZ", "File size limit exceeded"],
  ["VTALRM", "Virtual timer expired"],
  ["PROF", "Profiling timer expired"],
  ["WINCH", "Window changed"],
  ["IO", "I/O possible"],
  ["PWR", "Power failure"],
  ["SYS", "Bad system call"],
];

/** Names without SIG, in the order of their numbers; the first has number 1. */
export const SIGNALS: readonly string[] = TABLE.map(([name]) => name);

/** Signals whose default action is to do nothing. */
export const IGNORED_SIGNALS: ReadonlySet<string> = new Set(["CHLD", "CONT", "URG", "WINCH"]);

/** Signals that stop a process instead of ending it: not modelled, so whoever sends one must say so. */
export const STOP_SIGNALS: ReadonlySet<string> = new Set(["STOP", "TSTP", "TTIN", "TTOU"]);

export function signalNumber(name: string): number | undefined {
  const at = SIGNALS.indexOf(name);
  return at < 0 ? undefined : at + 1;
}

/** The words that bash prints for a job which the signal ended. */
export function signalText(name: string): string {
  return TABLE.find(([known]) => known === name)?.[1] ?? name;
}

/** The name of "TERM", "SIGTERM", "sigterm" or "15". */
export function signalName(text: string): string | undefined {
  if (/^\d+$/.test(text)) return SIGNALS[Number(text) - 1];
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (name === "IOT") return "ABRT";
  if (name === "POLL") return "IO";
  if (name === "CLD") return "CHLD";
  return SIGNALS.includes(name) ? name : undefined;
}
