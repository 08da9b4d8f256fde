import type { LiveCommand } from "../scenario/edit/plan.ts";
import { phrase } from "./model/explain/phrase.ts";
import type { WiringStep } from "./model/wiring.ts";
import type { Board, BoardState } from "./store.ts";

/** What was done to follow an edit, and how far the reader has come in looking at it. */
export interface Wiring {
  readonly steps: readonly WiringStep[];
  /** Step that the board shows; -1 before the first. */
  readonly at: number;
  readonly playing: boolean;
  /** The engine is still at work; nothing to look at yet. */
  readonly working: boolean;
}

/** Virtual nanoseconds that are waited at a time, and without news before all counts as done. */
const SLICE = 1_000_000_000;
const QUIET_SLICES = 4;
const MOST_SLICES = 60;

/** Brings the running world after an edit, and shows step by step who did what to it. */
export class Builder {
  private readonly set: (change: Partial<BoardState>) => void;
  private readonly get: () => Board;
  private readonly redraw: () => void;
  /** Edits follow one another; each waits for the one before. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(set: (change: Partial<BoardState>) => void, get: () => Board, redraw: () => void) {
    this.set = set;
    this.get = get;
    this.redraw = redraw;
  }

  /** False when the world has refused one of the commands. */
  follow(commands: readonly LiveCommand[]): Promise<boolean> {
    const turn =
      commands.length === 0 ? this.turn.then(() => true) : this.turn.then(() => this.run(commands));
    this.turn = turn;
    return turn;
  }

  private async run(commands: readonly LiveCommand[]): Promise<boolean> {
    const { session } = this.get();
    if (session === undefined) return true;
    const { wiringSteps, isQuiet } = await import("./model/wiring.ts");
    session.world.moveToEnd();
    const from = session.reader.length;
    this.set({
      story: undefined,
      notice: undefined,
      wiring: { steps: [], at: -1, playing: false, working: true },
    });
    let isRefused = false;
    for (const { at, command } of commands) {
      const done = await session.act({ kind: "shell", at, command }, undefined);
      if (this.get().session !== session) return true;
      const said = done.ok ? session.complaint.trim() : done.error.message;
      if (done.ok ? done.value.status !== 0 : true) {
        isRefused = true;
        this.set({ notice: phrase("failed.act", { message: said === "" ? command : said }) });
      }
      if (!done.ok && done.error.reason === "crash") {
        this.set({ phase: { kind: "crashed", message: done.error.message }, wiring: undefined });
        return true;
      }
    }
    for (let slice = 0, quiet = 0; slice < MOST_SLICES && quiet < QUIET_SLICES; slice++) {
      const before = session.reader.length;
      const passed = await session.advance(SLICE, "edit");
      if (this.get().session !== session || !passed.ok) return true;
      quiet = isQuiet(session.reader, session.world, before, session.reader.length) ? quiet + 1 : 0;
    }
    session.world.moveTo(from);
    const steps = wiringSteps(session.reader, session.world, from, session.reader.length);
    if (steps.length === 0) {
      this.end();
      return !isRefused;
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.set({ wiring: { steps, at: -1, playing: !still, working: false } });
    this.lookAt(still ? steps.length - 1 : 0);
    return !isRefused;
  }

  /** Shows the world as it stands after a step; behind the last one, as it stands now. */
  lookAt(at: number): void {
    const { session, wiring } = this.get();
    if (session === undefined || wiring === undefined || wiring.working) return;
    const to = Math.max(0, Math.min(wiring.steps.length - 1, at));
    const step = wiring.steps[to];
    if (step === undefined) return;
    session.world.moveTo(step.last + 1);
    this.set({ wiring: { ...wiring, at: to } });
    this.redraw();
  }

  /** Back to the present. */
  end(): void {
    const { session, wiring } = this.get();
    if (wiring === undefined || session === undefined) return;
    this.set({ wiring: undefined });
    session.world.moveToEnd();
    this.redraw();
  }
}
