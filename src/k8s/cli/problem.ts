import { fail } from "../../userland/args/exit.ts";
import type { ApiError } from "../api/index.ts";

/** Something that went wrong, worded for when it is the only thing and for when it is one of several. */
export interface Problem {
  /** Without `error: ` in front. */
  readonly among: string;
  readonly alone: string;
  /** The server's reason, where it was the server that refused. */
  readonly reason?: ApiError["reason"];
}

export function plain(message: string): Problem {
  return { among: message, alone: message.startsWith("error: ") ? message : `error: ${message}` };
}

/** `context` is put before the server's message: `error when creating "f.yaml": `. */
export function refused(error: ApiError, context = ""): Problem {
  const among = `Error from server (${error.reason}): ${context}${error.message}`;
  const { reason, details } = error;
  if (details === undefined) return { among, alone: among, reason };
  const head = `The ${details.kind} "${details.name}" is invalid: `;
  const alone =
    details.causes.length === 1
      ? head + details.causes[0]!
      : [head, ...details.causes.map((cause) => `* ${cause}`)].join("\n");
  return { among, alone, reason };
}

/** What goes to standard error. Models: kubectl cmd/util checkErr. */
export function problemText(problems: readonly Problem[]): string {
  if (problems.length === 0) return "";
  const [only] = problems;
  const text =
    problems.length === 1 && only !== undefined ? only.alone : problems.map((p) => p.among).join("\n");
  return `${text}\n`;
}

/** Ends the command. */
export function die(message: string): never {
  fail(1, problemText([plain(message)]));
}

/** A mistake in how the command was typed. Models: UsageErrorf. */
export function usage(command: string, message: string): never {
  fail(1, `error: ${message}\nSee 'kubectl ${command} -h' for help and examples\n`);
}
