import type { Topology } from "../topology.ts";
import type { WorldState } from "../world.ts";
import { type Arc, type Box, spot } from "./scene.ts";
import type { Point, Wires } from "./wires.ts";

/** Pairs of tunnel devices whose forwarding databases name each other's address. */
export function arcsOf(topology: Topology, world: WorldState, wires: Wires): readonly Arc[] {
  const ends = topology.rooms.flatMap((room) =>
    room.tunnels.flatMap(({ netns, link }) => {
      const at = wires.at(spot.device(netns, link.index));
      const local = link.vxlan?.local;
      return at === undefined || local === undefined ? [] : [{ netns, link, at, local }];
    }),
  );
  return ends.flatMap((a, i) =>
    ends.slice(i + 1).flatMap((b) => {
      const knows = world
        .rows("fdb", a.netns)
        .some(({ row }) => row.table === a.link.index && row.dst === b.local);
      if (!knows || a.link.vxlan?.id !== b.link.vxlan?.id) return [];
      return [
        {
          id: `arc/${a.netns}/${b.netns}`,
          from: a.at,
          to: b.at,
          fromNetns: a.netns,
          toNetns: b.netns,
          vni: a.link.vxlan?.id ?? 0,
        },
      ];
    }),
  );
}

/** The way of an idea between two tunnel ends, below the rooms, and where its name stands. */
export function arcPath(
  { from, to }: { readonly from: Point; readonly to: Point },
  boxes: readonly Box[],
): { readonly d: string; readonly text: Point; readonly depth: number } {
  const rooms = boxes.flatMap((box) => (box.type === "room" ? [box.y + box.height] : []));
  const bottom = Math.max(from.y, to.y, ...rooms);
  const depth = bottom + (bottom - from.y) * 0.3;
  const d = `M${from.x} ${from.y} C${from.x} ${depth} ${to.x} ${depth} ${to.x} ${to.y}`;
  return { d, depth, text: { x: (from.x + to.x) / 2, y: bottom + 22 } };
}
