import type { EventQueue, Timer } from "./queue.ts";
import type { Nanos } from "./time.ts";

/**
 * A program that runs on virtual time: a generator that yields what it waits for. Call one task from another with
 * `yield*`; wait with `yield* sleep(...)`, `yield* until(...)`. Nothing waits for real time.
 */
export type Task<T> = Generator<Suspension, T, unknown>;

/** What a task waits for: `start` is given the function that resumes the task, and returns how to stop waiting. */
export interface Suspension {
  start(wake: (value: unknown) => void, queue: EventQueue): () => void;
}

/** Thrown into a task that is interrupted while it waits (a signal that it handles). */
export class Interrupted extends Error {
  readonly signal: string;

  constructor(signal: string) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** Waits until `start`'s callback is called, and returns the value that it was called with. */
export function* waitFor<T>(start: (wake: (value: T) => void, queue: EventQueue) => () => void): Task<T> {
  // The one unchecked cast of the process model: a Suspension resumes with what its own `wake` was given.
  return (yield { start }) as T;
}

export function* sleep(delay: Nanos): Task<void> {
  yield* waitFor<void>((wake, queue) => {
    const timer: Timer = queue.after(delay, () => wake());
    return () => timer.cancel();
  });
}

/** Lets everything else that is due now run first. */
export function* pass(): Task<void> {
  yield* sleep(0 as Nanos);
}

/** A one-shot or repeated wake-up that any number of tasks wait on. */
export class Signal<T = void> {
  private readonly waiting = new Set<(value: T) => void>();

  /** Wakes everyone who waits now, in the order they came. */
  fire(value: T): void {
    const woken = [...this.waiting];
    this.waiting.clear();
    for (const wake of woken) wake(value);
  }

  *wait(): Task<T> {
    return yield* waitFor<T>((wake) => {
      this.waiting.add(wake);
      return () => this.waiting.delete(wake);
    });
  }

  /** As `wait`, but returns undefined after `timeout`. */
  *waitAtMost(timeout: Nanos): Task<T | undefined> {
    return yield* waitFor<T | undefined>((wake, queue) => {
      const woken = (value: T): void => {
        timer.cancel();
        wake(value);
      };
      const timer = queue.after(timeout, () => {
        this.waiting.delete(woken);
        wake(undefined);
      });
      this.waiting.add(woken);
      return () => {
        timer.cancel();
        this.waiting.delete(woken);
      };
    });
  }
}

/** How a coroutine ended. */
export type Outcome<T> =
  | { readonly kind: "returned"; readonly value: T }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "threw"; readonly error: unknown };

/**
 * A running task. It starts at once and runs until it first waits; from then on the event queue resumes it. A task that
 * waits is never resumed inside the call that woke it: waking schedules it at the same instant, behind what is already due.
 */
export class Coroutine<T> {
  private readonly task: Task<T>;
  private readonly queue: EventQueue;
  private stopWaiting: (() => void) | null = null;
  private resumption: Timer | null = null;
  private running = false;
  private pending: { signal: string; fatal: boolean } | null = null;
  outcome: Outcome<T> | null = null;
  readonly ended = new Signal<Outcome<T>>();
  /** Signals that the task handles: they interrupt its wait instead of ending it. */
  readonly handled = new Set<string>();

  constructor(queue: EventQueue, task: Task<T>) {
    this.queue = queue;
    this.task = task;
  }

  start(): this {
    this.advance(() => this.task.next());
    return this;
  }

  get alive(): boolean {
    return this.outcome === null;
  }

  /** Ends the task (its `finally` blocks run), or interrupts its wait when it handles `signal`. */
  kill(signal: string): void {
    if (this.outcome !== null) return;
    const fatal = !this.handled.has(signal) || signal === "KILL";
    if (this.running) {
      this.pending = { signal, fatal };
      return;
    }
    this.cancelWait();
    if (fatal) this.terminate(signal);
    else
      this.resumption = this.queue.after(0 as Nanos, () =>
        this.advance(() => this.task.throw(new Interrupted(signal))),
      );
  }

  /** Waits for the end. */
  *join(): Task<Outcome<T>> {
    if (this.outcome !== null) return this.outcome;
    return yield* this.ended.wait();
  }

  private cancelWait(): void {
    this.stopWaiting?.();
    this.stopWaiting = null;
    this.resumption?.cancel();
    this.resumption = null;
  }

  private terminate(signal: string): void {
    this.running = true;
    try {
      this.task.return(undefined as never);
    } finally {
      this.running = false;
    }
    this.finish({ kind: "killed", signal });
  }

  private advance(resume: () => IteratorResult<Suspension, T>): void {
    this.stopWaiting = null;
    this.resumption = null;
    this.running = true;
    let result: IteratorResult<Suspension, T>;
    try {
      result = resume();
    } catch (error) {
      this.running = false;
      if (error instanceof Interrupted) this.finish({ kind: "killed", signal: error.signal });
      else this.finish({ kind: "threw", error });
      return;
    }
    this.running = false;
    if (result.done === true) {
      this.finish({ kind: "returned", value: result.value });
      return;
    }
    if (this.pending !== null) {
      const { signal } = this.pending;
      this.pending = null;
      this.kill(signal);
      return;
    }
    let woken = false;
    this.stopWaiting = result.value.start((value) => {
      if (woken || this.outcome !== null) return;
      woken = true;
      this.stopWaiting = null;
      this.resumption = this.queue.after(0 as Nanos, () => this.advance(() => this.task.next(value)));
    }, this.queue);
  }

  private finish(outcome: Outcome<T>): void {
    this.outcome = outcome;
    this.ended.fire(outcome);
  }
}

/** Starts `task` beside what runs now. */
export function spawn<T>(queue: EventQueue, task: Task<T>): Coroutine<T> {
  return new Coroutine(queue, task).start();
}
