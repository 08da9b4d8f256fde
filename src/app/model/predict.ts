import type { Cast } from "./cast.ts";
import type { Hop } from "./hops.ts";
import type { Story } from "./story.ts";

/** One place where the packet could go next. */
export interface Choice {
  /** Whose name stands before the label. */
  readonly place: string;
  /** A device, a hook, a program; "" when only the place is asked for. */
  readonly label: string;
  readonly isRight: boolean;
}

/** How often the class was right. */
export interface Score {
  readonly right: number;
  readonly asked: number;
}

const CHOICES = 3;

function keyOf(hop: Hop): string {
  return `${hop.netns}/${hop.label}`;
}

/** A number that depends on nothing but its input: the same question is always asked in the same order. */
function scramble(seed: number): number {
  let x = (seed + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Where the packet could go after hop `at`: the truth among other stations of the same story, those of the same place first,
 * because they are the ones that one can be wrong about. Empty at the end of a turn.
 */
export function choicesAt(story: Story, at: number, cast: Cast): readonly Choice[] {
  const here = story.hops[at];
  const next = story.hops[at + 1];
  if (here === undefined || next === undefined) return [];
  const found = new Map<string, Hop>();
  for (const hop of story.hops) {
    const key = keyOf(hop);
    if (key !== keyOf(next) && key !== keyOf(here) && hop.tone !== "drop" && !found.has(key))
      found.set(key, hop);
  }
  const near = (hop: Hop): number => (hop.netns === here.netns || hop.netns === next.netns ? 0 : 1);
  const others = [...found.values()].toSorted(
    (a, b) => near(a) - near(b) || scramble(a.number + at * 31) - scramble(b.number + at * 31),
  );
  const wrong = others.slice(0, CHOICES - 1);
  const all = [next, ...wrong].toSorted((a, b) => scramble(a.number * 7 + at) - scramble(b.number * 7 + at));
  return all.map((hop) => ({ place: cast.name(hop.netns), label: hop.label, isRight: hop === next }));
}
