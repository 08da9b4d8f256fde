import { type Coroutine, type Signal, spawn, type Task, waitFor } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";

/** select(2): waits until one of the signals fires, at most `timeout`; false when the time was up first. */
export function* waitAny(signals: readonly Signal[], timeout?: Nanos): Task<boolean> {
  return yield* waitFor<boolean>((wake, queue) => {
    const waiters: Coroutine<void>[] = [];
    const stop = (): void => {
      for (const waiter of waiters) waiter.kill("KILL");
      timer?.cancel();
    };
    const end = (fired: boolean): void => {
      stop();
      wake(fired);
    };
    const timer = timeout === undefined ? undefined : queue.after(timeout, () => end(false));
    for (const signal of signals)
      waiters.push(
        spawn(
          queue,
          (function* () {
            yield* signal.wait();
            end(true);
          })(),
        ),
      );
    return stop;
  });
}
