import { lazy, Suspense, useId } from "react";
import { late } from "../chrome/late.tsx";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useTitle, useWork } from "../desk-context.ts";
import { IS_READ_ONLY } from "../mode.ts";
import { storyParts } from "../story-parts.ts";

const HopPanel = late(storyParts.hop);
const DevicePanel = late(storyParts.device);
const ServicePanel = late(() => import("./ServicePanel.tsx"));
const SheetLine = lazy(storyParts.sheet);

const Properties = late(() => import("../build/Properties.tsx"));

const TABS = IS_READ_ONLY ? (["hop", "device"] as const) : (["hop", "device", "edit"] as const);

/** The right side of the page; a sheet from below on a narrow one. */
export function Inspector() {
  const say = useSay();
  const store = useBoardStore();
  const id = useId();
  const tab = useBoard((board) => board.tab);
  const sheet = useBoard((board) => board.sheet);
  const move = (event: React.KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.stopPropagation();
    const by = event.key === "ArrowRight" ? 1 : TABS.length - 1;
    const next = TABS[(TABS.findIndex((name) => name === tab) + by) % TABS.length] ?? "hop";
    store.getState().set({ tab: next });
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <aside className={`inspector ${sheet ? "is-open" : ""}`} aria-label={say("inspector.label")}>
      <button
        type="button"
        className="sheet-handle"
        aria-expanded={sheet}
        aria-label={say(sheet ? "inspector.close" : "inspector.open")}
        onClick={() => store.getState().set({ sheet: !sheet })}
      >
        <span />
        <strong className="sheet-line">
          <SheetTitle />
        </strong>
      </button>
      <div className="tabs" role="tablist" onKeyDown={move}>
        {TABS.map((name) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls={`${id}-panel`}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => store.getState().set({ tab: name, sheet: true })}
          >
            {say(`inspector.${name}`)}
          </button>
        ))}
      </div>
      <div className="panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`} tabIndex={0}>
        <Contents />
      </div>
    </aside>
  );
}

/** What a closed sheet says, on a narrow screen. */
function SheetTitle() {
  const title = useTitle();
  const hasStory = useBoard((board) => board.story !== undefined);
  return hasStory ? (
    <Suspense fallback={title}>
      <SheetLine />
    </Suspense>
  ) : (
    title
  );
}

function Contents() {
  const say = useSay();
  const tab = useBoard((board) => board.tab);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const selection = useBoard((board) => board.selection);
  const hop = story?.hops[cursor];
  if (tab === "edit") return <Properties />;
  if (session === undefined || cast === undefined) return null;
  if (tab === "device") {
    if (selection === undefined) return <p className="hint">{say("inspector.pick")}</p>;
    if (selection.service !== undefined)
      return <ServicePanel name={selection.service} world={session.world} cast={cast} />;
    return <DevicePanel selection={selection} world={session.world} cast={cast} />;
  }
  if (hop === undefined || story === undefined) return <Before />;
  return <HopPanel key={hop.number} hop={hop} story={story} world={session.world} cast={cast} />;
}

/** Before the first packet: what the scenario is about. */
function Before() {
  const say = useSay();
  const words = useBoard((board) => (board.language === "en" ? "en" : "zh"));
  const told = useWork(({ scenario }) => scenario?.story);
  return (
    <>
      {told !== undefined && (
        <div className="told">
          <h2>{told.title[words]}</h2>
          <p>{told.text[words]}</p>
        </div>
      )}
      <p className="hint">{say("inspector.empty")}</p>
    </>
  );
}
