import { NANOS_PER_MILLI, NANOS_PER_SECOND, type Nanos } from "../../../sim/time.ts";
import { EPOCH_SECONDS } from "../../../userland/shell/specials.ts";
import { momentOf, strftime } from "../../../userland/text/strftime.ts";

/** A virtual time as nginx writes it, UTC. */
function written(format: string, now: Nanos): string {
  return strftime(format, momentOf(EPOCH_SECONDS + Math.floor(now / NANOS_PER_SECOND)));
}

/** The header Date. */
export const httpDate = (now: Nanos): string => written("%a, %d %b %Y %H:%M:%S GMT", now);
/** $time_local. */
export const timeLocal = (now: Nanos): string => written("%d/%b/%Y:%H:%M:%S +0000", now);
/** Of a line of the error log. */
export const errorTime = (now: Nanos): string => written("%Y/%m/%d %H:%M:%S", now);
/** A span in seconds with milliseconds: $request_time. */
export const secondsText = (span: number): string => (Math.floor(span / NANOS_PER_MILLI) / 1000).toFixed(3);
