import { format } from "../i18n/text.ts";
import { bornAt, copiesAt } from "../model/copies.ts";
import { explainHop } from "../model/explain/explain.ts";
import type { Phrase } from "../model/explain/phrase.ts";
import { type FrameView, viewFrame } from "../model/frame.ts";
import type { Scene } from "../model/layout/scene.ts";
import { along, type Point, sample, straighten } from "../model/layout/wires.ts";
import { newSince, type Story } from "../model/story.ts";
import type { Session } from "../session.ts";
import type { Board } from "../store.ts";
import type { Pen } from "./pen.ts";
import {
  type Badge,
  type CopyLook,
  drawBadge,
  drawCopy,
  drawCross,
  drawToken,
  drawWay,
  type Palette,
} from "./token.ts";

/** What of the board a packet is drawn from. */
export type Told = Pick<Board, "scene" | "story" | "cursor" | "cast" | "language"> & {
  readonly session: Pick<Session, "world"> | undefined;
};

/** The way from where the hop before ended to where this one ends. */
function wayOf(scene: Scene, story: Story, at: number): readonly Point[] {
  const hop = story.hops[at];
  if (hop === undefined) return [];
  // Each packet goes on from where it stood itself, whatever was asked meanwhile.
  const before = story.hops.slice(0, at).findLast(({ strand }) => strand === hop.strand);
  const start = before?.spot ?? hop.way[0] ?? hop.spot;
  const spots = [start, ...hop.way];
  return straighten(spots.flatMap((to, i) => (i === 0 ? [] : scene.wires.way(spots[i - 1]!, to))));
}

/** A packet at one of its hops, with all that left it: what is painted between two changes of the store. */
export interface StoryPicture {
  readonly walked: readonly { readonly way: readonly Point[]; readonly tone: string }[];
  readonly samples: readonly Point[];
  readonly copies: readonly CopyPicture[];
  readonly frame: FrameView | undefined;
  readonly badge: Badge | undefined;
  readonly lost: boolean;
  readonly tone: string;
  /** How far the token stands to the right of its way, at the start of the hop and at its end. */
  readonly aside: readonly [number, number];
}

/** Beside the name of a cable's end, which it would cover. */
const ASIDE = -23;

function asideOf(scene: Scene, spot: string | undefined): number {
  const isNamed = scene.boxes.some(
    (box) => box.id === spot && box.type === "device" && box.shape === "label",
  );
  return isNamed ? ASIDE : 0;
}

interface CopyPicture {
  /** Its way before this hop. */
  readonly past: readonly Point[];
  readonly samples: readonly Point[];
  readonly look: CopyLook;
}

/** With more copies than this their words would lie on each other. */
const MOST_WORDS = 8;

/** The way over spots that are on the board. */
function wayThrough(scene: Scene, spots: readonly string[]): readonly Point[] {
  const known = spots.filter((spot) => scene.wires.at(spot) !== undefined);
  const [first] = known;
  if (first === undefined) return [];
  return straighten(known.flatMap((to, i) => scene.wires.way(known[i - 1] ?? first, to)));
}

/** Copies beside the packet: how far each comes during this hop. */
function copyPictures({ story, cursor, scene, language }: Told): readonly CopyPicture[] {
  if (story === undefined || scene === undefined) return [];
  const moves = copiesAt(story.copies, story.hops, cursor);
  return moves.flatMap(({ copy, past, spots, isOver }): CopyPicture[] => {
    const way = wayThrough(scene, spots);
    if (way.length === 0) return [];
    const { fate, reason } = copy;
    const isSaid = isOver && moves.length <= MOST_WORDS && (fate === "unwanted" || fate === "lost");
    const word = isSaid ? format(language, `copy.sign.${fate}`, { reason }) : "";
    return [{ past: wayThrough(scene, past), samples: sample(way), look: { fate, isOver, word } }];
  });
}

/** What is said beside the token when it is cut, or copied. */
function copyBadge({ story, cursor, language }: Told): Badge | undefined {
  if (story === undefined) return undefined;
  const born = bornAt(story.copies, story.hops, cursor);
  const [first] = born;
  if (first === undefined) return undefined;
  return {
    struck: undefined,
    text: format(language, `copy.badge.${first.kind}`, { count: born.length + 1 }),
    tone: "l2",
  };
}

/** Undefined while no packet is followed. */
export function compose(board: Told): StoryPicture | undefined {
  const { scene, story, cursor, session, cast, language } = board;
  const hop = story?.hops[cursor];
  if (
    scene === undefined ||
    story === undefined ||
    hop === undefined ||
    session === undefined ||
    cast === undefined
  )
    return undefined;
  const past = story.hops.slice(0, cursor);
  const strands = [
    ...new Set(past.filter(({ lane }) => lane !== "arp" || hop.lane === "arp").map(({ strand }) => strand)),
  ];
  const walked = strands.map((strand) => {
    const own = past.filter((other) => other.strand === strand);
    const way = own.flatMap((other) => wayOf(scene, story, other.number));
    return { way, tone: own[0]?.lane === "reply" ? "reply" : "walked" };
  });
  const { badge } = explainHop(hop, session.world, cast, newSince(story, cursor));
  return {
    walked,
    samples: sample(wayOf(scene, story, cursor)),
    copies: copyPictures(board),
    frame: viewFrame(hop.steps.at(-1) ?? hop.lead),
    badge:
      badge === undefined
        ? copyBadge(board)
        : badgeOf(badge, format(language, badge.key, badge.values), hop.tone),
    lost: hop.tone === "drop",
    tone: hop.lane === "reply" ? "reply" : "walked",
    aside: [
      asideOf(scene, past.findLast(({ strand }) => strand === hop.strand)?.spot),
      asideOf(scene, hop.spot),
    ],
  };
}

/** What NAT replaced is struck through. */
function badgeOf({ key, values }: Phrase, text: string, tone: string): Badge {
  if (key !== "badge.nat") return { struck: undefined, text, tone };
  return { struck: String(values["before"] ?? ""), text: `→ ${values["after"] ?? ""}`, tone };
}

/** `part`: how much of the hop has been gone, 0 to 1. */
export function paintStory(pen: Pen, picture: StoryPicture, part: number, palette: Palette): void {
  for (const { way, tone } of picture.walked) drawWay(pen, way, palette(`--${tone}`), 5);
  const eased = part < 0.5 ? 2 * part * part : 1 - (-2 * part + 2) ** 2 / 2;
  const count = Math.max(1, Math.round(eased * (picture.samples.length - 1)));
  const at = along(picture.samples, eased);
  drawWay(pen, [...picture.samples.slice(0, count), at], palette(`--${picture.tone}`), 5);
  for (const { past, samples: way } of picture.copies) {
    const walked = Math.max(1, Math.round(eased * (way.length - 1)));
    drawWay(pen, [...past, ...way.slice(0, walked), along(way, eased)], palette("--ink-3"), 2);
  }
  for (const { samples, look } of picture.copies)
    drawCopy(pen, along(samples, eased), { ...look, isOver: look.isOver && part === 1 }, palette);
  const [from, to] = picture.aside;
  const place = { x: at.x + from + (to - from) * eased, y: at.y };
  drawToken(pen, place, picture.frame, palette);
  if (part < 1) return;
  if (picture.lost) drawCross(pen, place, palette);
  const height = (picture.frame?.layers.length ?? 1) * 4 + 12;
  if (picture.badge !== undefined) drawBadge(pen, { x: place.x, y: at.y + height }, picture.badge, palette);
}
