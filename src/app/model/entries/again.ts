import { breaksFor, entryBreaks } from "../breaks.ts";
import type { Cast } from "../cast.ts";
import type { WorldState } from "../world.ts";
import type { Break } from "./entry.ts";

/** The same thing under the number or handle that it has now; as it was, when it is not there. */
export function sameNow(world: WorldState, cast: Cast, one: Break): Break {
  const place = cast.byLabel(one.at);
  if (place === undefined) return one;
  world.moveToEnd();
  const key = keyOf(one);
  const here = breaksFor(world, cast, { netns: place.netns, index: 0 }).flatMap(({ breaks }) => breaks);
  const all = [...entryBreaks(world, cast, place.netns).values(), ...here];
  return all.find((other) => keyOf(other) === key) ?? one;
}

function keyOf({ label, values }: Break): string {
  return JSON.stringify([label, values]);
}
