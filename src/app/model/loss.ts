import type { TraceRecord } from "../../trace/record.ts";

/** A packet that somebody wanted and did not get. What says RST is freed with a reason too, but it has arrived. */
export function isLoss(record: TraceRecord): boolean {
  return record.kind === "drop" && record.reason !== "TCP_RESET";
}
