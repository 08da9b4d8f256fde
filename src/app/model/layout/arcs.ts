import type { Topology } from "../topology.ts";
import type { WorldState } from "../world.ts";
import { type Arc, spot } from "./scene.ts";
import type { Wires } from "./wires.ts";

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
