import type { Room } from "../topology.ts";
import { type Cable, spot } from "./scene.ts";
import type { Point, Wires } from "./wires.ts";

/** Cables from room to room without a switch: under the lower of both floors, each at its own depth. */
export function drawDirectCables(
  rooms: readonly Room[],
  wires: Wires,
  cables: Cable[],
  floorOf: (room: Room) => number,
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
      const y = Math.max(floorOf(room), floorOf(far)) + 18 + 12 * depth++;
      const points: readonly Point[] = [
        { x: a.x, y: a.y + 17 },
        { x: a.x, y },
        { x: b.x, y },
        { x: b.x, y: b.y + 17 },
      ];
      const bends = [wires.put(`direct/${from}/a`, a.x, y), wires.put(`direct/${from}/b`, b.x, y)];
      wires.join(from, ...bends, to);
      cables.push({ id: `cable/direct/${from}`, kind: "wire", points });
    }
}
