import type { ServiceSpot } from "../services.ts";
import { SKY } from "./measures.ts";
import type { Box, Rect, Scene } from "./scene.ts";
import type { Point } from "./wires.ts";

/** Where a Service is written above its node, and the ways that lead from there, as SVG paths. */
export interface ServiceLines extends Point {
  readonly spot: ServiceSpot;
  /** To the node whose rules translate its address. */
  readonly toNode: string;
  readonly toEndpoints: readonly { readonly id: string; readonly way: string; readonly isChosen: boolean }[];
}

/** Widths of a letter of the room's name and of its address, in board units. */
const LETTER = { name: 9.4, address: 9.2, shelf: 7.4 };

/** What is written on a room's head. */
function signsOf(box: Extract<Box, { type: "room" }>): readonly Rect[] {
  const [left, right] = [box.x + 14, box.x + box.width - 14];
  const name = box.room.name.length * LETTER.name;
  const address = box.address.length * LETTER.address;
  const shelf = Math.min(right - left, box.room.shelf.join(" · ").length * LETTER.shelf);
  if (box.compact) return [{ x: left, y: 6, width: right - left, height: 44 }];
  return [
    { x: left, y: 6, width: name, height: 28 },
    { x: right - address, y: 6, width: address, height: 28 },
    { x: left, y: 34, width: shelf, height: 20 },
  ];
}

/** A line straight down to `y` that leaves out what is written in its way. */
function drop(x: number, y: number, signs: readonly Rect[]): string {
  const inWay = signs.filter((sign) => x > sign.x - 4 && x < sign.x + sign.width + 4 && sign.y < y);
  const gaps = inWay.toSorted((a, b) => a.y - b.y);
  return `${gaps.map((sign) => `V${sign.y}M${x} ${sign.y + sign.height}`).join("")}V${y}`;
}

/** The labels of one room's Services stand side by side above it. */
export function serviceLines(
  scene: Scene,
  spots: readonly ServiceSpot[],
  endpointsOf: (spot: ServiceSpot) => readonly string[],
): readonly ServiceLines[] {
  const signs = scene.boxes.flatMap((box) => (box.type === "room" ? signsOf(box) : []));
  return spots.flatMap((spot) => {
    const room = scene.boxes.find((box) => box.type === "room" && box.room.netns === spot.netns);
    if (room === undefined) return [];
    const own = spots.filter(({ netns }) => netns === spot.netns);
    const x = room.x + (room.width * (own.indexOf(spot) + 0.5)) / own.length;
    const y = -SKY + 18;
    const endpoints = endpointsOf(spot);
    const toEndpoints = scene.boxes.flatMap((box) => {
      if (box.type !== "pod" || box.pod.ip === undefined || !endpoints.includes(box.pod.ip)) return [];
      const middle = box.x + box.width / 2;
      const way = `M${x} ${y + 18}V-14H${middle}${drop(middle, box.y, signs)}`;
      return [{ id: box.id, way, isChosen: box.pod.ip === spot.chosen }];
    });
    return [{ x, y, spot, toNode: `M${x} ${y + 18}V0`, toEndpoints }];
  });
}
