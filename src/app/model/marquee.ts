import type { Rect, Scene } from "./layout/scene.ts";

function holds(area: Rect, { x, y, width, height }: Rect): boolean {
  return x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height;
}

function touches(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/**
 * Namespaces of what a frame drawn over the board means: rooms and switches that lie wholly in it, with all that they hold;
 * without any, the pods that it touches.
 */
export function inFrame({ boxes, far }: Scene, area: Rect): readonly number[] {
  const tiles = far?.districts.flatMap((district) => (touches(district, area) ? district.tiles : [])) ?? [];
  const whole = new Set([
    ...boxes.flatMap((box) => (box.type === "room" && holds(area, box) ? [box.room.netns] : [])),
    ...tiles.flatMap((tile) => (holds(area, tile) ? [tile.room.netns] : [])),
    ...boxes.flatMap((box) => (box.type === "fabric" && holds(area, box) ? [box.fabric.netns] : [])),
  ]);
  if (whole.size > 0) return [...whole];
  return boxes.flatMap((box) => (box.type === "pod" && touches(area, box) ? [box.pod.netns] : []));
}

/** Every room and every switch of the board. */
export function allBoxes({ boxes, far }: Scene): readonly number[] {
  const tiles = far?.districts.flatMap((district) => district.tiles) ?? [];
  return [
    ...new Set([
      ...boxes.flatMap((box) => (box.type === "room" ? [box.room.netns] : [])),
      ...tiles.map(({ room }) => room.netns),
      ...boxes.flatMap((box) => (box.type === "fabric" ? [box.fabric.netns] : [])),
    ]),
  ];
}

/** The rectangle between two points. */
export function between(a: { readonly x: number; readonly y: number }, b: typeof a): Rect {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}
