import type { TraceReader } from "../../trace/reader.ts";
import type { Cast } from "./cast.ts";
import { type Copy, copiesOf } from "./copies.ts";
import { type Hop, hopsOf, type Level, type Track, tracksOf } from "./hops.ts";
import { type Conversation, findConversation, firstTurn, type Sender } from "./conversation.ts";
import { conversationElsewhere } from "./find-story.ts";
import { type Journey, journeyOf } from "./journey.ts";
import { type Step, stepsOf } from "./steps.ts";

export { conversationAround } from "./find-story.ts";

/** One turn of a conversation, told at one level of detail. */
export interface Story {
  readonly conversation: Conversation;
  /** Number of the turn that is open. */
  readonly turn: number;
  readonly journey: Journey;
  readonly steps: readonly Step[];
  readonly level: Level;
  readonly hops: readonly Hop[];
  readonly tracks: readonly Track[];
  /** What left the packets on the way: copies of a broadcast, fragments. */
  readonly copies: readonly Copy[];
  /** Namespaces that the packets come through. */
  readonly visited: ReadonlySet<number>;
}

/** What a sender set off between two records, opened at the turn that matters most. */
export function tellStory(
  reader: TraceReader,
  { from, to }: { readonly from: number; readonly to: number },
  sender: Sender,
  level: Level,
  cast: Cast,
): Story | undefined {
  const conversation =
    findConversation(reader, from, to, sender) ?? conversationElsewhere(reader, { from, to }, sender, cast);
  if (conversation === undefined) return undefined;
  return openTurn(conversation, firstTurn(conversation), level, cast);
}

export function openTurn(
  conversation: Conversation,
  turn: number,
  level: Level,
  cast: Cast,
): Story | undefined {
  const opened = conversation.turns[turn];
  if (opened === undefined) return undefined;
  const journey = journeyOf(conversation, opened);
  const steps = stepsOf(journey);
  const visited = new Set(steps.map((step) => step.netns));
  const copies = copiesOf(conversation.packets, journey, steps, cast);
  return retell({ conversation, turn, journey, steps, copies, visited }, level, cast);
}

type Told = Pick<Story, "conversation" | "turn" | "journey" | "steps" | "copies" | "visited">;

/** The same journey at another level. */
export function retell(told: Told, level: Level, cast: Cast): Story {
  const { conversation, turn, journey, steps, copies, visited } = told;
  const hops = hopsOf(steps, level, cast);
  const titles = Object.fromEntries(journey.lanes.map(({ name, title }) => [name, title]));
  return { conversation, turn, journey, steps, copies, visited, level, hops, tracks: tracksOf(hops, titles) };
}

/** The hop of `story` in which the record `index` lies, or the last one before it. */
export function hopAt(story: Story, index: number): number {
  const at = story.hops.findLastIndex((hop) => (hop.steps[0]?.anchor.index ?? Infinity) <= index);
  return Math.max(0, at);
}

/** The hop of `story` that the record `index` is a part of, if one is. */
export function hopWith(story: Story, index: number): number | undefined {
  const at = story.hops.findIndex(({ steps }) => steps.some(({ anchor }) => anchor.index === index));
  return at < 0 ? undefined : at;
}

/** The next hop in another place than hop `at`; the last one when there is none. */
export function nextPlace(story: Story, at: number, direction: 1 | -1): number {
  const here = story.hops[at]?.netns;
  let i = at;
  while (story.hops[i]?.netns === here && i + direction >= 0 && i + direction < story.hops.length)
    i += direction;
  return i;
}

/** First record that counts as new at hop `at`. */
export function newSince(story: Story, at: number): number {
  return at === 0 ? story.journey.from : (story.hops[at - 1]?.last ?? 0) + 1;
}

/** Rules of a namespace that matched at hop `at`. */
export function rulesAt(story: Story | undefined, at: number, netns: number): ReadonlySet<number> {
  const steps = story?.hops[at]?.steps ?? [];
  return new Set(steps.flatMap((step) => (step.netns === netns ? step.rules.map(({ rule }) => rule) : [])));
}
