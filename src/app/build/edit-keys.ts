import { useEffect } from "react";
import { useBoardStore } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import type { Desk } from "../document/desk.ts";
import { IS_READ_ONLY } from "../mode.ts";
import { phrase } from "../model/explain/phrase.ts";
import type { BoardStore } from "../store.ts";
import type { Workbench } from "./workbench.ts";

const bench = async (desk: Desk, store: BoardStore) =>
  new (await import("./workbench.ts")).Workbench(desk, store);

/** Whether the focus is where typing means text. */
function isTyping(event: Event): boolean {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  return (
    target.closest("input, textarea, select, [contenteditable=true], .xterm, dialog") !== null &&
    !(target instanceof HTMLInputElement && target.type === "checkbox")
  );
}

/** What Alt and an arrow key do to what is chosen, in board units. */
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const STEP = 16;

/** Frames for which a form may still be on its way. */
const PATIENCE = 120;

/** Puts the focus on the name in the form, when it is there. */
export function focusName(frames = PATIENCE): void {
  const input = document.querySelector<HTMLInputElement>(".rename input");
  if (input === null) {
    if (frames > 0) requestAnimationFrame(() => focusName(frames - 1));
    return;
  }
  input.focus();
  input.select();
}

/** Whether a key means the board: the focus is there, or nowhere. */
function isOnBoard({ target }: Event): boolean {
  return target === document.body || (target instanceof HTMLElement && target.closest(".stage") !== null);
}

/** Ends the tool that chooses by a frame, else what it chose; false when something else is to be ended first. */
function letGo(store: BoardStore): boolean {
  const { selecting, subjects, choosing, connecting, menu, inside, set } = store.getState();
  if (choosing !== undefined || connecting !== undefined || menu !== undefined || inside !== undefined)
    return false;
  if (selecting) set({ selecting: false });
  else if (subjects.length > 1) set({ subjects: [] });
  else return false;
  return true;
}

/** What a key asks for; false when it asks for nothing. */
function onChosen(event: KeyboardEvent, desk: Desk, store: BoardStore): boolean {
  const key = event.key.toLowerCase();
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  const { subjects, set } = store.getState();
  const work = (run: (work: Workbench) => void): boolean => {
    if (subjects.length > 0) void bench(desk, store).then(run);
    return subjects.length > 0;
  };
  const [dx, dy] = (event.altKey ? MOVES[event.key] : undefined) ?? [0, 0];
  if (dx !== 0 || dy !== 0) {
    const step = event.shiftKey ? 10 * STEP : STEP;
    return work((tools) => void tools.move(dx * step, dy * step));
  }
  if (isCommand && key === "a" && isOnBoard(event)) {
    void import("./marquee.ts").then(({ chooseAll }) => chooseAll(desk, store));
    return true;
  }
  if (event.key === "Escape") return letGo(store);
  if (isCommand && key === "d") return work((tools) => tools.duplicate(subjects));
  if (isCommand && (key === "y" || (key === "z" && event.shiftKey))) desk.document.redo();
  else if (isCommand && key === "z") desk.document.undo();
  else if (event.key === "Delete" || event.key === "Backspace")
    return work((tools) => tools.remove(subjects));
  else if (event.key === "F2" && subjects.length === 1 && subjects[0]?.kind !== "cluster") {
    set({ tab: "edit", sheet: true });
    focusName();
  } else return false;
  return true;
}

/** Undo and redo, copy and paste, duplicate, rename, move, delete, and the palette of commands, wherever the focus is. */
export function useEditKeys(): void {
  const store = useBoardStore();
  const desk = useDesk();
  useEffect(() => {
    if (IS_READ_ONLY) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      const key = event.key.toLowerCase();
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
      if (isCommand && key === "k") {
        event.preventDefault();
        store.getState().set({ dialog: "commands" });
        return;
      }
      if (isTyping(event)) return;
      if (onChosen(event, desk, store)) event.preventDefault();
    };
    const onCopy = (event: ClipboardEvent): void => {
      const { subjects, set } = store.getState();
      const isText = (document.getSelection()?.toString() ?? "") !== "";
      if (isTyping(event) || isText || subjects.length === 0) return;
      event.preventDefault();
      // The clipboard of the event is gone when the code has come; the page's own is not.
      void bench(desk, store).then((work) => {
        const text = work.copy(subjects);
        if (text === undefined) set({ notice: phrase("build.copy.nothing") });
        else void navigator.clipboard.writeText(text).catch(() => undefined);
      });
    };
    const onPaste = (event: ClipboardEvent): void => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (isTyping(event) || !/^\s*(#.*\n\s*)*(apiVersion|kind|metadata|---)/.test(text)) return;
      event.preventDefault();
      void bench(desk, store).then((work) => work.paste(text));
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("copy", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [store, desk]);
}
