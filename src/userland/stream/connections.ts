import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { Coroutine, type Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { acceptStream } from "./stream.ts";

/** Hands each connection to a task of its own, until the listener is closed. */
export function* serveConnections(
  process: Process,
  listener: StreamSocket,
  talk: (socket: StreamSocket) => Task<void>,
): Task<void> {
  const busy = new Set<Coroutine<void>>();
  try {
    for (;;) {
      const socket = yield* acceptStream(listener);
      if (socket === undefined) return;
      const connection = new Coroutine(
        process.host.queue,
        (function* () {
          try {
            yield* talk(socket);
          } finally {
            socket.close();
          }
        })(),
      );
      for (const old of busy) if (!old.alive) busy.delete(old);
      busy.add(connection.start());
    }
  } finally {
    for (const connection of busy) connection.kill("KILL");
  }
}
