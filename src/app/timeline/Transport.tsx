import { useEffect } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { More } from "../chrome/More.tsx";
import { type Level, LEVELS } from "../model/hops.ts";
import { HOP_MS, type Speed } from "../store.ts";

const SPEEDS: readonly Speed[] = ["slow", "normal", "fast"];

/** While playing, one hop after another; at the end it stops. */
export function usePlayback(): void {
  const store = useBoardStore();
  const playing = useBoard((board) => board.playing);
  const cursor = useBoard((board) => board.cursor);
  const turn = useBoard((board) => board.story?.turn);
  const speed = useBoard((board) => board.speed);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      const { advance, play } = store.getState();
      if (!advance()) play(false);
    }, HOP_MS[speed]);
    return () => clearTimeout(timer);
  }, [store, playing, cursor, turn, speed]);
}

/** Shapes of the keys, drawn: no typeface has them all. */
const ICONS = {
  start: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M11 3v10L4 8z",
  step: "M5 3v10l7-5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  place: "M11 3h2v10h-2zM3 3v10l7-5z",
} as const;

function Icon({ name }: { readonly name: keyof typeof ICONS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

export function Transport() {
  const say = useSay();
  const store = useBoardStore();
  const story = useBoard((board) => board.story);
  const playing = useBoard((board) => board.playing && board.story !== undefined);
  const cursor = useBoard((board) => board.cursor);
  const board = (): ReturnType<typeof store.getState> => store.getState();
  const none = story === undefined;
  const atStart = none || (cursor === 0 && story.turn === 0);
  const last = none || story.turn >= story.conversation.turns.length - 1;
  const atEnd = none || (last && cursor >= story.hops.length - 1);
  const toStart = (): void => {
    board().play(false);
    board().goTo(0);
  };
  return (
    <div className="transport" role="toolbar" aria-label={say("timeline.label")}>
      <button type="button" onClick={toStart} disabled={atStart} aria-label={say("transport.start")}>
        <Icon name="start" />
      </button>
      <button
        type="button"
        onClick={() => board().step(-1)}
        disabled={atStart}
        aria-label={say("transport.back")}
      >
        <Icon name="back" /> <span className="wide roomy">{say("transport.back")}</span>
      </button>
      <button
        type="button"
        className="primary"
        aria-label={say(playing ? "transport.pause" : "transport.play")}
        onClick={() => board().play(!playing)}
        disabled={none}
      >
        <Icon name={playing ? "pause" : "step"} />{" "}
        <span className="wide">{say(playing ? "transport.pause" : "transport.play")}</span>
      </button>
      <button
        type="button"
        onClick={() => board().step(1)}
        disabled={atEnd}
        aria-label={say("transport.step")}
      >
        <span className="wide">{say("transport.step")}</span> <Icon name="step" />
      </button>
      <button
        type="button"
        onClick={() => board().stepPlace(1)}
        disabled={atEnd}
        aria-label={say("transport.place")}
      >
        <Icon name="place" />
      </button>
      <span className="spacer" />
      <More label={say("transport.more")}>
        <Dials />
      </More>
    </div>
  );
}

/** How fine the hops are, and how fast they go by. */
function Dials() {
  const say = useSay();
  const store = useBoardStore();
  const level = useBoard((board) => board.level);
  const speed = useBoard((board) => board.speed);
  const predicts = useBoard((board) => board.predict !== undefined);
  const conversation = useBoard((board) => board.story?.conversation);
  const { setLevel, set } = store.getState();
  const predict = (): void =>
    set({
      predict: predicts ? undefined : { score: { right: 0, asked: 0 }, guess: undefined },
      playing: false,
    });
  return (
    <>
      {conversation !== undefined && (
        <button
          type="button"
          onClick={() => set({ traffic: { from: conversation.from, to: conversation.to }, playing: false })}
        >
          {say("traffic.all")}
        </button>
      )}
      <button type="button" aria-pressed={predicts} onClick={predict}>
        {say("predict.on")}
      </button>
      <label>
        <span className="wide roomy">{say("transport.level")}</span>
        <select
          aria-label={say("transport.level")}
          title={say("transport.level")}
          value={level}
          onChange={(event) => setLevel(event.target.value as Level)}
        >
          {LEVELS.map((name) => (
            <option key={name} value={name}>
              {say(`level.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="wide roomy">{say("transport.speed")}</span>
        <select
          aria-label={say("transport.speed")}
          title={say("transport.speed")}
          value={speed}
          onChange={(event) => set({ speed: event.target.value as Speed })}
        >
          {SPEEDS.map((name) => (
            <option key={name} value={name}>
              {say(`speed.${name}`)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
