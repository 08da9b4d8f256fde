import { format, type Language } from "../i18n/text.ts";
import type { Cast } from "./cast.ts";
import { explainHop } from "./explain/explain.ts";
import type { Hop, Track } from "./hops.ts";
import { newSince, type Story } from "./story.ts";
import type { WorldState } from "./world.ts";

/** A hop in words. */
export interface ToldHop {
  readonly number: number;
  readonly text: string;
  /** Why it happened, in whole sentences. */
  readonly why: readonly string[];
  readonly isLost: boolean;
}

/** A packet's walk as one reads it on paper: the packet, questions on the way, the answer; each place by place. */
export interface ToldTrack {
  readonly title: string;
  readonly visits: readonly { readonly place: string; readonly hops: readonly ToldHop[] }[];
}

const ARROW: Readonly<Record<Track["lane"], string>> = { request: "→ ", arp: "", reply: "← " };

/** All hops up to `last`; the world is back at its moment afterwards. */
export function tellAll(
  story: Story,
  last: number,
  world: WorldState,
  cast: Cast,
  language: Language,
): readonly ToldTrack[] {
  const now = world.now;
  const tell = (hop: Hop): ToldHop => {
    world.moveTo(hop.last + 1);
    const { headline, reason } = explainHop(hop, world, cast, newSince(story, hop.number));
    const text = format(language, headline.key, headline.values);
    const why = reason.map(({ key, values }) => format(language, key, values));
    return { number: hop.number + 1, text, why, isLost: hop.tone === "drop" };
  };
  const tracks = story.tracks.flatMap(({ lane, title, visits }): ToldTrack[] => {
    const told = visits.flatMap(({ netns, hops }) => {
      const shown = hops.filter(({ number }) => number <= last);
      if (shown.length === 0) return [];
      const isSwitch = shown.every((hop) => cast.isSwitching(hop));
      const place = isSwitch ? format(language, "node.switch.title") : cast.name(netns);
      return [{ place, hops: shown.map(tell) }];
    });
    const name = title === "" ? format(language, `timeline.${lane}`) : ARROW[lane] + title;
    return told.length === 0 ? [] : [{ title: name, visits: told }];
  });
  world.moveTo(now);
  return tracks;
}
