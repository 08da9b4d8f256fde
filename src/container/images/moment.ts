import { NANOS_PER_SECOND } from "../../sim/time.ts";
import type { Process } from "../../userland/os/process.ts";
import { EPOCH_SECONDS } from "../../userland/shell/specials.ts";
import { momentOf, strftime } from "../../userland/text/strftime.ts";

/** The time as Go's log package writes it. */
export function timestamp(process: Process): string {
  const { now } = process.host.queue;
  const moment = momentOf(EPOCH_SECONDS + Math.floor(now / NANOS_PER_SECOND));
  return strftime("%Y/%m/%d %H:%M:%S", moment);
}
