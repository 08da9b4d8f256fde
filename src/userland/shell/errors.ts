/** `break n` and `continue n` on their way to the loop that they mean. */
export class LoopJump extends Error {
  readonly verb: "break" | "continue";
  levels: number;

  constructor(verb: "break" | "continue", levels: number) {
    super(verb);
    this.verb = verb;
    this.levels = levels;
  }
}

/** `return`, on its way to the end of a function or of a sourced file. */
export class Return extends Error {
  readonly status: number;

  constructor(status: number) {
    super("return");
    this.status = status;
  }
}

/** The end of this shell: `exit`, `set -e`, an unbound variable. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

/** An error that drops the rest of the line that is being run, as a division by zero does; its text is already written. */
export class Discard extends Error {
  readonly status: number;

  constructor(status = 1) {
    super("discard");
    this.status = status;
  }
}

/** An expansion or assignment that failed: `message` is yet to be written, then the line is dropped or the shell ends. */
export class ExpansionError extends Error {
  readonly fatal: boolean;

  constructor(message: string, fatal = false) {
    super(message);
    this.fatal = fatal;
  }
}

/** A foreground program died of ^C: everything that an interactive shell was about to do is given up. */
export class Abandoned extends Error {
  constructor() {
    super("abandoned");
  }
}
