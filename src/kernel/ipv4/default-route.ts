import type { Ipv4 } from "../../wire/address.ts";
import type { NeighState } from "../uapi/index.ts";
import { SCOPE_LINK } from "../uapi/index.ts";
import type { FibEntry, FibHop } from "./fib-table.ts";

/** Of several default routes with one metric: those whose gateway does not answer are passed over. */

/** What is known of a gateway; undefined: it was never asked for. */
function stateOf(hop: FibHop): NeighState | undefined {
  return hop.dev?.neighbours.get(hop.gateway)?.state;
}

const VALID: ReadonlySet<NeighState> = new Set([
  "PERMANENT",
  "NOARP",
  "REACHABLE",
  "PROBE",
  "STALE",
  "DELAY",
]);

/** The routes that stand beside `first` in its table, itself among them, by gateways on the link. */
function candidates(first: FibEntry, bucket: readonly FibEntry[]): FibHop[] {
  const out: FibHop[] = [];
  for (const entry of bucket) {
    const hop = entry.hops[0];
    const alike =
      entry.type === "unicast" &&
      entry.table === first.table &&
      entry.tos === first.tos &&
      entry.metric === first.metric &&
      entry.scope === first.scope;
    if (alike && hop !== undefined && !hop.dead && hop.gateway !== (0 as Ipv4) && hop.scope === SCOPE_LINK)
      out.push(hop);
  }
  return out;
}

/**
 * The default route to take: the first whose gateway answers or was never asked; else the next best after the one taken
 * last. `bucket` are all default routes of the table. Models: fib_select_default, fib_detect_death.
 */
export function selectDefault(found: FibHop, bucket: readonly FibEntry[]): FibHop {
  const first = found.entry;
  const list = candidates(first, bucket);
  if (list.length < 2 || list[0] !== found) return found;
  let resort: FibHop | undefined;
  let resortAt = -1;
  for (const [order, hop] of list.entries()) {
    const state = stateOf(hop);
    const valid = state !== undefined && VALID.has(state);
    if (state === undefined || state === "REACHABLE" || (valid && order !== first.lastDefault)) {
      first.lastDefault = order;
      return hop;
    }
    if (!valid && (resortAt >= 0 || order <= first.lastDefault || state === "INCOMPLETE")) continue;
    resort = hop;
    resortAt = order;
  }
  first.lastDefault = resortAt;
  return resort ?? found;
}
