import type { Point } from "../model/layout/wires.ts";

/** Pixels that the pointer moves before a press becomes a drag. */
const DRAG_FROM = 4;

interface Drag {
  readonly start: Point;
  /** Told at every move; what it gives back is lit as the place to drop. */
  readonly moved: (x: number, y: number) => HTMLElement | undefined;
  readonly dropped: (x: number, y: number) => void;
  /** It was no drag but a press. */
  readonly pressed: () => void;
  /** However it came to its end. */
  readonly ended: () => void;
}

/** Follows the pointer until it is let go; Escape gives up. Returns what gives up from outside. */
export function followPointer({ start, moved, dropped, pressed, ended }: Drag): () => void {
  let isDrag = false;
  let lit: HTMLElement | undefined;
  const light = (element: HTMLElement | undefined): void => {
    lit?.removeAttribute("data-drop");
    element?.setAttribute("data-drop", "yes");
    lit = element;
  };
  const onMove = ({ clientX: x, clientY: y }: PointerEvent): void => {
    if (!isDrag && Math.hypot(x - start.x, y - start.y) < DRAG_FROM) return;
    isDrag = true;
    light(moved(x, y));
  };
  const finish = (): void => {
    light(undefined);
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", finish);
    window.removeEventListener("keydown", onKey, true);
    ended();
  };
  const onUp = ({ clientX, clientY }: PointerEvent): void => {
    finish();
    if (isDrag) dropped(clientX, clientY);
    else pressed();
  };
  const onKey = (key: KeyboardEvent): void => {
    if (key.key !== "Escape") return;
    key.stopPropagation();
    finish();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", onUp);
  window.addEventListener("pointercancel", finish);
  window.addEventListener("keydown", onKey, true);
  return finish;
}
