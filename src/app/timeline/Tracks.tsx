import "../styles/story.css";
import { useEffect, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { format } from "../i18n/text.ts";
import { bornAt } from "../model/copies.ts";
import { explainHop } from "../model/explain/explain.ts";
import type { Hop, Track } from "../model/hops.ts";
import { newSince } from "../model/story.ts";
import type { Board } from "../store.ts";
import { Talk } from "./Talk.tsx";

/** What the hop under the cursor says, for those who listen. */
function sentenceOf({ story, cursor, session, cast, language }: Board): string {
  const hop = story?.hops[cursor];
  if (hop === undefined || story === undefined || session === undefined || cast === undefined) return "";
  const { headline } = explainHop(hop, session.world, cast, newSince(story, cursor));
  const count = bornAt(story.copies, story.hops, cursor).length;
  const copies = count === 0 ? "" : ` ${format(language, "copy.told", { count })}`;
  return `${cast.name(hop.netns)}: ${format(language, headline.key, headline.values)}${copies}`;
}

/** The packet's walk through the rooms, and the conversation that it is part of. */
export default function Tracks() {
  const sentence = useBoard(sentenceOf);
  return (
    <>
      <Talk />
      <Slider />
      <p className="sr-only" role="status" aria-live="polite">
        {sentence}
      </p>
    </>
  );
}

/** The open turn, hop by hop: seek bar and list of hops in one. */
function Slider() {
  const say = useSay();
  const store = useBoardStore();
  const tracks = useBoard((board) => board.story?.tracks ?? []);
  const count = useBoard((board) => board.story?.hops.length ?? 0);
  const cursor = useBoard((board) => board.cursor);
  const sentence = useBoard(sentenceOf);
  const predicts = useBoard((board) => board.predict !== undefined);
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
      className={`tracks ${predicts ? "is-hiding" : ""}`}
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
            {visit.hops.every((hop) => cast?.isSwitching(hop) === true)
              ? say("node.switch.title")
              : cast?.name(visit.netns)}
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
