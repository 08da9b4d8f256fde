import { createStore, type StoreApi } from "zustand/vanilla";
import type { TerminalEvent } from "../../protocol/messages.ts";
import type { Session } from "../session.ts";
import type { BoardStore } from "../store.ts";
import type { TypedCommand } from "./commands.ts";

/** A terminal as the panel lists it. */
export interface TerminalEntry {
  readonly id: number;
  /** Label of the place; "" is the first machine. */
  readonly at: string;
  readonly busy: boolean;
  readonly ended: number | undefined;
  /** Why it could not be opened. */
  readonly refused: string | undefined;
}

/** Virtual seconds a real one. */
export const SPEEDS = [0.1, 1, 10, 60] as const;
export type ClockSpeed = (typeof SPEEDS)[number];

export interface HubState {
  readonly terminals: readonly TerminalEntry[];
  readonly front: number | undefined;
  /** Newest first. */
  readonly commands: readonly TypedCommand[];
  /** Whether time passes while something runs. */
  readonly playing: boolean;
  /** Time passes though everything waits at its prompt. */
  readonly runOn: boolean;
  readonly speed: ClockSpeed;
  /** Virtual nanoseconds. */
  readonly now: number;
  /** Whether time is passing at this moment. */
  readonly ticking: boolean;
}

/** Real milliseconds between two steps of the clock, and the most that one step makes up for. */
const TICK_MS = 33;
const MOST_MS = 200;
/** How often the board follows what happens. */
const FOLLOW_MS = 500;
const MOST_COMMANDS = 200;

const hubs = new WeakMap<Session, Hub>();

/** The terminals of a session's world; made when they are first asked for. */
export function hubOf(session: Session, board: BoardStore): Hub {
  let hub = hubs.get(session);
  if (hub === undefined) {
    hub = new Hub(session, board);
    hubs.set(session, hub);
  }
  return hub;
}

/** Carries keys to the engine's terminals and their text back, and paces virtual time to the real one while they are busy. */
export class Hub {
  readonly store: StoreApi<HubState>;
  private readonly session: Session;
  private readonly board: BoardStore;
  private readonly sinks = new Map<number, (text: string) => void>();
  /** Text that came before anybody showed it. */
  private readonly early = new Map<number, string>();
  /** Commands of which it is known that they sent something, by terminal and number. */
  readonly senders = new Set<string>();
  private looping = false;

  constructor(session: Session, board: BoardStore) {
    this.session = session;
    this.board = board;
    this.store = createStore<HubState>(() => ({
      terminals: [],
      front: undefined,
      commands: [],
      playing: true,
      runOn: false,
      speed: 1,
      now: session.now,
      ticking: false,
    }));
    session.hearers.add((terminal, event) => this.hear(terminal, event));
  }

  open(at: string, columns = 80, rows = 24): number {
    const id = this.session.nextTerminal();
    const { terminals } = this.store.getState();
    const entry = { id, at, busy: true, ended: undefined, refused: undefined };
    this.store.setState({ terminals: [...terminals, entry], front: id });
    void this.session.terminal(id, { kind: "open", at, columns, rows }).then((answer) => {
      if (!answer.ok) this.change(id, { busy: false, refused: answer.error.message });
    });
    return id;
  }

  /** Lists a terminal that somebody else opens. */
  adopt(id: number, at: string): void {
    const { terminals } = this.store.getState();
    const entry = { id, at, busy: true, ended: undefined, refused: undefined };
    this.store.setState({ terminals: [...terminals, entry], front: id });
  }

  input(id: number, text: string): void {
    void this.session.terminal(id, { kind: "input", text });
  }

  resize(id: number, columns: number, rows: number): void {
    const entry = this.store.getState().terminals.find((each) => each.id === id);
    if (entry?.ended === undefined) void this.session.terminal(id, { kind: "resize", columns, rows });
  }

  close(id: number): void {
    const { terminals, front } = this.store.getState();
    const at = terminals.findIndex((each) => each.id === id);
    const left = terminals.filter((each) => each.id !== id);
    if (terminals[at]?.ended === undefined) void this.session.terminal(id, { kind: "close" });
    this.sinks.delete(id);
    this.store.setState({
      terminals: left,
      front: front === id ? (left[Math.max(0, at - 1)]?.id ?? undefined) : front,
    });
  }

  show(id: number): void {
    this.store.setState({ front: id });
  }

  setClock(change: Partial<Pick<HubState, "playing" | "speed" | "runOn">>): void {
    this.store.setState(change);
    this.kick();
  }

  /** Sends a terminal's text to `sink`, beginning with what came already. */
  attach(id: number, sink: (text: string) => void): () => void {
    const early = this.early.get(id);
    this.early.delete(id);
    if (early !== undefined) sink(early);
    this.sinks.set(id, sink);
    return () => {
      if (this.sinks.get(id) === sink) this.sinks.delete(id);
    };
  }

  private hear(id: number, event: TerminalEvent): void {
    switch (event.kind) {
      case "output": {
        const sink = this.sinks.get(id);
        if (sink === undefined) this.early.set(id, (this.early.get(id) ?? "") + event.text);
        else sink(event.text);
        return;
      }
      case "busy":
        this.change(id, { busy: event.busy });
        this.kick();
        return;
      case "ended":
        this.change(id, { ended: event.status, busy: false });
        return;
      case "command":
        this.begin(id, event);
        return;
      case "program":
      case "result":
        this.note(id, event);
    }
  }

  private begin(terminal: number, { number, text, from }: Extract<TerminalEvent, { kind: "command" }>): void {
    const at = this.store.getState().terminals.find(({ id }) => id === terminal)?.at ?? "";
    const command = { terminal, at, number, text, from, to: undefined, status: undefined, senders: [] };
    this.store.setState(({ commands }) => ({ commands: [command, ...commands].slice(0, MOST_COMMANDS) }));
  }

  private note(terminal: number, event: Extract<TerminalEvent, { kind: "program" | "result" }>): void {
    const noted = (command: TypedCommand): TypedCommand => {
      if (event.kind === "result") return { ...command, status: event.status, to: event.to };
      const { netns, program } = event;
      return { ...command, senders: [...command.senders, { netns, program }] };
    };
    this.store.setState(({ commands }) => ({
      commands: commands.map((each) =>
        each.terminal === terminal && each.number === event.number ? noted(each) : each,
      ),
    }));
  }

  private change(id: number, change: Partial<TerminalEntry>): void {
    this.store.setState(({ terminals }) => ({
      terminals: terminals.map((each) => (each.id === id ? { ...each, ...change } : each)),
    }));
  }

  private isNeeded(): boolean {
    const { playing, runOn, terminals } = this.store.getState();
    if (this.board.getState().session !== this.session) return false;
    return playing && (runOn || terminals.some(({ busy }) => busy));
  }

  private kick(): void {
    if (!this.looping && this.isNeeded()) void this.loop();
  }

  private async loop(): Promise<void> {
    this.looping = true;
    this.store.setState({ ticking: true });
    let last = performance.now();
    let followed = last;
    while (this.isNeeded()) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const real = performance.now();
      const passed = Math.min(MOST_MS, real - last) * this.store.getState().speed;
      last = real;
      const answer = await this.session.advance(Math.round(passed * 1e6));
      if (!answer.ok) break;
      this.store.setState({ now: answer.value.now });
      if (real - followed < FOLLOW_MS) continue;
      followed = real;
      this.board.getState().catchUp();
    }
    this.looping = false;
    this.store.setState({ ticking: false });
    if (this.board.getState().session === this.session) this.board.getState().catchUp();
    this.kick();
  }
}
