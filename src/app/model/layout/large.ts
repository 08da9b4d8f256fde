import type { Fabric, Pod, Room, Topology } from "../topology.ts";
import type { WorldState } from "../world.ts";
import { Health, zonesOf } from "../health.ts";
import { arcsOf } from "./arcs.ts";
import { arrange, type District, type Quarter, type Tile } from "./districts.ts";
import { levelsOf, roomWidth } from "./measures.ts";
import { planRoom } from "./room.ts";
import { type Box, type Cable, type Rect, type Scene, spot } from "./scene.ts";
import { type Point, Wires } from "./wires.ts";

/** A room that a packet does not come through, while one is followed. */
const ASIDE = { width: 150, height: 96 };
const ROOM_GAP = 24;
const FABRIC_HEIGHT = 40;
const FABRIC_GAP = 60;

/**
 * A board of many rooms. Their places are all known; what is inside is planned only for those that are looked at from
 * near, and for those that a packet comes through (`open`): these then stand side by side above the others.
 */
export function layoutLarge(
  topology: Topology,
  world: WorldState,
  open: ReadonlySet<number>,
  near: ReadonlySet<number>,
): Scene {
  const involved = topology.rooms.filter((room) => isInvolved(room, open));
  return involved.length > 0 && involved.length < topology.rooms.length
    ? staged(topology, world, involved)
    : spread(topology, world, near);
}

function isInvolved(room: Room, open: ReadonlySet<number>): boolean {
  if (open.size === 0) return false;
  return open.has(room.netns) || room.floors.some(({ pods }) => pods.some(({ netns }) => open.has(netns)));
}

/** By zone where nodes have zones, else by the switch that they are plugged into. */
function quartersOf({ rooms, fabrics }: Topology, world: WorldState): readonly Quarter[] {
  const zones = zonesOf(world);
  const isZoned = new Set(rooms.flatMap(({ label }) => zones.get(label) ?? [])).size > 1;
  const switches = fabrics.length > 1 && !isZoned;
  const names = new Map<string, Room[]>();
  for (const room of rooms) {
    const name = isZoned
      ? zones.get(room.label)
      : switches
        ? switchOf(room, fabrics)?.bridge.link.name
        : undefined;
    const others = names.get(name ?? "");
    if (others === undefined) names.set(name ?? "", [room]);
    else others.push(room);
  }
  const kind = isZoned ? "zone" : "switch";
  return [...names]
    .toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .map(([name, own]) => ({ name, kind: name === "" ? "rest" : kind, rooms: own }));
}

function switchOf(room: Room, fabrics: readonly Fabric[]): Fabric | undefined {
  const peers = new Set(room.nics.flatMap(({ link: { peer } }) => (peer === undefined ? [] : [peer.netns])));
  return fabrics.find(({ netns }) => peers.has(netns));
}

/** Room for what is in a node, and for the pods that will be there once it is looked at. */
function sizeOf(room: Room, health: Health): { readonly width: number; readonly height: number } {
  const count = health.of(room).marks.length - room.floors.reduce((sum, { pods }) => sum + pods.length, 0);
  const own = { width: roomWidth(room, true), height: levelsOf([room]).bottom };
  if (count <= 0) return own;
  const coming = { ...room, floors: [...room.floors, { bridge: undefined, pods: Array<Pod>(count) }] };
  return { width: Math.max(own.width, roomWidth(coming, true)), height: levelsOf([coming]).bottom };
}

/** All rooms at their full size, whether or not they are drawn. */
function spread(topology: Topology, world: WorldState, near: ReadonlySet<number>): Scene {
  const board = new LargeBoard(world, topology);
  const health = new Health(world);
  const districts = arrange(quartersOf(topology, world), (room) => sizeOf(room, health));
  const area = around(districts);
  const line = area.height + FABRIC_GAP * 2;
  for (const district of districts) board.lay(district, line);
  for (const { tiles } of districts)
    for (const tile of tiles) if (near.has(tile.room.netns)) board.detail(tile);
  board.fabrics(line, area.width);
  return board.scene(districts, near, undefined);
}

/** The rooms of a packet side by side on their switch, the others small below it. */
function staged(topology: Topology, world: WorldState, involved: readonly Room[]): Scene {
  const board = new LargeBoard(world, topology);
  const levels = levelsOf(involved);
  let x = 0;
  for (const room of involved) {
    const wires = new Wires();
    const plan = planRoom(room, x, levels, true, wires);
    board.add(plan.boxes, plan.cables, wires, 0);
    x += plan.width + ROOM_GAP;
  }
  const width = x - ROOM_GAP;
  const line = levels.bottom + FABRIC_GAP;
  board.plugStraight(involved, line);
  board.fabrics(line, width);
  const bottom = line + board.depth + FABRIC_GAP;
  const set = new Set(involved);
  const rest = { ...topology, rooms: topology.rooms.filter((room) => !set.has(room)) };
  const districts = arrange(quartersOf(rest, world), () => ASIDE, { y: bottom + FABRIC_GAP });
  for (const district of districts) board.lay(district, line + board.depth / 2, true);
  const near = new Set(involved.map(({ netns }) => netns));
  return board.scene(districts, near, { x: 0, y: 0, width, height: bottom });
}

function rectOf({ x, y, width, height }: Rect): Rect {
  return { x, y, width, height };
}

function around(rects: readonly Rect[]): Rect {
  const right = Math.max(200, ...rects.map((r) => r.x + r.width));
  return { x: 0, y: 0, width: right, height: Math.max(100, ...rects.map((r) => r.y + r.height)) };
}

/** Collects what is drawn. */
class LargeBoard {
  private readonly wires = new Wires();
  private readonly boxes: Box[] = [];
  private readonly cables: Cable[] = [];
  private readonly lines: (readonly Point[])[] = [];
  private readonly world: WorldState;
  private readonly topology: Topology;
  /** Ends of cables on a switch, by the switch's namespace and bridge. */
  private readonly plugs: { readonly fabric: Fabric; readonly id: string; readonly x: number }[] = [];
  private readonly ports = new Map<string, Fabric>();

  constructor(world: WorldState, topology: Topology) {
    this.world = world;
    this.topology = topology;
    for (const fabric of topology.fabrics)
      for (const { netns, link } of fabric.ports) this.ports.set(`${netns}/${link.index}`, fabric);
  }

  /** Height of the switches together. */
  get depth(): number {
    return Math.max(1, this.topology.fabrics.length) * (FABRIC_HEIGHT + 16);
  }

  /** Aisles of a district, and a place on them for all that is in each of its rooms. `above`: the switch is above. */
  lay(district: District, line: number, above = false): void {
    const { wires } = this;
    const left = district.x - 12;
    const trunk: string[] = [];
    district.aisles.forEach((y, row) => trunk.push(wires.put(`aisle/${district.name}/${row}`, left, y)));
    const end = wires.put(`trunk/${district.name}`, left, line);
    if (above) trunk.unshift(end);
    else trunk.push(end);
    wires.join(...trunk);
    for (const tile of district.tiles) this.stand(district, tile, end);
    for (const y of district.aisles)
      this.lines.push([
        { x: left, y },
        { x: district.x + district.width, y },
      ]);
    const ys = [...district.aisles, line];
    this.lines.push([
      { x: left, y: Math.min(...ys) },
      { x: left, y: Math.max(...ys) },
    ]);
  }

  private stand(district: District, { room, x, y, width, height }: Tile, trunk: string): void {
    const { wires } = this;
    const aisle = district.aisles.findIndex((at) => at >= y + height);
    const place = wires.put(`tile/${room.netns}`, x + width / 2, y + height / 2);
    const below = wires.put(`door/${room.netns}`, x + width / 2, district.aisles[aisle] ?? y + height);
    wires.join(place, below, `aisle/${district.name}/${aisle}`);
    wires.standIn(String(room.netns), place);
    for (const { pods } of room.floors) for (const pod of pods) wires.standIn(String(pod.netns), place);
    for (const { link } of room.nics) {
      const { peer } = link;
      const fabric = peer === undefined ? undefined : this.ports.get(`${peer.netns}/${peer.index}`);
      if (peer === undefined || fabric === undefined) continue;
      // All plugs of a district's rooms are where its trunk ends.
      const id = wires.put(
        spot.device(peer.netns, peer.index),
        wires.at(trunk)?.x ?? x,
        wires.at(trunk)?.y ?? y,
      );
      wires.join(trunk, id);
      if (!this.plugs.some((plug) => plug.id === trunk && plug.fabric === fabric))
        this.plugs.push({ fabric, id: trunk, x: wires.at(trunk)?.x ?? x });
    }
  }

  /** What is in a room, at its place. */
  detail({ room, x, y }: Tile): void {
    const wires = new Wires();
    const plan = planRoom(room, x, levelsOf([room]), true, wires);
    const door = `door/${room.netns}`;
    const at = this.wires.at(door);
    this.add(plan.boxes, plan.cables, wires, y);
    for (const { netns, link } of room.nics) {
      const nic = spot.device(netns, link.index);
      const from = this.wires.at(nic);
      if (from === undefined || at === undefined) continue;
      const bend = this.wires.put(`bend/${nic}`, from.x, at.y);
      this.wires.join(nic, bend, door);
      this.cables.push({
        id: `cable/${nic}`,
        kind: "wire",
        points: [
          { x: from.x, y: from.y + 17 },
          { x: from.x, y: at.y },
        ],
      });
    }
  }

  add(boxes: readonly Box[], cables: readonly Cable[], wires: Wires, dy: number): void {
    this.wires.take(wires, dy);
    const moved = dy === 0 ? boxes : boxes.map((box) => ({ ...box, y: box.y + dy }));
    this.boxes.push(...moved);
    for (const { id, kind, points } of cables)
      this.cables.push({
        id,
        kind,
        points: dy === 0 ? points : points.map(({ x, y }) => ({ x, y: y + dy })),
      });
  }

  /** Cables straight down from rooms that stand on their switch. */
  plugStraight(rooms: readonly Room[], line: number): void {
    for (const room of rooms)
      for (const { link } of room.nics) {
        const { peer } = link;
        const fabric = peer === undefined ? undefined : this.ports.get(`${peer.netns}/${peer.index}`);
        const nic = spot.device(room.netns, link.index);
        const from = this.wires.at(nic);
        if (peer === undefined || fabric === undefined || from === undefined) continue;
        const y = line + this.topology.fabrics.indexOf(fabric) * (FABRIC_HEIGHT + 16);
        const id = this.wires.put(spot.device(peer.netns, peer.index), from.x, y + FABRIC_HEIGHT / 2);
        this.wires.join(nic, id);
        this.plugs.push({ fabric, id, x: from.x });
        this.cables.push({
          id: `cable/${nic}`,
          kind: "wire",
          points: [
            { x: from.x, y: from.y + 17 },
            { x: from.x, y },
          ],
        });
      }
  }

  /** The switches, one below the other, each with the plugs on it joined. */
  fabrics(line: number, width: number): void {
    this.topology.fabrics.forEach((fabric, i) => {
      const y = line + i * (FABRIC_HEIGHT + 16);
      const { netns, bridge } = fabric;
      const id = `fabric/${netns}/${bridge.link.index}`;
      this.boxes.push({ id, type: "fabric", fabric, x: 0, y, width, height: FABRIC_HEIGHT });
      const middle = y + FABRIC_HEIGHT / 2;
      const own = this.wires.put(spot.device(netns, bridge.link.index), width / 2, middle);
      const ports = [{ id: own, x: width / 2 }];
      for (const plug of this.plugs) if (plug.fabric === fabric) ports.push({ id: plug.id, x: plug.x });
      ports.sort((a, b) => a.x - b.x);
      this.wires.join(...ports.map((port) => port.id));
      for (const place of [spot.app(netns), spot.stack(netns)])
        if (this.wires.at(place) === undefined)
          this.wires.join(this.wires.put(place, width / 2, middle), own);
    });
  }

  scene(districts: readonly District[], detailed: ReadonlySet<number>, focus: Rect | undefined): Scene {
    const area = around([...districts, ...this.boxes]);
    const { boxes, cables, wires, lines } = this;
    const near = { ...this.topology, rooms: this.topology.rooms.filter(({ netns }) => detailed.has(netns)) };
    const arcs = arcsOf(near, this.world, wires);
    const switches = boxes.flatMap((box) =>
      box.type === "fabric" ? [{ ...rectOf(box), name: box.fabric.bridge.link.name }] : [],
    );
    const far = { districts, detailed, switches, focus, lines };
    return { width: area.width, height: area.height, boxes, cables, arcs, wires, far, isFree: false };
  }
}
