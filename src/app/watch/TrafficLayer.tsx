import "../styles/watch.css";
import { useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { type Fate, type Mote, moteAt, trafficOf } from "../model/traffic.ts";

/** Half the side of a packet's dot, in board units. */
const SIZE = 4;
/** Milliseconds for which a lost packet's cross stays. */
const CROSS_MS = 900;

/** Draws all packets of a stretch at one time of the show. Answers how many are under way. */
function paint(
  ctx: CanvasRenderingContext2D,
  motes: readonly Mote[],
  time: number,
  colours: Readonly<Record<Mote["tone"] | Fate, string>>,
): number {
  const at = { x: 0, y: 0 };
  let count = 0;
  let tone = "";
  for (const mote of motes) {
    if (mote.start > time) break;
    const isOver = time > mote.end;
    if (isOver && (mote.fate !== "lost" || time > mote.end + CROSS_MS)) continue;
    moteAt(mote, time, at);
    // Packets on the same wire lie beside each other, not on each other.
    at.x += ((mote.skb % 5) - 2) * 3;
    at.y += (((mote.skb >> 3) % 5) - 2) * 3;
    if (isOver) {
      ctx.fillStyle = tone = colours.lost;
      ctx.fillRect(at.x - 9, at.y - 2, 18, 4);
      ctx.fillRect(at.x - 2, at.y - 9, 4, 18);
      continue;
    }
    count++;
    const colour = mote.fate === "unwanted" ? colours.unwanted : colours[mote.tone];
    if (colour !== tone) ctx.fillStyle = tone = colour;
    ctx.fillRect(at.x - SIZE, at.y - SIZE, 2 * SIZE, 2 * SIZE);
  }
  return count;
}

/** How long a picture stands for who wants no motion. */
const STILL_MS = 700;

/** All packets of a stretch of the trace, moving at once. */
export default function TrafficLayer() {
  const flow = useStoreApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const stretch = useBoard((board) => board.traffic);
  const session = useBoard((board) => board.session);
  const scene = useBoard((board) => board.scene);
  const cast = useBoard((board) => board.cast);
  const theme = useBoard((board) => board.theme);
  const [round, setRound] = useState(0);
  const [now, setNow] = useState(0);
  const traffic = useMemo(
    () =>
      stretch === undefined || session === undefined || scene === undefined || cast === undefined
        ? undefined
        : trafficOf(session.reader, stretch, scene, cast),
    [stretch, session, scene, cast],
  );
  useEffect(() => {
    const node = canvas.current;
    const ctx = node?.getContext("2d");
    if (node === null || ctx === null || ctx === undefined || traffic === undefined) return undefined;
    const style = getComputedStyle(node);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const colours = {
      app: colour("--app"),
      transport: colour("--transport"),
      l2: colour("--l2"),
      tunnel: colour("--tunnel"),
      lost: colour("--drop"),
      unwanted: colour("--ink-3"),
      taken: "",
      going: "",
    };
    let asked = 0;
    let told = 0;
    const began = performance.now();
    // Without motion packets stand, and stand elsewhere a while later.
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? STILL_MS : 1;
    const draw = (at: number): void => {
      const time = Math.floor((at - began) / still) * still;
      const ratio = window.devicePixelRatio;
      const [width, height] = [node.clientWidth * ratio, node.clientHeight * ratio];
      if (node.width !== width || node.height !== height) Object.assign(node, { width, height });
      const [x, y, zoom] = flow.getState().transform;
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, width, height);
      ctx.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
      const count = paint(ctx, traffic.motes, time, colours);
      if (at - told > 250) {
        told = at;
        setNow(count);
      }
      if (time < traffic.duration + CROSS_MS) asked = requestAnimationFrame(draw);
      else setNow(0);
    };
    asked = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(asked);
  }, [traffic, flow, round, theme]);
  if (traffic === undefined) return null;
  const stage = document.querySelector(".stage");
  const bar = <Bar count={traffic.motes.length} now={now} again={() => setRound(round + 1)} />;
  return (
    <>
      <canvas ref={canvas} className="overlay" aria-hidden="true" />
      {stage !== null && createPortal(bar, stage)}
    </>
  );
}

/** How many there are and go, once more, and back to one packet. */
function Bar({
  count,
  now,
  again,
}: {
  readonly count: number;
  readonly now: number;
  readonly again: () => void;
}) {
  const say = useSay();
  const store = useBoardStore();
  return (
    <div className="traffic-bar" role="group" aria-label={say("traffic.label")}>
      {/* The count runs on four times a second: for eyes. What it is of is said once. */}
      <span className="sr-only" role="status">
        {say("traffic.label")}
      </span>
      <span>{say("traffic.count", { count, now })}</span>
      <button type="button" onClick={again}>
        {say("traffic.again")}
      </button>
      <button type="button" onClick={() => store.getState().set({ traffic: undefined })}>
        {say("traffic.close")}
      </button>
    </div>
  );
}
