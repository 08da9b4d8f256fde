import type { Fabric, Room, Topology } from "../topology.ts";
import { barWidth, fabricKey } from "./fabric-key.ts";
import type { WorldState } from "../world.ts";
import { arcsOf } from "./arcs.ts";
import { drawDirectCables, floorOf } from "./direct.ts";
import { levelsOf, NIC } from "./measures.ts";
import { planRoom } from "./room.ts";
import { type Box, type Cable, type Rect, type Scene, spot } from "./scene.ts";
import { type Point, Wires } from "./wires.ts";

/** Where somebody has put the boxes of a board, by their names. */
export type Places = Readonly<Record<string, Point>>;

const GAP = 24;
const BAR = { height: 40 };
/** How far cables keep from what they pass. */
const CLEAR = 14;
const LANE = 7;

/** The boxes that can be moved as one, where they are now. */
export function movable({ boxes }: Scene): ReadonlyMap<string, Rect> {
  const found = new Map<string, Rect>();
  for (const box of boxes) {
    const { x, y, width, height } = box;
    if (box.type === "room") found.set(box.room.name, { x, y, width, height });
    if (box.type === "fabric") found.set(fabricKey(box.fabric), { x, y, width, height });
  }
  return found;
}

/** Every box where it was put; what has no place yet comes to the right of the others, switches below. */
export function layoutFree(
  topology: Topology,
  world: WorldState,
  isOpen: (room: Room) => boolean,
  places: Places,
): Scene {
  const board = new FreeBoard(isOpen, new Map(Object.entries(places)));
  for (const room of topology.rooms) board.room(room);
  for (const fabric of topology.fabrics) board.fabric(fabric);
  const { wires, boxes, cables } = board;
  drawDirectCables(topology.rooms, wires, cables, ({ netns }) => board.placeOf(netns));
  const width = Math.max(200, ...boxes.map((box) => box.x + box.width));
  const height = Math.max(100, floorOf(cables), ...boxes.map((box) => box.y + box.height));
  return {
    width,
    height,
    boxes,
    cables,
    arcs: arcsOf(topology, world, wires),
    wires,
    far: undefined,
    isFree: true,
  };
}

/** The same places with nothing left of or above the board's corner. */
export function normalPlaces(places: Places): Places {
  const all = Object.entries(places);
  const left = Math.min(...all.map(([, { x }]) => x));
  const top = Math.min(...all.map(([, { y }]) => y));
  return Object.fromEntries(all.map(([key, { x, y }]) => [key, { x: x - left, y: y - top }]));
}

class FreeBoard {
  readonly wires = new Wires();
  readonly boxes: Box[] = [];
  readonly cables: Cable[] = [];
  private readonly rooms = new Map<number, Rect>();
  private readonly isOpen: (room: Room) => boolean;
  private readonly places: ReadonlyMap<string, Point>;

  constructor(isOpen: (room: Room) => boolean, places: ReadonlyMap<string, Point>) {
    this.isOpen = isOpen;
    this.places = places;
  }

  placeOf(netns: number): Rect {
    return this.rooms.get(netns) ?? { x: 0, y: 0, width: 0, height: 0 };
  }

  private floorOf(netns: number): number {
    const { y, height } = this.placeOf(netns);
    return y + height;
  }

  room(room: Room): void {
    const right = Math.max(-GAP, ...[...this.rooms.values()].map((rect) => rect.x + rect.width));
    const { x, y } = this.places.get(room.name) ?? { x: right + GAP, y: 0 };
    const own = new Wires();
    const plan = planRoom(room, x, levelsOf([room]), this.isOpen(room), own);
    this.wires.take(own, y);
    for (const box of plan.boxes) this.boxes.push({ ...box, y: box.y + y });
    for (const { id, kind, points } of plan.cables)
      this.cables.push({ id, kind, points: points.map((p) => ({ x: p.x, y: p.y + y })) });
    this.rooms.set(room.netns, { x, y, width: plan.width, height: plan.height });
  }

  /** A bar as wide as its plugs need, each plug in the order of what is plugged in. */
  fabric(fabric: Fabric): void {
    const { wires } = this;
    const { netns, bridge } = fabric;
    const ends = fabric.ports
      .flatMap((port) => {
        const { peer } = port.link;
        const at = peer === undefined ? undefined : wires.at(spot.device(peer.netns, peer.index));
        return peer === undefined || at === undefined ? [] : [{ port, peer, at }];
      })
      .toSorted((a, b) => a.at.x - b.at.x);
    const width = barWidth(ends.length);
    const bottom = Math.max(0, ...this.boxes.map((box) => box.y + box.height));
    const { x, y } = this.places.get(fabricKey(fabric)) ?? { x: 0, y: bottom + 56 };
    const id = `fabric/${netns}/${bridge.link.index}`;
    this.boxes.push({ id, type: "fabric", fabric, x, y, width, height: BAR.height });
    const line = y + BAR.height / 2;
    const own = wires.put(spot.device(netns, bridge.link.index), x + width / 2, line);
    const ports = [{ id: own, x: x + width / 2 }];
    ends.forEach(({ port, peer, at }, i) => {
      const plug = x + ((i + 1) * width) / (ends.length + 1);
      const points = this.way(at, peer.netns, { x: plug, y, height: BAR.height }, i);
      const here = wires.put(spot.device(netns, port.link.index), plug, line);
      const bends = points
        .slice(1, -1)
        .map((p, n) => wires.put(`free/${netns}/${port.link.index}/${n}`, p.x, p.y));
      wires.join(spot.device(peer.netns, peer.index), ...bends, here);
      ports.push({ id: here, x: plug });
      this.cables.push({ id: `cable/${netns}/${port.link.index}`, kind: "wire", points });
    });
    ports.sort((a, b) => a.x - b.x);
    wires.join(...ports.map((each) => each.id));
    for (const place of [spot.app(netns), spot.stack(netns)])
      if (wires.at(place) === undefined) wires.join(wires.put(place, x + width / 2, line), own);
  }

  /** From a NIC down and over to its plug; when the switch is not below, around the room's side. */
  private way(
    nic: Point,
    netns: number,
    plug: { readonly x: number; readonly y: number; readonly height: number },
    lane: number,
  ): readonly Point[] {
    const start = { x: nic.x, y: nic.y + NIC.height / 2 };
    const floor = Math.max(this.floorOf(netns), start.y);
    if (plug.y >= floor + CLEAR) {
      const middle = Math.max(floor + 4, plug.y - CLEAR - (lane % 4) * LANE);
      return [start, { x: nic.x, y: middle }, { x: plug.x, y: middle }, { x: plug.x, y: plug.y }];
    }
    const room = this.rooms.get(netns);
    const isRight = plug.x >= nic.x;
    const aside = CLEAR + (lane % 3) * LANE;
    const side = isRight ? (room?.x ?? 0) + (room?.width ?? 0) + aside : (room?.x ?? 0) - aside;
    const below = floor + CLEAR + (lane % 3) * LANE;
    const under = plug.y + plug.height + CLEAR;
    return [
      start,
      { x: nic.x, y: below },
      { x: side, y: below },
      { x: side, y: under },
      { x: plug.x, y: under },
      { x: plug.x, y: plug.y + plug.height },
    ];
  }
}
