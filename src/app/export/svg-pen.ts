import type { Ink, Pen, Trail } from "../board/pen.ts";
import { escapeXml, num } from "./svg.ts";

/** Width of a text in a CSS font, in its pixels. */
export type Measure = (font: string, text: string) => number;

/** A path as SVG writes it. */
export class SvgTrail implements Trail {
  d = "";

  moveTo(x: number, y: number): void {
    this.d += `M${num(x)} ${num(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.d += `L${num(x)} ${num(y)}`;
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.d += `M${num(x)} ${num(y)}h${num(width)}v${num(height)}h${num(-width)}z`;
  }

  roundRect(x: number, y: number, width: number, height: number, radius: number): void {
    const r = Math.max(0, Math.min(radius, width / 2, height / 2));
    const corner = (dx: number, dy: number): string => `a${num(r)} ${num(r)} 0 0 1 ${num(dx)} ${num(dy)}`;
    const [w, h] = [num(width - 2 * r), num(height - 2 * r)];
    this.d += `M${num(x + r)} ${num(y)}h${w}${corner(r, r)}v${h}${corner(-r, r)}h-${w}${corner(-r, -r)}v-${h}${corner(r, -r)}z`;
  }

  /** A whole circle: nothing on the board is painted with less. */
  circle(x: number, y: number, r: number): void {
    const half = (dx: number): string => `a${num(r)} ${num(r)} 0 1 1 ${num(dx)} 0`;
    this.d += `M${num(x - r)} ${num(y)}${half(2 * r)}${half(-2 * r)}z`;
  }
}

/** How far below the given height the letters' base line lies, in shares of their size. */
const BASE: Readonly<Record<CanvasTextBaseline, number>> = {
  alphabetic: 0,
  bottom: -0.22,
  ideographic: -0.22,
  hanging: 0.8,
  middle: 0.35,
  top: 0.82,
};
const ANCHOR: Readonly<Record<CanvasTextAlign, string>> = {
  left: "start",
  start: "start",
  center: "middle",
  right: "end",
  end: "end",
};

/** How far a text begins before its place, in shares of its width. */
const SHIFT: Readonly<Record<CanvasTextAlign, number>> = { left: 0, start: 0, center: 0.5, right: 1, end: 1 };

type Look = Omit<
  Pen,
  { [K in keyof Pen]: Pen[K] extends (...given: never[]) => unknown ? K : never }[keyof Pen]
>;

const PLAIN: Look = {
  fillStyle: "#000",
  strokeStyle: "#000",
  lineWidth: 1,
  lineJoin: "miter",
  lineCap: "butt",
  globalAlpha: 1,
  font: "10px sans-serif",
  textAlign: "start",
  textBaseline: "alphabetic",
  shadowColor: "",
  shadowBlur: 0,
  shadowOffsetY: 0,
};

/** Writes SVG where a canvas would have been painted on. Shadows are left out. */
export class SvgPen implements Pen {
  fillStyle = PLAIN.fillStyle;
  strokeStyle = PLAIN.strokeStyle;
  lineWidth = PLAIN.lineWidth;
  lineJoin = PLAIN.lineJoin;
  lineCap = PLAIN.lineCap;
  globalAlpha = PLAIN.globalAlpha;
  font = PLAIN.font;
  textAlign = PLAIN.textAlign;
  textBaseline = PLAIN.textBaseline;
  shadowColor = PLAIN.shadowColor;
  shadowBlur = PLAIN.shadowBlur;
  shadowOffsetY = PLAIN.shadowOffsetY;
  /** What has been drawn. */
  readonly parts: string[] = [];
  /** Left and right ends of what has been written. */
  readonly span: { left: number; right: number } = { left: Infinity, right: -Infinity };
  private readonly saved: Look[] = [];
  private readonly measure: Measure;
  private dash: readonly number[] = [];
  private trail = new SvgTrail();

  constructor(measure: Measure) {
    this.measure = measure;
  }

  get ink(): Ink<SvgTrail> {
    return {
      pen: this,
      trail: () => new SvgTrail(),
      fill: ({ d }) => this.put(d, true, false),
      stroke: ({ d }) => this.put(d, false, true),
    };
  }

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, lineJoin, lineCap, globalAlpha, font } = this;
    const { textAlign, textBaseline, shadowColor, shadowBlur, shadowOffsetY } = this;
    const lines = { fillStyle, strokeStyle, lineWidth, lineJoin, lineCap, globalAlpha, font };
    this.saved.push({ ...lines, textAlign, textBaseline, shadowColor, shadowBlur, shadowOffsetY });
  }

  restore(): void {
    Object.assign(this, this.saved.pop());
  }

  setLineDash(dash: number[]): void {
    this.dash = dash;
  }

  beginPath(): void {
    this.trail = new SvgTrail();
  }

  moveTo(x: number, y: number): void {
    this.trail.moveTo(x, y);
  }

  lineTo(x: number, y: number): void {
    this.trail.lineTo(x, y);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.trail.rect(x, y, width, height);
  }

  roundRect(x: number, y: number, width: number, height: number, radius: number): void {
    this.trail.roundRect(x, y, width, height, radius);
  }

  arc(x: number, y: number, radius: number): void {
    this.trail.circle(x, y, radius);
  }

  fill(): void {
    this.put(this.trail.d, true, false);
  }

  stroke(): void {
    this.put(this.trail.d, false, true);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const trail = new SvgTrail();
    trail.rect(x, y, width, height);
    this.put(trail.d, true, false);
  }

  fillText(text: string, x: number, y: number): void {
    this.letters(text, x, y, `fill="${this.colour(this.fillStyle)}"`);
  }

  strokeText(text: string, x: number, y: number): void {
    const stroke = `fill="none" stroke="${this.colour(this.strokeStyle)}" stroke-width="${num(this.lineWidth)}"`;
    this.letters(text, x, y, `${stroke} stroke-linejoin="round"`);
  }

  measureText(text: string): { readonly width: number } {
    return { width: this.measure(this.font, text) };
  }

  private letters(text: string, x: number, y: number, look: string): void {
    const [, weight = "400", size = "10", family = "sans-serif"] =
      /^(?:(\d+|bold|normal) )?([\d.]+)px (.*)$/.exec(this.font) ?? [];
    const width = this.measure(this.font, text);
    const left = x - SHIFT[this.textAlign] * width;
    this.span.left = Math.min(this.span.left, left);
    this.span.right = Math.max(this.span.right, left + width);
    const place = `x="${num(x)}" y="${num(y + Number(size) * BASE[this.textBaseline])}"`;
    const font = `font-family="${escapeXml(family)}" font-size="${size}" font-weight="${weight}"`;
    const anchor = ` text-anchor="${ANCHOR[this.textAlign]}"`;
    this.parts.push(`<text ${place} ${font} ${look}${anchor}${this.alpha()}>${escapeXml(text)}</text>`);
  }

  private put(d: string, isFilled: boolean, isStroked: boolean): void {
    if (d === "") return;
    const fill = isFilled ? this.colour(this.fillStyle) : "none";
    const dash = this.dash.length === 0 ? "" : ` stroke-dasharray="${this.dash.join(" ")}"`;
    const ends = ` stroke-linejoin="${this.lineJoin}" stroke-linecap="${this.lineCap}"`;
    const stroke = isStroked
      ? ` stroke="${this.colour(this.strokeStyle)}" stroke-width="${num(this.lineWidth)}"${ends}${dash}`
      : "";
    this.parts.push(`<path d="${d}" fill="${fill}"${stroke}${this.alpha()}/>`);
  }

  private alpha(): string {
    return this.globalAlpha === 1 ? "" : ` opacity="${num(this.globalAlpha)}"`;
  }

  private colour(paint: Pen["fillStyle"]): string {
    return typeof paint === "string" ? escapeXml(paint) : "none";
  }
}
