import type { FrameRecord } from "../../trace/record.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "../../wire/pcap.ts";

/** How a frame begins: as Ethernet, or at once with its IP header. */
export function linkTypeOf(frame: FrameRecord): number {
  return frame.raw === true ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
}
