import type { Cast } from "../model/cast.ts";
import type { Box } from "../model/layout/scene.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { Room } from "../model/topology.ts";
import { farPointer } from "../board/far-pointer.ts";
import type { Board } from "../store.ts";
import { namedSubject, type Subject, subjectOf } from "./subject.ts";

/** The part of the document that a box on the board stands for. */
export function subjectOfBox(scenario: Scenario, cast: Cast, box: Box): Subject | undefined {
  const netns = netnsOf(box);
  // A bridge made by hand on the first machine is a thing of its own in that machine's room.
  if (box.type === "device" && box.device.link.kind === "bridge" && cast.place(netns ?? 0)?.label === "") {
    const bridge = namedSubject(scenario, box.device.link.name);
    if (bridge?.kind === "bridge") return bridge;
  }
  const place = netns === undefined ? undefined : cast.place(netns);
  return place === undefined ? undefined : subjectOf(scenario, place);
}

function netnsOf(box: Box): number | undefined {
  switch (box.type) {
    case "room":
    case "stack":
      return box.room.netns;
    case "pod":
      return box.pod.netns;
    case "fabric":
      return box.fabric.netns;
    default:
      return "device" in box ? box.device.netns : undefined;
  }
}

/** The room under a point of the screen of which only the tile is drawn. */
export function roomAt(x: number, y: number): Room | undefined {
  return farPointer.under?.(x, y)?.room;
}

/** The box under a point of the screen that `wanted` says yes to, the smallest first. */
export function boxAt(
  { scene }: Board,
  x: number,
  y: number,
  wanted: (box: Box) => boolean,
): { readonly box: Box; readonly element: HTMLElement } | undefined {
  // Rooms let the pointer through, so that the cloth can be moved: what counts is where boxes are, not what is hit.
  const under = [...document.querySelectorAll<HTMLElement>(".react-flow__node")]
    .map((element) => ({ element, area: element.getBoundingClientRect() }))
    .filter(({ area }) => x >= area.left && x <= area.right && y >= area.top && y <= area.bottom)
    .sort((a, b) => a.area.width * a.area.height - b.area.width * b.area.height);
  for (const { element } of under) {
    const box = scene?.boxes.find(({ id }) => id === element.dataset["id"]);
    if (box !== undefined && wanted(box)) return { box, element };
  }
  return undefined;
}

/** Whether a point of the screen is over the board. */
export function isOverBoard(x: number, y: number): boolean {
  return document.elementsFromPoint(x, y).some((element) => element.classList.contains("stage"));
}
