import "../styles/story.css";
import { useEffect, useMemo, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { format } from "../i18n/text.ts";
import { bornAt, type CopyDot, copyDots } from "../model/copies.ts";
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
  const over = copyDots(story.copies, story.hops)[cursor]?.filter(({ fate }) => fate !== "going").length ?? 0;
  const copies =
    (count === 0 ? "" : ` ${format(language, "copy.told", { count })}`) +
    (over === 0 ? "" : ` ${format(language, "copy.over", { count: over })}`);
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
  const story = useBoard((board) => board.story);
  const copies = useMemo(() => (story === undefined ? [] : copyDots(story.copies, story.hops)), [story]);
  const isCopied = track.visits.some(({ hops }) =>
    hops.some(({ number }) => (copies[number]?.length ?? 0) > 0),
  );
  return (
    <div className={`track track-${track.lane} ${isCopied ? "has-copies" : ""}`}>
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
              <Dot key={hop.number} hop={hop} copies={copies[hop.number] ?? []} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

/** More copies at one hop than these are a number. */
const MOST_COPIES = 3;

function Dot({ hop, copies }: { readonly hop: Hop; readonly copies: readonly CopyDot[] }) {
  const time = useBoard(({ cursor }) => Math.sign(hop.number - cursor));
  const state = time === 0 ? "is-now" : time < 0 ? "is-past" : "is-ahead";
  const shown = copies.length > MOST_COPIES ? copies.slice(0, 1) : copies;
  return (
    <span className={`dot tone-${hop.tone} ${state}`} data-hop={hop.number}>
      <i />
      <small>{hop.label}</small>
      {copies.length > 0 && (
        <span className="copy-dots" aria-hidden="true">
          {shown.map(({ fate }, i) => (
            <b key={i} className={`copy-dot is-${fate}`} />
          ))}
          {copies.length > MOST_COPIES && copies.length}
        </span>
      )}
    </span>
  );
}
