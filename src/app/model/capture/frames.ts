import type { DropRecord, FrameRecord } from "../../../trace/record.ts";
import type { TraceReader } from "../../../trace/reader.ts";

/** An interface that frames are captured on. */
export interface CapturePoint {
  readonly netns: number;
  readonly dev: number;
}

export function pointKey({ netns, dev }: CapturePoint): string {
  return `${netns}/${dev}`;
}

/** Packets that are the same one in another skb: not an answer, not a question asked on its behalf. */
const COPIES = new Set(["clone", "fragment", "reassembled"]);

/** The frames of a trace by the interface that they crossed; follows the trace as it grows. Nothing has to be switched on for it. */
export class FrameLog {
  readonly reader: TraceReader;
  private seen = 0;
  private readonly frames = new Map<string, number[]>();
  private readonly points = new Map<string, CapturePoint>();
  /** skb of a copy to the skb that it was copied from. */
  private readonly copied = new Map<number, number>();
  /** Places in the trace at which packets were dropped, by skb. */
  private readonly dropped = new Map<number, number>();

  constructor(reader: TraceReader) {
    this.reader = reader;
  }

  /** Takes in what was recorded since the last time. */
  catchUp(): void {
    const { reader } = this;
    for (; this.seen < reader.length; this.seen++) {
      const kind = reader.kind(this.seen);
      if (kind !== "frame" && kind !== "origin" && kind !== "drop") continue;
      const record = reader.record(this.seen);
      if (record.kind === "frame") this.add(record);
      else if (record.kind === "drop") this.dropped.set(record.skb, this.seen);
      else if (record.kind === "origin" && COPIES.has(record.origin))
        this.copied.set(record.skb, record.from);
    }
  }

  /** Places in the trace of an interface's frames, in order. */
  of(point: CapturePoint): readonly number[] {
    return this.frames.get(pointKey(point)) ?? [];
  }

  /** Interfaces on which there was anything. */
  get all(): readonly CapturePoint[] {
    return [...this.points.values()];
  }

  frame(index: number): FrameRecord {
    const record = this.reader.record(index);
    if (record.kind !== "frame") throw new Error(`bug: record ${index} is no frame`);
    return record;
  }

  /** What stays the same while a packet goes from interface to interface, in copies too. */
  identity(skb: number): number {
    let at = skb;
    for (let from = this.copied.get(at); from !== undefined && from !== 0; from = this.copied.get(at))
      at = from;
    return at;
  }

  /** How a packet was lost, if it was. */
  dropOf(skb: number): DropRecord | undefined {
    const index = this.dropped.get(skb);
    const record = index === undefined ? undefined : this.reader.record(index);
    return record?.kind === "drop" ? record : undefined;
  }

  private add({ netns, dev, index }: FrameRecord): void {
    const key = pointKey({ netns, dev });
    const list = this.frames.get(key);
    if (list === undefined) {
      this.frames.set(key, [index]);
      this.points.set(key, { netns, dev });
    } else list.push(index);
  }
}
