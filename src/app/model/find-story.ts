import type { OriginRecord } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import { type Cast, splitPodName } from "./cast.ts";
import { type Conversation, findConversation, type Sender } from "./conversation.ts";
import { programOf, programsIn, wordsOf } from "./words.ts";

/** How much of the trace around a record may belong to its story. */
const BEFORE = 6000;
const AFTER = 6000;

/** The packet of a record and those it came from, oldest last; and the birth of the oldest. */
export function ancestry(
  reader: TraceReader,
  index: number,
): { readonly skbs: ReadonlySet<number>; readonly root: OriginRecord | undefined } {
  let wanted: number = reader.skb(index);
  const skbs = new Set<number>([wanted]);
  let root: OriginRecord | undefined;
  for (let at = index; at >= 0 && wanted !== 0; at--) {
    if (reader.skb(at) !== wanted || reader.kind(at) !== "origin") continue;
    const record = reader.record(at);
    if (record.kind !== "origin") continue;
    root = record;
    wanted = record.from;
    if (wanted !== 0) skbs.add(wanted);
  }
  return { skbs, root };
}

/** The conversation that a record of a packet belongs to, and its turn in it. */
export function conversationAround(
  reader: TraceReader,
  index: number,
): { readonly conversation: Conversation; readonly turn: number } | undefined {
  const { skbs, root } = ancestry(reader, index);
  if (root === undefined) return undefined;
  const from = Math.max(0, Math.min(root.index, index - BEFORE));
  const to = Math.min(reader.length, index + AFTER);
  for (const sender of askers(reader, root, from, to)) {
    const conversation = findConversation(reader, from, to, sender);
    const turn = conversation?.turns.find(({ there, back }) =>
      [...(there?.line ?? []), ...(back?.line ?? [])].some((skb) => skbs.has(skb)),
    );
    if (conversation !== undefined && turn !== undefined) return { conversation, turn: turn.number };
  }
  return undefined;
}

/**
 * What a command line set off in another place that it names, by a program that it names: `ssh client curl ...`. Of several
 * runs the last one, which those before it have prepared.
 */
export function conversationElsewhere(
  reader: TraceReader,
  { from, to }: { readonly from: number; readonly to: number },
  { netns, command = "" }: Sender,
  cast: Cast,
): Conversation | undefined {
  const words = wordsOf(command);
  const programs = programsIn(command);
  const isNamed = (label: string): boolean => {
    const name = label.split(".").at(-1) ?? "";
    return words.has(label) || words.has(name) || words.has(splitPodName(name).base);
  };
  let run: { readonly netns: number; readonly owner: string; readonly index: number } | undefined;
  for (let index = from; index < to; index++) {
    if (reader.kind(index) !== "origin") continue;
    const record = reader.record(index);
    if (record.kind !== "origin" || record.origin !== "socket" || record.netns === netns) continue;
    if (run?.netns === record.netns && run.owner === record.owner) continue;
    if (!programs.has(programOf(record.owner)) || !isNamed(cast.place(record.netns)?.label ?? "")) continue;
    run = { netns: record.netns, owner: record.owner, index };
  }
  if (run === undefined) return undefined;
  return findConversation(reader, run.index, to, { netns: run.netns, program: programOf(run.owner) });
}

/** Who may have begun it: programs that spoke first are asked first, the packet's own sender last. */
function askers(
  reader: TraceReader,
  root: OriginRecord,
  from: number,
  to: number,
): readonly { readonly netns: number; readonly program: string }[] {
  const found = new Map<string, { readonly netns: number; readonly program: string }>();
  const add = ({ netns, owner }: OriginRecord): void => {
    const program = programOf(owner);
    found.set(`${netns} ${program}`, { netns, program });
  };
  if (root.origin === "tcp" || root.origin === "socket")
    for (let index = from; index < Math.min(to, root.index); index++) {
      if (reader.kind(index) !== "origin") continue;
      const record = reader.record(index);
      if (record.kind === "origin" && record.origin === "socket" && record.netns !== root.netns) add(record);
    }
  const before = [...found.values()].slice(-MOST_ASKERS);
  found.clear();
  add(root);
  return [...before, ...found.values()];
}

/** So many senders that spoke before are tried. */
const MOST_ASKERS = 6;
