import type { FrameRecord } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import { dissect, type Layer } from "../../wire/dissect.ts";
import { linkTypeOf } from "./link-type.ts";
import { isLoss } from "./loss.ts";
import { programOf } from "./words.ts";
import { addressIn, endText } from "./packet-ends.ts";

export const VERDICTS = ["answered", "refused", "dropped", "silent"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Everything that one program sent to one partner, and how it went. */
export interface FlowEntry {
  readonly key: string;
  readonly netns: number;
  readonly program: string;
  readonly protocol: string;
  readonly src: string;
  readonly dst: string;
  /** The record with which it began. */
  readonly first: number;
  readonly time: number;
  readonly packets: number;
  readonly verdict: Verdict;
  /** Of a dropped one: the reason, where, and the record. */
  readonly drop: { readonly reason: string; readonly netns: number; readonly index: number } | undefined;
}

type Draft = { -readonly [K in keyof FlowEntry]: FlowEntry[K] };

interface Ends {
  readonly protocol: string;
  readonly src: string;
  readonly dst: string;
  readonly flags: string;
}

const isIcmp = ({ protocol }: Layer): boolean => protocol === "icmp" || protocol === "icmpv6";

function endsOf(layers: readonly Layer[], depth: number): Ends | undefined {
  const own = layers.filter((layer) => layer.depth === depth);
  const field = (name: string): string | undefined =>
    own.flatMap(({ fields }) => fields).find((one) => one.name === name)?.value;
  const [src, dst] = [addressIn(own, "src"), addressIn(own, "dst")];
  if (src === undefined || dst === undefined) return undefined;
  const flags = field("tcp.flags") ?? "";
  for (const protocol of ["tcp", "udp"] as const) {
    const [sport, dport] = [field(`${protocol}.srcport`), field(`${protocol}.dstport`)];
    if (sport !== undefined) return { protocol, src: endText(src, sport), dst: endText(dst, dport), flags };
  }
  return { protocol: own.some(isIcmp) ? "icmp" : "ip", src, dst, flags };
}

/** The packet inside all tunnels; what an ICMP error quotes is not the packet. */
function read(frame: FrameRecord): Ends | undefined {
  const layers = dissect(frame.bytes, linkTypeOf(frame));
  const depth =
    layers.find(isIcmp)?.depth ?? layers.findLast(({ protocol }) => /^ipv[46]$/.test(protocol))?.depth ?? 0;
  return endsOf(layers, depth);
}

/**
 * Follows the trace as it grows and keeps a list of flows: begun by a socket, known by its ends in the namespace that sent
 * first, answered when something that was sent for it comes back there.
 */
export class FlowLog {
  private readonly reader: TraceReader;
  private readonly flows = new Map<string, Draft>();
  /** The flow that a packet belongs to, and whether it is on its way back. */
  private readonly owners = new Map<number, { readonly flow: Draft; readonly back: boolean }>();
  /** Packets of sockets that have not been seen on a device yet. */
  private readonly fresh = new Map<number, { readonly netns: number; readonly program: string }>();
  private readonly lastFrame = new Map<number, number>();
  /** What an answer to a flow looks like where its packets have arrived. */
  private readonly expected = new Map<string, Draft>();
  private scanned: number;

  constructor(reader: TraceReader, from = 0) {
    this.reader = reader;
    this.scanned = from;
  }

  /** All flows, the newest first. */
  list(): readonly FlowEntry[] {
    for (; this.scanned < this.reader.length; this.scanned++) this.take(this.scanned);
    return [...this.flows.values()].reverse().map((flow) => ({ ...flow }));
  }

  private take(index: number): void {
    switch (this.reader.kind(index)) {
      case "frame":
        this.frame(index);
        break;
      case "origin":
        this.origin(index);
        break;
      case "deliver":
      case "consume":
        this.arrival(index);
        break;
      case "drop":
        this.loss(index);
        break;
      default:
    }
  }

  private origin(index: number): void {
    const record = this.reader.record(index);
    if (record.kind !== "origin") return;
    const program = programOf(record.owner);
    const parent = this.owners.get(record.from);
    if (record.origin === "socket" || record.origin === "tcp")
      this.fresh.set(record.skb, { netns: record.netns, program });
    else if (parent === undefined) return;
    else if (/^(clone|fragment|reassembled)$/.test(record.origin)) this.owners.set(record.skb, parent);
    else if (record.origin === "echo-reply") this.owners.set(record.skb, { flow: parent.flow, back: true });
    else if (record.origin === "icmp-error" && parent.flow.verdict !== "answered")
      parent.flow.verdict = "refused";
  }

  private frame(index: number): void {
    const skb = this.reader.skb(index);
    this.lastFrame.set(skb, index);
    const born = this.fresh.get(skb);
    if (born === undefined) return;
    this.fresh.delete(skb);
    const record = this.reader.record(index);
    const ends = record.kind === "frame" ? read(record) : undefined;
    if (ends === undefined) return;
    const key = `${born.netns}|${ends.protocol} ${ends.src} > ${ends.dst}`;
    const asked = this.expected.get(key);
    if (asked !== undefined) {
      this.owners.set(skb, { flow: asked, back: true });
      return;
    }
    const flow = this.flows.get(key) ?? this.begin(key, index, born, ends);
    flow.packets++;
    this.owners.set(skb, { flow, back: false });
  }

  private begin(
    key: string,
    first: number,
    born: { readonly netns: number; readonly program: string },
    { protocol, src, dst }: Ends,
  ): Draft {
    const time = this.reader.time(first);
    const how = { packets: 0, verdict: "silent" as const, drop: undefined };
    const flow: Draft = { key, ...born, protocol, src, dst, first, time, ...how };
    this.flows.set(key, flow);
    return flow;
  }

  private arrival(index: number): void {
    const skb = this.reader.skb(index);
    const owner = this.owners.get(skb);
    const seen = this.lastFrame.get(skb);
    if (owner === undefined || seen === undefined) return;
    const record = this.reader.record(seen);
    const ends = record.kind === "frame" ? read(record) : undefined;
    if (ends === undefined || record.kind !== "frame") return;
    const { flow, back } = owner;
    if (back) {
      const isRefusal = ends.flags.includes("RST") && flow.verdict !== "answered";
      flow.verdict = isRefusal ? "refused" : "answered";
    } else {
      this.expected.set(`${record.netns}|${ends.protocol} ${ends.dst} > ${ends.src}`, flow);
      // NAT may lie behind the last frame: the answer then has the ends that the flow began with.
      this.expected.set(`${record.netns}|${flow.protocol} ${flow.dst} > ${flow.src}`, flow);
    }
  }

  private loss(index: number): void {
    const owner = this.owners.get(this.reader.skb(index));
    const record = this.reader.record(index);
    if (owner === undefined || record.kind !== "drop" || owner.flow.verdict === "answered") return;
    // A copy that somebody did not want is no loss.
    if (record.reason === "OTHERHOST" || !isLoss(record)) return;
    owner.flow.drop = { reason: record.reason, netns: record.netns, index };
    if (owner.flow.verdict === "silent") owner.flow.verdict = "dropped";
  }
}

/** Flows that a reader wants to see: every word must be found somewhere in the line. */
export function matches(line: string, filter: string): boolean {
  const text = line.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
