import "./terminal.css";
import { lazy, Suspense, useEffect, useId, useMemo } from "react";
import { useStore } from "zustand";
import { type Say, useBoard, useBoardStore, useSay } from "../board-context.ts";
import { ChooseOne } from "../chrome/ChooseOne.tsx";
import type { PanelProps } from "../dock/panels.ts";
import type { Session } from "../session.ts";
import { ClockBar } from "./ClockBar.tsx";
import { type Hub, hubOf, type TerminalEntry } from "./hub.ts";
import { PacketList } from "./PacketList.tsx";
import { placeAt, placesOf } from "./places.ts";
import type { Cast } from "../model/cast.ts";

const Screen = lazy(() => import("./Screen.tsx"));

/** Shells at any place of the world. */
export default function TerminalPanel({ active }: PanelProps) {
  const session = useBoard((board) => board.session);
  const isReady = useBoard((board) => board.phase.kind === "ready");
  if (session === undefined || !isReady) return null;
  return <Terminals key={session.number} session={session} active={active} />;
}

function useWish(hub: Hub, active: boolean): void {
  const store = useBoardStore();
  const wish = useBoard((board) => board.wish);
  const cast = useBoard((board) => board.cast);
  useEffect(() => {
    if (!active || cast === undefined) return;
    if (wish?.kind === "terminal") {
      store.getState().set({ wish: undefined });
      hub.open(placeAt(cast, wish.at.netns));
    } else if (hub.store.getState().terminals.length === 0) hub.open("");
  }, [active, wish, cast, hub, store]);
}

function Terminals({ session, active }: { readonly session: Session; readonly active: boolean }) {
  const say = useSay();
  const id = useId();
  const board = useBoardStore();
  const cast = useBoard((state) => state.cast);
  const hub = hubOf(session, board);
  const terminals = useStore(hub.store, (state) => state.terminals);
  const front = useStore(hub.store, (state) => state.front);
  useWish(hub, active);
  return (
    <div className="terminals">
      <div className="terminal-main">
        <TerminalTabs id={id} hub={hub} />
        {terminals.map((entry) => (
          <div
            key={entry.id}
            id={`${id}-${entry.id}`}
            className="terminal-frame"
            role="tabpanel"
            aria-labelledby={`${id}-tab-${entry.id}`}
            hidden={entry.id !== front}
          >
            <Suspense fallback={<p className="hint">{say("terminal.loading")}</p>}>
              <Screen
                hub={hub}
                id={entry.id}
                label={nameOf(entry.at, cast, say)}
                active={active && entry.id === front}
                leave={() => document.getElementById(`${id}-tab-${entry.id}`)?.focus()}
              />
            </Suspense>
            <Ending entry={entry} hub={hub} />
          </div>
        ))}
        {terminals.length === 0 && <p className="hint">{say("terminal.none")}</p>}
      </div>
      <aside className="terminal-side" aria-label={say("terminal.side")}>
        <ClockBar hub={hub} />
        <PacketList hub={hub} session={session} active={active} />
      </aside>
    </div>
  );
}

/** What people call a place: a pod with its node's name left out. */
function nameOf(at: string, cast: Cast | undefined, say: Say): string {
  if (at === "") return say("terminal.first");
  const place = cast?.byLabel(at);
  return place === undefined || cast === undefined ? at : cast.name(place.netns);
}

function TerminalTabs({ id, hub }: { readonly id: string; readonly hub: Hub }) {
  const say = useSay();
  const cast = useBoard((board) => board.cast);
  const terminals = useStore(hub.store, (state) => state.terminals);
  const front = useStore(hub.store, (state) => state.front);
  const move = (event: React.KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.stopPropagation();
    event.preventDefault();
    const at = terminals.findIndex((entry) => entry.id === front);
    const next = terminals.at((at + by) % terminals.length);
    if (next === undefined) return;
    hub.show(next.id);
    document.getElementById(`${id}-tab-${next.id}`)?.focus();
  };
  return (
    <div className="terminal-bar">
      {terminals.length > 0 && (
        <div className="terminal-tabs" role="tablist" aria-label={say("terminal.tabs")} onKeyDown={move}>
          {terminals.map((entry) => (
            <button
              key={entry.id}
              id={`${id}-tab-${entry.id}`}
              type="button"
              role="tab"
              aria-selected={entry.id === front}
              aria-controls={`${id}-${entry.id}`}
              tabIndex={entry.id === front ? 0 : -1}
              data-busy={entry.busy}
              onClick={() => hub.show(entry.id)}
            >
              {nameOf(entry.at, cast, say)}
            </button>
          ))}
        </div>
      )}
      {front !== undefined && (
        <button
          type="button"
          className="small"
          onClick={() => hub.close(front)}
          title={say("terminal.close")}
        >
          <span aria-hidden="true">✕</span>
          <span className="sr-only">{say("terminal.close")}</span>
        </button>
      )}
      <PlacePicker hub={hub} />
      <span className="terminal-keys">{say("terminal.keys")}</span>
    </div>
  );
}

function PlacePicker({ hub }: { readonly hub: Hub }) {
  const say = useSay();
  const cast = useBoard((board) => board.cast);
  const first = say("terminal.first");
  const choices = useMemo(
    () =>
      (cast === undefined ? [] : placesOf(cast)).map(({ at, name, kind }) => ({
        key: at,
        group: "",
        name: kind === "machine" ? first : kind === "pod" ? `\u00a0\u00a0${name}` : name,
      })),
    [cast, first],
  );
  return (
    <ChooseOne
      label={say("terminal.open")}
      prompt={say("terminal.new")}
      choices={choices}
      onPick={(at) => void hub.open(at)}
    />
  );
}

/** A terminal whose shell has ended, or never began. */
function Ending({ entry, hub }: { readonly entry: TerminalEntry; readonly hub: Hub }) {
  const say = useSay();
  if (entry.ended === undefined && entry.refused === undefined) return null;
  return (
    <p className="terminal-ending" role="status">
      {entry.refused ?? say("terminal.ended", { status: entry.ended ?? 0 })}{" "}
      <button type="button" className="small" onClick={() => hub.open(entry.at)}>
        {say("terminal.again")}
      </button>
    </p>
  );
}
