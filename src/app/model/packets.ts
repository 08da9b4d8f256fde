import type { OriginRecord, SkbId, TraceRecord } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";

/** A record of a step on a packet's way. */
export type PacketRecord = Exclude<TraceRecord, { kind: "change" | "control" }>;

function isStep(record: TraceRecord): record is PacketRecord {
  return record.kind !== "change" && record.kind !== "control";
}

/** Records of an action, by packet. */
export class Packets {
  readonly origins: OriginRecord[] = [];
  private readonly records = new Map<SkbId, PacketRecord[]>();
  private readonly born = new Map<SkbId, OriginRecord[]>();

  constructor(reader: TraceReader, from: number, to: number) {
    for (let index = from; index < to; index++) {
      const skb = reader.skb(index);
      if (skb === 0) continue;
      const record = reader.record(index);
      if (!isStep(record)) continue;
      if (record.kind === "origin") this.addOrigin(record);
      const list = this.records.get(skb);
      if (list === undefined) this.records.set(skb, [record]);
      else list.push(record);
    }
  }

  of(skb: SkbId): readonly PacketRecord[] {
    return this.records.get(skb) ?? [];
  }

  /** Packets that this one gave rise to. */
  children(skb: SkbId): readonly OriginRecord[] {
    return this.born.get(skb) ?? [];
  }

  /** The packet and its copies, as a line of descent from `root` to the one that did best. */
  line(root: SkbId): readonly SkbId[] {
    let best: readonly SkbId[] = [root];
    for (const { origin, skb } of this.children(root)) {
      if (!isCopy(origin)) continue;
      const line = [root, ...this.line(skb)];
      if (this.success(line.at(-1)!) > this.success(best.at(-1)!)) best = line;
    }
    return best;
  }

  /** What happened along a line of descent, each packet until its copy takes over. */
  along(line: readonly SkbId[]): readonly PacketRecord[] {
    const told: PacketRecord[] = [];
    line.forEach((skb, i) => {
      const next = line[i + 1];
      const until = next === undefined ? Infinity : (this.of(next)[0]?.index ?? Infinity);
      for (const record of this.of(skb)) {
        const isOwnBirth = i > 0 && record.kind === "origin";
        if (record.index < until && !isOwnBirth) told.push(record);
      }
    });
    return told.sort((a, b) => a.index - b.index);
  }

  /** How well a packet did: answered, taken, still going, lost. */
  private success(skb: SkbId): number {
    const last = this.of(skb).at(-1);
    // What was cut, and pieces that were put together, go on as others.
    if (last?.kind === "consume" && /^ip_(de)?frag/.test(last.by)) return 1;
    const isAnswered = this.children(skb).some(({ origin }) => !isCopy(origin) && !isQuestion(origin));
    if (isAnswered) return 3;
    if (last?.kind === "deliver" || last?.kind === "consume") return 2;
    return last?.kind === "drop" ? 0 : 1;
  }

  private addOrigin(origin: OriginRecord): void {
    this.origins.push(origin);
    const list = this.born.get(origin.from);
    if (list === undefined) this.born.set(origin.from, [origin]);
    else list.push(origin);
  }
}

/** Who has this address? ARP's question, and IPv6's. */
export function isQuestion(origin: OriginRecord["origin"]): boolean {
  return origin === "arp-request" || origin === "neighbour-solicitation";
}

function isCopy(origin: OriginRecord["origin"]): boolean {
  return origin === "clone" || origin === "fragment" || origin === "reassembled";
}
