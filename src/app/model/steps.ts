import type {
  ConntrackRecord,
  FdbRecord,
  FrameRecord,
  HookRecord,
  NeighRecord,
  RewriteRecord,
  RouteRecord,
  RuleRecord,
  TunnelRecord,
} from "../../trace/record.ts";
import type { Journey, Lane, LaneName, PacketRecord } from "./journey.ts";
import { LINKTYPE_ETHERNET } from "../../wire/pcap.ts";
import { linkTypeOf } from "./link-type.ts";
import { type Edit, editOf, edited, undone } from "./rewrite.ts";

type Aside = FdbRecord | NeighRecord | RewriteRecord | RuleRecord | ConntrackRecord;

/** Records that begin a step of their own; the others belong to the step that they prepare or that caused them. */
export type Anchor = Exclude<PacketRecord, Aside>;

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
  /** Of a hook: the rules that matched, in order; of a drop: the rule that did it. */
  readonly rules: readonly RuleRecord[];
  /** Of a drop by a rule: the hook at which it happened, and all rules that matched there. */
  readonly fate: Fate | undefined;
  readonly conntrack: ConntrackRecord | undefined;
  /** What NAT (or a rule's mark) changed at this hook. */
  readonly rewrites: readonly RewriteRecord[];
  /** Lookup of the way for the tunnel's own packet. */
  readonly outerRoute: RouteRecord | undefined;
  /** The frame as it stands after this step; a header still to be written is taken from where it is seen next. */
  readonly frame: FrameRecord | undefined;
  /** The frame before. */
  readonly before: FrameRecord | undefined;
  /** What has to be done to the two frames' bytes to have the packet as it is at this step, and as it was before. */
  readonly edits: readonly Edit[];
  readonly beforeEdits: readonly Edit[];
}

/** Where a rule threw a packet away. */
export interface Fate {
  readonly hook: HookRecord;
  readonly met: readonly RuleRecord[];
}

interface Draft {
  readonly anchor: Anchor;
  readonly rules: RuleRecord[];
  readonly rewrites: RewriteRecord[];
  conntrack: ConntrackRecord | undefined;
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
  const lanes = [...journey.lanes, ...journey.asides];
  const told = lanes.flatMap((lane, strand) => laneSteps(lane, strand));
  const sorted = told.sort((a, b) => a.order - b.order);
  // Where one step is told before another that began earlier, it ends before that one happens.
  return sorted.map((step, i) => ({
    ...step,
    last: Math.min(step.last, (sorted[i + 1]?.anchor.index ?? Infinity) - 1),
  }));
}

/**
 * A packet is taken or lost where it arrives, though the record says so only after what it gave rise to: an answer, an
 * error, or what had waited for it.
 */
function orderOf(drafts: readonly Draft[], at: number): number {
  const { anchor } = drafts[at]!;
  const before = drafts[at - 1];
  const isEnd = anchor.kind === "consume" || anchor.kind === "drop";
  return isEnd && before !== undefined ? before.anchor.index + 0.5 : anchor.index;
}

/** A socket has taken the packet: that the kernel is done with it, also with a RST that ends the connection, says nothing new. */
function isEcho(drafts: readonly Draft[], at: number): boolean {
  const { anchor } = drafts[at]!;
  const isOver = anchor.kind === "consume" || (anchor.kind === "drop" && anchor.reason === "TCP_RESET");
  return isOver && drafts[at - 1]?.anchor.kind === "deliver";
}

function laneSteps(lane: Lane, strand: number): readonly Step[] {
  const all = draft(lane.records);
  const drafts = all.filter((_, i) => !isEcho(all, i));
  const frames = lane.records.filter((record) => record.kind === "frame");
  const rewrites = lane.records.filter((record) => record.kind === "rewrite");
  return drafts.map((d, i) => {
    const { frame, before: past } = framesAt(frames, d);
    // What is rewritten before it was ever seen on a device is undone in the first frame.
    const before = past ?? (d.rewrites.length > 0 ? frame : undefined);
    const fate = d.anchor.kind === "drop" ? fateOf(drafts, i) : undefined;
    const culprit = fate?.met.at(-1);
    return {
      ...d,
      rules: culprit === undefined ? d.rules : [culprit],
      fate,
      order: orderOf(drafts, i),
      lane: lane.name,
      strand,
      netns: d.anchor.netns,
      pass: passOf(drafts, i),
      frame,
      before,
      edits: editsBetween(rewrites, frame, d.last + 1),
      beforeEdits: editsBetween(rewrites, before, d.first),
    };
  });
}

/** The hook at which a packet was thrown away by a rule; the last one that it met did it. */
function fateOf(drafts: readonly Draft[], at: number): Fate | undefined {
  const { anchor } = drafts[at]!;
  if (anchor.kind !== "drop" || anchor.reason !== "NETFILTER_DROP") return undefined;
  const hook = drafts.slice(0, at).findLast((d) => d.anchor.netns === anchor.netns && d.rules.length > 0);
  return hook?.anchor.kind === "hook" ? { hook: hook.anchor, met: hook.rules } : undefined;
}

/** What turns the bytes of a frame into those that the packet has at record `index`, be it later or earlier. */
export function editsBetween(
  rewrites: readonly RewriteRecord[],
  frame: FrameRecord | undefined,
  index: number,
): readonly Edit[] {
  if (frame === undefined) return [];
  if (frame.index < index)
    return rewrites.filter((r) => r.index > frame.index && r.index < index).map(editOf);
  const later = rewrites.filter((r) => r.index >= index && r.index < frame.index);
  return later.map((r) => undone(editOf(r))).reverse();
}

/** The packet's bytes as they are after a step. */
export function bytesAt({ frame, edits }: Step): Uint8Array {
  if (frame === undefined) return new Uint8Array(0);
  return edited(frame.bytes, linkTypeOf(frame) !== LINKTYPE_ETHERNET, edits);
}

/** The packet's bytes as they were before a step. */
export function bytesBefore({ before, beforeEdits }: Step): Uint8Array | undefined {
  if (before === undefined) return undefined;
  return edited(before.bytes, linkTypeOf(before) !== LINKTYPE_ETHERNET, beforeEdits);
}

/** Lookups wait for the record that acts on them; what rules and NAT do belongs to the hook that they follow. */
function draft(records: readonly PacketRecord[]): Draft[] {
  const drafts: Draft[] = [];
  let depth = 0;
  let waiting: (FdbRecord | NeighRecord | RewriteRecord | RouteRecord)[] = [];
  let flow: ConntrackRecord | undefined;
  for (const [i, record] of records.entries()) {
    if (record.kind === "conntrack") flow = record;
    if (record.kind === "rule" || record.kind === "conntrack") {
      attach(drafts.at(-1), record);
      continue;
    }
    if (record.kind === "rewrite" && record.field !== "ttl") {
      attach(drafts.at(-1), record);
      continue;
    }
    const isLookup = record.kind === "fdb" || record.kind === "neigh" || record.kind === "rewrite";
    if (isLookup || (record.kind === "route" && isTunnelRoute(records, i))) {
      waiting.push(record);
      continue;
    }
    if (record.kind === "decap") depth = Math.max(0, depth - 1);
    if (record.kind === "encap") depth++;
    // One flow from the first hook of a pass to the last; a packet in a tunnel is another one.
    if (record.kind === "encap" || record.kind === "decap" || flow?.netns !== record.netns) flow = undefined;
    drafts.push({
      ...take(record, waiting, depth > 0),
      conntrack: record.kind === "hook" ? flow : undefined,
    });
    waiting = [];
  }
  return drafts;
}

function attach(hook: Draft | undefined, record: RuleRecord | ConntrackRecord | RewriteRecord): void {
  if (hook === undefined || hook.anchor.netns !== record.netns) return;
  if (record.kind === "rule") hook.rules.push(record);
  else if (record.kind === "conntrack") hook.conntrack = record;
  else hook.rewrites.push(record);
  hook.last = record.index;
}

/** The lookup that a tunnel device makes for its own packet stands between its frame and the encapsulation. */
function isTunnelRoute(records: readonly PacketRecord[], at: number): boolean {
  const record = records[at];
  if (record?.kind !== "route" || record.purpose !== "output") return false;
  const next = records
    .slice(at + 1)
    .find(({ kind }) => kind !== "fdb" && kind !== "neigh" && kind !== "rewrite" && kind !== "conntrack");
  return next?.kind === "encap";
}

function take(
  anchor: Anchor,
  waiting: readonly (FdbRecord | NeighRecord | RewriteRecord | RouteRecord)[],
  wrapped: boolean,
): Draft {
  const d: Draft = {
    anchor,
    rules: [],
    rewrites: [],
    conntrack: undefined,
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
  if (anchor.kind === "hook") return anchor.hook === "FORWARD" && anchor.family !== "bridge";
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
