import type { Desk } from "../document/desk.ts";
import { shift } from "../model/arrange.ts";
import { movable, normalPlaces } from "../model/layout/free.ts";
import type { Point } from "../model/layout/wires.ts";
import type { BoardStore } from "../store.ts";
import { swallowClick } from "./swallow.ts";

/** Pixels that a pointer moves before a press becomes a move. */
const MOVE_FROM = 5;
/** Board units between places: boxes that are put side by side by eye then are. */
const GRID = 8;

interface Move {
  readonly desk: Desk;
  readonly store: BoardStore;
  /** Names of the boxes that move together. */
  readonly keys: readonly string[];
  /** Where on the screen the pointer was pressed, and how many pixels a board unit has. */
  readonly start: Point;
  readonly zoom: number;
}

/** Follows the pointer with boxes until it is let go: that is one edit. Escape puts them back. */
export function startMove({ desk, store, keys, start, zoom }: Move): void {
  const { scene, set } = store.getState();
  if (scene === undefined || scene.far !== undefined) return;
  const rects = movable(scene);
  const snap = (pixels: number): number => Math.round(pixels / zoom / GRID) * GRID;
  const onMove = (event: PointerEvent): void => {
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (store.getState().moving === undefined && Math.hypot(dx, dy) < MOVE_FROM) return;
    set({ moving: shift(rects, keys, snap(dx), snap(dy)) });
  };
  const end = (): void => {
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", onKey, true);
  };
  const cancel = (): void => {
    end();
    set({ moving: undefined });
  };
  const onUp = (): void => {
    end();
    const { moving } = store.getState();
    const { scenario } = desk.document.state;
    if (moving === undefined || scenario === undefined) return;
    swallowClick();
    desk.document.edit({ ...scenario, board: { places: normalPlaces(moving) } });
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    cancel();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", onUp);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("keydown", onKey, true);
}
