import type { Request, Response } from "../protocol/messages.ts";
import type { EnginePort } from "./client.ts";

/** Starts the engine in a worker of its own; the only place where a Worker is made. */
export function startWorker(): EnginePort {
  const worker = new Worker(new URL("../worker/main.ts", import.meta.url), {
    type: "module",
    name: "engine",
  });
  return {
    send(request: Request) {
      worker.postMessage(request);
    },
    listen(received, crashed) {
      worker.onmessage = (event: MessageEvent<Response>) => received(event.data);
      worker.onmessageerror = () => crashed("a message from the engine could not be read");
      worker.onerror = (event) => {
        event.preventDefault();
        crashed(event.message || "the engine could not be loaded");
      };
    },
    close() {
      worker.terminate();
    },
  };
}
