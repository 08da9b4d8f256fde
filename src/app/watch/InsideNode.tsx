import "../styles/watch.css";
import { useEffect, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { ChainsPanel } from "../inspector/ChainsPanel.tsx";
import { rulesSoFar, type Station, type StationId, stationsOf } from "../model/inside.ts";
import { chainsOf } from "../model/netfilter.ts";

/** Middle of each station in the drawing, in percent of its width and height. */
const PLACES: Readonly<Record<StationId, readonly [number, number]>> = {
  in: [5, 62],
  PREROUTING: [20, 62],
  route: [35.5, 62],
  INPUT: [35.5, 24],
  local: [50, 24],
  reroute: [64.5, 24],
  OUTPUT: [80, 24],
  FORWARD: [57, 62],
  POSTROUTING: [80, 62],
  out: [95, 62],
  bridge: [50, 93],
};

/** Which station follows which. */
const WAYS: readonly (readonly [StationId, StationId])[] = [
  ["in", "PREROUTING"],
  ["PREROUTING", "route"],
  ["route", "FORWARD"],
  ["route", "INPUT"],
  ["INPUT", "local"],
  ["local", "reroute"],
  ["reroute", "OUTPUT"],
  ["OUTPUT", "POSTROUTING"],
  ["FORWARD", "POSTROUTING"],
  ["POSTROUTING", "out"],
];

/** The stack of one node, opened up: hooks with their tables, routing, the bridge's path; the packet runs through it. */
export default function InsideNode() {
  const say = useSay();
  const store = useBoardStore();
  const inside = useBoard((board) => board.inside);
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  if (inside === undefined || session === undefined || cast === undefined) return null;
  const { world, counts } = session;
  const stations = stationsOf(story, cursor, inside, world);
  const here = stations.find(({ state, id }) => state === "here" && id !== "bridge");
  const visited = rulesSoFar(story, cursor, inside);
  const hop = story?.hops[cursor];
  const until = hop === undefined ? Infinity : hop.last + 1;
  const chains = chainsOf(world, counts, inside, until, visited).filter(
    (chain) => visited.size === 0 || chain.visited,
  );
  const isDrop = hop?.tone === "drop" && hop.netns === inside;
  const name = cast.name(inside);
  return (
    <section className="inside" aria-label={say("inside.title", { place: name })}>
      <div className="inside-head">
        <h2>{say("inside.title", { place: name })}</h2>
        <button type="button" onClick={() => store.getState().set({ inside: undefined })}>
          {say("app.close")}
        </button>
      </div>
      <div className="inside-drawing">
        <Ways stations={stations} />
        {stations.map((station) => (
          <StationBox key={station.id} station={station} />
        ))}
        {here !== undefined && <Token at={here.id} lost={isDrop} />}
      </div>
      <div className="inside-chains" role="group" tabIndex={0} aria-label={say("chains.title", { of: name })}>
        <ChainsPanel chains={chains} of={name} />
      </div>
    </section>
  );
}

function Ways({ stations }: { readonly stations: readonly Station[] }) {
  const isPassed = (id: StationId): boolean => stations.find((one) => one.id === id)?.state !== "ahead";
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {WAYS.map(([from, to]) => {
        const [[x1, y1], [x2, y2]] = [PLACES[from], PLACES[to]];
        const passed = isPassed(from) && isPassed(to) ? "is-passed" : "";
        return (
          <path key={`${from}-${to}`} d={`M${x1} ${y1}L${x2} ${y2}`} className={`inside-way ${passed}`} />
        );
      })}
      <path
        d="M20 68V93H80V68M57 93V68"
        className={`inside-way inside-bridge ${isPassed("bridge") ? "is-passed" : ""}`}
      />
    </svg>
  );
}

function StationBox({ station }: { readonly station: Station }) {
  const say = useSay();
  const { id, tables, state } = station;
  const [x, y] = PLACES[id];
  const isHook = /^[A-Z]/.test(id);
  return (
    <div
      className={`inside-station ${isHook ? "is-hook" : ""} is-${state}`}
      style={{ left: `${x}%`, top: `${y}%` }}
    >
      <strong>
        {isHook
          ? id
          : say(
              `inside.${id as Exclude<StationId, "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING">}`,
            )}
      </strong>
      {tables.map((table) => (
        <span key={table.name} className={table.matched > 0 ? "is-matched" : ""}>
          {table.name}
          {table.rules > 0 && <small> {table.matched > 0 ? `✓ ${table.matched}` : table.rules}</small>}
        </span>
      ))}
    </div>
  );
}

function Token({ at, lost }: { readonly at: StationId; readonly lost: boolean }) {
  const [x, y] = PLACES[at];
  const box = useRef<HTMLElement>(null);
  // Where the drawing is wider than the screen, it moves along.
  useEffect(() => {
    // In braces: newer browsers return a promise, which React would take for the effect's end.
    box.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [at]);
  return (
    <i
      ref={box}
      className={`inside-token ${lost ? "is-lost" : ""}`}
      style={{ left: `${x}%`, top: `${y}%` }}
      aria-hidden="true"
    >
      {lost ? "✕" : ""}
    </i>
  );
}
