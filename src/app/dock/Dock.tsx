import { useId, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { late } from "../chrome/late.tsx";
import { recall, remember } from "../remember.ts";
import { Transport } from "../timeline/Transport.tsx";
import { HOPS, PANELS } from "./panels.ts";

const COMPONENTS = PANELS.map((entry) => ({ ...entry, Panel: late(entry.load) }));

/** Pixels; the board above keeps at least half of the window. */
const HEIGHT = { least: 140, usual: 280, step: 24 } as const;

/** The foot of the page: transport keys, and one of several panels in front. */
export function Dock() {
  const say = useSay();
  const id = useId();
  const front = useBoard((board) => board.panel);
  const [height, setHeight] = useState(() => Number(recall("dock")) || HEIGHT.usual);
  const resize = (pixels: number): void => {
    const next = Math.round(Math.min(Math.max(HEIGHT.least, pixels), window.innerHeight * 0.6));
    setHeight(next);
    remember("dock", String(next));
  };
  return (
    <section className="timeline" id="timeline" aria-label={say("dock.label")}>
      {front !== HOPS && <Edge height={height} resize={resize} />}
      <div className="dock-head">
        <Tabs id={id} />
        <Transport />
      </div>
      <Panels id={id} front={front} height={height} />
    </section>
  );
}

/** Panels that were opened once stay, hidden. */
function Panels({
  id,
  front,
  height,
}: {
  readonly id: string;
  readonly front: string;
  readonly height: number;
}) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set([front]));
  if (!opened.has(front)) setOpened(new Set([...opened, front]));
  return COMPONENTS.map(({ id: name, Panel }) =>
    opened.has(name) ? (
      <div
        key={name}
        id={`${id}-${name}`}
        className={`dock-panel dock-${name}`}
        role="tabpanel"
        aria-labelledby={`${id}-tab-${name}`}
        hidden={front !== name}
        {...(name !== HOPS && { style: { height } })}
      >
        <Panel active={front === name} />
      </div>
    ) : null,
  );
}

function Tabs({ id }: { readonly id: string }) {
  const say = useSay();
  const store = useBoardStore();
  const front = useBoard((board) => board.panel);
  if (PANELS.length < 2) return null;
  const move = (event: React.KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.stopPropagation();
    event.preventDefault();
    const at = PANELS.findIndex((panel) => panel.id === front);
    const next = PANELS.at((at + by) % PANELS.length)?.id ?? HOPS;
    store.getState().set({ panel: next });
    document.getElementById(`${id}-tab-${next}`)?.focus();
  };
  return (
    <div className="dock-tabs" role="tablist" aria-label={say("dock.label")} onKeyDown={move}>
      {PANELS.map((panel) => (
        <button
          key={panel.id}
          id={`${id}-tab-${panel.id}`}
          type="button"
          role="tab"
          aria-selected={front === panel.id}
          aria-controls={`${id}-${panel.id}`}
          tabIndex={front === panel.id ? 0 : -1}
          onClick={() => store.getState().set({ panel: panel.id })}
        >
          {say(panel.label)}
        </button>
      ))}
    </div>
  );
}

/** The upper edge of the dock, by which it is made higher or lower. */
function Edge({ height, resize }: { readonly height: number; readonly resize: (pixels: number) => void }) {
  const say = useSay();
  return (
    <div
      className="dock-edge"
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label={say("dock.resize")}
      aria-valuenow={height}
      aria-valuemin={HEIGHT.least}
      aria-valuemax={Math.round(window.innerHeight * 0.6)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.buttons === 1) resize(height - event.movementY);
      }}
      onKeyDown={(event) => {
        const by = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        if (by === 0) return;
        event.stopPropagation();
        event.preventDefault();
        resize(height + by * HEIGHT.step);
      }}
    />
  );
}
