import { useEffect } from "react";
import { useBoardStore } from "../board-context.ts";
import type { Cast } from "../model/cast.ts";
import { selectionOf } from "../model/layout/scene.ts";
import type { Board, Selection } from "../store.ts";

/** The device whose packets one sees at a place: its own, a pod's cable, a machine's first card. */
function deviceAt(cast: Cast, { netns, index }: Selection): Selection | undefined {
  if (index !== 0) return { netns, index };
  const place = cast.place(netns);
  const device =
    place?.kind === "pod"
      ? place.pod.uplink
      : place?.kind === "room"
        ? (place.room.nics[0] ?? place.room.floors[0]?.bridge)
        : place?.fabric.bridge;
  return device && { netns, index: device.link.index };
}

/** A capture or a terminal where the focus is; else where the inspector looks, else where the packet stands. */
function look(
  { scene, cast, selection, story, cursor, set }: Board,
  target: Element,
  isCapture: boolean,
): void {
  const id = target.closest("[data-id]")?.getAttribute("data-id");
  const box = scene?.boxes.find((one) => one.id === id);
  const hop = story?.hops[cursor];
  const here = hop && { netns: hop.netns, index: hop.lead.anchor.kind === "frame" ? hop.lead.anchor.dev : 0 };
  const at = box === undefined ? (selection ?? here) : selectionOf(box);
  const spot = at === undefined || cast === undefined ? undefined : isCapture ? deviceAt(cast, at) : at;
  if (spot === undefined) set({ panel: isCapture ? "capture" : "terminal" });
  else if (isCapture) set({ panel: "capture", wish: { kind: "capture", at: spot } });
  else set({ panel: "terminal", wish: { kind: "terminal", at: spot } });
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
      else if (event.key === "F7" || event.key === "F8") look(store.getState(), target, event.key === "F7");
      else if (event.key === "F9") void restart();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
}
