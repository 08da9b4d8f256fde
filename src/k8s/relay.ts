import type { StreamSocket } from "../kernel/uapi/index.ts";
import type { EventQueue } from "../sim/queue.ts";
import { Coroutine, type Task } from "../sim/task.ts";
import { receiveSome, sendAll } from "../userland/stream/stream.ts";

/** Copies one direction; the end of the stream is handed on, an error ends both. */
function* copy(from: StreamSocket, to: StreamSocket): Task<boolean> {
  for (;;) {
    const got = yield* receiveSome(from);
    if (got === "timeout" || !got.ok) return false;
    if (got.value === null) return to.shutdown("write").ok;
    if ((yield* sendAll(to, got.value)) !== undefined) return false;
  }
}

/** Joins two connections, as a TCP proxy does, until both directions have ended; then both are closed. */
export function* relay(queue: EventQueue, a: StreamSocket, b: StreamSocket): Task<void> {
  const close = (): void => {
    a.close();
    b.close();
  };
  const guarded = function* (from: StreamSocket, to: StreamSocket): Task<void> {
    if (!(yield* copy(from, to))) close();
  };
  const back = new Coroutine(queue, guarded(b, a)).start();
  try {
    yield* guarded(a, b);
    yield* back.join();
  } finally {
    back.kill("KILL");
    close();
  }
}
