import "./capture.css";
import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { ChooseOne } from "../chrome/ChooseOne.tsx";
import type { PanelProps } from "../dock/panels.ts";
import { download } from "../document/file.ts";
import { passes } from "../model/capture/filter.ts";
import { type Filter, type FilterError, parseFilter } from "../model/capture/filter-parse.ts";
import { type CapturePoint, pointKey } from "../model/capture/frames.ts";
import type { Packet } from "../model/capture/packet.ts";
import { saveCapture, type SavedPoint } from "../model/capture/save.ts";
import type { Cast } from "../model/cast.ts";
import type { Session } from "../session.ts";
import { type CaptureHub, captureHubOf, MOST_COLUMNS } from "./hub.ts";
import { type Interface, interfacesOf } from "./interfaces.ts";
import { type CursorMarks, marksOf, remarkFor, rowAtCursor } from "./links.ts";
import { PacketDetail } from "./PacketDetail.tsx";
import { PacketTable } from "./PacketTable.tsx";

/** What passed an interface, as Wireshark would show it. */
export default function CapturePanel({ active }: PanelProps) {
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  if (session === undefined || cast === undefined || !active) return null;
  return <Captures key={session.number} session={session} cast={cast} />;
}

function Captures({ session, cast }: { readonly session: Session; readonly cast: Cast }) {
  const say = useSay();
  const store = useBoardStore();
  const hub = captureHubOf(session);
  const { open, filter, applied, chosen, version } = useStore(hub.store);
  const wish = useBoard((board) => board.wish);
  const interfaces = useMemo(() => interfacesOf(session.world, cast), [session, cast]);
  useEffect(() => {
    if (wish?.kind !== "capture") return;
    store.getState().set({ wish: undefined });
    hub.open({ netns: wish.at.netns, dev: wish.at.index });
  }, [wish, hub, store]);
  const read = useMemo(() => parseFilter(filter), [filter]);
  const marks = useBoardMarks(hub);
  const starts = open.flatMap((point) => hub.packets(point).packets[0]?.frame.time ?? []);
  const start = starts.length === 0 ? 0 : Math.min(...starts);
  const packet = useMemo(
    () => open.flatMap((point) => hub.packets(point).packets).find(({ frame }) => frame.index === chosen),
    // The list of packets grows in place: its version stands for it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [open, hub, chosen, version],
  );
  return (
    <div className="captures">
      <CaptureBar hub={hub} interfaces={interfaces} error={read.ok ? undefined : read.error} />
      {open.length === 0 && <p className="hint">{say("capture.none")}</p>}
      <div className="capture-panes">
        {open.map((point) => (
          <Column
            key={pointKey(point)}
            hub={hub}
            point={point}
            of={interfaces.find((each) => pointKey(each) === pointKey(point))}
            filter={applied}
            start={start}
            packet={packet}
            marks={marks}
          />
        ))}
        {packet !== undefined && <PacketDetail key={packet.frame.index} packet={packet} />}
      </div>
    </div>
  );
}

function useBoardMarks(hub: CaptureHub): CursorMarks {
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  return useMemo(() => marksOf(hub.log, story, cursor), [hub, story, cursor]);
}

/** Hands the reader a capture file of these interfaces. */
function save(hub: CaptureHub, file: string, points: readonly SavedPoint[]): void {
  const bytes = saveCapture(hub.log, points, (frame) => remarkFor(hub.log, frame));
  download(file, "application/x-pcapng", new Uint8Array(bytes));
}

interface ColumnProps {
  readonly hub: CaptureHub;
  readonly point: CapturePoint;
  readonly of: Interface | undefined;
  readonly filter: Filter | undefined;
  /** Time that counts as 0 in all columns. */
  readonly start: number;
  readonly packet: Packet | undefined;
  readonly marks: CursorMarks;
}

/** One interface's packets. */
function Column({ hub, point, of, filter, start, packet, marks }: ColumnProps) {
  const say = useSay();
  const store = useBoardStore();
  const version = useStore(hub.store, (state) => state.version);
  const all = hub.packets(point).packets;
  const shown = useMemo(
    () => (filter === undefined ? [...all] : all.filter((each) => passes(filter, each))),
    // The list grows in place: its version and length stand for it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [all, filter, version, all.length],
  );
  const identity = packet === undefined ? undefined : hub.log.identity(packet.frame.skb);
  const title = of === undefined ? say("capture.gone") : `${of.place} · ${of.device}`;
  const choose = (next: Packet): void => {
    hub.choose(next.frame.index);
    void store.getState().showRecord(next.frame.index);
  };
  const saveThis = (): void => {
    const name = of?.name ?? pointKey(point);
    save(hub, `${name.replaceAll("/", ".")}.pcapng`, [{ ...point, name }]);
  };
  return (
    <section className="capture-column" aria-label={title}>
      <header>
        <strong>{title}</strong>
        <span role="status">{say("capture.count", { shown: shown.length, count: all.length })}</span>
        <button type="button" className="small" onClick={saveThis} disabled={all.length === 0}>
          {say("capture.save")}
        </button>
        <button type="button" className="small" onClick={() => hub.close(point)} title={say("capture.close")}>
          <span aria-hidden="true">✕</span>
          <span className="sr-only">{say("capture.close")}</span>
        </button>
      </header>
      <PacketTable
        label={say("capture.list", { device: title })}
        packets={shown}
        start={start}
        chosen={packet?.frame.index}
        cursor={rowAtCursor(hub.log, shown, marks)?.frame.index}
        isSame={(each) => identity !== undefined && hub.log.identity(each.frame.skb) === identity}
        choose={choose}
      />
    </section>
  );
}

function CaptureBar({
  hub,
  interfaces,
  error,
}: {
  readonly hub: CaptureHub;
  readonly interfaces: readonly Interface[];
  readonly error: FilterError | undefined;
}) {
  const say = useSay();
  const { open, filter } = useStore(hub.store);
  const saveAll = (): void => {
    const named = interfaces.filter((each) => hub.log.of(each).length > 0);
    save(hub, "flannelgraph.pcapng", named);
  };
  const choices = useMemo(
    () => interfaces.map((each) => ({ key: pointKey(each), group: each.place, name: each.device })),
    [interfaces],
  );
  return (
    <div className="capture-bar">
      <ChooseOne
        label={say("capture.add")}
        prompt={say("capture.new")}
        choices={choices}
        disabled={open.length >= MOST_COLUMNS}
        onPick={(key) => {
          const found = interfaces.find((each) => pointKey(each) === key);
          if (found !== undefined) hub.open({ netns: found.netns, dev: found.dev });
        }}
      />
      <div className="filter">
        <input
          value={filter}
          spellCheck={false}
          autoCapitalize="off"
          placeholder={say("capture.filterHint")}
          aria-label={say("capture.filter")}
          aria-invalid={error !== undefined}
          aria-describedby="capture-filter-error"
          onChange={(event) => hub.setFilter(event.target.value)}
        />
        <p id="capture-filter-error" role="status">
          {error !== undefined && <FilterFault filter={filter} error={error} />}
        </p>
      </div>
      <button type="button" className="small" onClick={saveAll}>
        {say("capture.saveAll")}
      </button>
    </div>
  );
}

/** What is wrong with a filter, with the place marked in it. */
function FilterFault({ filter, error }: { readonly filter: string; readonly error: FilterError }) {
  const say = useSay();
  const { at, length, problem, word } = error;
  const before = filter.slice(0, at);
  return (
    <>
      <code>
        {before}
        <mark>{filter.slice(at, at + length) || "␣"}</mark>
        {filter.slice(at + length)}
      </code>{" "}
      {say(`filter.${problem}`, { word, place: at + 1 })}
    </>
  );
}
