import type { Ink, Trail } from "./pen.ts";

interface Shapes<P> {
  readonly path: P;
  readonly layer: number;
  readonly fill: string;
  readonly stroke: string;
  readonly width: number;
  readonly dash: readonly number[];
}

interface Texts {
  readonly font: string;
  readonly colour: string;
  readonly items: { readonly text: string; readonly x: number; readonly y: number }[];
}

/** Widths of texts, by font: measuring costs more than drawing. */
const widths = new Map<string, Map<string, number>>();
const MOST_WIDTHS = 20_000;

/** What tiles are painted with. */
export type Collector = Pick<Batch<Trail>, "path" | "text" | "width" | "clipped">;

/** Collects shapes and texts of one look, so that each colour and each font is set once. Texts lie above shapes. */
export class Batch<P extends Trail> {
  private readonly ink: Ink<P>;
  private readonly shapes = new Map<string, Shapes<P>>();
  private readonly texts = new Map<string, Texts>();

  constructor(ink: Ink<P>) {
    this.ink = ink;
  }

  /**
   * The path to which all shapes of one look are added; an empty colour leaves out filling or stroking. Higher layers lie on
   * lower ones, whichever look came first.
   */
  path(layer: number, fill: string, stroke: string, width = 1, dash: readonly number[] = []): P {
    const key = `${layer} ${fill} ${stroke} ${width} ${dash.join()}`;
    let shapes = this.shapes.get(key);
    if (shapes === undefined) {
      shapes = { path: this.ink.trail(), layer, fill, stroke, width, dash };
      this.shapes.set(key, shapes);
    }
    return shapes.path;
  }

  text(font: string, colour: string, text: string, x: number, y: number): void {
    const key = `${font} ${colour}`;
    let texts = this.texts.get(key);
    if (texts === undefined) {
      texts = { font, colour, items: [] };
      this.texts.set(key, texts);
    }
    texts.items.push({ text, x, y });
  }

  /** Pixels that a text takes. */
  width(font: string, text: string): number {
    let known = widths.get(font);
    if (known === undefined || known.size > MOST_WIDTHS) {
      known = new Map();
      widths.set(font, known);
    }
    let width = known.get(text);
    if (width === undefined) {
      this.ink.pen.font = font;
      width = this.ink.pen.measureText(text).width;
      known.set(text, width);
    }
    return width;
  }

  /** A text that fits, with an ellipsis when it has to be cut. */
  clipped(font: string, text: string, room: number): string {
    const whole = this.width(font, text);
    if (whole <= room) return text;
    const fits = Math.floor((text.length * room) / whole) - 1;
    return fits < 2 ? "" : `${text.slice(0, fits)}…`;
  }

  flush(): void {
    const { pen, fill: fillPath, stroke: strokePath } = this.ink;
    const shapes = [...this.shapes.values()].toSorted((a, b) => a.layer - b.layer);
    for (const { path, fill, stroke, width, dash } of shapes) {
      if (fill !== "") {
        pen.fillStyle = fill;
        fillPath(path);
      }
      if (stroke === "") continue;
      pen.strokeStyle = stroke;
      pen.lineWidth = width;
      pen.setLineDash([...dash]);
      strokePath(path);
    }
    pen.setLineDash([]);
    pen.textBaseline = "alphabetic";
    pen.textAlign = "left";
    for (const { font, colour, items } of this.texts.values()) {
      pen.font = font;
      pen.fillStyle = colour;
      for (const { text, x, y } of items) pen.fillText(text, x, y);
    }
  }
}
