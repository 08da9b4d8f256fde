/** Names of conditions that are no signals. */
export const PSEUDO_SIGNALS = ["EXIT", "ERR", "DEBUG", "RETURN"] as const;

/** What `trap` has set: by signal name without SIG or pseudo-signal, the command; an empty command ignores the signal. */
export class Traps {
  private readonly commands = new Map<string, string>();
  /** Signals that arrived and whose trap waits for the current command to end. */
  readonly pending: string[] = [];
  /** Traps that are running, which do not run again inside themselves. */
  readonly running = new Set<string>();

  get(name: string): string | undefined {
    return this.commands.get(name);
  }

  set(name: string, command: string): void {
    this.commands.set(name, command);
  }

  reset(name: string): void {
    this.commands.delete(name);
  }

  names(): readonly string[] {
    return [...this.commands.keys()];
  }

  /** A subshell goes on ignoring what its parent ignores, and forgets the other traps. */
  inherit(parent: Traps, errtrace: boolean): void {
    for (const [name, command] of parent.commands)
      if (command === "" || (errtrace && name === "ERR")) this.commands.set(name, command);
  }
}
