import type { OriginRecord } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import { Packets } from "./packets.ts";
import { relayed } from "./relay.ts";
import { programOf, wordsOf } from "./words.ts";
import { flowKey, readSegment, reverseKey, type Segment } from "./segment.ts";

/** A packet and what came back for it; or one that came back of itself. The unit that the timeline opens. */
export interface Turn {
  readonly number: number;
  readonly there: Segment | undefined;
  readonly back: Segment | undefined;
}

/** Turns with the same partner: a DNS lookup, a TCP connection, a ping. */
export interface Exchange {
  readonly kind: Segment["kind"];
  /** Who began it: the sender, or a program in between that asks on. */
  readonly netns: number;
  /** Whom it is with, as the sender names it: `10.96.0.10:53`. */
  readonly partner: string;
  readonly turns: readonly Turn[];
}

/** Everything that one action of a program set off. */
export interface Conversation {
  readonly sender: Sender;
  readonly from: number;
  readonly to: number;
  readonly packets: Packets;
  readonly turns: readonly Turn[];
  readonly exchanges: readonly Exchange[];
}

/** `program` is what was started; without it everything that the namespace sent counts. */
export interface Sender {
  readonly netns: number;
  readonly program?: string | undefined;
  /** The command line, when it may go elsewhere: by ssh, docker exec, kubectl exec. */
  readonly command?: string | undefined;
}

function isSent({ origin }: OriginRecord): boolean {
  return origin === "socket" || origin === "tcp";
}

function isAnswer({ origin }: OriginRecord): boolean {
  return isSent({ origin } as OriginRecord) || origin === "echo-reply" || origin === "icmp-error";
}

/** What a program of a namespace said between two records, and what it was told. Undefined when it sent nothing. */
export function findConversation(
  reader: TraceReader,
  from: number,
  to: number,
  sender: Sender,
): Conversation | undefined {
  const packets = new Packets(reader, from, to);
  const all = packets.origins.filter(isAnswer).map((origin) => readSegment(packets, origin));
  const there = sentBy(all, sender);
  if (there.length === 0) return undefined;
  const direct = answersTo(all, there);
  const onward = relayed(all, there, direct, (flow) => answersTo(all, flow));
  const asked = [...there, ...onward];
  const turns = pair(asked, answersTo(all, asked));
  return { sender, from, to, packets, turns, exchanges: exchangesOf(turns, sender) };
}

/** Packets of flows that the program began; the last ones of a connection belong to no program any more. */
function sentBy(all: readonly Segment[], { netns, program, command }: Sender): readonly Segment[] {
  const own = all.filter(({ origin }) => origin.netns === netns && isSent(origin));
  if (program === undefined && command === undefined) return ownFlows(own);
  // Of a command line only what it names: on a node others send meanwhile.
  const named = program === undefined ? wordsOf(command ?? "") : new Set([program]);
  const begun = own.filter(({ origin }) => origin.owner !== "" && named.has(programOf(origin.owner)));
  if (begun.length === 0) return program === undefined ? [] : ownFlows(own);
  const flows = new Set(begun.map(({ born }) => (born === undefined ? "" : flowKey(born))));
  return own.filter((s) => begun.includes(s) || (s.born !== undefined && flows.has(flowKey(s.born))));
}

/** What a namespace sends of itself: answers to flows that began elsewhere are left out. */
function ownFlows(own: readonly Segment[]): readonly Segment[] {
  const first = own[0];
  if (first === undefined) return [];
  const program = programOf(first.origin.owner);
  return own.filter(
    ({ origin }) => program === "" || origin.owner === "" || programOf(origin.owner) === program,
  );
}

function answersTo(all: readonly Segment[], there: readonly Segment[]): readonly Segment[] {
  const expected = new Set<string>();
  const lines = new Set<number>();
  for (const { born, arrived, line } of there) {
    if (born !== undefined) expected.add(reverseKey(born));
    if (arrived !== undefined) expected.add(reverseKey(arrived));
    for (const skb of line) lines.add(skb);
  }
  return all.filter((s) => {
    if (there.includes(s)) return false;
    const isChild =
      (s.origin.origin === "echo-reply" || s.origin.origin === "icmp-error") && lines.has(s.origin.from);
    const isFlow = s.born !== undefined && s.born.protocol !== "ip" && expected.has(flowKey(s.born));
    return isChild || isFlow;
  });
}

/** Whether `b` is the answer to `a`, both of one flow and `b` the later one. */
function answers(a: Segment, b: Segment): boolean {
  if (a.line.includes(b.origin.from) && (b.kind === "icmp" || b.origin.origin === "echo-reply")) return true;
  const ends = b.born === undefined ? "" : flowKey(b.born);
  const keys = [a.born, a.arrived].map((e) => (e === undefined ? "" : reverseKey(e)));
  if (b.origin.index < a.origin.index || !keys.includes(ends)) return false;
  if (a.kind !== "tcp") return a.query === b.query;
  if (a.tcp === undefined || b.tcp === undefined) return false;
  const { flags, length } = a.tcp;
  if (flags.includes("SYN")) return b.tcp.flags.includes("SYN") || b.tcp.flags.includes("RST");
  if (length > 0) return b.tcp.length > 0 || b.tcp.flags.includes("RST");
  return flags.includes("FIN") && b.tcp.flags.includes("FIN");
}

/** A packet that somebody else took answers somebody else: a tunnel in user space passes on what it hears. */
function isTakenElsewhere({ origin }: Segment, { records }: Segment): boolean {
  const last = records.at(-1);
  return (last?.kind === "deliver" || last?.kind === "consume") && last.netns !== origin.netns;
}

function pair(there: readonly Segment[], back: readonly Segment[]): readonly Turn[] {
  const free = new Set(back);
  const turns: Omit<Turn, "number">[] = there.map((a) => {
    const answer = [...free].find((b) => answers(a, b) && !isTakenElsewhere(a, b));
    if (answer !== undefined) free.delete(answer);
    return { there: a, back: answer };
  });
  for (const b of free) turns.push({ there: undefined, back: b });
  const birth = (turn: Omit<Turn, "number">): number => (turn.there ?? turn.back)?.origin.index ?? 0;
  return turns.sort((a, b) => birth(a) - birth(b)).map((turn, number) => ({ ...turn, number }));
}

/** The sender's name for its partner: where the packet is sent, or where the answer comes from in the end. */
function partnerOf({ there, back }: Turn): { readonly kind: Segment["kind"]; readonly partner: string } {
  const ends = there?.born;
  if (there !== undefined) return { kind: there.kind, partner: ends?.dst ?? "" };
  return { kind: back?.kind ?? "ip", partner: back?.arrived?.src ?? "" };
}

/** Who talks with a partner from whom something comes of itself. */
function ownerOf(
  exchanges: readonly { readonly partner: string; readonly netns: number }[],
  partner: string,
): number | undefined {
  return exchanges.find((exchange) => exchange.partner === partner)?.netns;
}

function exchangesOf(turns: readonly Turn[], sender: Sender): readonly Exchange[] {
  const exchanges: { kind: Segment["kind"]; netns: number; partner: string; turns: Turn[] }[] = [];
  for (const turn of turns) {
    const { kind, partner } = partnerOf(turn);
    const netns = turn.there?.origin.netns ?? ownerOf(exchanges, partner) ?? sender.netns;
    const same = exchanges.find((e) => e.kind === kind && e.partner === partner && e.netns === netns);
    if (same === undefined) exchanges.push({ kind, netns, partner, turns: [turn] });
    else same.turns.push(turn);
  }
  return exchanges;
}

/** The turn that is opened first: data lost on a connection that stands, else its SYN, else the first one. */
export function firstTurn({ turns }: Conversation): number {
  const lost = turns.findIndex(({ there }) => there?.lost === true && (there.tcp?.length ?? 0) > 0);
  if (lost >= 0) return lost;
  const syn = turns.findIndex(({ there }) => there?.tcp?.flags.includes("SYN") === true);
  return Math.max(0, syn);
}
