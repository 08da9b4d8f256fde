import type { Process, Program } from "../os/process.ts";
import type { Task } from "../../sim/task.ts";

/**
 * exit(3): what a command's parser or its netlink call ends the program with, from any depth. The one throw of the
 * commands; `program` catches it.
 */
export class Exit extends Error {
  readonly status: number;
  /** Goes to standard error as it is. */
  readonly text: string;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
    this.text = text;
  }
}

export function fail(status: number, text: string): never {
  throw new Exit(status, text);
}

/** The exit status of what we do not model: no tool of this userland uses it. */
export const NOT_MODELLED = 95;

/** Refuses, by name, what the real tool would do and this one does not. */
export function refuse(what: string): never {
  fail(NOT_MODELLED, `flannelgraph: ${what} is not modelled yet\n`);
}

/** A program of Debian's that this userland does not have. */
export function absent(name: string): Program {
  return program(() => refuse(name));
}

/** A program whose main function may end through `fail` or `refuse`. */
export function program(main: (process: Process) => Task<number>): Program {
  return function* (process) {
    try {
      return yield* main(process);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      yield* process.printError(error.text);
      return error.status;
    }
  };
}
