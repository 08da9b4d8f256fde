import type { OriginName, SkbId } from "../../trace/record.ts";
import type { Conversation, Turn } from "./conversation.ts";
import { isQuestion, type PacketRecord, type Packets } from "./packets.ts";
import type { Segment } from "./segment.ts";

export type { PacketRecord } from "./packets.ts";

export type LaneName = "request" | "arp" | "reply";

/** A packet's life from one record to the next, in one lane of the timeline. */
export interface Lane {
  readonly name: LaneName;
  readonly title: string;
  readonly records: readonly PacketRecord[];
  /** Its packets and the copies that carried each of them on. */
  readonly lines: readonly (readonly SkbId[])[];
}

/** One turn of a conversation: the packet, what came back for it, and the questions asked on the way. */
export interface Journey {
  readonly from: number;
  readonly to: number;
  /** The packet itself and its answer, in this order; at least one of them. */
  readonly lanes: readonly Lane[];
  /** Questions asked on the way, each with its answer. */
  readonly asides: readonly Lane[];
}

/** The journey of one turn. It begins where the turn before it has ended. */
export function journeyOf({ packets, from, to }: Conversation, { there, back }: Turn): Journey {
  const lanes: Lane[] = [];
  if (there !== undefined) lanes.push(laneOf("request", there));
  if (back !== undefined) lanes.push(laneOf("reply", back));
  const story = new Set([...(there?.line ?? []), ...(back?.line ?? [])]);
  const first = lanes[0]?.records[0]?.index ?? from;
  return { from: first, to, lanes, asides: findAsides(packets, story) };
}

function laneOf(name: LaneName, { title, records, line }: Segment): Lane {
  return { name, title, records, lines: [line] };
}

/** Questions for a neighbour's address that packets of the story waited for. */
function findAsides(packets: Packets, story: ReadonlySet<number>): readonly Lane[] {
  return packets.origins
    .filter(({ origin, from }) => isQuestion(origin) && story.has(from))
    .flatMap(({ skb, origin: asked }) => {
      const line = packets.line(skb);
      const answer = packets.origins.find(
        ({ origin, from }) => /^(arp-reply|neighbour-advertisement)$/.test(origin) && line.includes(from),
      );
      const backLine = answer === undefined ? [] : packets.line(answer.skb);
      const back = packets.along(backLine);
      // Who answers has taken the question; that it is done with it comes after the answer and says nothing new.
      const there = packets.along(line).filter(({ kind }) => kind !== "consume" || back.length === 0);
      const records = [...there, ...back].sort((a, b) => a.index - b.index);
      return records.length === 0
        ? []
        : [{ name: "arp" as const, title: titleOf(asked), records, lines: [line, backLine] }];
    });
}

function titleOf(asked: OriginName): string {
  return asked === "arp-request" ? "ARP" : "NDP";
}
