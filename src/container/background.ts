import type { EventQueue } from "../sim/queue.ts";
import { Coroutine, type Task } from "../sim/task.ts";
import { nanos } from "../sim/time.ts";

/** Runs a task that nobody waits for. An error in it is our own bug and stops the world, instead of vanishing. */
export function background(queue: EventQueue, task: Task<void>): Coroutine<void> {
  const coroutine = new Coroutine(queue, task).start();
  const watch = new Coroutine(
    queue,
    (function* (): Task<void> {
      const outcome = yield* coroutine.join();
      if (outcome.kind !== "threw") return;
      const { error } = outcome;
      queue.after(nanos(0), () => {
        throw error;
      });
    })(),
  );
  watch.start();
  return coroutine;
}
