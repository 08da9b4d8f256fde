import "../styles/watch.css";
import { useMemo, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { PanelProps } from "../dock/panels.ts";
import { formatTime } from "../inspector/HopPanel.tsx";
import type { Cast } from "../model/cast.ts";
import { type FlowEntry, FlowLog, matches, type Verdict, VERDICTS } from "../model/flows.ts";

/** Lines that are shown at once; a filter finds the others. */
const MOST = 300;

/** Every flow since the world began, with how it went. */
export default function FlowsPanel({ active }: PanelProps) {
  const say = useSay();
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  // The trace grows: asked again whenever something was sent.
  useBoard((board) => board.sending);
  useBoard((board) => board.story);
  const [filter, setFilter] = useState("");
  const [verdict, setVerdict] = useState<Verdict | "">("");
  const log = useMemo(() => (session === undefined ? undefined : new FlowLog(session.reader)), [session]);
  if (!active || log === undefined || cast === undefined) return null;
  const line = (flow: FlowEntry): string =>
    `${cast.name(flow.netns)} ${flow.program} ${flow.protocol} ${flow.src} ${flow.dst} ${say(`flows.${flow.verdict}`)} ${flow.drop?.reason ?? ""}`;
  const all = log.list();
  const found = all.filter(
    (flow) => (verdict === "" || flow.verdict === verdict) && matches(line(flow), filter),
  );
  return (
    <div className="flows">
      <div className="flows-bar">
        <label>
          {say("flows.filter")}
          <input value={filter} spellCheck={false} onChange={(event) => setFilter(event.target.value)} />
        </label>
        <label>
          {say("flows.verdict")}
          <select
            value={verdict}
            onChange={(event) => setVerdict(VERDICTS.find((v) => v === event.target.value) ?? "")}
          >
            <option value="">{say("flows.all")}</option>
            {VERDICTS.map((name) => (
              <option key={name} value={name}>
                {say(`flows.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <span role="status">
          {say("flows.count", { shown: Math.min(MOST, found.length), count: all.length })}
        </span>
      </div>
      <FlowTable flows={found.slice(0, MOST)} cast={cast} />
    </div>
  );
}

const COLUMNS = [
  "flows.time",
  "flows.place",
  "column.program",
  "column.protocol",
  "flows.ends",
  "flows.packets",
  "flows.verdict",
] as const;

function FlowTable({ flows, cast }: { readonly flows: readonly FlowEntry[]; readonly cast: Cast }) {
  const say = useSay();
  return (
    <div className="flows-list" role="group" aria-label={say("dock.flows")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {COLUMNS.map((key) => (
              <th key={key} scope="col">
                {say(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {flows.map((flow) => (
            <FlowRow key={`${flow.key} ${flow.first}`} flow={flow} cast={cast} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FlowRow({ flow, cast }: { readonly flow: FlowEntry; readonly cast: Cast }) {
  const say = useSay();
  const store = useBoardStore();
  const { drop } = flow;
  const show = (index: number) => (): void => void store.getState().showRecord(index);
  return (
    <tr className={`flow-${flow.verdict}`}>
      <td>{formatTime(flow.time)}</td>
      <td>{cast.name(flow.netns)}</td>
      <td>{flow.program || "kernel"}</td>
      <td>{flow.protocol}</td>
      <td>
        <button type="button" onClick={show(flow.first)}>
          <code>
            {flow.src} → {flow.dst}
          </code>
        </button>
      </td>
      <td>{flow.packets}</td>
      <td>
        <b>{say(`flows.${flow.verdict}`)}</b>{" "}
        {drop !== undefined && (
          <button type="button" onClick={show(drop.index)}>
            {say("flows.where", { reason: drop.reason, place: cast.name(drop.netns) })}
          </button>
        )}
      </td>
    </tr>
  );
}
