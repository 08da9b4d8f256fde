import { getU16, getU32 } from "../../base/bytes.ts";
import type { OriginRecord, SkbId, TraceRecord } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";

/** A record of a step on a packet's way. */
export type PacketRecord = Exclude<TraceRecord, { kind: "change" | "control" | "conntrack" | "rule" }>;

function isStep(record: TraceRecord): record is PacketRecord {
  const aside: readonly string[] = ["change", "control", "conntrack", "rule"];
  return !aside.includes(record.kind);
}

export type LaneName = "request" | "arp" | "reply";

/** A packet's life from one record to the next, in one lane of the timeline. */
export interface Lane {
  readonly name: LaneName;
  readonly records: readonly PacketRecord[];
}

export interface Journey {
  readonly from: number;
  readonly to: number;
  readonly request: Lane;
  readonly reply: Lane | undefined;
  /** Questions asked on the way, each with its answer. */
  readonly asides: readonly Lane[];
}

/** Records of an action, by packet. */
class Packets {
  readonly records = new Map<SkbId, PacketRecord[]>();
  readonly origins: OriginRecord[] = [];

  constructor(reader: TraceReader, from: number, to: number) {
    for (let index = from; index < to; index++) {
      const skb = reader.skb(index);
      if (skb === 0) continue;
      const record = reader.record(index);
      if (!isStep(record)) continue;
      if (record.kind === "origin") this.origins.push(record);
      const list = this.records.get(skb);
      if (list === undefined) this.records.set(skb, [record]);
      else list.push(record);
    }
  }

  of(skb: SkbId): readonly PacketRecord[] {
    return this.records.get(skb) ?? [];
  }

  children(skb: SkbId): readonly OriginRecord[] {
    return this.origins.filter(({ from }) => from === skb);
  }

  /** How well a packet did: answered, taken, still going, lost. */
  private success(skb: SkbId): number {
    const isAnswered = this.children(skb).some(({ origin }) => !isCopy(origin) && origin !== "arp-request");
    if (isAnswered) return 3;
    const last = this.of(skb).at(-1)?.kind;
    if (last === "deliver" || last === "consume") return 2;
    return last === "drop" ? 0 : 1;
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
}

function isCopy(origin: OriginRecord["origin"]): boolean {
  return origin === "clone" || origin === "fragment" || origin === "reassembled";
}

/** Source and destination of the IPv4 packet in an Ethernet frame. */
function ipv4Of(record: PacketRecord): { readonly src: number; readonly dst: number } | undefined {
  if (record.kind !== "frame" || record.bytes.length < 34 || getU16(record.bytes, 12) !== 0x0800)
    return undefined;
  return { src: getU32(record.bytes, 26), dst: getU32(record.bytes, 30) };
}

function addresses(
  records: readonly PacketRecord[],
): { readonly src: number; readonly dst: number } | undefined {
  for (const record of records) {
    const found = ipv4Of(record);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The story of an action: the first packet that a program of `netns` sent between the records `from` and `to`, what
 * came back for it, and the questions asked on the way. Undefined when nothing was sent.
 */
export function findJourney(
  reader: TraceReader,
  from: number,
  to: number,
  netns: number,
): Journey | undefined {
  const packets = new Packets(reader, from, to);
  const sent = packets.origins.filter((origin) => isSent(origin.origin) && origin.netns === netns);
  const first = sent[0];
  if (first === undefined) return undefined;
  const line = packets.line(first.skb);
  const request: Lane = { name: "request", records: packets.along(line) };
  const answer = findAnswer(packets, line, request.records);
  const replyLine = answer === undefined ? [] : packets.line(answer.skb);
  const reply: Lane | undefined =
    answer === undefined ? undefined : { name: "reply", records: packets.along(replyLine) };
  const asides = findAsides(packets, new Set([...line, ...replyLine]));
  return { from, to, request, reply, asides };
}

function isSent(origin: OriginRecord["origin"]): boolean {
  return origin === "socket" || origin === "tcp";
}

function findAnswer(
  packets: Packets,
  line: readonly SkbId[],
  request: readonly PacketRecord[],
): OriginRecord | undefined {
  const direct = packets.origins.find(
    ({ origin, from }) => (origin === "echo-reply" || origin === "icmp-error") && line.includes(from),
  );
  if (direct !== undefined) return direct;
  const end = request.at(-1);
  const asked = addresses(request);
  if (end?.kind !== "deliver" || asked === undefined) return undefined;
  return packets.origins.find((origin) => {
    if (origin.index < end.index || origin.netns !== end.netns || !isSent(origin.origin)) return false;
    return addresses(packets.of(origin.skb))?.dst === asked.src;
  });
}

/** ARP exchanges that packets of the story waited for. */
function findAsides(packets: Packets, story: ReadonlySet<SkbId>): readonly Lane[] {
  return packets.origins
    .filter(({ origin, from }) => origin === "arp-request" && story.has(from))
    .flatMap(({ skb }) => {
      const line = packets.line(skb);
      const answer = packets.origins.find(
        ({ origin, from }) => origin === "arp-reply" && line.includes(from),
      );
      const back = answer === undefined ? [] : packets.along(packets.line(answer.skb));
      // Who answers has taken the question; that it is done with it comes after the answer and says nothing new.
      const there = packets.along(line).filter(({ kind }) => kind !== "consume" || back.length === 0);
      const records = [...there, ...back].sort((a, b) => a.index - b.index);
      return records.length === 0 ? [] : [{ name: "arp" as const, records }];
    });
}
