import { seconds } from "../sim/time.ts";
import { type LabTerminalEvent, Terminals } from "../lab/terminals.ts";
import { parts } from "../lab/more.ts";
import { provideUserland } from "../lab/programs.ts";
import { userland } from "../lab/userland.ts";
import { World } from "../lab/world.ts";
import { TerminalScreen } from "./terminal-screen.ts";

const PATIENCE = 200_000;

/** Keys by name, as xterm sends them. */
export const KEYS = {
  enter: "\r",
  tab: "\t",
  up: "\x1b[A",
  down: "\x1b[B",
  left: "\x1b[D",
  right: "\x1b[C",
  home: "\x1b[H",
  end: "\x1b[F",
  erase: "\x7f",
  delete: "\x1b[3~",
  wordLeft: "\x1b[1;5D",
  interrupt: "\x03",
  eof: "\x04",
} as const;

/** A machine with one terminal on it, and somebody who types. */
export class TerminalWorld {
  readonly world: World;
  readonly terminals: Terminals;
  readonly screen: TerminalScreen;
  readonly events: LabTerminalEvent[] = [];
  busy = false;

  constructor(options: { readonly columns?: number; readonly script?: string } = {}) {
    provideUserland(userland, parts);
    this.world = new World({ seed: 1, traced: true });
    const { kernel } = this.world;
    this.terminals = new Terminals({
      root: this.world.host,
      node: () => undefined,
      machine: () => undefined,
      isDark: () => false,
      isPlace: (label) => kernel.netnsIds().some((id) => kernel.netnsLabel(id) === label),
      traceLength: () => this.world.trace?.length ?? 0,
    });
    const columns = options.columns ?? 80;
    this.screen = new TerminalScreen(columns);
    this.terminals.act(1, { kind: "open", at: "", columns, rows: 24 });
    this.settle();
    if (options.script !== undefined) this.run(options.script);
  }

  /** Types, and waits until there is a prompt again or nothing more happens. */
  type(...keys: readonly string[]): this {
    for (const key of keys) this.terminals.act(1, { kind: "input", text: key });
    this.look();
    return this;
  }

  /** A command and Enter, then until its end. */
  run(command: string): this {
    this.type(command, KEYS.enter);
    return this.settle();
  }

  settle(): this {
    this.look();
    const { queue } = this.world;
    for (let i = 0; this.busy && i < PATIENCE && queue.step(); i++) this.look();
    return this;
  }

  pass(time: number): this {
    this.world.pass(seconds(time));
    this.look();
    return this;
  }

  /** The last lines of the screen. */
  lines(count: number): string {
    return this.screen.text().split("\n").slice(-count).join("\n");
  }

  look(): void {
    for (const { event } of this.terminals.take()) {
      this.events.push(event);
      if (event.kind === "output") this.screen.write(event.text);
      if (event.kind === "busy") this.busy = event.busy;
    }
  }
}
