import "../styles/watch.css";
import { useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { PanelProps } from "../dock/panels.ts";
import { changesSince } from "../model/changes.ts";
import { ReachMatrix } from "./ReachMatrix.tsx";

/** Differences that are listed at most. */
const MOST = 200;

/** Who reaches whom, and what has changed in the kernels' tables since a mark. */
export default function ComparePanel({ active }: PanelProps) {
  const session = useBoard((board) => board.session);
  if (session === undefined) return null;
  return (
    <div className="compare">
      <ReachMatrix key={session.number} session={session} />
      {active && <Changes key={`changes ${session.number}`} />}
    </div>
  );
}

function Changes() {
  const say = useSay();
  const store = useBoardStore();
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const mark = useBoard((board) => board.mark);
  useBoard((board) => board.broken);
  useBoard((board) => board.sending);
  const [own, setOwn] = useState<number | undefined>();
  if (session === undefined || cast === undefined) return null;
  const from = own ?? mark;
  const differences = changesSince(session.reader, from, MOST);
  return (
    <section className="changes" aria-label={say("changes.title")}>
      <div className="compare-bar">
        <h3>{say("changes.title")}</h3>
        <button type="button" onClick={() => setOwn(session.reader.length)}>
          {say("changes.mark")}
        </button>
        <span role="status">{say("changes.count", { count: differences.length })}</span>
      </div>
      <ol>
        {differences.map((one) => (
          <li key={one.index}>
            <button type="button" onClick={() => void store.getState().showRecord(one.index)}>
              {cast.name(one.netns)} · {one.table} · {one.actor.split("/").at(-1)}
            </button>
            {one.gone.slice(0, 6).map((line) => (
              <del key={`- ${line}`}>{line}</del>
            ))}
            {one.come.slice(0, 6).map((line) => (
              <ins key={`+ ${line}`}>{line}</ins>
            ))}
            {one.gone.length + one.come.length > 12 && <span>…</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
