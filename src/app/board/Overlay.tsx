import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useBoardStore } from "../board-context.ts";
import { type Board, HOP_MS } from "../store.ts";
import { compose, paintStory, type StoryPicture } from "./story-paint.ts";

/** One canvas over the board, in the board's own coordinates. Draws only when something has changed. */
class Painter {
  private readonly canvas: HTMLCanvasElement;
  private picture: StoryPicture | undefined;
  private started = 0;
  private duration = 0;
  private asked = 0;
  private readonly view: () => readonly [number, number, number];

  constructor(canvas: HTMLCanvasElement, view: () => readonly [number, number, number]) {
    this.canvas = canvas;
    this.view = view;
  }

  show(picture: StoryPicture | undefined, durationMs: number): void {
    this.picture = picture;
    this.started = performance.now();
    this.duration = durationMs;
    this.ask();
  }

  ask(): void {
    if (this.asked === 0) this.asked = requestAnimationFrame((now) => this.draw(now));
  }

  stop(): void {
    cancelAnimationFrame(this.asked);
  }

  private draw(now: number): void {
    this.asked = 0;
    const { canvas, picture } = this;
    const ctx = canvas.getContext("2d");
    if (ctx === null) return;
    const ratio = window.devicePixelRatio;
    const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, width, height);
    if (picture === undefined) return;
    const [x, y, zoom] = this.view();
    ctx.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
    const style = getComputedStyle(canvas);
    const part = this.duration === 0 ? 1 : Math.min(1, (now - this.started) / this.duration);
    paintStory(ctx, picture, part, (name) => style.getPropertyValue(name).trim());
    if (part < 1) this.ask();
  }
}

export default function Overlay() {
  const store = useBoardStore();
  const flow = useStoreApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const painter = new Painter(canvas.current, () => flow.getState().transform);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)");
    const refresh = (now: Board, before: Board): void => {
      const isSame =
        now.cursor === before.cursor &&
        now.story === before.story &&
        now.scene === before.scene &&
        now.language === before.language &&
        now.theme === before.theme;
      if (isSame) return;
      const isStep = now.story === before.story && now.cursor === before.cursor + 1;
      const isStart = now.story !== before.story && now.cursor === 0;
      painter.show(compose(now), (isStep || isStart) && !still.matches ? HOP_MS[now.speed] * 0.7 : 0);
    };
    painter.show(compose(store.getState()), 0);
    const stops = [store.subscribe(refresh), flow.subscribe(() => painter.ask())];
    const sized = new ResizeObserver(() => painter.ask());
    sized.observe(canvas.current);
    return () => {
      for (const stop of stops) stop();
      sized.disconnect();
      painter.stop();
    };
  }, [store, flow]);
  return <canvas ref={canvas} className="overlay" aria-hidden="true" />;
}
