import "./control.css";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { PanelProps } from "../dock/panels.ts";
import { ROW_HEIGHT, useRows } from "../dock/rows.ts";
import { ControlLog, type Deed, filterDeeds } from "../model/control.ts";
import type { Session } from "../session.ts";

/** How often the list follows a world that goes on. */
const REFRESH_MS = 500;

const logs = new WeakMap<Session, ControlLog>();

function logOf(session: Session): ControlLog {
  let log = logs.get(session);
  if (log === undefined) {
    log = new ControlLog(session.reader);
    logs.set(session, log);
  }
  return log;
}

/** Who did what in the control plane, and why. */
export default function ControlPanel({ active }: PanelProps) {
  const session = useBoard((board) => board.session);
  const isReady = useBoard((board) => board.phase.kind === "ready");
  if (session === undefined || !isReady || !active) return null;
  return <Deeds key={session.number} session={session} />;
}

/** The deeds so far; a new list whenever more has happened. */
function useDeeds(session: Session): readonly Deed[] {
  const log = logOf(session);
  const [deeds, setDeeds] = useState<readonly Deed[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer = undefined;
      log.catchUp();
      setDeeds([...log.deeds]);
    };
    const grown = (): void => {
      timer ??= setTimeout(look, REFRESH_MS);
    };
    look();
    session.growth.add(grown);
    return () => {
      clearTimeout(timer);
      session.growth.delete(grown);
    };
  }, [log, session]);
  return deeds;
}

function Deeds({ session }: { readonly session: Session }) {
  const say = useSay();
  const store = useBoardStore();
  const log = logOf(session);
  const deeds = useDeeds(session);
  const [component, setComponent] = useState("");
  const [text, setText] = useState("");
  const [chosen, choose] = useState<Deed>();
  const shown = useMemo(() => filterDeeds(deeds, component, text), [deeds, component, text]);
  const components = useMemo(() => [...new Set(deeds.map((deed) => deed.component))].toSorted(), [deeds]);
  const moment = useBoard(({ story, cursor }) => story?.hops[cursor]?.last);
  const open = (deed: Deed): void => {
    choose(deed);
    void store.getState().showRecord(deed.index);
  };
  return (
    <div className="deeds">
      <div className="deeds-bar">
        <label>
          {say("control.component")}
          <select value={component} onChange={(event) => setComponent(event.target.value)}>
            <option value="">{say("control.all")}</option>
            {components.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="grow">
          {say("control.filter")}
          <input
            value={text}
            spellCheck={false}
            placeholder={say("control.filterHint")}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        {chosen !== undefined && (
          <button
            type="button"
            className="small"
            onClick={() => {
              choose(undefined);
              store.getState().catchUp();
            }}
          >
            {say("control.now")}
          </button>
        )}
        <span role="status">{say("control.count", { shown: shown.length, count: deeds.length })}</span>
      </div>
      <div className="deeds-panes">
        <DeedList deeds={shown} chosen={chosen} moment={moment} choose={open} />
        {chosen !== undefined && <DeedDetail deed={chosen} log={log} />}
      </div>
    </div>
  );
}

interface ListProps {
  readonly deeds: readonly Deed[];
  readonly chosen: Deed | undefined;
  /** Last record before the board's cursor; undefined: now. */
  readonly moment: number | undefined;
  readonly choose: (deed: Deed) => void;
}

const COLUMNS = ["time", "component", "object", "text"] as const;

function DeedList({ deeds, chosen, moment, choose }: ListProps) {
  const say = useSay();
  const id = useId();
  const at = deeds.findIndex(({ index }) => index === chosen?.index);
  const now = moment === undefined ? -1 : deeds.findLastIndex(({ index }) => index <= moment);
  const box = useRef<HTMLDivElement>(null);
  const rows = useRows(box, deeds.length, at >= 0 ? at : now >= 0 ? now : deeds.length - 1);
  return (
    <div
      ref={box}
      className="deed-list"
      role="grid"
      tabIndex={0}
      aria-label={say("dock.control")}
      aria-rowcount={deeds.length + 1}
      aria-activedescendant={at >= rows.first && at < rows.last ? `${id}-${deeds[at]!.index}` : undefined}
      onScroll={rows.onScroll}
      onKeyDown={(event) => {
        const to = rows.target(event, at);
        const deed = to === undefined ? undefined : deeds[to];
        if (deed !== undefined) choose(deed);
      }}
    >
      <div className="deed-head" role="row" aria-rowindex={1}>
        {COLUMNS.map((name) => (
          <span key={name} role="columnheader">
            {say(`control.${name}`)}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: deeds.length * ROW_HEIGHT, position: "relative" }}>
        {deeds.slice(rows.first, rows.last).map((deed, i) => {
          const row = rows.first + i;
          const isAhead = moment !== undefined && deed.index > moment;
          return (
            <div
              key={deed.index}
              id={`${id}-${deed.index}`}
              role="row"
              aria-rowindex={row + 2}
              aria-selected={row === at}
              className={`deed-row deed-${deed.kind} ${isAhead ? "is-ahead" : ""} ${row === now ? "is-now" : ""}`}
              style={{ top: row * ROW_HEIGHT }}
              onClick={() => choose(deed)}
            >
              <span role="gridcell">{(deed.time / 1e9).toFixed(3)}</span>
              <span role="gridcell">{deed.component}</span>
              <span role="gridcell">{deed.object ?? ""}</span>
              <span role="gridcell" title={deed.text}>
                {deed.kind === "said" ? deed.text : `${say(`control.${deed.kind}`)} · ${deed.text}`}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** More changed values than this are not read by anybody. */
const MOST_CHANGES = 80;

function DeedDetail({ deed, log }: { readonly deed: Deed; readonly log: ControlLog }) {
  const say = useSay();
  const changes = useMemo(() => log.changes(deed), [log, deed]);
  return (
    <section className="deed-detail" aria-label={say("control.detail")} tabIndex={0}>
      <h3>{deed.object ?? deed.component}</h3>
      <p>
        <strong>{deed.component}</strong> · {deed.text}
      </p>
      <dl>
        {changes.slice(0, MOST_CHANGES).map(({ path, before, after }) => (
          <div key={path}>
            <dt>{path}</dt>
            <dd>
              {before !== undefined && <del>{before}</del>} {after !== undefined && <ins>{after}</ins>}
            </dd>
          </div>
        ))}
      </dl>
      {changes.length > MOST_CHANGES && (
        <p>{say("control.more", { count: changes.length - MOST_CHANGES })}</p>
      )}
    </section>
  );
}
