import type { FarChosen } from "../build/far-chosen.ts";
import type { Health } from "../model/health.ts";
import type { District, Tile } from "../model/layout/districts.ts";
import type { Far, Rect } from "../model/layout/scene.ts";
import { Batch } from "./far-batch.ts";
import { FONT, TilePainter } from "./far-tile.ts";
import type { Ink, Pen, Trail } from "./pen.ts";

/** Where the board stands on the screen: React Flow's transform. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
}

/** Everything that is painted from. */
export interface FarPicture {
  readonly far: Far;
  readonly health: Health;
  readonly colour: (name: string) => string;
  readonly fonts: { readonly text: string; readonly code: string };
  /** What a district's head says. */
  readonly headline: (district: District) => string;
  /** Text of a tile's count, short: `9/10`. */
  readonly podWord: string;
  /** What is chosen and has to be marked; undefined for nothing. */
  readonly chosen?: FarChosen | undefined;
}

/** Part of the board that is on the screen. */
export function seen({ x, y, zoom, width, height }: View): Rect {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

export function meets(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Paints all rooms whose inside is not drawn. Everything is in pixels of the screen: letters keep their size. */
export function paintFar<P extends Trail>(ink: Ink<P>, picture: FarPicture, view: View): void {
  const { pen } = ink;
  const { far, colour } = picture;
  const area = seen(view);
  const to = (rect: Rect): Rect => ({
    x: rect.x * view.zoom + view.x,
    y: rect.y * view.zoom + view.y,
    width: rect.width * view.zoom,
    height: rect.height * view.zoom,
  });
  paintLines(pen, picture, view);
  for (const { name, ...rect } of far.switches) paintSwitch(pen, picture, name, to(rect));
  const batch = new Batch(ink);
  const painter = new TilePainter(batch, picture);
  pen.globalAlpha = far.focus === undefined ? 1 : 0.62;
  for (const district of far.districts) {
    if (!meets(district, area)) continue;
    if (district.name !== "") paintHead(ink, picture, district, to(district), view);
    for (const tile of district.tiles)
      if (!far.detailed.has(tile.room.netns) && meets(tile, area)) painter.tile(tile, to(tile));
  }
  batch.flush();
  pen.globalAlpha = 1;
  pen.fillStyle = colour("--ink");
}

function paintLines(pen: Pen, { far, colour }: FarPicture, view: View): void {
  pen.strokeStyle = colour("--wire");
  pen.lineWidth = Math.max(1, 4 * view.zoom);
  pen.globalAlpha = 0.55;
  pen.beginPath();
  for (const points of far.lines)
    points.forEach(({ x, y }, i) => {
      const [px, py] = [x * view.zoom + view.x, y * view.zoom + view.y];
      if (i === 0) pen.moveTo(px, py);
      else pen.lineTo(px, py);
    });
  pen.stroke();
  pen.globalAlpha = 1;
}

/** From afar a switch is a line with its name, else it would not be seen. */
function paintSwitch(pen: Pen, { colour, fonts }: FarPicture, name: string, at: Rect): void {
  if (at.height > FONT.least) return;
  pen.fillStyle = colour("--wire");
  pen.fillRect(at.x, at.y + at.height / 2 - 2.5, at.width, 5);
  pen.font = `600 ${FONT.least}px ${fonts.code}`;
  pen.textBaseline = "top";
  pen.textAlign = "left";
  pen.fillText(name, Math.max(at.x, 12), at.y + at.height / 2 + 6);
}

function paintHead<P extends Trail>(
  ink: Ink<P>,
  { colour, fonts, headline }: FarPicture,
  district: District,
  at: Rect,
  view: View,
): void {
  const { pen } = ink;
  const first = district.tiles[0];
  const room = first === undefined ? at.height : (first.y - district.y) * view.zoom;
  const size = Math.max(FONT.least, Math.min(FONT.head, room * 0.7));
  pen.font = `650 ${size}px ${fonts.text}`;
  pen.textBaseline = "bottom";
  pen.textAlign = "left";
  const x = Math.max(at.x + 2, 8);
  const y = at.y + room - Math.max(1, room * 0.12);
  const text = new Batch(ink).clipped(pen.font, headline(district), at.x + at.width - x);
  pen.lineWidth = 4;
  pen.strokeStyle = colour("--cloth");
  pen.strokeText(text, x, y);
  pen.fillStyle = colour("--ink-2");
  pen.fillText(text, x, y);
}

/** The tile under a point of the board. */
export function tileAt({ districts }: Far, x: number, y: number): Tile | undefined {
  const holds = (r: Rect): boolean => x >= r.x && x <= r.x + r.width && y >= r.y && y <= r.y + r.height;
  return districts.find(holds)?.tiles.find(holds);
}

/** The next tile in a direction, for the arrow keys: the nearest one that lies more that way than aside. */
export function tileBeside(far: Far, from: Tile, dx: number, dy: number): Tile | undefined {
  let best: Tile | undefined;
  let least = Infinity;
  const middle = ({ x, y, width, height }: Rect) => ({ x: x + width / 2, y: y + height / 2 });
  const start = middle(from);
  for (const { tiles } of far.districts)
    for (const tile of tiles) {
      const at = middle(tile);
      const along = (at.x - start.x) * dx + (at.y - start.y) * dy;
      const aside = Math.abs((at.x - start.x) * dy) + Math.abs((at.y - start.y) * dx);
      if (tile === from || along <= 1 || aside > along * 1.5) continue;
      const cost = along + 2 * aside;
      if (cost < least) [best, least] = [tile, cost];
    }
  return best;
}
