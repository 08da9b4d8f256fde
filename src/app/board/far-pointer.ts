import type { Tile } from "../model/layout/districts.ts";

/** What is dragged over a large board asks here; the layer that draws the tiles answers while it is there. */
export const farPointer: {
  /** The tile under a point of the screen, when what is in it is not drawn. */
  under: ((x: number, y: number) => Tile | undefined) | undefined;
  /** Frames a tile, as the pointer does. */
  show: ((tile: Tile | undefined) => void) | undefined;
} = { under: undefined, show: undefined };
