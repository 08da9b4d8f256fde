import { useReactFlow } from "@xyflow/react";
import { useBoardStore } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import { IS_READ_ONLY } from "../mode.ts";
import type { Scene } from "../model/layout/scene.ts";
import type { Board } from "../store.ts";

/** What of the board answers a press by itself. */
const OWN_PRESS = "[data-move], .board-controls, button, .react-flow__attribution";

/** Whether a press begins a frame around what is to be chosen: with Shift, or with the tool for it. */
function isFraming(event: React.MouseEvent | React.TouchEvent | React.PointerEvent, board: Board): boolean {
  const { connecting, choosing, selecting } = board;
  if (IS_READ_ONLY || connecting !== undefined || choosing !== undefined) return false;
  if ("button" in event && event.button !== 0) return false;
  if ("touches" in event && event.touches.length > 1) return false;
  return (event.shiftKey || selecting) && (event.target as HTMLElement).closest(OWN_PRESS) === null;
}

/** Presses that the board keeps for itself: the cloth does not move with them. */
export function useFraming(frame: React.RefObject<HTMLDivElement | null>) {
  const store = useBoardStore();
  const desk = useDesk();
  const flow = useReactFlow();
  const keep = (event: React.MouseEvent | React.TouchEvent): void => {
    if (!isFraming(event, store.getState())) return;
    event.stopPropagation();
    // Shift would select text.
    if (event.type === "mousedown") event.preventDefault();
  };
  const start = (event: React.PointerEvent): boolean => {
    const over = frame.current;
    if (over === null || !event.isPrimary || !isFraming(event, store.getState())) return false;
    const { pointerId: pointer, shiftKey: isMore } = event;
    const at = { x: event.clientX, y: event.clientY };
    const toBoard = (point: { x: number; y: number }) =>
      flow.screenToFlowPosition(point, { snapToGrid: false });
    let isHeld = true;
    window.addEventListener("pointerup", () => (isHeld = false), { capture: true, once: true });
    void import("../build/marquee.ts").then(({ startMarquee }) => {
      if (isHeld) startMarquee({ desk, store, over, pointer, start: at, toBoard, isMore });
    });
    return true;
  };
  return { keep, start };
}

/** A press on the head of a box is the beginning of a move. */
export function usePress(scene: Scene): (event: React.PointerEvent) => void {
  const store = useBoardStore();
  const desk = useDesk();
  const flow = useReactFlow();
  return (event) => {
    const held = (event.target as HTMLElement).closest<HTMLElement>("[data-move]")?.dataset["move"];
    if (held === undefined || event.button !== 0 || IS_READ_ONLY || scene.far !== undefined) return;
    const { connecting, choosing, subjects } = store.getState();
    const { scenario } = desk.document.state;
    if (connecting !== undefined || choosing !== undefined || scenario === undefined) return;
    const start = { x: event.clientX, y: event.clientY };
    // What moves boxes may come only after the press has ended.
    let isHeld = true;
    window.addEventListener("pointerup", () => (isHeld = false), { capture: true, once: true });
    void Promise.all([import("./moving.ts"), import("../build/box-keys.ts")]).then(
      ([moving, { boxKeys }]) => {
        if (!isHeld) return;
        const chosen = boxKeys(scenario, subjects);
        const keys = chosen.includes(held) ? chosen : [held];
        moving.startMove({ desk, store, keys, start, zoom: flow.getZoom() });
      },
    );
  };
}
