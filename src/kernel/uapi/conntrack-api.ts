import { err, ok } from "../../base/result.ts";
import { NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Conntrack } from "../netfilter/conntrack/entry.ts";
import { describe } from "../netfilter/conntrack/journal.ts";
import type { Netns } from "../netns.ts";
import type { ConntrackApi } from "./conntrack.ts";

/** ctnetlink, as conntrack(8) uses it. */
export function conntrackApi(ns: Netns): ConntrackApi {
  const table = ns.netfilter.conntrack;
  const byId = (id: number): Conntrack | undefined => {
    for (const ct of table) if (ct.id === id) return ct;
    return undefined;
  };
  return {
    list: () => [...table].map((ct) => describe(ns, ct)),
    delete: (id) => {
      const ct = byId(id);
      if (ct === undefined) return err({ errno: "ENOENT" });
      table.destroy(ct);
      return ok();
    },
    update: (id, change) => {
      const ct = byId(id);
      if (ct === undefined) return err({ errno: "ENOENT" });
      if (change.timeout !== undefined) table.refresh(ct, (change.timeout * NANOS_PER_SECOND) as Nanos);
      const { mark } = change;
      if (mark !== undefined) table.changing(ct, () => (ct.mark = mark >>> 0));
      return ok();
    },
    count: () => [...table].length,
    subscribe: (sink) => {
      table.listeners.add(sink);
      return () => table.listeners.delete(sink);
    },
  };
}
