import type { Room } from "../topology.ts";
import type { Rect } from "./scene.ts";

/** A room seen from afar: where it is, whether or not its inside is drawn. */
export interface Tile extends Rect {
  readonly room: Room;
}

/** Rooms that belong together, side by side: of a zone, or on a switch. */
export interface District extends Rect {
  /** Empty for those that belong to none. */
  readonly name: string;
  readonly kind: "zone" | "switch" | "rest";
  readonly tiles: readonly Tile[];
  /** Lower edges of its rows, where the cables run. */
  readonly aisles: readonly number[];
}

/** Rooms of one name. */
export interface Quarter {
  readonly name: string;
  readonly kind: District["kind"];
  readonly rooms: readonly Room[];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the arrangement keeps free, in shares of a room's mean height: it has to be seen from afar too. */
const GAP = 0.07;
const HEAD = 0.5;
const BETWEEN = 0.35;
/** Width to height of the whole: about that of a screen. */
const SHAPE = 1.7;

/** Rows and columns of rooms, quarter beside quarter, in about the shape of a screen. The first one stands at `x`, `y`. */
export function arrange(
  quarters: readonly Quarter[],
  sizeOf: (room: Room) => Size,
  { x = 0, y = 0, shape = SHAPE }: { readonly x?: number; readonly y?: number; readonly shape?: number } = {},
): readonly District[] {
  const sizes = new Map(quarters.flatMap(({ rooms }) => rooms.map((room) => [room, sizeOf(room)] as const)));
  const mean = meanOf([...sizes.values()]);
  const perRow = quartersPerRow(quarters, shape, mean);
  const districts: District[] = [];
  let top = y;
  for (let i = 0; i < quarters.length; i += perRow) {
    let left = x;
    let bottom = top;
    for (const quarter of quarters.slice(i, i + perRow)) {
      // Quarters beside each other share the width.
      const district = arrangeOne(quarter, sizes, mean, { x: left, y: top, shape: shape / perRow });
      districts.push(district);
      left += district.width + BETWEEN * mean.height;
      bottom = Math.max(bottom, top + district.height);
    }
    top = bottom + BETWEEN * mean.height;
  }
  return districts;
}

function meanOf(sizes: readonly Size[]): Size {
  const sum = (pick: (size: Size) => number): number => sizes.reduce((total, size) => total + pick(size), 0);
  const count = Math.max(1, sizes.length);
  return { width: sum(({ width }) => width) / count, height: sum(({ height }) => height) / count };
}

/** As many as make about square blocks of the larger ones. */
function quartersPerRow(quarters: readonly Quarter[], shape: number, { width, height }: Size): number {
  const large = quarters.filter(({ rooms }) => rooms.length > 4).length;
  const aspect = shape * (height / width);
  return Math.max(
    1,
    Math.round(Math.sqrt(Math.max(1, large) * Math.max(1, aspect))),
    large <= 4 ? quarters.length : 1,
  );
}

function arrangeOne(
  { name, kind, rooms }: Quarter,
  sizes: ReadonlyMap<Room, Size>,
  mean: Size,
  at: { readonly x: number; readonly y: number; readonly shape: number },
): District {
  const columns = Math.max(1, Math.ceil(Math.sqrt((rooms.length * at.shape * mean.height) / mean.width)));
  const gap = GAP * mean.height;
  const tiles: Tile[] = [];
  const aisles: number[] = [];
  let y = at.y + (name === "" ? 0 : HEAD * mean.height);
  let right = at.x;
  for (let i = 0; i < rooms.length; i += columns) {
    let x = at.x + gap;
    let height = 0;
    for (const room of rooms.slice(i, i + columns)) {
      const size = sizes.get(room) ?? mean;
      tiles.push({ room, x, y, ...size });
      x += size.width + gap;
      height = Math.max(height, size.height);
    }
    right = Math.max(right, x);
    aisles.push(y + height + gap / 2);
    y += height + gap;
  }
  return { name, kind, tiles, aisles, x: at.x, y: at.y, width: right - at.x, height: y - at.y };
}
