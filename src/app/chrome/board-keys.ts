import { useEffect } from "react";
import { useBoardStore } from "../board-context.ts";
import { phrase } from "../model/explain/phrase.ts";
import type { BoardStore } from "../store.ts";

/** A capture or a terminal; what this takes is fetched when it is first asked for. */
function openHere(store: BoardStore, target: Element, isCapture: boolean): void {
  import("./look.ts").then(
    ({ look }) => look(store.getState(), target, isCapture),
    () => store.getState().set({ notice: phrase("failed.fetch") }),
  );
}

/** Keys that work wherever the focus is; none of them is a letter. */
export function useBoardKeys(): void {
  const store = useBoardStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      // Editors and terminals have a search of their own.
      if (isFind && target.closest(".cm-editor, .xterm, dialog") === null) {
        event.preventDefault();
        store.getState().set({ dialog: "find" });
        return;
      }
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      const { legend, subjects, set, restart } = store.getState();
      if (event.key === "F1" || (event.key === "F2" && subjects.length !== 1)) set({ legend: !legend });
      else if (event.key === "F7" || event.key === "F8") openHere(store, target, event.key === "F7");
      else if (event.key === "F9") void restart();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
}
