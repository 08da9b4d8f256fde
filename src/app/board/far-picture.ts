import type { Say } from "../board-context.ts";
import type { FarChosen } from "../build/far-chosen.ts";
import type { Health } from "../model/health.ts";
import type { District, Tile } from "../model/layout/districts.ts";
import type { Far } from "../model/layout/scene.ts";
import type { FarPicture } from "./far-paint.ts";

/** From this scale on what is in a room is drawn. */
export const NEAR_ZOOM = 0.55;

function headlineOf(say: Say, health: Health, { name, kind, tiles }: District): string {
  let [pods, waiting, down] = [0, 0, 0];
  for (const { room } of tiles) {
    const { marks, ready, isReady } = health.of(room);
    pods += marks.length;
    waiting += marks.length - ready;
    if (!isReady) down++;
  }
  const title = say(`far.${kind}`, { name });
  const counts = say("far.counts", { nodes: tiles.length, pods });
  // What is wrong stands first: there may be no room for all of it.
  const wrong = [
    ...(down === 0 ? [] : [`✕ ${say("far.wrong.nodes", { count: down })}`]),
    ...(waiting === 0 ? [] : [`! ${say("far.wrong.pods", { count: waiting })}`]),
  ];
  return [title, ...wrong, counts].join(" · ");
}

/** What the tiles are painted from; colours and words are looked up once. */
export function farPictureOf(
  far: Far,
  health: Health,
  say: Say,
  look: (name: string) => string,
  chosen?: FarChosen,
): FarPicture {
  const known = new Map<string, string>();
  const colour = (name: string): string => {
    let value = known.get(name);
    if (value === undefined) known.set(name, (value = look(name)));
    return value;
  };
  const fonts = { text: colour("--font-text"), code: colour("--font-code") };
  const heads = new Map<District, string>();
  const headline = (district: District): string => {
    let head = heads.get(district);
    if (head === undefined) heads.set(district, (head = headlineOf(say, health, district)));
    return head;
  };
  return { far, health, colour, fonts, headline, podWord: say("far.pods"), chosen };
}

/** What a tile says to who points at it or listens: how its node is, whether it sleeps, whether it is chosen. */
export function tileWords(say: Say, health: Pick<Health, "of">, { room }: Tile, chosen?: FarChosen): string {
  const { marks, ready, isReady, isHollow } = health.of(room);
  const state = say(isReady ? "far.ready" : "far.down");
  const words = say("far.tile", { name: room.name, state, ready, pods: marks.length });
  const more = [isHollow && say("far.asleep"), chosen?.room(room) === true && say("far.chosen")];
  return [words, ...more.filter(Boolean)].join(" · ");
}
