import { pluginOf } from "../../scenario/edit/plugins.ts";
import { useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk, useWork } from "../desk-context.ts";
import type { Desk } from "../document/desk.ts";
import { recall, remember } from "../remember.ts";
import { type Item, ITEMS, type Section } from "./items.ts";
import { farPointer } from "../board/far-pointer.ts";
import type { Board } from "../store.ts";
import type { Subject } from "./subject.ts";

/** What it takes to put something on the board: fetched when a hand comes near. */
const fetchTools = async () => {
  const [drag, place, work, subject] = await Promise.all([
    import("./drag.ts"),
    import("./place.ts"),
    import("./workbench.ts"),
    import("./subject.ts"),
  ]);
  return { ...drag, subjectOf: subject.subjectOf, accepts: place.accepts, Workbench: work.Workbench };
};
type Tools = Awaited<ReturnType<typeof fetchTools>>;

let tools: Tools | undefined;

async function loadTools(): Promise<Tools> {
  tools ??= await fetchTools();
  return tools;
}

const SECTIONS = Object.keys(ITEMS) as readonly Section[];
/** Pixels that a finger or pointer moves before a press becomes a drag. */
const DRAG_FROM = 6;

/** The left side of the page: what can be put on the board, by dragging, by a click, or by Enter. */
export default function Palette() {
  const say = useSay();
  const [open, setOpen] = useState(() => recall("palette") !== "closed" && window.innerWidth > 1100);
  const toggle = (): void => {
    remember("palette", open ? "closed" : "open");
    setOpen(!open);
  };
  const giveWay = (): void => {
    if (window.innerWidth <= NARROW) setOpen(false);
  };
  return (
    <nav
      className={`palette ${open ? "is-open" : ""}`}
      aria-label={say("build.palette")}
      onPointerEnter={() => void loadTools()}
    >
      <button
        type="button"
        className="palette-toggle quiet"
        aria-expanded={open}
        title={say(open ? "build.palette.close" : "build.palette.open")}
        aria-label={say(open ? "build.palette.close" : "build.palette.open")}
        onClick={toggle}
      >
        {open ? "«" : "+"}
      </button>
      {open && (
        <div className="palette-body">
          {SECTIONS.map((section) => (
            <section key={section}>
              <h2>{say(`build.section.${section}`)}</h2>
              <div className={section === "plugin" || section === "proxy" ? "chips" : "tiles"}>
                {ITEMS[section].map((item: Item) => (
                  <Card
                    key={item}
                    item={item}
                    isChip={section === "plugin" || section === "proxy"}
                    onPut={giveWay}
                  />
                ))}
              </div>
            </section>
          ))}
          <p className="hint-line">{say("build.palette.hint")}</p>
        </div>
      )}
    </nav>
  );
}

interface Drag {
  readonly x: number;
  readonly y: number;
}

/** The part of the document under a point of the screen on which something may be dropped. */
function targetAt(
  desk: Desk,
  board: Board,
  item: Item,
  x: number,
  y: number,
): { readonly subject: Subject; readonly element: HTMLElement | undefined } | undefined {
  const { scenario } = desk.document.state;
  const { cast } = board;
  if (scenario === undefined || cast === undefined || tools === undefined) return undefined;
  const { accepts, boxAt, roomAt, subjectOf, subjectOfBox } = tools;
  const subject = (box: Parameters<typeof subjectOfBox>[2]) => subjectOfBox(scenario, cast, box);
  const found = boxAt(board, x, y, (box) => {
    const candidate = subject(box);
    return candidate !== undefined && accepts(item, candidate);
  });
  const there = found && subject(found.box);
  if (found !== undefined && there !== undefined) return { subject: there, element: found.element };
  const room = roomAt(x, y);
  const place = room && cast.place(room.netns);
  const node = place && subjectOf(scenario, place);
  return node !== undefined && accepts(item, node) ? { subject: node, element: undefined } : undefined;
}

/** Screens as narrow as this have the palette over the board: it gives way to what was put there. */
const NARROW = 760;

interface CardProps {
  readonly item: Item;
  readonly isChip: boolean;
  readonly onPut: () => void;
}

function Card({ item, isChip, onPut }: CardProps) {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const isSet = useIsSet(item);
  const busy = useBoard((board) => board.phase.kind === "opening");
  const [drag, setDrag] = useState<Drag>();
  const start = useRef<Drag>(undefined);
  const lit = useRef<HTMLElement>(undefined);
  const light = (element: HTMLElement | undefined): void => {
    if (lit.current === element) return;
    lit.current?.removeAttribute("data-drop");
    element?.setAttribute("data-drop", "yes");
    lit.current = element;
  };
  const under = (x: number, y: number) => targetAt(desk, store.getState(), item, x, y);
  const onMove = (event: React.PointerEvent): void => {
    const from = start.current;
    if (from === undefined) return;
    const { clientX: x, clientY: y } = event;
    if (drag === undefined && Math.hypot(x - from.x, y - from.y) < DRAG_FROM) return;
    setDrag({ x, y });
    const target = under(x, y);
    light(target?.element);
    farPointer.show?.(
      target !== undefined && target.element === undefined ? farPointer.under?.(x, y) : undefined,
    );
  };
  const onUp = (event: React.PointerEvent): void => {
    const wasDragging = drag !== undefined;
    start.current = undefined;
    setDrag(undefined);
    light(undefined);
    farPointer.show?.(undefined);
    if (!wasDragging || event.type === "pointercancel") return;
    const { clientX: x, clientY: y } = event;
    void loadTools().then(({ isOverBoard }) => {
      if (isOverBoard(x, y)) put(under(x, y)?.subject);
    });
  };
  const put = (target: Subject | undefined): void => {
    onPut();
    if (item === "cable" && target !== undefined) store.getState().set({ connecting: target });
    else void loadTools().then(({ Workbench }) => new Workbench(desk, store).place(item, target));
  };
  return (
    <>
      <button
        type="button"
        className={`item item-${item}`}
        disabled={busy}
        {...(isChip && { "aria-pressed": isSet })}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          void loadTools();
          event.currentTarget.setPointerCapture(event.pointerId);
          start.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        // A press without a drag is a click, for pointers and keys alike; one that ended a drag is none.
        onClick={(event) => {
          const isEndOfDrag = event.detail > 0 && !isInside(event);
          if (!isEndOfDrag) put(undefined);
        }}
      >
        {!isChip && <i aria-hidden="true" />}
        {say(`build.item.${item}`)}
      </button>
      {drag !== undefined && <Ghost item={item} at={drag} />}
    </>
  );
}

/** What hangs under the pointer while it is dragged. */
function Ghost({ item, at }: { readonly item: Item; readonly at: Drag }) {
  const say = useSay();
  return (
    <div className={`ghost item-${item}`} style={{ left: at.x, top: at.y }} aria-hidden="true">
      <i /> {say(`build.item.${item}`)}
    </div>
  );
}

function isInside({ currentTarget, clientX, clientY }: React.MouseEvent): boolean {
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}

/** Whether a plugin or a proxy mode is the one that the cluster has. */
function useIsSet(item: Item): boolean {
  return useWork(({ scenario }) => {
    if (scenario?.cluster === undefined) return false;
    const plugin = pluginOf(scenario);
    const proxy = /kubeProxyMode:\s*"?(\w+)/.exec(scenario.cluster)?.[1] ?? "iptables";
    return item === plugin || item === proxy;
  });
}
