import type { Box, Rect, Scene } from "../model/layout/scene.ts";

/** Screens narrower than this follow the packet from room to room. */
export const NARROW = 760;

/** Room for the bar over the board, and a margin around. */
const TOP = 62;
const MARGIN = 16;
/** Room below for the buttons that zoom; on a narrow screen also for what peeps out of the inspector. */
const BOTTOM = 50;
const SHEET = 66;
const LARGEST = 1.4;

interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/**
 * The view in which a part of the board fills the frame; a bare one has no bars of the page over it. `bars`: pixels from the
 * top that they take, when that is more than usual.
 */
export function viewOf(
  part: Partial<Rect> & Pick<Rect, "width" | "height">,
  width: number,
  height: number,
  isBare = false,
  bars = 0,
): Viewport {
  const bottom = isBare ? MARGIN : BOTTOM + (width < NARROW ? SHEET : 0);
  const top = isBare && width < NARROW ? MARGIN : Math.max(TOP, bars);
  const [w, h] = [Math.max(50, width - 2 * MARGIN), Math.max(50, height - top - bottom)];
  const zoom = Math.min(LARGEST, w / part.width, h / part.height);
  return {
    zoom,
    x: MARGIN + (w - part.width * zoom) / 2 - (part.x ?? 0) * zoom,
    y: top + (h - part.height * zoom) / 2 - (part.y ?? 0) * zoom,
  };
}

/** Where a namespace is on the board: its own box, else the tile of its room. */
export function placeOf(scene: Scene, netns: number): Rect | undefined {
  const boxes = scene.boxes.filter((box) => netnsOf(box) === netns);
  const own = boxes.find(({ type }) => type === "pod" || type === "room") ?? boxes[0];
  const tiles = (scene.far?.districts ?? []).flatMap((district) => district.tiles);
  const at = scene.wires.at(`app/${netns}`);
  return (
    own ??
    tiles.find(({ room }) => room.netns === netns) ??
    (at === undefined ? undefined : { x: at.x - 100, y: at.y - 80, width: 200, height: 160 })
  );
}

function netnsOf(box: Box): number | undefined {
  if (box.type === "pod") return box.pod.netns;
  if (box.type === "room") return box.room.netns;
  return box.type === "fabric" ? box.fabric.netns : undefined;
}

/** The room in which a spot is; the switch's part of the board when it is below the rooms. */
export function roomAround(scene: Scene, spot: string | undefined): Rect | undefined {
  const at = spot === undefined ? undefined : scene.wires.at(spot);
  if (at === undefined) return undefined;
  const rooms = scene.boxes.filter(({ type }) => type === "room");
  const isAcross = (r: Rect): boolean => at.x >= r.x && at.x <= r.x + r.width;
  const isAround = (r: Rect): boolean => isAcross(r) && at.y >= r.y && at.y <= r.y + r.height;
  if (scene.isFree || (scene.far !== undefined && scene.far.focus === undefined))
    return rooms.find(isAround) ?? { x: at.x - 180, y: at.y - 180, width: 360, height: 360 };
  const room = rooms.find(isAcross) ?? rooms[0];
  const { height } = scene.far?.focus ?? scene;
  return room === undefined ? undefined : { x: room.x, y: 0, width: room.width, height };
}

/** Below this scale nothing on the board can be read any more. */
const READABLE = 0.5;

/** The rooms that a packet comes through, when the whole board would be too small to read; else everything. */
export function partInView(
  scene: Scene,
  visited: ReadonlySet<number> | undefined,
  width: number,
  height: number,
): Rect {
  const whole = { ...scene, x: 0, y: 0 };
  if (visited === undefined || viewOf(whole, width, height).zoom >= READABLE) return whole;
  const rooms = scene.boxes.filter((box) => box.type === "room" && visited.has(box.room.netns));
  if (rooms.length === 0) return whole;
  if (scene.far?.focus !== undefined) return scene.far.focus;
  const left = Math.min(...rooms.map(({ x }) => x));
  const right = Math.max(...rooms.map(({ x, width: w }) => x + w));
  return { x: left, y: 0, width: right - left, height: scene.height };
}
