import type { Rect } from "../model/layout/scene.ts";
import type { Point } from "../model/layout/wires.ts";

/** Looks up a colour of the page: `--felt`. */
export type Colours = (name: string) => string;

const TEXT = "Inter, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const CODE = "'JetBrains Mono', Consolas, 'DejaVu Sans Mono', monospace";

const NAMES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};
/** What XML cannot hold, half a letter of UTF-16 included. */
const UNFIT =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Whatever a name holds, it stays text: nothing of it is markup. */
export function escapeXml(text: string): string {
  return text.replace(UNFIT, "").replace(/[&<>"']/g, (char) => `&${NAMES[char]};`);
}

/** A number as an attribute: a hundredth of a unit is finer than anybody sees. */
export const num = (value: number): string => String(Math.round(value * 100) / 100);

export interface Style {
  readonly fill?: string;
  readonly stroke?: string;
  readonly dash?: string;
  readonly radius?: number;
  readonly width?: number;
}

export function rect({ x, y, width, height }: Rect, style: Style): string {
  const { fill = "none", stroke = "none", dash, radius = 0, width: line = 2 } = style;
  const dashed = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
  return `<rect x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}" rx="${num(radius)}" fill="${fill}" stroke="${stroke}" stroke-width="${line}"${dashed}/>`;
}

export interface Lettering {
  readonly size: number;
  readonly fill: string;
  readonly bold?: boolean;
  readonly code?: boolean;
  readonly anchor?: "start" | "middle" | "end";
  /** Board units that there are; longer text is cut. */
  readonly room?: number;
  /** Colour around the letters, over whatever lies below them. */
  readonly halo?: string;
}

/** The width of a letter against its height, on average; those of East Asia are square. */
const LETTER = { text: 0.56, code: 0.6, square: 1 };

/** About the width of a text in a typeface that nobody has measured. */
export function widthOf(words: string, size: number, isCode = false): number {
  let width = 0;
  for (const char of words)
    width += (char.codePointAt(0) ?? 0) > 0x2e7f ? LETTER.square : isCode ? LETTER.code : LETTER.text;
  return width * size;
}

function fitted(words: string, { size, code = false, room = Infinity }: Lettering): string {
  if (widthOf(words, size, code) <= room) return words;
  const chars = Array.from(words);
  while (chars.length > 1 && widthOf(chars.join(""), size, code) + size > room) chars.pop();
  return `${chars.join("")}…`;
}

export function text(x: number, y: number, words: string, style: Lettering): string {
  const { size, fill, bold = false, code = false, anchor = "start", halo } = style;
  const around =
    halo === undefined
      ? ""
      : ` stroke="${halo}" stroke-width="5" stroke-linejoin="round" paint-order="stroke"`;
  const weight = bold ? ' font-weight="650"' : "";
  return `<text x="${num(x)}" y="${num(y)}" font-family="${code ? CODE : TEXT}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${weight}${around}>${escapeXml(fitted(words, style))}</text>`;
}

export const line = (points: readonly Point[], stroke: string, width: number, more = ""): string =>
  `<polyline points="${points.map(({ x, y }) => `${num(x)},${num(y)}`).join(" ")}" fill="none" stroke="${stroke}" stroke-width="${width}"${more}/>`;

export const path = (d: string, stroke: string, width: number, more = ""): string =>
  `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${width}"${more}/>`;
