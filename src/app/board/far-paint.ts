import { shortPodName } from "../model/cast.ts";
import type { Health, Mark, RoomHealth } from "../model/health.ts";
import type { District, Tile } from "../model/layout/districts.ts";
import type { Far, Rect } from "../model/layout/scene.ts";

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
}

/** Pixels that a tile is wide when more of it is drawn. */
const SHOW = { marks: 14, count: 34, name: 92, names: 190 };
/** Pixels of a pod's mark: a square at most, and with its name. */
const MARK = { side: 34, width: 96, height: 44 };
const FONT = { least: 12, usual: 13, head: 20 };

/** Part of the board that is on the screen. */
export function seen({ x, y, zoom, width, height }: View): Rect {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

export function meets(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Paints all rooms whose inside is not drawn. Everything is in pixels of the screen: letters keep their size. */
export function paintFar(ctx: CanvasRenderingContext2D, picture: FarPicture, view: View): void {
  const { far, colour } = picture;
  const area = seen(view);
  const to = (rect: Rect): Rect => ({
    x: rect.x * view.zoom + view.x,
    y: rect.y * view.zoom + view.y,
    width: rect.width * view.zoom,
    height: rect.height * view.zoom,
  });
  paintLines(ctx, picture, view);
  for (const { name, ...rect } of far.switches) paintSwitch(ctx, picture, name, to(rect));
  const brush = new Brush(ctx, picture);
  ctx.globalAlpha = far.focus === undefined ? 1 : 0.62;
  for (const district of far.districts) {
    if (!meets(district, area)) continue;
    if (district.name !== "") paintHead(ctx, picture, district, to(district), view);
    for (const tile of district.tiles)
      if (!far.detailed.has(tile.room.netns) && meets(tile, area)) brush.tile(tile, to(tile));
  }
  brush.flush();
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour("--ink");
}

function paintLines(ctx: CanvasRenderingContext2D, { far, colour }: FarPicture, view: View): void {
  ctx.strokeStyle = colour("--wire");
  ctx.lineWidth = Math.max(1, 4 * view.zoom);
  ctx.globalAlpha = 0.55;
  ctx.beginPath();
  for (const points of far.lines)
    points.forEach(({ x, y }, i) => {
      const [px, py] = [x * view.zoom + view.x, y * view.zoom + view.y];
      if (i === 0) ctx.moveTo(px, py);
      else ctx.lineTo(px, py);
    });
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** From afar a switch is a line with its name, else it would not be seen. */
function paintSwitch(
  ctx: CanvasRenderingContext2D,
  { colour, fonts }: FarPicture,
  name: string,
  at: Rect,
): void {
  if (at.height > FONT.least) return;
  ctx.fillStyle = colour("--wire");
  ctx.fillRect(at.x, at.y + at.height / 2 - 2.5, at.width, 5);
  ctx.font = `600 ${FONT.least}px ${fonts.code}`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  ctx.fillText(name, Math.max(at.x, 12), at.y + at.height / 2 + 6);
}

function paintHead(
  ctx: CanvasRenderingContext2D,
  { colour, fonts, headline }: FarPicture,
  district: District,
  at: Rect,
  view: View,
): void {
  const first = district.tiles[0];
  const room = first === undefined ? at.height : (first.y - district.y) * view.zoom;
  const size = Math.max(FONT.least, Math.min(FONT.head, room * 0.7));
  ctx.font = `650 ${size}px ${fonts.text}`;
  ctx.textBaseline = "bottom";
  ctx.textAlign = "left";
  const x = Math.max(at.x + 2, 8);
  const y = at.y + room - Math.max(1, room * 0.12);
  const text = clipped(ctx, headline(district), at.x + at.width - x);
  ctx.lineWidth = 4;
  ctx.strokeStyle = colour("--cloth");
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour("--ink-2");
  ctx.fillText(text, x, y);
}

/** A text that fits, with an ellipsis when it had to be cut. */
function clipped(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  const letter = ctx.measureText("n").width;
  const fits = Math.floor(width / letter) - 1;
  return fits < 2 ? "" : `${text.slice(0, fits)}…`;
}

/** Collects the small shapes of all tiles, so that each colour is filled once. */
class Brush {
  private readonly ctx: CanvasRenderingContext2D;
  private readonly picture: FarPicture;
  private readonly ready = new Path2D();
  private readonly broken = new Path2D();

  constructor(ctx: CanvasRenderingContext2D, picture: FarPicture) {
    this.ctx = ctx;
    this.picture = picture;
  }

  flush(): void {
    const { ctx, picture } = this;
    ctx.fillStyle = picture.colour("--app");
    ctx.fill(this.ready);
    ctx.strokeStyle = picture.colour("--drop");
    ctx.lineWidth = 1.5;
    ctx.stroke(this.broken);
  }

  tile({ room }: Tile, at: Rect): void {
    const { ctx, picture } = this;
    const health = picture.health.of(room);
    const isWhole = health.isReady && health.ready === health.marks.length;
    ctx.fillStyle = picture.colour(health.isReady ? "--felt" : "--drop-soft");
    ctx.strokeStyle = picture.colour(isWhole ? "--stitch" : "--drop");
    ctx.lineWidth = isWhole ? 1 : 2;
    // Node and pod alike are network namespaces: their edge is stitched, as soon as one can see stitches.
    ctx.setLineDash(at.width > 60 ? [6, 4] : []);
    ctx.beginPath();
    ctx.roundRect(at.x, at.y, at.width, at.height, Math.min(10, at.width / 8));
    ctx.fill();
    ctx.stroke();
    ctx.setLineDash([]);
    const top = this.words(room.name, room.nics[0]?.addresses[0]?.split("/")[0] ?? "", health, at);
    if (at.width < SHOW.marks) return;
    const pad = Math.max(1.5, Math.min(14, at.width * 0.06));
    this.marks(health.marks, {
      x: at.x + pad,
      y: at.y + top + pad,
      width: at.width - 2 * pad,
      height: at.height - top - 2 * pad,
    });
  }

  /** Name, address and counts, as far as there is room; answers the height that they take. */
  private words(name: string, address: string, health: RoomHealth, at: Rect): number {
    const { ctx, picture } = this;
    const sign = !health.isReady ? "✕" : health.ready < health.marks.length ? "!" : "";
    const count =
      health.ready === health.marks.length ? `${health.ready}` : `${health.ready}/${health.marks.length}`;
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = "left";
    const ink = picture.colour(sign === "" ? "--ink" : "--drop");
    if (at.width < SHOW.count || at.height < FONT.least * 1.6) {
      if (sign === "" || at.width < 9) return 0;
      ctx.fillStyle = ink;
      ctx.font = `700 ${FONT.least}px ${picture.fonts.text}`;
      ctx.fillText(sign, at.x + at.width / 2 - 4, at.y + FONT.least);
      return FONT.least;
    }
    ctx.fillStyle = ink;
    if (at.width < SHOW.name) {
      ctx.font = `600 ${FONT.least}px ${picture.fonts.text}`;
      const number = /\d+$/.exec(name)?.[0] ?? "";
      const short = clipped(ctx, sign === "" ? number : `${sign} ${count}`, at.width - 6);
      ctx.fillText(short, at.x + 4, at.y + FONT.least + 1);
      return FONT.least + 2;
    }
    const size = Math.min(16, FONT.usual + at.width / 160);
    ctx.font = `650 ${size}px ${picture.fonts.text}`;
    const words = `${sign === "" ? "" : `${sign} `}${count} ${picture.podWord}`;
    const right = ctx.measureText(words).width;
    const both = at.width - 16 > right + 30 && at.width > 150;
    ctx.fillText(clipped(ctx, name, at.width - 16 - (both ? right + 8 : 0)), at.x + 8, at.y + size + 4);
    if (both) ctx.fillText(words, at.x + at.width - 8 - right, at.y + size + 4);
    ctx.font = `${FONT.least}px ${picture.fonts.code}`;
    ctx.fillStyle = picture.colour("--ink-2");
    const second = both ? address : `${sign === "" ? "" : `${sign} `}${count}`;
    if (at.height < size * 3.2) return size + 6;
    ctx.fillText(clipped(ctx, second, at.width - 16), at.x + 8, at.y + 2 * size + 6);
    return 2 * size + 8;
  }

  /** A square for each pod: filled when it is ready, else an empty one struck through. */
  private marks(marks: readonly Mark[], area: Rect): void {
    const { ready, broken } = this;
    if (marks.length === 0 || area.height < 3 || area.width < 3) return;
    if (area.width > SHOW.names) {
      this.namedMarks(marks, area);
      return;
    }
    const columns = Math.max(1, Math.ceil(Math.sqrt((marks.length * area.width) / area.height)));
    const side = Math.min(area.height / Math.ceil(marks.length / columns), area.width / columns, MARK.side);
    const gap = side > 5 ? side * 0.2 : Math.min(1, side / 4);
    const full = side - gap;
    marks.forEach((mark, i) => {
      const x = area.x + (i % columns) * side;
      const y = area.y + Math.floor(i / columns) * side;
      if (mark.ready) {
        ready.rect(x, y, full, full);
      } else {
        broken.rect(x + 0.75, y + 0.75, full - 1.5, full - 1.5);
        broken.moveTo(x, y + full);
        broken.lineTo(x + full, y);
      }
    });
  }

  private namedMarks(marks: readonly Mark[], area: Rect): void {
    const columns = Math.max(1, Math.floor(area.width / MARK.width));
    const width = area.width / columns;
    const height = Math.min(MARK.height, area.height / Math.ceil(marks.length / columns));
    marks.forEach((mark, i) => {
      const x = area.x + (i % columns) * width;
      const y = area.y + Math.floor(i / columns) * height;
      this.namedMark(mark, { x, y, width: width - 5, height: height - Math.min(5, height / 4) });
    });
  }

  private namedMark({ name, ip, ready }: Mark, at: Rect): void {
    const { ctx, picture } = this;
    ctx.fillStyle = picture.colour(ready ? "--app-soft" : "--drop-soft");
    ctx.strokeStyle = picture.colour(ready ? "--app" : "--drop");
    ctx.lineWidth = 1;
    ctx.setLineDash([4, 3]);
    ctx.beginPath();
    ctx.roundRect(at.x, at.y, at.width, at.height, 5);
    ctx.fill();
    ctx.stroke();
    ctx.setLineDash([]);
    if (at.height < FONT.least + 4) return;
    ctx.font = `600 ${FONT.least}px ${picture.fonts.text}`;
    ctx.fillStyle = picture.colour("--ink");
    const sign = ready ? "" : "! ";
    // The end of a pod's name tells it from its sisters.
    const most = Math.floor((at.width - 8) / 7);
    const text = sign + shortPodName(name);
    const short = text.length <= most ? text : `${text.slice(0, Math.max(1, most - 7))}…${text.slice(-5)}`;
    ctx.fillText(clipped(ctx, short, at.width - 6), at.x + 4, at.y + FONT.least + 1);
    if (at.height < 2 * FONT.least + 6 || ip === undefined) return;
    ctx.font = `${FONT.least}px ${picture.fonts.code}`;
    ctx.fillStyle = picture.colour("--ink-2");
    ctx.fillText(clipped(ctx, ip, at.width - 6), at.x + 4, at.y + 2 * FONT.least + 3);
  }
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
