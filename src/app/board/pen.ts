/** Where shapes of one look are collected: a `Path2D`, or the text of a path. */
export interface Trail {
  rect(x: number, y: number, width: number, height: number): void;
  roundRect(x: number, y: number, width: number, height: number, radius: number): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

type Paint = CanvasRenderingContext2D["fillStyle"];

/** What the board's layers are painted with: a canvas, or whatever draws the same elsewhere (`export/svg-pen.ts`). */
export interface Pen extends Trail {
  fillStyle: Paint;
  strokeStyle: Paint;
  lineWidth: number;
  lineJoin: CanvasLineJoin;
  lineCap: CanvasLineCap;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  shadowColor: string;
  shadowBlur: number;
  shadowOffsetY: number;
  save(): void;
  restore(): void;
  setLineDash(dash: number[]): void;
  beginPath(): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  fill(): void;
  stroke(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  strokeText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
}

/** A pen with paths that are kept and drawn at once. */
export interface Ink<P extends Trail> {
  readonly pen: Pen;
  readonly trail: () => P;
  readonly fill: (trail: P) => void;
  readonly stroke: (trail: P) => void;
}

export function canvasInk(ctx: CanvasRenderingContext2D): Ink<Path2D> {
  return {
    pen: ctx,
    trail: () => new Path2D(),
    fill: (path) => ctx.fill(path),
    stroke: (path) => ctx.stroke(path),
  };
}
