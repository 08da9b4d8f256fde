import type { Device, Fabric, Room, Topology } from "../topology.ts";

/** Networks that join rooms: switches, and cables that go straight from one room to another. */
function netsOf({ rooms, fabrics }: Topology): readonly (readonly number[])[] {
  const byAge = rooms.toSorted((a, b) => a.netns - b.netns);
  const there = new Set(rooms.map(({ netns }) => netns));
  const nets: number[][] = [];
  const seen = new Set<Fabric>();
  const enter = ({ link }: Device, room: Room): void => {
    const { peer } = link;
    if (peer === undefined) return;
    const fabric = fabrics.find(
      ({ netns, ports }) => netns === peer.netns && ports.some((port) => port.link.index === peer.index),
    );
    if (fabric !== undefined && !seen.has(fabric)) {
      seen.add(fabric);
      nets.push(fabric.ports.flatMap((port) => (port.link.peer === undefined ? [] : [port.link.peer.netns])));
    }
    if (fabric === undefined && there.has(peer.netns) && peer.netns > room.netns)
      nets.push([room.netns, peer.netns]);
  };
  for (const room of byAge) for (const nic of room.nics) enter(nic, room);
  return nets;
}

/**
 * The rooms from left to right: those of one network side by side, a router between the networks that it joins. The networks
 * come in the order in which their first machine was made; rooms that stand alike keep the order of their names.
 */
export function inOrder(topology: Topology): readonly Room[] {
  const nets = netsOf(topology);
  const placeOf = ({ netns }: Room): number => {
    const own = nets.flatMap((members, i) => (members.includes(netns) ? [i] : []));
    return own.length === 0 ? nets.length : own.reduce((sum, i) => sum + i, 0) / own.length;
  };
  const places = new Map(topology.rooms.map((room) => [room, placeOf(room)]));
  return topology.rooms.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}
