// TEMPORARY (not committed): the fixture instead of the engine
import { FixtureCluster } from "../app/model/testing/cluster.ts";
import { pingAcross } from "../app/model/testing/ping.ts";
import { err, ok } from "../base/result.ts";
import type { Request } from "../protocol/messages.ts";
import { Host } from "./host.ts";

const c = new FixtureCluster();
let n = 0;
const host = new Host({
  open: () => ok({
    lab: {
      now: () => c.time, traceLength: () => c.writer.length, takeTrace: () => c.writer.take(),
      advance: () => ({ step: () => 0 }),
      act: (action) => {
        if (action.kind !== "ping") return err({ reason: "place" as const, message: "only ping" });
        const from = c.pods.find((p) => action.from.endsWith(p.name));
        const to = c.pods.find((p) => p.ip === action.to);
        if (!from || !to) return err({ reason: "place" as const, message: `no pod ${action.from} or ${action.to}` });
        pingAcross(c, from, to, n++ === 0);
        return ok({ step: () => 0 });
      },
    },
    start: { step: () => 0 },
  }),
  post: (m, t) => postMessage(m, { transfer: [...t] }),
  breathe: () => new Promise((r) => setTimeout(r, 0)),
});
onmessage = (e: MessageEvent<Request>) => void host.receive(e.data);
