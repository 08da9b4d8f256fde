import type { OriginRecord, SkbId } from "../../trace/record.ts";
import type { Cast } from "./cast.ts";
import { type Hop, spotOf } from "./hops.ts";
import type { Journey } from "./journey.ts";
import type { PacketRecord, Packets } from "./packets.ts";
import { type Step, stepsOf } from "./steps.ts";

/** How a copy ends: nobody there wanted it, a program took it, it was lost, it was put together with others, or not yet. */
export type CopyFate = "unwanted" | "taken" | "lost" | "merged" | "going";

/** A copy of the story's packet (or a piece of it) that goes a way of its own. */
export interface Copy {
  readonly kind: "copy" | "fragment";
  /** Strand of the packet that it left. */
  readonly strand: number;
  /** Record with which it left. */
  readonly born: number;
  /** Where the packet stood then. */
  readonly from: string;
  /** Where it came to, and with which record. */
  readonly trail: readonly { readonly index: number; readonly spot: string }[];
  /** Record with which it ended. */
  readonly over: number;
  readonly fate: CopyFate;
  readonly netns: number;
  /** Of a lost one. */
  readonly reason: string;
}

/** So many copies are followed in one turn; a flood in a large cluster has more. */
const MOST = 200;

interface Branch {
  readonly kind: Copy["kind"];
  readonly born: number;
  readonly records: readonly PacketRecord[];
  /** The branch that it left; of the first ones the packet's own way. */
  readonly parent: Branch | undefined;
}

/** The ways that leave a line of descent: copies of its packets, and what became of a packet that was copied on. */
function branchesOf(packets: Packets, line: readonly SkbId[], parent?: Branch): readonly Branch[] {
  const found: Branch[] = [];
  line.forEach((skb, i) => {
    const next = line[i + 1];
    const children = packets.children(skb).filter(isCopy);
    const heir = children.find((child) => child.skb === next);
    if (heir !== undefined) {
      const rest = packets.of(skb).filter(({ index }) => index > heir.index);
      const goesOn = heir.origin === "clone" && rest.some(({ kind }) => kind !== "consume");
      if (goesOn) found.push({ kind: "copy", born: heir.index, records: rest, parent });
    }
    for (const child of children) {
      if (child.skb === next) continue;
      const own = packets.line(child.skb);
      const kind = child.origin === "fragment" ? "fragment" : "copy";
      const branch: Branch = { kind, born: child.index, records: packets.along(own), parent };
      found.push(branch, ...branchesOf(packets, own, branch));
    }
  });
  return found;
}

function isCopy({ origin }: OriginRecord): boolean {
  return origin === "clone" || origin === "fragment";
}

/** What a broadcast or a flooded frame meets where it is not meant. */
const UNWANTED = /^(OTHERHOST|UNICAST_IN_L2_MULTICAST|NOT_FOR_US|UNHANDLED_PROTO)$/;

function endOf(records: readonly PacketRecord[]): Pick<Copy, "fate" | "over" | "netns" | "reason"> {
  const last = records.at(-1);
  const at = { over: last?.index ?? 0, netns: last?.netns ?? 0, reason: "" };
  if (last?.kind === "deliver") return { ...at, fate: "taken" };
  if (last?.kind === "consume") {
    if (last.by === "ip_defrag") return { ...at, fate: "merged" };
    return { ...at, fate: last.by === "arp_process" ? "unwanted" : "taken" };
  }
  if (last?.kind !== "drop") return { ...at, fate: "going" };
  return { ...at, reason: last.reason, fate: UNWANTED.test(last.reason) ? "unwanted" : "lost" };
}

/** Where each step stands; a step that is nowhere of its own is where the one before was. */
function trailOf(steps: readonly Step[], from: string, cast: Cast): Copy["trail"] {
  let last = from;
  return steps.map((step) => {
    last = spotOf(step, cast) ?? last;
    return { index: step.anchor.index, spot: last };
  });
}

/** The steps of a copy that lead it anywhere: it begins where it was made, and ends where it stands. */
function isWay({ anchor }: Step): boolean {
  return anchor.kind !== "origin" && anchor.kind !== "consume";
}

function spotBefore(trail: Copy["trail"], index: number): string | undefined {
  return (trail.findLast((point) => point.index < index) ?? trail[0])?.spot;
}

/** A switch of the underlay has no stack that could want a copy: what its bridge takes up is nobody's. */
function isSwitchsOwn({ fate, netns }: Pick<Copy, "fate" | "netns">, cast: Cast): boolean {
  const place = cast.place(netns);
  return fate === "unwanted" && place?.kind === "switch" && place.label !== "";
}

/** Everything that left the packets of a journey on the way. */
export function copiesOf(
  packets: Packets,
  journey: Journey,
  steps: readonly Step[],
  cast: Cast,
): readonly Copy[] {
  const copies: Copy[] = [];
  [...journey.lanes, ...journey.asides].forEach((lane, strand) => {
    const own = steps.filter((step) => step.strand === strand);
    const main = trailOf(own, "", cast);
    const trails = new Map<Branch, Copy["trail"]>();
    for (const branch of lane.lines.flatMap((line) => branchesOf(packets, line))) {
      if (copies.length === MOST) return;
      const alone = { from: branch.born, to: branch.born, lanes: [{ ...lane, records: branch.records }] };
      const told = stepsOf({ ...alone, asides: [] });
      const before = branch.parent === undefined ? main : (trails.get(branch.parent) ?? main);
      const from = spotBefore(before, branch.born) ?? "";
      const trail = trailOf(told.filter(isWay), from, cast);
      trails.set(branch, trail);
      const { kind, born } = branch;
      const end = endOf(branch.records);
      if (!isSwitchsOwn(end, cast)) copies.push({ kind, strand, born, from, trail, ...end });
    }
  });
  return copies;
}

/** A copy as hop `at` shows it: where it was before, where it comes to, and whether that is its end. */
export interface CopyMove {
  readonly copy: Copy;
  /** Where it has come from before this hop, and where this hop leads it. */
  readonly past: readonly string[];
  readonly spots: readonly string[];
  readonly isOver: boolean;
}

/** First record that hop `at` does not show any more. */
function untilOf(hops: readonly Hop[], at: number): number {
  if (at < 0) return -1;
  return at === hops.length - 1 ? Infinity : (hops[at]?.last ?? 0) + 1;
}

/** The copies that are on the board at hop `at`: those under way, and those of the same packet that have ended. */
export function copiesAt(copies: readonly Copy[], hops: readonly Hop[], at: number): readonly CopyMove[] {
  const hop = hops[at];
  if (hop === undefined) return [];
  const [since, until] = [untilOf(hops, at - 1), untilOf(hops, at)];
  return copies.flatMap((copy): CopyMove[] => {
    const isGone = copy.over < since && (copy.strand !== hop.strand || copy.fate === "merged");
    if (copy.born >= until || isGone) return [];
    const before = copy.trail.filter(({ index }) => index < since).map(({ spot }) => spot);
    const past = [copy.from, ...before];
    const way = copy.trail.filter(({ index }) => index >= since && index < until);
    const spots = [past.at(-1) ?? copy.from, ...way.map(({ spot }) => spot)];
    return [{ copy, past, spots, isOver: copy.over < until }];
  });
}

/** Copies that leave the packet at hop `at`. */
export function bornAt(copies: readonly Copy[], hops: readonly Hop[], at: number): readonly Copy[] {
  const [since, until] = [untilOf(hops, at - 1), untilOf(hops, at)];
  const strand = hops[at]?.strand;
  return copies.filter((copy) => copy.strand === strand && copy.born >= since && copy.born < until);
}

/** A copy in the timeline: where it goes on, and where it ends. */
export interface CopyDot {
  readonly kind: Copy["kind"];
  /** "going" while it is still under way at that hop. */
  readonly fate: CopyFate;
}

/** For each hop the copies that come any further during it, those that end there last. */
export function copyDots(copies: readonly Copy[], hops: readonly Hop[]): readonly (readonly CopyDot[])[] {
  const limits = hops.map((_, at) => ({ since: untilOf(hops, at - 1), until: untilOf(hops, at) }));
  const dots: CopyDot[][] = hops.map(() => []);
  for (const { kind, fate, born, over, trail } of copies) {
    const moments = [born, ...trail.map(({ index }) => index)];
    limits.forEach(({ since, until }, at) => {
      const isOver = over >= since && over < until && fate !== "going";
      if (isOver) dots[at]?.push({ kind, fate });
      else if (moments.some((index) => index >= since && index < until))
        dots[at]?.unshift({ kind, fate: "going" });
    });
  }
  return dots;
}
