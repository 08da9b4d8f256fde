import { signalNumber } from "../../../userland/os/signals.ts";

/** TERM, SIGTERM or 15 as the name without SIG. */
export function signalName(text: string): string | undefined {
  const upper = text.toUpperCase().replace(/^SIG/, "");
  if (signalNumber(upper) !== undefined) return upper;
  const number = Number(text);
  return ["HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "PIPE", "ALRM", "TERM"].find(
    (name) => signalNumber(name) === number,
  );
}
