import "../styles/edit.css";
import { useEffect } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { Sentence } from "../Sentence.tsx";
import { HOP_MS } from "../store.ts";

/** Steps beyond which the showing goes faster. */
const MANY = 24;

/** Over the board after an edit: who does what, one step after the other, forth and back. */
export default function WiringBar() {
  const say = useSay();
  const store = useBoardStore();
  const wiring = useBoard((board) => board.wiring);
  const speed = useBoard((board) => board.speed);
  const { at = -1, playing = false, steps = [] } = wiring ?? {};
  const isLast = at >= steps.length - 1;
  useEffect(() => {
    if (!playing) return undefined;
    const pause = HOP_MS[speed] * (steps.length > MANY ? MANY / steps.length : 1);
    const timer = setTimeout(() => {
      const { wiring: now, lookAt, set } = store.getState();
      if (now === undefined) return;
      if (now.at < now.steps.length - 1) lookAt(now.at + 1);
      else set({ wiring: { ...now, playing: false } });
    }, pause);
    return () => clearTimeout(timer);
  }, [store, playing, at, speed, steps.length]);
  if (wiring === undefined) return null;
  if (wiring.working)
    return (
      <div className="wiring" role="status">
        {say("wiring.working")}
      </div>
    );
  const step = wiring.steps[at];
  const go = (to: number): void => {
    store.getState().set({ wiring: { ...wiring, playing: false } });
    store.getState().lookAt(to);
  };
  return (
    <section className="wiring" aria-label={say("wiring.title")}>
      <div className="wiring-head">
        <strong>{step?.actor}</strong>
        <span>{say("wiring.step", { at: at + 1, count: steps.length })}</span>
        <span className="spacer" />
        <button
          type="button"
          disabled={at <= 0}
          onClick={() => go(at - 1)}
          aria-label={say("transport.back")}
        >
          ◀
        </button>
        <button
          type="button"
          disabled={isLast}
          aria-label={say(playing ? "transport.pause" : "transport.play")}
          onClick={() => store.getState().set({ wiring: { ...wiring, playing: !playing } })}
        >
          {playing ? "❚❚" : "▶▶"}
        </button>
        <button type="button" disabled={isLast} onClick={() => go(at + 1)} aria-label={say("transport.step")}>
          ▶
        </button>
        <button
          type="button"
          className={isLast ? "primary" : ""}
          onClick={() => store.getState().endWiring()}
        >
          {say("wiring.close")}
        </button>
      </div>
      <p role="status" aria-live="polite">
        {step !== undefined && <Sentence phrase={step.text} />}
      </p>
      <progress max={steps.length} value={at + 1} aria-hidden="true" />
    </section>
  );
}
