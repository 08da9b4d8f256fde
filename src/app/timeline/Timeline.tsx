import { useEffect, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { format } from "../i18n/text.ts";
import { explainHop } from "../model/explain/explain.ts";
import type { Hop, Track } from "../model/hops.ts";
import { newSince } from "../model/story.ts";
import type { Board } from "../store.ts";
import { Talk } from "./Talk.tsx";
import { Transport } from "./Transport.tsx";

/** What the hop under the cursor says, for those who listen. */
function sentenceOf({ story, cursor, session, cast, language }: Board): string {
  const hop = story?.hops[cursor];
  if (hop === undefined || story === undefined || session === undefined || cast === undefined) return "";
  const { headline } = explainHop(hop, session.world, cast, newSince(story, cursor));
  return `${cast.name(hop.netns)}: ${format(language, headline.key, headline.values)}`;
}

/** The bottom of the page: the packet's walk through the rooms, with the keys to move along it. */
export function Timeline() {
  const say = useSay();
  const story = useBoard((board) => board.story);
  const sentence = useBoard(sentenceOf);
  return (
    <section className="timeline" id="timeline" aria-label={say("timeline.label")}>
      <Transport />
      {story !== undefined && <Talk />}
      {story === undefined ? <p className="hint">{say("timeline.empty")}</p> : <Tracks />}
      <p className="sr-only" role="status" aria-live="polite">
        {sentence}
      </p>
    </section>
  );
}

const KEYS: Readonly<Record<string, (board: Board, far: boolean) => void>> = {
  ArrowRight: (board, far) => (far ? board.stepPlace(1) : board.step(1)),
  ArrowLeft: (board, far) => (far ? board.stepPlace(-1) : board.step(-1)),
  ArrowUp: (board) => board.step(1),
  ArrowDown: (board) => board.step(-1),
  PageUp: (board) => board.stepPlace(1),
  PageDown: (board) => board.stepPlace(-1),
  Home: (board) => {
    board.play(false);
    board.goTo(0);
  },
  End: (board) => {
    board.play(false);
    board.goTo(Infinity);
  },
  " ": (board) => board.play(!board.playing),
};

function Tracks() {
  const say = useSay();
  const store = useBoardStore();
  const tracks = useBoard((board) => board.story?.tracks ?? []);
  const count = useBoard((board) => board.story?.hops.length ?? 0);
  const cursor = useBoard((board) => board.cursor);
  const sentence = useBoard(sentenceOf);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector(".is-now")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [cursor]);
  const scrub = (event: React.PointerEvent): void => {
    if (event.type === "pointermove" && event.buttons !== 1) return;
    const dots = [...(box.current?.querySelectorAll<HTMLElement>("[data-hop]") ?? [])];
    const distance = (dot: HTMLElement): number => {
      const r = dot.getBoundingClientRect();
      return Math.hypot((r.left + r.right) / 2 - event.clientX, 3 * ((r.top + r.bottom) / 2 - event.clientY));
    };
    const nearest = dots.reduce<HTMLElement | undefined>(
      (best, dot) => (best === undefined || distance(dot) < distance(best) ? dot : best),
      undefined,
    );
    if (nearest === undefined) return;
    store.getState().play(false);
    store.getState().goTo(Number(nearest.dataset["hop"]));
  };
  return (
    <div
      ref={box}
      className="tracks"
      role="slider"
      tabIndex={0}
      aria-label={say("timeline.slider")}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={cursor + 1}
      aria-valuetext={sentence}
      onPointerDown={scrub}
      onPointerMove={scrub}
    >
      {tracks.map((track) => (
        <TrackRow key={track.lane} track={track} />
      ))}
    </div>
  );
}

function TrackRow({ track }: { readonly track: Track }) {
  const say = useSay();
  const cast = useBoard((board) => board.cast);
  return (
    <div className={`track track-${track.lane}`}>
      <span className="track-name">
        {track.title === "" ? (
          say(`timeline.${track.lane}`)
        ) : (
          <>
            <i aria-hidden="true">{track.lane === "request" ? "→" : "←"}</i> {track.title}
          </>
        )}
      </span>
      {track.visits.map((visit, i) => (
        <div key={i} className="visit" style={{ flexGrow: visit.hops.length }}>
          <span className="visit-name">
            {cast?.place(visit.netns)?.kind === "switch" ? say("node.switch.title") : cast?.name(visit.netns)}
          </span>
          <div className="dots">
            {visit.hops.map((hop) => (
              <Dot key={hop.number} hop={hop} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

function Dot({ hop }: { readonly hop: Hop }) {
  const time = useBoard(({ cursor }) => Math.sign(hop.number - cursor));
  const state = time === 0 ? "is-now" : time < 0 ? "is-past" : "is-ahead";
  return (
    <span className={`dot tone-${hop.tone} ${state}`} data-hop={hop.number}>
      <i />
      <small>{hop.label}</small>
    </span>
  );
}

/** Keys that move the packet wherever the focus is, unless something there needs them itself. */
export function useTransportKeys(): void {
  const store = useBoardStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      const isField = target.closest("input, select, textarea, [role=tab]") !== null;
      const isButton = target.closest("button, a, summary, .react-flow__node") !== null;
      const act = KEYS[event.key];
      if (act === undefined || isField || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === " " && isButton) return;
      if (target.closest(".panel") !== null && /^(Arrow(Up|Down)|Page|Home|End| )/.test(event.key)) return;
      if (store.getState().story === undefined) return;
      event.preventDefault();
      act(store.getState(), event.shiftKey);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
}
