import { useMemo, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { PanelProps } from "../dock/panels.ts";
import { formatTime } from "../inspector/HopPanel.tsx";
import { type FlowEntry, FlowLog, matches, type Verdict, VERDICTS } from "../model/flows.ts";

/** Lines that are shown at once; a filter finds the others. */
const MOST = 300;

/** Every flow since the world began, with how it went. */
export default function FlowsPanel({ active }: PanelProps) {
  const say = useSay();
  const store = useBoardStore();
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  // The trace grows: asked again whenever something was sent.
  const sending = useBoard((board) => board.sending);
  const story = useBoard((board) => board.story);
  const [filter, setFilter] = useState("");
  const [verdict, setVerdict] = useState<Verdict | "">("");
  const log = useMemo(() => (session === undefined ? undefined : new FlowLog(session.reader)), [session]);
  if (!active || log === undefined || cast === undefined) return null;
  void sending;
  void story;
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
      <div className="flows-list" role="group" aria-label={say("dock.flows")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {(
                [
                  "flows.time",
                  "flows.place",
                  "column.program",
                  "column.protocol",
                  "column.flow",
                  "flows.packets",
                  "flows.verdict",
                ] as const
              ).map((key) => (
                <th key={key} scope="col">
                  {say(key === "column.flow" ? "flows.ends" : key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MOST).map((flow) => (
              <tr key={`${flow.key} ${flow.first}`} className={`flow-${flow.verdict}`}>
                <td>{formatTime(flow.time)}</td>
                <td>{cast.name(flow.netns)}</td>
                <td>{flow.program || "kernel"}</td>
                <td>{flow.protocol}</td>
                <td>
                  <button type="button" onClick={() => void store.getState().showRecord(flow.first)}>
                    <code>
                      {flow.src} → {flow.dst}
                    </code>
                  </button>
                </td>
                <td>{flow.packets}</td>
                <td>
                  <b>{say(`flows.${flow.verdict}`)}</b>{" "}
                  {flow.drop !== undefined && (
                    <button
                      type="button"
                      onClick={() => void store.getState().showRecord(flow.drop?.index ?? 0)}
                    >
                      {say("flows.where", { reason: flow.drop.reason, place: cast.name(flow.drop.netns) })}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
