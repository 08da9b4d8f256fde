import { type Nanos, nanos } from "./time.ts";

/** Work that the queue runs when it falls due. */
export type Action = () => void;

/** Handle of a scheduled action; `cancel` after it has run does nothing. */
export interface Timer {
  readonly due: Nanos;
  cancel(): void;
}

class Entry implements Timer {
  due: Nanos;
  sequence: number;
  action: Action | null;

  constructor(due: Nanos, sequence: number, action: Action) {
    this.due = due;
    this.sequence = sequence;
    this.action = action;
  }

  cancel(): void {
    this.action = null;
  }
}

/**
 * The world's clock and everything that will happen, ordered by (due, sequence): what was scheduled first for the same
 * instant runs first. Advancing stops at every due time, so an action always sees its own due time as `now`.
 */
export class EventQueue {
  now: Nanos = nanos(0);
  /** How many pockets of the past this moment lies in: 0 in the present. */
  depth = 0;
  /** The world's time: in a pocket of the past, the moment at which it was entered. */
  readonly wall = { now: nanos(0) };
  private sequence = 0;
  private heap: Entry[] = [];

  /**
   * Relives a stretch of the past: the clock goes back to `from`, `begin` starts what was left out then, and only what
   * follows from it happens until the clock is at the present again. What it leaves behind goes on among the rest.
   */
  pocket(from: Nanos, begin: () => void): void {
    const { heap: others, now: until } = this;
    this.depth++;
    this.heap = [];
    this.now = from;
    try {
      begin();
      for (let due = this.next(); due !== undefined && due < until; due = this.next()) this.step();
    } finally {
      const left = this.heap;
      this.heap = others;
      this.now = until;
      this.depth--;
      for (const entry of left) if (entry.action !== null) this.push(entry);
    }
  }

  /** Runs `action` at `now + delay`. A negative delay is a bug of the caller. */
  after(delay: Nanos, action: Action): Timer {
    if (!(delay >= 0)) throw new Error(`bug: delay ${delay}`);
    const entry = new Entry((this.now + delay) as Nanos, this.sequence++, action);
    this.push(entry);
    return entry;
  }

  at(due: Nanos, action: Action): Timer {
    return this.after(nanos(Math.max(0, due - this.now)), action);
  }

  /** Due time of the next live action, or undefined when nothing is left to happen. */
  next(): Nanos | undefined {
    while (this.heap.length > 0 && this.heap[0]!.action === null) this.pop();
    return this.heap[0]?.due;
  }

  /** Runs the next action; false when there is none. */
  step(): boolean {
    while (this.heap.length > 0) {
      const entry = this.pop();
      const action = entry.action;
      if (action === null) continue;
      entry.action = null;
      this.now = entry.due;
      if (this.depth === 0) this.wall.now = entry.due;
      action();
      return true;
    }
    return false;
  }

  /** Runs everything due up to and including `until`, then sets the clock there. */
  runUntil(until: Nanos): void {
    for (let due = this.next(); due !== undefined && due <= until; due = this.next()) this.step();
    if (until <= this.now) return;
    this.now = until;
    if (this.depth === 0) this.wall.now = until;
  }

  /** Steps until `done` holds or nothing is left; true when it holds. */
  runWhile(unfinished: () => boolean): boolean {
    while (unfinished()) if (!this.step()) return false;
    return true;
  }

  private before(a: Entry, b: Entry): boolean {
    return a.due < b.due || (a.due === b.due && a.sequence < b.sequence);
  }

  private push(entry: Entry): void {
    const heap = this.heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up]!;
      if (!this.before(entry, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = entry;
  }

  private pop(): Entry {
    const heap = this.heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    const n = heap.length;
    if (n === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= n) break;
      if (down + 1 < n && this.before(heap[down + 1]!, heap[down]!)) down++;
      if (!this.before(heap[down]!, last)) break;
      heap[i] = heap[down]!;
      i = down;
    }
    heap[i] = last;
    return top;
  }
}
