import type { FrameRecord } from "../../../trace/record.ts";
import { encodePcapng, type PcapngFile } from "../../../wire/pcapng.ts";
import { linkTypeOf } from "../link-type.ts";
import { type CapturePoint, type FrameLog, pointKey } from "./frames.ts";

/** Virtual time 0 as the world's clock shows it: 2026-01-01 00:00:00 UTC. */
export const EPOCH_SECONDS = 1_767_225_600;

/** An interface to be saved, with the name that it gets in the file. */
export interface SavedPoint extends CapturePoint {
  readonly name: string;
}

/** Why a packet ended where it did, by the place in the trace of the drop's frame. */
export type Remark = (frame: FrameRecord) => string | undefined;

/** What goes into a capture file: all frames of these interfaces from the record `since` on, in the order in which they happened. */
export function captureFile(
  log: FrameLog,
  points: readonly SavedPoint[],
  remark: Remark,
  since = 0,
): PcapngFile {
  const numbers = new Map(points.map((point, i) => [pointKey(point), i]));
  const frames = points.flatMap((point) =>
    log.of(point).flatMap((index) => (index < since ? [] : [log.frame(index)])),
  );
  frames.sort((a, b) => a.index - b.index);
  const raw = new Map(
    frames.map((frame) => [pointKey({ netns: frame.netns, dev: frame.dev }), linkTypeOf(frame)]),
  );
  return {
    application: "Flannelgraph",
    startSeconds: EPOCH_SECONDS,
    interfaces: points.map((point) => ({ name: point.name, linkType: raw.get(pointKey(point)) ?? 1 })),
    packets: frames.map((frame) => {
      const comment = remark(frame);
      return {
        interface: numbers.get(pointKey({ netns: frame.netns, dev: frame.dev })) ?? 0,
        timeNs: frame.time,
        direction: frame.direction,
        bytes: frame.bytes,
        ...(frame.length > frame.bytes.length && { originalLength: frame.length }),
        ...(comment !== undefined && { comment }),
      };
    }),
  };
}

export function saveCapture(
  log: FrameLog,
  points: readonly SavedPoint[],
  remark: Remark,
  since = 0,
): Uint8Array {
  return encodePcapng(captureFile(log, points, remark, since));
}
