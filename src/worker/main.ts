import { openLab } from "../lab/index.ts";
import { needsUserland } from "../lab/needs.ts";
import { loadCluster, loadUserland } from "../lab/programs.ts";
import type { Request } from "../protocol/messages.ts";
import { Host } from "./host.ts";

/** The worker's own file: the host joined to the real engine and to the worker's messages. */
const host = new Host({
  open: openLab,
  prepare: async (request) => {
    if (request.type === "open" && request.scenario.cluster !== undefined) await loadCluster();
    if (
      request.type === "act" ||
      request.type === "terminal" ||
      (request.type === "open" && needsUserland(request.scenario))
    )
      await loadUserland();
  },
  post: (message, transfer) => self.postMessage(message, { transfer: [...transfer] }),
  breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
});

self.onmessage = (event: MessageEvent<Request>) => void host.receive(event.data);
