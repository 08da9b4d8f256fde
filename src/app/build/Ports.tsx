import "../styles/edit.css";
import { useReactFlow, ViewportPortal } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk, useWork } from "../desk-context.ts";
import type { Desk } from "../document/desk.ts";
import type { Box, Scene } from "../model/layout/scene.ts";
import type { Point } from "../model/layout/wires.ts";
import type { BoardStore } from "../store.ts";
import { boxAt, subjectOfBox } from "./drag.ts";
import { canJoin, hasPlug } from "./place.ts";
import { sameSubject, type Subject, subjectTitle } from "./subject.ts";
import { followPointer } from "./follow.ts";
import { Workbench } from "./workbench.ts";

interface Port extends Point {
  readonly subject: Subject;
}

/** Where the port of a box is: at the foot of a room, at the right end of everything else. */
function portPoint({ type, x, y, width, height }: Box): Point {
  return type === "room" ? { x: x + 22, y: y + height } : { x: x + width, y: y + height / 2 };
}

/** A cable that is being drawn, in the board's coordinates. */
interface Drawn {
  readonly from: Port;
  readonly to: Point;
  /** Whether it can end where the pointer is. */
  readonly fits: boolean;
}

/** A port on everything that cables lead to: dragged to another one it becomes a cable, pressed it asks for the other end. */
export default function Ports({ scene }: { readonly scene: Scene }) {
  const say = useSay();
  const scenario = useWork((work) => work.scenario);
  const cast = useBoard((board) => board.cast);
  const isAway = useBoard((board) => board.choosing !== undefined || board.presenting);
  const isMoving = useBoard((board) => board.moving !== undefined);
  const ports = useMemo(() => {
    const found: Port[] = [];
    if (scenario === undefined || cast === undefined) return found;
    for (const box of scene.boxes) {
      const subject = box.type === "stack" ? undefined : subjectOfBox(scenario, cast, box);
      if (subject === undefined || !hasPlug(subject)) continue;
      // A room stands for its machine; of the devices in it only a bridge made by hand stands for itself.
      if (box.type === "device" && subject.kind !== "bridge") continue;
      if (!found.some((port) => sameSubject(port.subject, subject)))
        found.push({ subject, ...portPoint(box) });
    }
    return found;
  }, [scene, scenario, cast]);
  const [drawn, press] = useDrawing(ports);
  if (isAway || isMoving || scenario === undefined) return null;
  return (
    <ViewportPortal>
      {drawn !== undefined && (
        <svg className="cables cable-drawn" data-fits={drawn.fits} aria-hidden="true">
          <line x1={drawn.from.x} y1={drawn.from.y} x2={drawn.to.x} y2={drawn.to.y} />
        </svg>
      )}
      {ports.map((port, i) => {
        const isEnd = drawn !== undefined && canJoin(drawn.from.subject, port.subject);
        return (
          <button
            key={i}
            type="button"
            className="port nopan nodrag"
            // By keyboard the form has the same: a tab stop on every box would be in the way.
            tabIndex={-1}
            data-end={isEnd}
            style={{ left: port.x, top: port.y }}
            aria-label={say("build.port", { name: subjectTitle(scenario, port.subject) })}
            title={say("build.port", { name: subjectTitle(scenario, port.subject) })}
            onPointerDown={(event) => press(port, event)}
          />
        );
      })}
    </ViewportPortal>
  );
}

/** Follows the pointer from a port until it is let go. */
function useDrawing(
  ports: readonly Port[],
): readonly [Drawn | undefined, (port: Port, event: React.PointerEvent) => void] {
  const store = useBoardStore();
  const desk = useDesk();
  const flow = useReactFlow();
  const [drawn, setDrawn] = useState<Drawn>();
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);
  const press = (from: Port, event: React.PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const endAt = (x: number, y: number): End | undefined => findEnd(desk, store, ports, from, x, y);
    stop.current = followPointer({
      start: { x: event.clientX, y: event.clientY },
      moved: (x, y) => {
        const end = endAt(x, y);
        setDrawn({ from, to: flow.screenToFlowPosition({ x, y }), fits: end !== undefined });
        return end?.element;
      },
      ended: () => setDrawn(undefined),
      pressed: () => store.getState().set({ connecting: from.subject, notice: undefined }),
      dropped: (x, y) => {
        const end = endAt(x, y);
        if (end !== undefined) new Workbench(desk, store).join(from.subject, end.subject);
      },
    });
  };
  return [drawn, press];
}

interface End {
  readonly subject: Subject;
  /** What lights up; a port has a light of its own. */
  readonly element: HTMLElement | undefined;
}

/** What a cable from a port can end at under a point of the screen: another port, or the whole box. */
function findEnd(
  desk: Desk,
  store: BoardStore,
  ports: readonly Port[],
  from: Port,
  x: number,
  y: number,
): End | undefined {
  const { scenario } = desk.document.state;
  const board = store.getState();
  const { cast } = board;
  if (scenario === undefined || cast === undefined) return undefined;
  const subjectIn = (box: Box): Subject | undefined => subjectOfBox(scenario, cast, box);
  const button = document.elementsFromPoint(x, y).find((each) => each.classList.contains("port"));
  const port = button === undefined ? undefined : portOf(ports, button);
  if (port !== undefined && canJoin(from.subject, port.subject))
    return { subject: port.subject, element: undefined };
  const found = boxAt(board, x, y, (box) => {
    const subject = subjectIn(box);
    return subject !== undefined && canJoin(from.subject, subject);
  });
  const subject = found && subjectIn(found.box);
  return found && subject && { subject, element: found.element };
}

/** The port whose button this is: they stand in the same order. */
function portOf(ports: readonly Port[], button: Element): Port | undefined {
  const all = [...(button.parentElement?.querySelectorAll(".port") ?? [])];
  return ports[all.indexOf(button)];
}
