import "../styles/presenter.css";
import { useEffect } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useWork } from "../desk-context.ts";
import { explainHop } from "../model/explain/explain.ts";
import { preparedFrom } from "../model/prepared.ts";
import { newSince } from "../model/story.ts";
import { Sentence } from "../Sentence.tsx";

/** While presenting: what happens now, in letters that the last row can read, and the way on. */
export default function Presenter() {
  const say = useSay();
  const store = useBoardStore();
  const story = useBoard((board) => board.story);
  const scenario = useWork((work) => work.scenario);
  const asked = useBoard((board) => board.errand?.prepared);
  const leave = (): void => store.getState().set({ presenting: false });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") store.getState().set({ presenting: false });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
  const probes = scenario?.probes ?? [];
  const at = probes.findIndex((probe) => probe === asked);
  const next = probes[at + 1];
  const before = probes[at - 1];
  const ask = (probe: typeof next): void => {
    const { session: now, send } = store.getState();
    const from = probe === undefined || now === undefined ? undefined : preparedFrom(now.world, probe);
    if (probe !== undefined && from !== undefined)
      void send({ from, probe: "ping", target: probe.target, prepared: probe });
  };
  return (
    <section className="presenter" aria-label={say("present.start")}>
      <div className="presenter-words" role="status">
        <Now />
      </div>
      <div className="presenter-keys">
        <button type="button" disabled={story === undefined} onClick={() => store.getState().step(-1)}>
          ◀ {say("transport.back")}
        </button>
        <button
          type="button"
          className="primary"
          disabled={story === undefined}
          onClick={() => store.getState().step(1)}
        >
          {say("transport.step")} ▶
        </button>
        <button type="button" disabled={before === undefined} onClick={() => ask(before)}>
          {say("present.previous")}
        </button>
        <button type="button" disabled={next === undefined} onClick={() => ask(next)}>
          {say("present.next")}
        </button>
        <button type="button" onClick={leave}>
          {say("present.end")}
        </button>
      </div>
    </section>
  );
}

/** The hop under the cursor; before the first packet, what the scenario is about. */
function Now() {
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const words = useBoard((board) => (board.language === "en" ? "en" : "zh"));
  const scenario = useWork((work) => work.scenario);
  const hop = story?.hops[cursor];
  const told =
    hop === undefined || story === undefined || session === undefined || cast === undefined
      ? undefined
      : explainHop(hop, session.world, cast, newSince(story, cursor));
  return (
    <>
      {told === undefined ? (
        <>
          <h2>{scenario?.story?.title[words] ?? scenario?.name}</h2>
          <p>{scenario?.story?.text[words]}</p>
        </>
      ) : (
        <>
          <p className="presenter-where">
            {cast?.name(hop?.netns ?? 0)} · {cursor + 1} / {story?.hops.length}
          </p>
          <h2>
            <Sentence phrase={told.headline} />
          </h2>
          {told.reason.slice(0, 1).map((reason, i) => (
            <p key={i}>
              <Sentence phrase={reason} />
            </p>
          ))}
        </>
      )}
    </>
  );
}
