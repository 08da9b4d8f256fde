import type { FrameLog } from "../model/capture/frames.ts";
import type { Packet } from "../model/capture/packet.ts";
import type { Story } from "../model/story.ts";

/** What the board's cursor says about rows. */
export interface CursorMarks {
  /** The row whose record is part of the hop. */
  readonly records: ReadonlySet<number>;
  /** The packet that the hop is about. */
  readonly identity: number | undefined;
  readonly last: number;
}

export function marksOf(log: FrameLog, story: Story | undefined, cursor: number): CursorMarks {
  const hop = story?.hops[cursor];
  if (hop === undefined) return { records: new Set(), identity: undefined, last: -1 };
  return {
    records: new Set(hop.steps.map(({ anchor }) => anchor.index)),
    identity: log.identity(hop.lead.anchor.skb),
    last: hop.last,
  };
}

/** The row at which the board's cursor stands: the hop's own, else the last one of its packet before it. */
export function rowAtCursor(
  log: FrameLog,
  packets: readonly Packet[],
  marks: CursorMarks,
): Packet | undefined {
  const own = packets.find(({ frame }) => marks.records.has(frame.index));
  if (own !== undefined || marks.identity === undefined) return own;
  return packets.findLast(
    ({ frame }) => frame.index <= marks.last && log.identity(frame.skb) === marks.identity,
  );
}

/** What is said of a frame in a capture file: which packet it is, so that one finds it on other interfaces, and how it ended here. */
export function remarkFor(log: FrameLog, frame: Packet["frame"]): string {
  const packet = `packet ${log.identity(frame.skb)} of this world (the same number on another interface is the same packet)`;
  const drop = log.dropOf(frame.skb);
  if (drop === undefined || drop.netns !== frame.netns) return packet;
  return `${packet}; dropped in this namespace: ${drop.reason}${drop.where === "" ? "" : ` in ${drop.where}`}`;
}
