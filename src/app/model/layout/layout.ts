import { Late } from "../../../base/late.ts";
import type { WorldState } from "../world.ts";
import type { Fabric, Room, Topology } from "../topology.ts";
import { arcsOf } from "./arcs.ts";
import { drawDirectCables, floorOf } from "./direct.ts";
import { layoutFree, type Places } from "./free.ts";
import type { layoutLarge } from "./large.ts";
import { levelsOf } from "./measures.ts";
import { inOrder } from "./order.ts";
import { planRoom, type RoomPlan } from "./room.ts";
import { type Box, type Cable, type Scene, spot } from "./scene.ts";
import { Wires } from "./wires.ts";

/** More rooms than these are not drawn side by side with everything in them. */
export const MANY_ROOMS = 24;
/** `large.ts`, for boards that need it. */
export const LARGE_LAYOUT = new Late<typeof layoutLarge>("layout of a large board");

const ROOM_GAP = 24;
const FABRIC_DROP = 56;
const FABRIC_HEIGHT = 40;
/** So many machines without pods show their stacks side by side and stay legible. */
const FEW = 4;
const NOTHING: ReadonlySet<number> = new Set();

/**
 * Places everything. Rooms with pods of their own, and those in `open`, show their stack's hooks; the others are drawn narrow,
 * unless they are few. Of a large board only the rooms in `near` and `open` are drawn with what is in them.
 */
export function layout(
  topology: Topology,
  world: WorldState,
  open: ReadonlySet<number>,
  near: ReadonlySet<number> = NOTHING,
  places?: Places,
): Scene {
  if (topology.rooms.length > MANY_ROOMS) return LARGE_LAYOUT.get()(topology, world, open, near);
  const quiet = topology.rooms.some(hasOwnPods) || topology.rooms.length > FEW;
  const isOpen = (room: Room): boolean => !quiet || hasOwnPods(room) || open.has(room.netns);
  if (places !== undefined && Object.keys(places).length > 0)
    return layoutFree(topology, world, isOpen, places);
  const wires = new Wires();
  const levels = levelsOf(topology.rooms);
  const boxes: Box[] = [];
  const cables: Cable[] = [];
  const plans = new Map<number, RoomPlan & { readonly x: number }>();
  let x = 0;
  for (const room of inOrder(topology)) {
    const plan = planRoom(room, x, levels, isOpen(room), wires);
    plans.set(room.netns, { ...plan, x });
    boxes.push(...plan.boxes);
    cables.push(...plan.cables);
    x += plan.width + ROOM_GAP;
  }
  const width = Math.max(200, x - ROOM_GAP);
  const bars = barsOf(topology.fabrics, wires, (netns) => plans.get(netns), width);
  const rows = Math.max(0, ...bars.map(({ row }) => row + 1));
  const topOf = (row: number): number => levels.bottom + FABRIC_DROP + row * (FABRIC_HEIGHT + FABRIC_DROP);
  for (const bar of bars) drawFabric(bar, topOf(bar.row), wires, boxes, cables);
  drawDirectCables(topology.rooms, wires, cables, ({ netns }) => {
    const plan = plans.get(netns);
    return { x: plan?.x ?? 0, y: 0, width: plan?.width ?? 0, height: levels.bottom };
  });
  const height = Math.max(rows === 0 ? levels.bottom : topOf(rows) - FABRIC_DROP, floorOf(cables));
  return {
    width,
    height,
    boxes,
    cables,
    arcs: arcsOf(topology, world, wires),
    wires,
    far: undefined,
    isFree: false,
  };
}

/** Pods of the cluster's own machinery do not make a room interesting. */
const MACHINERY = /^[^.]+\.(kube-[^.]+|local-path-storage)\./;

function hasOwnPods(room: Room): boolean {
  return room.floors.some(({ pods }) => pods.some(({ label }) => !MACHINERY.test(label)));
}

/** A switch's bar: from `left` to `right`, in the row that is its own. */
interface Bar {
  readonly fabric: Fabric;
  readonly left: number;
  readonly right: number;
  readonly row: number;
}

/** How far a bar reaches beyond the plug of a room that other switches join too. */
const BAR_END = 46;

/** Every switch under the rooms that it joins; those that stand beside each other share a row. */
function barsOf(
  fabrics: readonly Fabric[],
  wires: Wires,
  planOf: (netns: number) => { readonly x: number; readonly width: number } | undefined,
  width: number,
): readonly Bar[] {
  const plugs = fabrics.map((fabric) =>
    fabric.ports.flatMap(({ link: { peer } }) => {
      const at = peer === undefined ? undefined : wires.at(spot.device(peer.netns, peer.index));
      const plan = peer === undefined ? undefined : planOf(peer.netns);
      return peer === undefined || at === undefined || plan === undefined ? [] : [{ ...peer, x: at.x, plan }];
    }),
  );
  const bars: Bar[] = [];
  fabrics.forEach((fabric, i) => {
    const own = plugs[i] ?? [];
    const isShared = (netns: number): boolean =>
      plugs.some((others, j) => j !== i && others.some((plug) => plug.netns === netns));
    const lefts = own.map(({ netns, x, plan }) => (isShared(netns) ? x - BAR_END : plan.x));
    const rights = own.map(({ netns, x, plan }) => (isShared(netns) ? x + BAR_END : plan.x + plan.width));
    const left = own.length === 0 ? 0 : Math.min(...lefts);
    const right = own.length === 0 ? width : Math.max(...rights);
    let row = 0;
    while (bars.some((bar) => bar.row === row && bar.left < right && left < bar.right)) row++;
    bars.push({ fabric, left, right, row });
  });
  return bars;
}

/** A bar under the rooms that it joins, with a port below each of their devices. */
function drawFabric(bar: Bar, y: number, wires: Wires, boxes: Box[], cables: Cable[]): void {
  const { fabric, left, right } = bar;
  const { netns } = fabric;
  const middle = (left + right) / 2;
  boxes.push({
    id: `fabric/${netns}/${fabric.bridge.link.index}`,
    type: "fabric",
    fabric,
    x: left,
    y,
    width: right - left,
    height: FABRIC_HEIGHT,
  });
  const line = y + FABRIC_HEIGHT / 2;
  const own = wires.put(spot.device(netns, fabric.bridge.link.index), middle, line);
  const ports = [{ id: own, x: middle }];
  for (const port of fabric.ports) {
    const { peer } = port.link;
    const far = peer === undefined ? undefined : spot.device(peer.netns, peer.index);
    const above = far === undefined ? undefined : wires.at(far);
    if (far === undefined || above === undefined) continue;
    const id = wires.put(spot.device(netns, port.link.index), above.x, line);
    wires.join(far, id);
    ports.push({ id, x: above.x });
    cables.push({
      id: `cable/${netns}/${port.link.index}`,
      kind: "wire",
      points: [
        { x: above.x, y: above.y + 17 },
        { x: above.x, y },
      ],
    });
  }
  ports.sort((a, b) => a.x - b.x);
  wires.join(...ports.map(({ id }) => id));
  // Programs of the machine that the switch is part of stand at its own port.
  for (const place of [spot.app(netns), spot.stack(netns)]) {
    if (wires.at(place) !== undefined) continue;
    wires.join(wires.put(place, middle, line), own);
  }
}
