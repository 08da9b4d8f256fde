import type { TraceReader } from "../../trace/reader.ts";

/** Counts the matches of rules as the trace grows; packets, as in the first column of `iptables -vnL`. */
export class RuleCounts {
  private readonly reader: TraceReader;
  private readonly matches = new Map<string, number[]>();
  private scanned = 0;

  constructor(reader: TraceReader) {
    this.reader = reader;
  }

  /** Packets that a rule has matched before the record `until`. */
  packets(netns: number, rule: number, until: number): number {
    this.scan();
    const indices = this.matches.get(`${netns}/${rule}`) ?? [];
    let count = 0;
    while (count < indices.length && indices[count]! < until) count++;
    return count;
  }

  private scan(): void {
    for (; this.scanned < this.reader.length; this.scanned++) {
      if (this.reader.kind(this.scanned) !== "rule") continue;
      const record = this.reader.record(this.scanned);
      if (record.kind !== "rule") continue;
      const key = `${record.netns}/${record.rule}`;
      const list = this.matches.get(key);
      if (list === undefined) this.matches.set(key, [record.index]);
      else list.push(record.index);
    }
  }
}
