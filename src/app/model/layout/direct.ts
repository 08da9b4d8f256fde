import type { Room } from "../topology.ts";
import { type Cable, type Rect, spot } from "./scene.ts";
import type { Point, Wires } from "./wires.ts";

/** Where the lowest of the cables ends. */
export function floorOf(cables: readonly Cable[]): number {
  return Math.max(0, ...cables.flatMap(({ points }) => points.map(({ y }) => y + 4)));
}

/** How far a cable keeps from the side of a room that it goes around. */
const ASIDE = 14;

/**
 * Cables from room to room without a switch: under the lower of both floors, each at its own depth; around the other room when
 * that stands in the way.
 */
export function drawDirectCables(
  rooms: readonly Room[],
  wires: Wires,
  cables: Cable[],
  placeOf: (room: Room) => Rect,
): void {
  let depth = 0;
  for (const room of rooms)
    for (const { link } of room.nics) {
      const { peer } = link;
      if (
        peer === undefined ||
        peer.netns < room.netns ||
        (peer.netns === room.netns && peer.index < link.index)
      )
        continue;
      const [from, to] = [spot.device(room.netns, link.index), spot.device(peer.netns, peer.index)];
      const [a, b] = [wires.at(from), wires.at(to)];
      const far = rooms.find(
        (other) => other.netns === peer.netns && other.nics.some((n) => n.link.index === peer.index),
      );
      if (a === undefined || b === undefined || far === undefined) continue;
      const [own, other] = [placeOf(room), placeOf(far)];
      const y = Math.max(bottom(own), bottom(other)) + 18 + 12 * depth++;
      const points: readonly Point[] = [
        { x: a.x, y: a.y + 17 },
        ...around(a, own, other, y),
        ...around(b, other, own, y).toReversed(),
        { x: b.x, y: b.y + 17 },
      ];
      const bends = points.slice(1, -1).map((p, i) => wires.put(`direct/${from}/${i}`, p.x, p.y));
      wires.join(from, ...bends, to);
      cables.push({ id: `cable/direct/${from}`, kind: "wire", points });
    }
}

const bottom = ({ y, height }: Rect): number => y + height;

/** Straight down to `y`; when the other room is below, around the nearer of its sides. */
function around(at: Point, own: Rect, other: Rect, y: number): readonly Point[] {
  const isInWay = other.y >= bottom(own) && at.x > other.x - ASIDE && at.x < other.x + other.width + ASIDE;
  if (!isInWay) return [{ x: at.x, y }];
  const [left, right] = [other.x - ASIDE, other.x + other.width + ASIDE];
  const side = at.x - left < right - at.x ? left : right;
  const below = bottom(own) + Math.min(ASIDE, (other.y - bottom(own)) / 2);
  return [
    { x: at.x, y: below },
    { x: side, y: below },
    { x: side, y },
  ];
}
