interface Shapes {
  readonly path: Path2D;
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

/** Collects shapes and texts of one look, so that each colour and each font is set once. Texts lie above shapes. */
export class Batch {
  private readonly ctx: CanvasRenderingContext2D;
  private readonly shapes = new Map<string, Shapes>();
  private readonly texts = new Map<string, Texts>();

  constructor(ctx: CanvasRenderingContext2D) {
    this.ctx = ctx;
  }

  /**
   * The path to which all shapes of one look are added; an empty colour leaves out filling or stroking. Higher layers lie on
   * lower ones, whichever look came first.
   */
  path(layer: number, fill: string, stroke: string, width = 1, dash: readonly number[] = []): Path2D {
    const key = `${layer} ${fill} ${stroke} ${width} ${dash.join()}`;
    let shapes = this.shapes.get(key);
    if (shapes === undefined) {
      shapes = { path: new Path2D(), layer, fill, stroke, width, dash };
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
      this.ctx.font = font;
      width = this.ctx.measureText(text).width;
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
    const { ctx } = this;
    const shapes = [...this.shapes.values()].toSorted((a, b) => a.layer - b.layer);
    for (const { path, fill, stroke, width, dash } of shapes) {
      if (fill !== "") {
        ctx.fillStyle = fill;
        ctx.fill(path);
      }
      if (stroke === "") continue;
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.setLineDash([...dash]);
      ctx.stroke(path);
    }
    ctx.setLineDash([]);
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = "left";
    for (const { font, colour, items } of this.texts.values()) {
      ctx.font = font;
      ctx.fillStyle = colour;
      for (const { text, x, y } of items) ctx.fillText(text, x, y);
    }
  }
}
