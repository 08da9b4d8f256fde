import { flowKey, type Segment } from "./segment.ts";
import { programOf } from "./words.ts";

/** Flows that are followed beyond the first: enough for a balancer, an ingress and the DNS between them. */
const MOST_FLOWS = 8;

/** Where a packet came to a program: `program` undefined when it read the packet off a tun device, whoever that was. */
interface Arrival {
  readonly netns: number;
  readonly program: string | undefined;
  readonly index: number;
}

function arrivalOf({ records }: Segment): Arrival | undefined {
  const last = records.findLast(({ kind }) => kind === "deliver" || kind === "consume");
  if (last?.kind === "consume" && last.by === "tun_do_read")
    return { netns: last.netns, program: undefined, index: last.index };
  if (last?.kind !== "deliver" || programOf(last.owner) === "") return undefined;
  return { netns: last.netns, program: programOf(last.owner), index: last.index };
}

/** A program writes to its tun device in nobody's name. */
const TUN = "tun";

function isOn({ origin }: Segment, { netns, program, index }: Arrival): boolean {
  if (origin.origin !== "socket" || origin.netns !== netns || origin.index < index) return false;
  return origin.owner !== "" && (program === undefined || [program, TUN].includes(programOf(origin.owner)));
}

/**
 * What a program that took a packet of the conversation sent on of its own, before the conversation was over: a
 * balancer, an ingress, a DNS server that asks another, a tunnel in user space. Each flow whole, as its sender sends it.
 * `answersTo` finds what came back.
 */
export function relayed(
  all: readonly Segment[],
  there: readonly Segment[],
  back: readonly Segment[],
  answersTo: (there: readonly Segment[]) => readonly Segment[],
): readonly Segment[] {
  const open = [...there, ...back];
  const known = new Set(open);
  // What nobody has answered yet is not over.
  const until =
    back.length === 0 ? Infinity : Math.max(...open.map(({ records }) => records.at(-1)?.index ?? 0));
  const found: Segment[] = [];
  for (let flows = 0; open.length > 0 && flows < MOST_FLOWS;) {
    const arrival = arrivalOf(open.shift()!);
    if (arrival === undefined) continue;
    const next = all.find((s) => !known.has(s) && isOn(s, arrival) && s.origin.index <= until);
    if (next === undefined) continue;
    flows++;
    const key = next.born === undefined ? "" : flowKey(next.born);
    const isOfFlow = (s: Segment): boolean =>
      s.origin.netns === arrival.netns && s.born !== undefined && flowKey(s.born) === key && !known.has(s);
    const flow = key === "" ? [next] : all.filter((s) => s === next || isOfFlow(s));
    const told = [...flow, ...answersTo(flow).filter((s) => !known.has(s))];
    for (const segment of told) known.add(segment);
    found.push(...flow);
    open.push(...told);
  }
  return found;
}
