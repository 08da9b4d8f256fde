import type { FrameView } from "../model/frame.ts";
import type { Point } from "../model/layout/wires.ts";

/** Colours of the page, read from its style sheet. */
export type Palette = (name: string) => string;

const BAND = { width: 48, height: 6, gap: 3, indent: 9, pad: 6 };

function roundRect(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  r: number,
): void {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, r);
}

/** The frame itself: a band for each header, inner ones indented. `at` is its middle, in board units. */
export function drawToken(
  ctx: CanvasRenderingContext2D,
  at: Point,
  frame: FrameView | undefined,
  palette: Palette,
): void {
  const layers = (frame?.layers ?? []).filter(({ layer }) => layer.protocol !== "payload").slice(0, 9);
  const count = Math.max(1, layers.length);
  const width = BAND.width + 2 * BAND.pad;
  const height = count * (BAND.height + BAND.gap) - BAND.gap + 2 * BAND.pad;
  const x = at.x - width / 2;
  const y = at.y - height / 2;
  const isWrapped = layers.some(({ layer }) => layer.depth > 0);
  ctx.save();
  ctx.shadowColor = palette("--shadow");
  ctx.shadowBlur = 14;
  ctx.shadowOffsetY = 4;
  ctx.fillStyle = palette("--surface");
  roundRect(ctx, x, y, width, height, 9);
  ctx.fill();
  ctx.restore();
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = palette(isWrapped ? "--tunnel" : "--ink");
  roundRect(ctx, x, y, width, height, 9);
  ctx.stroke();
  layers.forEach(({ tone, layer }, i) => {
    const indent = Math.min(2, layer.depth) * BAND.indent;
    ctx.globalAlpha = layer.depth > 0 ? 0.65 : 1;
    ctx.fillStyle = palette(`--${tone}`);
    const top = y + BAND.pad + i * (BAND.height + BAND.gap);
    roundRect(ctx, x + BAND.pad + indent, top, BAND.width - indent, BAND.height, 2);
    ctx.fill();
  });
  ctx.globalAlpha = 1;
}

const COPY = { width: 30, height: 18 };

/** How a copy is drawn: on its way, or at its end with the sign of what became of it. */
export interface CopyLook {
  readonly fate: "unwanted" | "taken" | "lost" | "merged" | "going";
  readonly isOver: boolean;
  /** A word beside it at its end; "" for none. */
  readonly word: string;
}

/** A copy of the frame: smaller than the frame itself, and faint once nobody wanted it. */
export function drawCopy(
  ctx: CanvasRenderingContext2D,
  at: Point,
  { fate, isOver, word }: CopyLook,
  palette: Palette,
): void {
  const { width, height } = COPY;
  const [x, y] = [at.x - width / 2, at.y - height / 2];
  const isFaint = isOver && fate === "unwanted";
  ctx.globalAlpha = isFaint ? 0.55 : 1;
  ctx.fillStyle = palette("--surface");
  roundRect(ctx, x, y, width, height, 6);
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = palette(isFaint ? "--ink-3" : "--ink");
  ctx.setLineDash([4, 3]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = palette(isFaint ? "--ink-3" : "--l2");
  for (const row of [0, 1]) {
    roundRect(ctx, x + 5, y + 5 + row * 5, width - 10, 3, 1.5);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
  if (!isOver) return;
  drawEnd(ctx, { x: at.x + width / 2, y: at.y - height / 2 }, fate, palette);
  if (word !== "")
    drawWord(
      ctx,
      { x: at.x, y: y + height + 4 },
      word,
      palette(fate === "lost" ? "--drop" : "--ink-2"),
      palette,
    );
}

/** At the corner of a copy: a bar for "not for me", a tick for "taken", a cross for "lost". */
function drawEnd(ctx: CanvasRenderingContext2D, at: Point, fate: CopyLook["fate"], palette: Palette): void {
  if (fate === "going" || fate === "merged") return;
  const strokes: Readonly<Record<"unwanted" | "taken" | "lost", readonly (readonly number[])[]>> = {
    unwanted: [[-4, 0, 4, 0]],
    taken: [
      [-4, 0, -1, 3],
      [-1, 3, 4, -3],
    ],
    lost: [
      [-3.5, -3.5, 3.5, 3.5],
      [-3.5, 3.5, 3.5, -3.5],
    ],
  };
  const colour = palette({ unwanted: "--ink-3", taken: "--transport", lost: "--drop" }[fate]);
  ctx.fillStyle = palette("--surface");
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(at.x, at.y, 8, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.beginPath();
  for (const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] of strokes[fate]) {
    ctx.moveTo(at.x + x1, at.y + y1);
    ctx.lineTo(at.x + x2, at.y + y2);
  }
  ctx.stroke();
}

function drawWord(
  ctx: CanvasRenderingContext2D,
  at: Point,
  word: string,
  colour: string,
  palette: Palette,
): void {
  ctx.font = `600 13px ${palette("--font-text")}`;
  const width = ctx.measureText(word).width + 12;
  ctx.fillStyle = palette("--surface");
  ctx.globalAlpha = 0.92;
  roundRect(ctx, at.x - width / 2, at.y, width, 20, 10);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(word, at.x, at.y + 10.5);
}

/** What changed on the token: an old value to strike through, and the words that hold now. */
export interface Badge {
  readonly struck: string | undefined;
  readonly text: string;
  readonly tone: string;
}

/** A few words beside the token: what just changed on it. */
export function drawBadge(
  ctx: CanvasRenderingContext2D,
  at: Point,
  { struck, text, tone }: Badge,
  palette: Palette,
): void {
  ctx.font = `600 15px ${palette("--font-text")}`;
  const gap = 8;
  const old = struck === undefined ? 0 : ctx.measureText(struck).width + gap;
  const width = old + ctx.measureText(text).width + 20;
  const x = at.x - width / 2;
  const y = at.y;
  ctx.fillStyle = palette(`--${tone}`);
  roundRect(ctx, x, y, width, 28, 14);
  ctx.fill();
  ctx.fillStyle = palette("--on-tone");
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  if (struck !== undefined) {
    ctx.globalAlpha = 0.8;
    ctx.fillText(struck, x + 10, y + 14.5);
    ctx.fillRect(x + 10, y + 13.5, old - gap, 2);
    ctx.globalAlpha = 1;
  }
  ctx.fillText(text, x + 10 + old, y + 14.5);
}

/** The way walked so far, with arrowheads where it is long enough. */
export function drawWay(
  ctx: CanvasRenderingContext2D,
  way: readonly Point[],
  colour: string,
  width: number,
): void {
  if (way.length < 2) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  ctx.beginPath();
  way.forEach((p, i) => (i === 0 ? ctx.moveTo(p.x, p.y) : ctx.lineTo(p.x, p.y)));
  ctx.stroke();
}

/** Where the packet was lost. */
export function drawCross(ctx: CanvasRenderingContext2D, at: Point, palette: Palette): void {
  ctx.strokeStyle = palette("--drop");
  ctx.lineWidth = 5;
  ctx.lineCap = "round";
  ctx.beginPath();
  for (const side of [-1, 1]) {
    ctx.moveTo(at.x - 16, at.y - 16 * side);
    ctx.lineTo(at.x + 16, at.y + 16 * side);
  }
  ctx.stroke();
}
