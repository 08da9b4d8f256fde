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
export function look(
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
