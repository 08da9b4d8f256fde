import type { Container, Floor, Room } from "../topology.ts";

/** Measures of a room, in board units (pixels at zoom 1). */
export const PAD = 16;
/** Room above the nodes for the labels of Services. */
export const SKY = 64;
export const HEADER = 64;
export const POD = { height: 94, gap: 8, columns: 4 };
/** Few pods get more room for their names. */
export const POD_WIDTHS = [190, 190, 172, 150, 126] as const;
export const PLUG = { width: 54, height: 26 };
export const STUB = 42;
export const BAR = 40;
export const RAIL = 13;
export const CHIP = 30;
export const NIC = { width: 108, height: 34, gap: 14 };
/** The conntrack ticket, beside the NICs. */
export const TICKET = { width: 334, height: 78 };
export const FORWARD = [
  ["PREROUTING", 110],
  ["route", 58],
  ["FORWARD", 92],
  ["POSTROUTING", 117],
] as const;
export const OUTWARD = [
  ["OUTPUT", 78],
  ["POSTROUTING", 117],
] as const;
export const INWARD = [
  ["PREROUTING", 110],
  ["INPUT", 66],
] as const;
export const OPEN_WIDTH = 484;
export const COMPACT_WIDTH = 196;

/** Heights that all rooms of a board share, so that floors are level. */
export interface Levels {
  readonly podsTop: number;
  readonly podRows: number;
  readonly barTop: number;
  readonly stackTop: number;
  readonly lane1: number;
  readonly tunnelTop: number;
  readonly lane2: number;
  readonly localTop: number;
  readonly lane3: number;
  readonly stackBottom: number;
  readonly nicTop: number;
  readonly bottom: number;
}

export function levelsOf(rooms: readonly Room[]): Levels {
  const floors = rooms.flatMap((room) => room.floors);
  const podRows = Math.max(0, ...floors.map(({ pods }) => Math.ceil(pods.length / POD.columns)));
  const tunnels = rooms.some((room) => room.tunnels.length > 0);
  const podsTop = HEADER;
  const podsBottom = podsTop + podRows * (POD.height + PLUG.height) - (podRows > 0 ? PLUG.height / 2 : 0);
  const barTop = podRows > 0 ? podsBottom + STUB : HEADER;
  const stackTop = barTop + (floors.length > 0 ? BAR + 2 * RAIL + 8 : 8);
  const forwards = rooms.some((room) => room.forwards);
  const lane1 = stackTop + 34 + (forwards ? CHIP + 14 : 0);
  const tunnelTop = lane1 + 18;
  const lane2 = tunnels ? tunnelTop + 34 + 24 : lane1;
  const localTop = lane2 + (tunnels ? 24 : 18);
  const lane3 = localTop + CHIP + 14;
  const stackBottom = lane3 + 14;
  const nicTop = stackBottom + 22;
  const tracks = rooms.some((room) => room.tracks);
  const bottom = nicTop + (tracks ? TICKET.height + 12 : NIC.height + 18);
  return {
    podsTop,
    podRows,
    barTop,
    stackTop,
    lane1,
    tunnelTop,
    lane2,
    localTop,
    lane3,
    stackBottom,
    nicTop,
    bottom,
  };
}

export function columnsOf({ pods }: Floor): number {
  return Math.min(POD.columns, Math.max(1, pods.length));
}

export function podWidthOf(floor: Floor, open: boolean): number {
  if (!open) return 126;
  const apart = floor.pods.map(({ containers }) => chipsWidth(containers.filter(({ pause }) => !pause)));
  return Math.max(POD_WIDTHS[columnsOf(floor)] ?? 126, ...apart);
}

/** What the names of several containers that share a pod need beside pause; one alone may be cut. */
function chipsWidth(containers: readonly Container[]): number {
  if (containers.length < 2) return 0;
  const chips = containers.slice(0, 2).map(({ name }) => name.length * 8.2 + 24);
  return Math.min(260, 50 + chips.reduce((sum, width) => sum + width, 0));
}

export function floorWidth(floor: Floor, open: boolean): number {
  const least = open ? 220 : COMPACT_WIDTH - 2 * PAD;
  if (floor.pods.length === 0) return least;
  return Math.max(least, columnsOf(floor) * (podWidthOf(floor, open) + POD.gap) - POD.gap);
}

/** How wide a room has to be for its pods, its NICs and, when `open`, its hooks. */
export function roomWidth(room: Room, open: boolean): number {
  const floors = room.floors.reduce((sum, floor) => sum + floorWidth(floor, open) + POD.gap, -POD.gap);
  const nics = room.nics.length * (NIC.width + NIC.gap) - NIC.gap;
  const ground = open && room.tracks ? nics + NIC.gap + TICKET.width : nics;
  return Math.max(open ? OPEN_WIDTH : COMPACT_WIDTH, Math.max(floors, ground) + 2 * PAD);
}

/** Chips of the given widths with even gaps over `width`. */
export function spread(
  chips: readonly (readonly [string, number])[],
  left: number,
  width: number,
): { label: string; x: number; width: number }[] {
  const total = chips.reduce((sum, [, w]) => sum + w, 0);
  const gap = (width - total) / Math.max(1, chips.length - 1);
  let x = left;
  return chips.map(([label, w]) => {
    const placed = { label, x, width: w };
    x += w + gap;
    return placed;
  });
}
