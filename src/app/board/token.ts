import type { FrameView } from "../model/frame.ts";
import type { Point } from "../model/layout/wires.ts";
import type { Pen } from "./pen.ts";

/** Colours of the page, read from its style sheet. */
export type Palette = (name: string) => string;

const BAND = { width: 48, height: 6, gap: 3, indent: 9, pad: 6 };

function roundRect(pen: Pen, x: number, y: number, w: number, h: number, r: number): void {
  pen.beginPath();
  pen.roundRect(x, y, w, h, r);
}

/** The frame itself: a band for each header, inner ones indented. `at` is its middle, in board units. */
export function drawToken(pen: Pen, at: Point, frame: FrameView | undefined, palette: Palette): void {
  const layers = (frame?.layers ?? []).filter(({ layer }) => layer.protocol !== "payload").slice(0, 9);
  const count = Math.max(1, layers.length);
  const width = BAND.width + 2 * BAND.pad;
  const height = count * (BAND.height + BAND.gap) - BAND.gap + 2 * BAND.pad;
  const x = at.x - width / 2;
  const y = at.y - height / 2;
  const isWrapped = layers.some(({ layer }) => layer.depth > 0);
  pen.save();
  pen.shadowColor = palette("--shadow");
  pen.shadowBlur = 14;
  pen.shadowOffsetY = 4;
  pen.fillStyle = palette("--surface");
  roundRect(pen, x, y, width, height, 9);
  pen.fill();
  pen.restore();
  pen.lineWidth = 2.5;
  pen.strokeStyle = palette(isWrapped ? "--tunnel" : "--ink");
  roundRect(pen, x, y, width, height, 9);
  pen.stroke();
  layers.forEach(({ tone, layer }, i) => {
    const indent = Math.min(2, layer.depth) * BAND.indent;
    pen.globalAlpha = layer.depth > 0 ? 0.65 : 1;
    pen.fillStyle = palette(`--${tone}`);
    const top = y + BAND.pad + i * (BAND.height + BAND.gap);
    roundRect(pen, x + BAND.pad + indent, top, BAND.width - indent, BAND.height, 2);
    pen.fill();
  });
  pen.globalAlpha = 1;
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
export function drawCopy(pen: Pen, at: Point, { fate, isOver, word }: CopyLook, palette: Palette): void {
  const { width, height } = COPY;
  const [x, y] = [at.x - width / 2, at.y - height / 2];
  const isFaint = isOver && fate === "unwanted";
  pen.globalAlpha = isFaint ? 0.55 : 1;
  pen.fillStyle = palette("--surface");
  roundRect(pen, x, y, width, height, 6);
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = palette(isFaint ? "--ink-3" : "--ink");
  pen.setLineDash([4, 3]);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = palette(isFaint ? "--ink-3" : "--l2");
  for (const row of [0, 1]) {
    roundRect(pen, x + 5, y + 5 + row * 5, width - 10, 3, 1.5);
    pen.fill();
  }
  pen.globalAlpha = 1;
  if (!isOver) return;
  drawEnd(pen, { x: at.x + width / 2, y: at.y - height / 2 }, fate, palette);
  if (word !== "")
    drawWord(
      pen,
      { x: at.x, y: y + height + 4 },
      word,
      palette(fate === "lost" ? "--drop" : "--ink-2"),
      palette,
    );
}

/** At the corner of a copy: a bar for "not for me", a tick for "taken", a cross for "lost". */
function drawEnd(pen: Pen, at: Point, fate: CopyLook["fate"], palette: Palette): void {
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
  pen.fillStyle = palette("--surface");
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(at.x, at.y, 8, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  pen.beginPath();
  for (const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] of strokes[fate]) {
    pen.moveTo(at.x + x1, at.y + y1);
    pen.lineTo(at.x + x2, at.y + y2);
  }
  pen.stroke();
}

function drawWord(pen: Pen, at: Point, word: string, colour: string, palette: Palette): void {
  pen.font = `600 13px ${palette("--font-text")}`;
  const width = pen.measureText(word).width + 12;
  pen.fillStyle = palette("--surface");
  pen.globalAlpha = 0.92;
  roundRect(pen, at.x - width / 2, at.y, width, 20, 10);
  pen.fill();
  pen.globalAlpha = 1;
  pen.fillStyle = colour;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(word, at.x, at.y + 10.5);
}

/** What changed on the token: an old value to strike through, and the words that hold now. */
export interface Badge {
  readonly struck: string | undefined;
  readonly text: string;
  readonly tone: string;
}

/** A few words beside the token: what just changed on it. */
export function drawBadge(pen: Pen, at: Point, { struck, text, tone }: Badge, palette: Palette): void {
  pen.font = `600 15px ${palette("--font-text")}`;
  const gap = 8;
  const old = struck === undefined ? 0 : pen.measureText(struck).width + gap;
  const width = old + pen.measureText(text).width + 20;
  const x = at.x - width / 2;
  const y = at.y;
  pen.fillStyle = palette(`--${tone}`);
  roundRect(pen, x, y, width, 28, 14);
  pen.fill();
  pen.fillStyle = palette("--on-tone");
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  if (struck !== undefined) {
    pen.globalAlpha = 0.8;
    pen.fillText(struck, x + 10, y + 14.5);
    pen.fillRect(x + 10, y + 13.5, old - gap, 2);
    pen.globalAlpha = 1;
  }
  pen.fillText(text, x + 10 + old, y + 14.5);
}

/** The way walked so far, with arrowheads where it is long enough. */
export function drawWay(pen: Pen, way: readonly Point[], colour: string, width: number): void {
  if (way.length < 2) return;
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.beginPath();
  way.forEach((p, i) => (i === 0 ? pen.moveTo(p.x, p.y) : pen.lineTo(p.x, p.y)));
  pen.stroke();
}

/** Where the packet was lost. */
export function drawCross(pen: Pen, at: Point, palette: Palette): void {
  pen.strokeStyle = palette("--drop");
  pen.lineWidth = 5;
  pen.lineCap = "round";
  pen.beginPath();
  for (const side of [-1, 1]) {
    pen.moveTo(at.x - 16, at.y - 16 * side);
    pen.lineTo(at.x + 16, at.y + 16 * side);
  }
  pen.stroke();
}
