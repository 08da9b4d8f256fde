import { barWidth, fabricKey } from "./layout/fabric-key.ts";
import type { Places } from "./layout/free.ts";
import type { Rect } from "./layout/scene.ts";
import type { Point } from "./layout/wires.ts";
import type { Topology } from "./topology.ts";

export const ALIGNMENTS = ["left", "center", "right", "top", "middle", "bottom"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];
export const DIRECTIONS = ["across", "down"] as const;
export type Direction = (typeof DIRECTIONS)[number];

type Rects = ReadonlyMap<string, Rect>;

/** All boxes where they are: what a board that was laid out by itself begins with when something is moved. */
export function placesOf(rects: Rects): Places {
  return Object.fromEntries([...rects].map(([key, { x, y }]) => [key, { x, y }]));
}

function among(rects: Rects, moved: ReadonlyMap<string, Point>): Places {
  return { ...placesOf(rects), ...Object.fromEntries(moved) };
}

export function shift(rects: Rects, keys: readonly string[], dx: number, dy: number): Places {
  const moved = keys.flatMap((key) => {
    const rect = rects.get(key);
    return rect === undefined ? [] : [[key, { x: rect.x + dx, y: rect.y + dy }] as const];
  });
  return among(rects, new Map(moved));
}

/** Edges or middles in one line: that of the outermost, or of the middle of them all. */
export function align(rects: Rects, keys: readonly string[], how: Alignment): Places {
  const chosen = keys.flatMap((key) => (rects.has(key) ? [[key, rects.get(key)!] as const] : []));
  const all = chosen.map(([, rect]) => rect);
  const left = Math.min(...all.map(({ x }) => x));
  const right = Math.max(...all.map(({ x, width }) => x + width));
  const top = Math.min(...all.map(({ y }) => y));
  const bottom = Math.max(...all.map(({ y, height }) => y + height));
  const at = ({ x, y, width, height }: Rect): Point => {
    switch (how) {
      case "left":
        return { x: left, y };
      case "center":
        return { x: (left + right - width) / 2, y };
      case "right":
        return { x: right - width, y };
      case "top":
        return { x, y: top };
      case "middle":
        return { x, y: (top + bottom - height) / 2 };
      case "bottom":
        return { x, y: bottom - height };
    }
  };
  return among(rects, new Map(chosen.map(([key, rect]) => [key, at(rect)])));
}

/** Even gaps between the first and the last. */
export function distribute(rects: Rects, keys: readonly string[], direction: Direction): Places {
  const [at, size] = direction === "across" ? (["x", "width"] as const) : (["y", "height"] as const);
  const chosen = keys
    .flatMap((key) => (rects.has(key) ? [[key, rects.get(key)!] as const] : []))
    .toSorted(([, a], [, b]) => a[at] - b[at]);
  const [first, last] = [chosen[0]?.[1], chosen.at(-1)?.[1]];
  if (first === undefined || last === undefined) return placesOf(rects);
  const total = chosen.reduce((sum, [, rect]) => sum + rect[size], 0);
  const gap = (last[at] + last[size] - first[at] - total) / Math.max(1, chosen.length - 1);
  let next = first[at];
  const moved = new Map<string, Point>();
  for (const [key, rect] of chosen) {
    moved.set(key, { x: rect.x, y: rect.y, [at]: next });
    next += rect[size] + gap;
  }
  return among(rects, moved);
}

const LAYER_GAP = 90;
const ROOM_GAP = 40;

/**
 * A layered drawing (Sugiyama's method): switches and rooms in rows by their distance from the switch with the most plugs,
 * what hangs on that switch alone above it, and each row in the order that lets the fewest cables cross. Without a switch, rows
 * by the distance from the room with the most cables.
 */
export function layered({ rooms, fabrics }: Topology, now: Rects): Places {
  // In a row a switch is as long as the row; by itself it is as long as it has to be.
  const bars = fabrics.map((fabric) => [fabricKey(fabric), barWidth(fabric.ports.length)] as const);
  const rects = new Map(now);
  for (const [key, width] of bars) {
    const bar = now.get(key);
    if (bar !== undefined) rects.set(key, { ...bar, width });
  }
  const links = linksOf({ rooms, fabrics });
  const keys = [...fabrics.map(fabricKey), ...rooms.map(({ name }) => name)].filter((key) => rects.has(key));
  const degree = (key: string): number => links.get(key)?.size ?? 0;
  const rows = rowsOf(keys, links, new Set(fabrics.map(fabricKey)), degree);
  for (let pass = 0; pass < 4; pass++) {
    const order = pass % 2 === 0 ? rows.keys() : [...rows.keys()].reverse();
    for (const row of order) sortRow(rows, row, links, pass % 2 === 0 ? -1 : 1);
  }
  const widths = rows.map((row) =>
    row.reduce((sum, key) => sum + (rects.get(key)?.width ?? 0) + ROOM_GAP, -ROOM_GAP),
  );
  const most = Math.max(...widths);
  const places = new Map<string, Point>();
  let y = 0;
  rows.forEach((row, i) => {
    let x = (most - (widths[i] ?? 0)) / 2;
    for (const key of row) {
      places.set(key, { x: Math.round(x), y });
      x += (rects.get(key)?.width ?? 0) + ROOM_GAP;
    }
    y += Math.max(0, ...row.map((key) => rects.get(key)?.height ?? 0)) + LAYER_GAP;
  });
  return Object.fromEntries(places);
}

type Links = ReadonlyMap<string, ReadonlySet<string>>;

function linksOf({ rooms, fabrics }: Pick<Topology, "rooms" | "fabrics">): Links {
  const owners = new Map<string, string>();
  for (const { name, nics } of rooms)
    for (const { netns, link } of nics) owners.set(`${netns}/${link.index}`, name);
  for (const fabric of fabrics)
    for (const { netns, link } of fabric.ports) owners.set(`${netns}/${link.index}`, fabricKey(fabric));
  const links = new Map<string, Set<string>>();
  const join = (a: string, b: string): void => {
    const set = links.get(a) ?? new Set<string>();
    links.set(a, set.add(b));
  };
  for (const { name, nics } of rooms)
    for (const { link } of nics) {
      const peer = link.peer && owners.get(`${link.peer.netns}/${link.peer.index}`);
      if (peer === undefined || peer === name) continue;
      join(name, peer);
      join(peer, name);
    }
  return links;
}

function rowsOf(
  keys: readonly string[],
  links: Links,
  switches: ReadonlySet<string>,
  degree: (key: string) => number,
): string[][] {
  const level = new Map<string, number>();
  for (const root of keys.toSorted(
    (a, b) => Number(switches.has(b)) - Number(switches.has(a)) || degree(b) - degree(a),
  )) {
    if (level.has(root)) continue;
    level.set(root, switches.has(root) ? 1 : 0);
    const queue = [root];
    for (let key = queue.shift(); key !== undefined; key = queue.shift())
      for (const next of links.get(key) ?? []) {
        if (level.has(next)) continue;
        // Of what hangs on the first switch alone, all stand above it.
        const isLeaf = key === root && switches.has(root) && degree(next) === 1;
        level.set(next, isLeaf ? 0 : (level.get(key) ?? 0) + 1);
        queue.push(next);
      }
  }
  const depth = Math.max(0, ...level.values());
  const rows = Array.from({ length: depth + 1 }, (_, at) => keys.filter((key) => level.get(key) === at));
  return rows.filter((row) => row.length > 0);
}

/** Puts a row into the order of the means of what its boxes are joined with, in the row before or behind. */
function sortRow(rows: string[][], at: number, links: Links, side: -1 | 1): void {
  const beside = rows[at + side];
  const row = rows[at];
  if (beside === undefined || row === undefined) return;
  const mean = (key: string): number => {
    const places = [...(links.get(key) ?? [])].map((each) => beside.indexOf(each)).filter((i) => i >= 0);
    if (places.length === 0) return (row.indexOf(key) * beside.length) / row.length;
    return places.reduce((sum, i) => sum + i, 0) / places.length;
  };
  const means = new Map(row.map((key) => [key, mean(key)]));
  rows[at] = row.toSorted((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0));
}
