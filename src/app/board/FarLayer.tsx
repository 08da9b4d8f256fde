import "../styles/far.css";
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { type FarChosen, farChosen } from "../build/far-chosen.ts";
import { useDesk, useWork } from "../desk-context.ts";
import type { Desk } from "../document/desk.ts";
import { IS_READ_ONLY } from "../mode.ts";
import { loadLateWords } from "../i18n/text.ts";
import { Health } from "../model/health.ts";
import type { Tile } from "../model/layout/districts.ts";
import type { Far, Scene } from "../model/layout/scene.ts";
import type { BoardStore } from "../store.ts";
import { type FarPicture, meets, paintFar, seen, tileAt, tileBeside, type View } from "./far-paint.ts";
import { farPictureOf, NEAR_ZOOM, tileWords } from "./far-picture.ts";
import { farPointer } from "./far-pointer.ts";
import { canvasInk } from "./pen.ts";

/** So many rooms at most; those in the middle of the screen first. */
const MOST_NEAR = 9;
/** Milliseconds between two looks at which rooms are near. */
const LOOK_MS = 120;

type FlowStore = ReturnType<typeof useStoreApi>;

function viewOfFlow(flow: FlowStore): View {
  const { transform, width, height } = flow.getState();
  const [x, y, zoom] = transform;
  return { x, y, zoom, width, height };
}

/** Namespaces of the rooms that are near enough to be read. */
function nearRooms(far: Far, health: Health, view: View): ReadonlySet<number> {
  if (view.zoom < NEAR_ZOOM || far.focus !== undefined) return new Set();
  const area = seen(view);
  const [x, y] = [area.x + area.width / 2, area.y + area.height / 2];
  const off = (tile: Tile): number => Math.hypot(tile.x + tile.width / 2 - x, tile.y + tile.height / 2 - y);
  const found = far.districts
    .filter((district) => meets(district, area))
    .flatMap(({ tiles }) => tiles.filter((tile) => meets(tile, area) && !health.of(tile.room).isHollow))
    .toSorted((a, b) => off(a) - off(b));
  return new Set(found.slice(0, MOST_NEAR).map(({ room }) => room.netns));
}

function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** A click on a tile: chooses its node as an end of a packet, or goes there; `isMore`: adds it to what is chosen. */
function activate(store: BoardStore, desk: Desk, tile: Tile, isMore: boolean): void {
  const { choosing, choosePod, flyTo } = store.getState();
  if (isMore && choosing === undefined && !IS_READ_ONLY)
    void import("../build/marquee.ts").then(({ toggle }) => toggle(desk, store, tile.room.netns));
  else if (choosing === undefined) void flyTo(tile.room.netns);
  else choosePod(tile.room.netns);
}

/** Repaints when the view, the picture or the size of the canvas has changed. */
function usePainting(picture: FarPicture, canvas: React.RefObject<HTMLCanvasElement | null>): void {
  const flow = useStoreApi();
  useEffect(() => {
    const node = canvas.current;
    const ctx = node?.getContext("2d");
    if (node === null || ctx === null || ctx === undefined) return undefined;
    let asked = 0;
    const draw = (): void => {
      asked = 0;
      const ratio = window.devicePixelRatio;
      const [width, height] = [Math.round(node.clientWidth * ratio), Math.round(node.clientHeight * ratio)];
      if (node.width !== width || node.height !== height) Object.assign(node, { width, height });
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, width, height);
      paintFar(canvasInk(ctx), picture, {
        ...viewOfFlow(flow),
        width: node.clientWidth,
        height: node.clientHeight,
      });
    };
    const ask = (): void => {
      if (asked === 0) asked = requestAnimationFrame(draw);
    };
    ask();
    const stop = flow.subscribe((now, before) => {
      if (now.transform !== before.transform) ask();
    });
    const sized = new ResizeObserver(ask);
    sized.observe(node);
    return () => {
      stop();
      sized.disconnect();
      cancelAnimationFrame(asked);
    };
  }, [picture, canvas, flow]);
}

/** Tells the board which rooms are near, while the view moves. */
function useNear(far: Far, health: Health): void {
  const store = useBoardStore();
  const flow = useStoreApi();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer = undefined;
      const near = nearRooms(far, health, viewOfFlow(flow));
      if (far.focus === undefined && !sameSet(near, far.detailed)) store.getState().lookNear(near);
    };
    look();
    const stop = flow.subscribe((now, before) => {
      if (now.transform !== before.transform || now.width !== before.width)
        timer ??= setTimeout(look, LOOK_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [far, health, store, flow]);
}

/** The rooms of a large board as they look from afar, on one canvas; a list of them for keys and screen readers. */
export default function FarLayer({ scene, far }: { readonly scene: Scene; readonly far: Far }) {
  const say = useSay();
  const session = useBoard((board) => board.session);
  const cursor = useBoard((board) => board.cursor);
  const theme = useBoard((board) => board.theme);
  const language = useBoard((board) => board.language);
  const chosen = useChosen();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => void loadLateWords(), []);
  const health = useMemo(
    () => (session === undefined ? undefined : new Health(session.world)),
    // The world is at another moment when the cursor or the drawing has changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [session, scene, cursor],
  );
  // Words that come late.
  const podWord = say("far.pods");
  const picture = useMemo((): FarPicture | undefined => {
    if (health === undefined) return undefined;
    const style = getComputedStyle(document.documentElement);
    return farPictureOf(far, health, say, (name) => style.getPropertyValue(name).trim(), chosen);
    // `say` speaks the language; colours are the theme's.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [far, health, theme, language, podWord, chosen]);
  if (picture === undefined || health === undefined) return null;
  return (
    <>
      <canvas ref={canvas} className="far" aria-hidden="true" />
      <Painting picture={picture} canvas={canvas} />
      <Tiles far={far} health={health} chosen={chosen} />
    </>
  );
}

function Painting(props: {
  readonly picture: FarPicture;
  readonly canvas: React.RefObject<HTMLCanvasElement | null>;
}) {
  usePainting(props.picture, props.canvas);
  useNear(props.picture.far, props.picture.health);
  return null;
}

/** What is chosen, and what the inspector looks at. */
function useChosen(): FarChosen | undefined {
  const scenario = useWork((work) => work.scenario);
  const subjects = useBoard((board) => board.subjects);
  const looked = useBoard(({ tab, selection }) => (tab === "device" ? selection : undefined));
  return useMemo(() => farChosen(scenario, subjects, looked), [scenario, subjects, looked]);
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What the pointer and the keys are on. */
function Tiles(props: {
  readonly far: Far;
  readonly health: Health;
  readonly chosen: FarChosen | undefined;
}) {
  const { far, health, chosen } = props;
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const all = useMemo(() => far.districts.flatMap(({ tiles }) => tiles), [far]);
  const [netns, setNetns] = useState<number>();
  const at = all.find(({ room }) => room.netns === netns) ?? all[0];
  const hovered = useHover(far);
  if (at === undefined) return null;
  const onKey = (event: React.KeyboardEvent): void => {
    const step = STEPS[event.key];
    const next = step === undefined ? undefined : tileBeside(far, at, ...step);
    if (next !== undefined) setNetns(next.room.netns);
    else if (event.key === "Enter" || event.key === " ")
      activate(store, desk, at, event.shiftKey || store.getState().selecting);
    else if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const place = all.indexOf(at) + 1;
  return (
    <>
      <div
        className="far-keys"
        role="listbox"
        tabIndex={0}
        aria-label={say("far.label")}
        aria-activedescendant="far-tile"
        onKeyDown={onKey}
      >
        <Frame tile={at} className="far-cursor" id="far-tile" place={place} count={all.length}>
          {tileWords(say, health, at, chosen)}
        </Frame>
      </div>
      {hovered !== undefined && !far.detailed.has(hovered.room.netns) && (
        <Frame tile={hovered} className="far-hover">
          {tileWords(say, health, hovered, chosen)}
        </Frame>
      )}
    </>
  );
}

/** A frame over a tile, with its words beside it. */
function Frame(props: {
  readonly tile: Tile;
  readonly className: string;
  readonly id?: string;
  readonly place?: number;
  readonly count?: number;
  readonly children: string;
}) {
  const { tile, className, id, place, count, children } = props;
  const flow = useStoreApi();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const put = (): void => {
      const { x, y, zoom } = viewOfFlow(flow);
      const style = element.current?.style;
      if (style === undefined) return;
      style.transform = `translate(${tile.x * zoom + x}px, ${tile.y * zoom + y}px)`;
      style.width = `${tile.width * zoom}px`;
      style.height = `${tile.height * zoom}px`;
    };
    put();
    return flow.subscribe(put);
  }, [flow, tile]);
  const option =
    place === undefined
      ? { "aria-hidden": true as const }
      : { role: "option", "aria-selected": true, "aria-posinset": place, "aria-setsize": count };
  return (
    <div ref={element} className={`far-frame ${className}`} id={id} {...option}>
      <span>{children}</span>
    </div>
  );
}

/** The tile under the pointer; a click goes there. What is dragged from the palette finds it too. */
function useHover(far: Far): Tile | undefined {
  const store = useBoardStore();
  const desk = useDesk();
  const flow = useReactFlow();
  const [hovered, setHovered] = useState<Tile>();
  useEffect(() => {
    const pane = document.querySelector(".react-flow__pane");
    const under = (x: number, y: number): Tile | undefined => {
      const at = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
      const tile = tileAt(far, at.x, at.y);
      return tile !== undefined && far.detailed.has(tile.room.netns) ? undefined : tile;
    };
    farPointer.under = under;
    farPointer.show = setHovered;
    const onMove = (event: Event): void => {
      if (event instanceof PointerEvent && event.pointerType !== "touch")
        setHovered(under(event.clientX, event.clientY));
    };
    const onLeave = (): void => setHovered(undefined);
    const onClick = (event: Event): void => {
      if (!(event instanceof MouseEvent)) return;
      const tile = under(event.clientX, event.clientY);
      const isMore = event.shiftKey || store.getState().selecting;
      if (tile !== undefined) activate(store, desk, tile, isMore);
    };
    pane?.addEventListener("pointermove", onMove);
    pane?.addEventListener("pointerleave", onLeave);
    pane?.addEventListener("click", onClick);
    return () => {
      farPointer.under = undefined;
      farPointer.show = undefined;
      pane?.removeEventListener("pointermove", onMove);
      pane?.removeEventListener("pointerleave", onLeave);
      pane?.removeEventListener("click", onClick);
    };
  }, [far, flow, store, desk]);
  return hovered;
}
