import type { TraceReader } from "../../trace/reader.ts";
import type { Cast } from "./cast.ts";
import { type Hop, hopsOf, type Level, type Track, tracksOf } from "./hops.ts";
import { findJourney, type Journey } from "./journey.ts";
import { type Step, stepsOf } from "./steps.ts";

/** A packet's journey, told at one level of detail. */
export interface Story {
  readonly journey: Journey;
  readonly steps: readonly Step[];
  readonly level: Level;
  readonly hops: readonly Hop[];
  readonly tracks: readonly Track[];
  /** Namespaces that the packet comes through. */
  readonly visited: ReadonlySet<number>;
}

export function tellStory(
  reader: TraceReader,
  from: number,
  to: number,
  netns: number,
  level: Level,
  cast: Cast,
): Story | undefined {
  const journey = findJourney(reader, from, to, netns);
  if (journey === undefined) return undefined;
  const steps = stepsOf(journey);
  return retell({ journey, steps, visited: new Set(steps.map((step) => step.netns)) }, level, cast);
}

/** The same journey at another level. */
export function retell(story: Pick<Story, "journey" | "steps" | "visited">, level: Level, cast: Cast): Story {
  const { journey, steps, visited } = story;
  const hops = hopsOf(steps, level, cast);
  return { journey, steps, visited, level, hops, tracks: tracksOf(hops) };
}

/** The hop of `story` in which the record `index` lies, or the last one before it. */
export function hopAt(story: Story, index: number): number {
  const at = story.hops.findLastIndex((hop) => (hop.steps[0]?.anchor.index ?? Infinity) <= index);
  return Math.max(0, at);
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
