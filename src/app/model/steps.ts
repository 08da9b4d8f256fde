import type {
  FdbRecord,
  FrameRecord,
  NeighRecord,
  RewriteRecord,
  RouteRecord,
  TunnelRecord,
} from "../../trace/record.ts";
import type { Journey, Lane, LaneName, PacketRecord } from "./journey.ts";

/** Records that begin a step of their own; the others belong to the step that they prepare. */
export type Anchor = Exclude<PacketRecord, FdbRecord | NeighRecord | RewriteRecord>;

/** Which of the two ways through the stack: passing on what came, or to and from the machine's own programs. */
export type Pass = "forward" | "local";

/** The smallest thing that the timeline shows: one record that decides or moves, and what it rests on. */
export interface Step {
  readonly lane: LaneName;
  /** Number of the lane: each ARP exchange has its own. */
  readonly strand: number;
  readonly anchor: Anchor;
  readonly netns: number;
  /** Place in the telling; the index of its record, unless that came late. */
  readonly order: number;
  readonly pass: Pass;
  /** The packet is inside a tunnel here. */
  readonly wrapped: boolean;
  /** First and last record that belong to it. */
  readonly first: number;
  readonly last: number;
  readonly neigh: NeighRecord | undefined;
  readonly fdb: FdbRecord | undefined;
  readonly ttl: RewriteRecord | undefined;
  /** The TTL that the packet carries now, when it was changed since its frame was last seen. */
  readonly ttlNow: number | undefined;
  /** Lookup of the way for the tunnel's own packet. */
  readonly outerRoute: RouteRecord | undefined;
  /** The frame as it stands after this step; a header still to be written is taken from where it is seen next. */
  readonly frame: FrameRecord | undefined;
  /** The frame before. */
  readonly before: FrameRecord | undefined;
}

interface Draft {
  readonly anchor: Anchor;
  first: number;
  last: number;
  wrapped: boolean;
  neigh: NeighRecord | undefined;
  fdb: FdbRecord | undefined;
  ttl: RewriteRecord | undefined;
  outerRoute: RouteRecord | undefined;
}

/** All steps of a journey in the order of their records. */
export function stepsOf(journey: Journey): readonly Step[] {
  const lanes = [journey.request, ...(journey.reply === undefined ? [] : [journey.reply]), ...journey.asides];
  const told = lanes.flatMap((lane, strand) => laneSteps(lane, strand));
  const sorted = told.sort((a, b) => a.order - b.order);
  // Where one step is told before another that began earlier, it ends before that one happens.
  return sorted.map((step, i) => ({
    ...step,
    last: Math.min(step.last, (sorted[i + 1]?.anchor.index ?? Infinity) - 1),
  }));
}

/**
 * A packet is taken where it arrives, though the record says so only after what it gave rise to: an answer, or what
 * had waited for it.
 */
function orderOf(drafts: readonly Draft[], at: number): number {
  const { anchor } = drafts[at]!;
  const before = drafts[at - 1];
  return anchor.kind === "consume" && before !== undefined ? before.anchor.index + 0.5 : anchor.index;
}

/** A socket has taken the packet: that the kernel is done with it says nothing new. */
function isEcho(drafts: readonly Draft[], at: number): boolean {
  return drafts[at]!.anchor.kind === "consume" && drafts[at - 1]?.anchor.kind === "deliver";
}

function laneSteps(lane: Lane, strand: number): readonly Step[] {
  const all = draft(lane.records);
  const drafts = all.filter((_, i) => !isEcho(all, i));
  const frames = lane.records.filter((record) => record.kind === "frame");
  let ttlNow: number | undefined;
  return drafts.map((d, i) => {
    if (d.anchor.kind === "frame") ttlNow = undefined;
    else ttlNow = d.ttl?.after ?? ttlNow;
    const pass = passOf(drafts, i);
    const order = orderOf(drafts, i);
    return {
      ...d,
      order,
      lane: lane.name,
      strand,
      netns: d.anchor.netns,
      pass,
      ttlNow,
      ...framesAt(frames, d),
    };
  });
}

/** Lookups wait for the record that acts on them. */
function draft(records: readonly PacketRecord[]): Draft[] {
  const drafts: Draft[] = [];
  let depth = 0;
  let waiting: (FdbRecord | NeighRecord | RewriteRecord | RouteRecord)[] = [];
  for (const [i, record] of records.entries()) {
    const isLookup = record.kind === "fdb" || record.kind === "neigh" || record.kind === "rewrite";
    if (isLookup || (record.kind === "route" && isTunnelRoute(records, i))) {
      waiting.push(record);
      continue;
    }
    if (record.kind === "decap") depth = Math.max(0, depth - 1);
    if (record.kind === "encap") depth++;
    drafts.push(take(record, waiting, depth > 0));
    waiting = [];
  }
  return drafts;
}

/** The lookup that a tunnel device makes for its own packet stands between its frame and the encapsulation. */
function isTunnelRoute(records: readonly PacketRecord[], at: number): boolean {
  const record = records[at];
  if (record?.kind !== "route" || record.purpose !== "output") return false;
  const next = records
    .slice(at + 1)
    .find(({ kind }) => kind !== "fdb" && kind !== "neigh" && kind !== "rewrite");
  return next?.kind === "encap";
}

function take(
  anchor: Anchor,
  waiting: readonly (FdbRecord | NeighRecord | RewriteRecord | RouteRecord)[],
  wrapped: boolean,
): Draft {
  const d: Draft = {
    anchor,
    wrapped,
    first: waiting[0]?.index ?? anchor.index,
    last: anchor.index,
    neigh: undefined,
    fdb: undefined,
    ttl: undefined,
    outerRoute: undefined,
  };
  for (const record of waiting) {
    if (record.kind === "neigh") d.neigh = record;
    else if (record.kind === "fdb") d.fdb = record;
    else if (record.kind === "rewrite") d.ttl = record.field === "ttl" ? record : d.ttl;
    else d.outerRoute = record;
  }
  return d;
}

/** Hooks and routes between two devices: with a FORWARD among them the packet passes through, else it is the machine's own. */
function passOf(drafts: readonly Draft[], at: number): Pass {
  const here = drafts[at]!;
  const isStack = (d: Draft | undefined): boolean =>
    d !== undefined &&
    d.anchor.netns === here.anchor.netns &&
    (d.anchor.kind === "hook" || d.anchor.kind === "route");
  if (!isStack(here)) return here.anchor.kind === "drop" ? passOfDrop(drafts, at) : "local";
  let from = at;
  while (isStack(drafts[from - 1])) from--;
  for (let i = from; isStack(drafts[i]); i++) if (isForwarding(drafts[i]!)) return "forward";
  return "local";
}

function passOfDrop(drafts: readonly Draft[], at: number): Pass {
  const before = drafts[at - 1];
  return before === undefined ? "local" : passOf(drafts, at - 1);
}

function isForwarding({ anchor }: Draft): boolean {
  if (anchor.kind === "hook") return anchor.hook === "FORWARD" && anchor.family === "ip";
  return anchor.kind === "route" && anchor.purpose === "input" && anchor.result !== "local";
}

function framesAt(
  frames: readonly FrameRecord[],
  { anchor, wrapped }: Draft,
): { readonly frame: FrameRecord | undefined; readonly before: FrameRecord | undefined } {
  const next = frames.find(({ index }) => index >= anchor.index);
  const past = frames.findLast(({ index }) => index < anchor.index);
  if (anchor.kind === "frame") return { frame: anchor, before: past };
  const own = past?.netns === anchor.netns ? past : undefined;
  const changesShape = anchor.kind === "encap" || anchor.kind === "decap" || anchor.kind === "origin";
  const awaitsHeader = wrapped && own !== undefined && own.dev !== next?.dev && anchor.kind === "hook";
  const outgoing = awaitsHeader && (anchor.hook === "OUTPUT" || anchor.hook === "POSTROUTING");
  const frame = changesShape || outgoing || past === undefined ? (next ?? past) : past;
  return { frame, before: past };
}

/** For a tunnel step, the record itself. */
export function tunnelOf(step: Step): TunnelRecord | undefined {
  return step.anchor.kind === "encap" || step.anchor.kind === "decap" ? step.anchor : undefined;
}
