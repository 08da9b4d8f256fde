import { download, fileName } from "../document/file.ts";
import type { Board } from "../store.ts";
import { drawBoard, type Drawing, type Studio } from "./picture.ts";

/** Points of the picture for each unit of the board: sharp on paper too. */
const SCALE = 2;
/** Browsers refuse canvases beyond this many points a side. */
const LARGEST_SIDE = 8192;

/** The page's colours as they are now, and widths of letters as this browser draws them. */
export function studioHere(): Studio {
  const style = getComputedStyle(document.documentElement);
  const ruler = document.createElement("canvas").getContext("2d");
  const measure = (font: string, text: string): number => {
    if (ruler === null) return 0;
    ruler.font = font;
    return ruler.measureText(text).width;
  };
  return { colours: (name) => style.getPropertyValue(name).trim(), measure };
}

/** The board as it stands, in the page's colours; undefined when nothing is there. */
function pictureOf(board: Board, title: string): Drawing | undefined {
  return drawBoard(board, title, studioHere());
}

export function saveSvg(board: Board, title: string): void {
  const drawing = pictureOf(board, title);
  if (drawing !== undefined) download(fileName(title, "svg"), "image/svg+xml", drawing.svg);
}

export async function savePng(board: Board, title: string): Promise<void> {
  const drawing = pictureOf(board, title);
  if (drawing === undefined) return;
  const { svg, width, height } = drawing;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(SCALE, LARGEST_SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob !== null) download(fileName(title, "png"), "image/png", blob);
}
