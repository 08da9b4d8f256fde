import "../styles/marquee.css";
import type { Desk } from "../document/desk.ts";
import { swallowClick } from "../board/swallow.ts";
import { allBoxes, between, inFrame } from "../model/marquee.ts";
import type { Point } from "../model/layout/wires.ts";
import type { Board, BoardStore } from "../store.ts";
import { sameSubject, type Subject, subjectOf } from "./subject.ts";

/** Pixels that a pointer moves before a press becomes a frame. */
const FRAME_FROM = 5;

interface Marquee {
  readonly desk: Desk;
  readonly store: BoardStore;
  /** The board's element, over which the frame is drawn. */
  readonly over: HTMLElement;
  readonly pointer: number;
  /** Where on the screen the pointer was pressed. */
  readonly start: Point;
  readonly toBoard: (at: Point) => Point;
  /** What is in the frame comes to what was chosen before. */
  readonly isMore: boolean;
}

/** What of the scenario stands for these namespaces, each once. */
function subjectsOf(desk: Desk, { cast }: Board, netns: readonly number[]): readonly Subject[] {
  const { scenario } = desk.document.state;
  const found: Subject[] = [];
  if (scenario === undefined || cast === undefined) return found;
  for (const each of netns) {
    const place = cast.place(each);
    const subject = place === undefined ? undefined : subjectOf(scenario, place);
    if (subject !== undefined && !found.some((one) => sameSubject(one, subject))) found.push(subject);
  }
  return found;
}

function union(before: readonly Subject[], more: readonly Subject[]): readonly Subject[] {
  return [...before, ...more.filter((one) => !before.some((each) => sameSubject(each, one)))];
}

/** Follows the pointer with a frame until it is let go; what is in it is chosen meanwhile. Escape takes it back. */
export function startMarquee({ desk, store, over, pointer, start, toBoard, isMore }: Marquee): void {
  const before = store.getState().subjects;
  let frame: HTMLElement | undefined;
  const onMove = (event: PointerEvent): void => {
    if (event.pointerId !== pointer) return;
    const at = { x: event.clientX, y: event.clientY };
    if (frame === undefined && Math.hypot(at.x - start.x, at.y - start.y) < FRAME_FROM) return;
    if (frame === undefined) {
      frame = document.createElement("div");
      frame.className = "marquee";
      over.append(frame);
    }
    const area = between(start, at);
    const { left, top } = over.getBoundingClientRect();
    frame.style.transform = `translate(${area.x - left}px, ${area.y - top}px)`;
    frame.style.width = `${area.width}px`;
    frame.style.height = `${area.height}px`;
    const state = store.getState();
    if (state.scene === undefined) return;
    const inside = subjectsOf(desk, state, inFrame(state.scene, between(toBoard(start), toBoard(at))));
    state.set({ subjects: isMore ? union(before, inside) : inside });
  };
  const end = (): void => {
    frame?.remove();
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("pointerdown", onOther, true);
    window.removeEventListener("keydown", onKey, true);
  };
  const cancel = (): void => {
    end();
    if (frame !== undefined) store.getState().set({ subjects: before });
  };
  const onUp = (): void => {
    end();
    if (frame !== undefined) swallowClick();
  };
  // A second finger means something else.
  const onOther = (event: PointerEvent): void => {
    if (event.pointerId !== pointer) cancel();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || frame === undefined) return;
    event.stopPropagation();
    cancel();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", onUp);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("pointerdown", onOther, true);
  window.addEventListener("keydown", onKey, true);
}

/** Chooses every room and every switch of the board. */
export function chooseAll(desk: Desk, store: BoardStore): void {
  const state = store.getState();
  if (state.scene !== undefined) state.set({ subjects: subjectsOf(desk, state, allBoxes(state.scene)) });
}

/** Adds what stands for a namespace to the choice, or takes it out. */
export function toggle(desk: Desk, store: BoardStore, netns: number): void {
  const state = store.getState();
  const [subject] = subjectsOf(desk, state, [netns]);
  if (subject === undefined) return;
  const rest = state.subjects.filter((each) => !sameSubject(each, subject));
  state.set({ subjects: rest.length < state.subjects.length ? rest : [...rest, subject] });
}
