import { Panel, ReactFlow, ReactFlowProvider, useReactFlow, ViewportPortal } from "@xyflow/react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef } from "react";
import { useBoard, useBoardStore, useSay, type Say } from "../board-context.ts";
import { arcPath } from "../model/layout/arcs.ts";
import { SKY } from "../model/layout/measures.ts";
import { type Arc, type Box, type Scene, selectionOf } from "../model/layout/scene.ts";
import { useDesk } from "../desk-context.ts";
import { IS_READ_ONLY } from "../mode.ts";
import { type BoxNode, hereOf, nodeTypes } from "./nodes.tsx";
import { useFraming, usePress } from "./press.ts";
import { storyParts } from "../story-parts.ts";
import { useServices } from "./use-services.ts";
import { NARROW, partInView, placeOf, roomAround, viewOf } from "./view.ts";

function labelOf(box: Box, say: Say): string | undefined {
  switch (box.type) {
    case "room":
    case "ticket":
      return undefined;
    case "pod":
      return say("node.pod", { name: box.pod.name, ip: box.pod.ip ?? "" });
    case "stack":
      return say("node.stack", { place: box.room.name });
    case "fabric":
      return say("node.switch", { name: box.fabric.bridge.link.name });
    case "device": {
      const { link } = box.device;
      const kind = say(`kind.${link.kind}`);
      return say("node.device", { kind, name: link.name, place: box.place, address: box.caption });
    }
  }
}

const LAYER: Readonly<Record<Box["type"], number>> = {
  room: 0,
  stack: 1,
  pod: 1,
  fabric: 1,
  ticket: 1,
  device: 2,
};

function toNode(box: Box, say: Say): BoxNode {
  const label = labelOf(box, say);
  const common = {
    id: box.id,
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    handles: [],
    draggable: false,
    connectable: false,
    selectable: false,
    focusable: label !== undefined,
    zIndex: LAYER[box.type],
    ...(label === undefined ? {} : { ariaLabel: label, ariaRole: "button" as const }),
  };
  return { ...common, type: box.type, data: { box } };
}

function useActivate(): (box: Box, isMore: boolean) => void {
  const store = useBoardStore();
  const desk = useDesk();
  return useCallback(
    (box, isMore) => {
      const { choosing, choosePod, connecting, select } = store.getState();
      if (choosing === undefined && !IS_READ_ONLY)
        void import("../build/pick.ts").then(({ pick }) => pick(desk, store, box, isMore));
      if (connecting !== undefined || isMore) return;
      if (box.type === "pod" && choosing !== undefined) choosePod(box.pod.netns);
      else if (
        (box.type === "stack" || box.type === "room" || box.type === "ticket") &&
        choosing !== undefined
      )
        choosePod(box.room.netns);
      else select(selectionOf(box));
    },
    [store, desk],
  );
}

/** Cables and the idea of the tunnel: one drawing in the board's coordinates. */
function SceneLayer({ scene }: { readonly scene: Scene }) {
  const visited = useBoard((board) => board.story?.visited);
  const say = useSay();
  const arcs = scene.arcs.filter(({ fromNetns, toNetns }) => visited?.has(fromNetns) && visited.has(toNetns));
  return (
    <ViewportPortal>
      <svg className="cables" width={scene.width} height={scene.height} aria-hidden="true">
        {scene.cables.map(({ id, kind, points }) => (
          <polyline
            key={id}
            points={points.map(({ x, y }) => `${x},${y}`).join(" ")}
            className={`cable cable-${kind}`}
          />
        ))}
        {arcs.map((arc) => (
          <TunnelArc key={arc.id} arc={arc} text={say("board.tunnel", { vni: arc.vni })} floor={scene} />
        ))}
      </svg>
    </ViewportPortal>
  );
}

function TunnelArc({
  arc,
  text,
  floor,
}: {
  readonly arc: Arc;
  readonly text: string;
  readonly floor: Scene;
}) {
  const { d, text: at } = arcPath(arc, floor.boxes);
  return (
    <g>
      <path d={d} className="tunnel-arc" />
      <text x={at.x} y={at.y} className="tunnel-text">
        {text}
      </text>
    </g>
  );
}

/** Pixels that the bar of questions takes from the top: its buttons may need two lines. */
function barsOver(frame: HTMLElement): number {
  const bar = document.querySelector(".sendbar")?.getBoundingClientRect();
  const { top, height } = frame.getBoundingClientRect();
  // Half of the board at most: what is opened out over it is not waited for.
  return bar === undefined ? 0 : Math.min(height / 2, bar.bottom - top + 12);
}

/** Keeps the whole board in view, or on a narrow screen the room where the packet is. */
function useFit(scene: Scene, frame: React.RefObject<HTMLDivElement | null>): () => void {
  const flow = useReactFlow();
  const here = useBoard(hereOf);
  const visited = useBoard((board) => board.story?.visited);
  const sky = useServices().length > 0 ? SKY : 0;
  const isBare = useBoard((board) => board.presenting);
  const fit = (duration = 0): void => {
    if (frame.current === null) return;
    const { clientWidth, clientHeight } = frame.current;
    const part =
      (clientWidth < NARROW ? roomAround(scene, here) : undefined) ??
      partInView(scene, visited, clientWidth, clientHeight);
    const { x, y, width, height } = part;
    const shown = { x, y: y - sky, width, height: height + sky };
    const bars = barsOver(frame.current);
    void flow.setViewport(viewOf(shown, clientWidth, clientHeight, isBare, bars), { duration });
  };
  const latest = useRef(fit);
  useEffect(() => {
    latest.current = fit;
  });
  useEffect(() => {
    const sized = new ResizeObserver(() => latest.current());
    if (frame.current !== null) sized.observe(frame.current);
    return () => sized.disconnect();
  }, [frame]);
  const isMoving = useBoard((board) => board.moving !== undefined);
  useEffect(() => {
    if (!isMoving) latest.current();
  }, [scene.width, scene.height, sky, visited, isMoving]);
  useEffect(() => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const isNarrow = (frame.current?.clientWidth ?? 0) < NARROW;
    if (here !== undefined && isNarrow) latest.current(still ? 0 : 300);
  }, [here, frame]);
  return fit;
}

/** Pixels around what was flown to, and the scale at which its inside can be read. */
const FLIGHT = { margin: 60, zoom: 0.85, ms: 500, shownMs: 4000 };

/** Goes where somebody asked to go. */
function useFlight(scene: Scene, frame: React.RefObject<HTMLDivElement | null>): void {
  const flow = useReactFlow();
  const flight = useBoard((board) => board.flight);
  const latest = useRef(scene);
  useEffect(() => {
    latest.current = scene;
  });
  useEffect(() => {
    if (flight === undefined || frame.current === null) return undefined;
    const now = latest.current;
    const rect = placeOf(now, flight.netns);
    if (rect === undefined) return undefined;
    const { clientWidth: width, clientHeight: height } = frame.current;
    const most = now.far === undefined ? 1 : FLIGHT.zoom;
    const zoom = Math.min(
      most,
      (width - FLIGHT.margin) / rect.width,
      Math.max(0.6, (height - FLIGHT.margin) / rect.height),
    );
    const x = width / 2 - (rect.x + rect.width / 2) * zoom;
    const y = height / 2 - (rect.y + rect.height / 2) * zoom;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const there = flow.setViewport({ x, y, zoom }, { duration: still ? 0 : FLIGHT.ms });
    let shown: Element | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    void there.then(() => {
      const kinds = ["pod", "room"].map((kind) => `.react-flow__node[data-id="${kind}/${flight.netns}"]`);
      shown = document.querySelector(kinds.join(",")) ?? undefined;
      if (shown instanceof HTMLElement) shown.focus({ preventScroll: true });
      shown?.setAttribute("data-found", "yes");
      timer = setTimeout(() => shown?.removeAttribute("data-found"), FLIGHT.shownMs);
    });
    return () => {
      clearTimeout(timer);
      shown?.removeAttribute("data-found");
    };
  }, [flight, flow, frame]);
}

const Overlay = lazy(storyParts.overlay);
const ServiceLabels = lazy(storyParts.services);
const FarLayer = lazy(() => import("./FarLayer.tsx"));
const TrafficLayer = lazy(storyParts.traffic);
const Ports = lazy(() => import("../build/Ports.tsx"));

function Controls({ fit }: { readonly fit: () => void }) {
  const say = useSay();
  const store = useBoardStore();
  const flow = useReactFlow();
  const isChoosing = useBoard((board) => board.choosing !== undefined);
  const selecting = useBoard((board) => board.selecting);
  const buttons = [
    { label: say("board.zoomOut"), sign: "−", run: () => void flow.zoomOut() },
    { label: say("board.zoomIn"), sign: "+", run: () => void flow.zoomIn() },
    { label: say("board.fit"), sign: "⤢", run: fit },
    { label: say("board.find"), sign: "⌕", run: () => store.getState().set({ dialog: "find" }) },
  ];
  return (
    <Panel position="bottom-left" className={`board-controls ${isChoosing ? "is-away" : ""}`}>
      {!IS_READ_ONLY && (
        <button
          type="button"
          aria-label={say("board.select")}
          title={say("board.select")}
          aria-pressed={selecting}
          onClick={() => store.getState().set({ selecting: !selecting })}
        >
          ⬚
        </button>
      )}
      {buttons.map(({ label, sign, run }) => (
        <button key={sign} type="button" aria-label={label} title={label} onClick={run}>
          {sign}
        </button>
      ))}
    </Panel>
  );
}

function Flow({ scene }: { readonly scene: Scene }) {
  const say = useSay();
  const store = useBoardStore();
  const activate = useActivate();
  const frame = useRef<HTMLDivElement>(null);
  const hasStory = useBoard((board) => board.story !== undefined);
  const hasTraffic = useBoard((board) => board.traffic !== undefined);
  const nodes = useMemo(() => scene.boxes.map((box) => toNode(box, say)), [scene, say]);
  const fit = useFit(scene, frame);
  useFlight(scene, frame);
  const onPress = usePress(scene);
  const framing = useFraming(frame);
  const selecting = useBoard((board) => board.selecting);
  const onKey = (event: React.KeyboardEvent): void => {
    const id = (event.target as HTMLElement).closest("[data-id]")?.getAttribute("data-id");
    const box = scene.boxes.find((candidate) => candidate.id === id);
    if (event.key === "Escape") store.getState().set({ choosing: undefined });
    if (box === undefined || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    activate(box, event.shiftKey || selecting);
  };
  return (
    <div
      className={`board-flow ${selecting ? "is-selecting" : ""}`}
      ref={frame}
      onKeyDownCapture={onKey}
      onPointerDownCapture={(event) => {
        if (!framing.start(event)) onPress(event);
      }}
      onMouseDownCapture={framing.keep}
      onTouchStartCapture={framing.keep}
    >
      <ReactFlow
        nodes={nodes}
        nodeTypes={nodeTypes}
        onNodeContextMenu={(event, node) => {
          event.preventDefault();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          // The menu key has no pointer: the menu then opens at the box.
          const isKey = event.clientX === 0 && event.clientY === 0;
          const at = isKey ? { x: left, y: bottom } : { x: event.clientX, y: event.clientY };
          store.getState().set({ menu: { selection: selectionOf(node.data.box), ...at } });
        }}
        onNodeClick={(event, node) => activate(node.data.box, event.shiftKey || selecting)}
        onInit={() => fit()}
        minZoom={scene.far === undefined ? 0.15 : Math.min(0.15, 400 / scene.width)}
        onlyRenderVisibleElements={scene.far !== undefined}
        maxZoom={3}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        disableKeyboardA11y
        proOptions={{ hideAttribution: false }}
        aria-label={say("board.label")}
      >
        {scene.far !== undefined && (
          <Suspense>
            <FarLayer scene={scene} far={scene.far} />
          </Suspense>
        )}
        <SceneLayer scene={scene} />
        {!IS_READ_ONLY && scene.far === undefined && (
          <Suspense>
            <Ports scene={scene} />
          </Suspense>
        )}
        {hasStory && (
          <Suspense>
            <ServiceLabels scene={scene} />
          </Suspense>
        )}
        {hasStory && <Suspense>{hasTraffic ? <TrafficLayer /> : <Overlay />}</Suspense>}
        <Controls fit={() => fit()} />
      </ReactFlow>
    </div>
  );
}

export function BoardView({ scene }: { readonly scene: Scene }) {
  return (
    <ReactFlowProvider>
      <Flow scene={scene} />
    </ReactFlowProvider>
  );
}
