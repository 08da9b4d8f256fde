import "../styles/watch.css";
import { useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { Action } from "../../protocol/messages.ts";
import type { Deed } from "../model/deeds.ts";
import {
  MOST_CELLS,
  reachAction,
  type ReachCell,
  reachCell,
  type ReachSource,
  reachSources,
  type ReachTarget,
  reachTargets,
} from "../model/reach.ts";
import type { Session } from "../session.ts";

type Cells = ReadonlyMap<string, ReachCell>;

interface Matrix {
  readonly sources: readonly ReachSource[];
  readonly targets: readonly ReachTarget[];
  readonly cells: Cells;
  /** As it was the time before. */
  readonly before: Cells | undefined;
}

/** Each of the questions is a command like any other. */
function deedOf(action: Action): Deed | undefined {
  return action.kind === "shell" ? { kind: "type", at: action.at, command: action.command } : undefined;
}

const keyOf = (source: ReachSource, target: ReachTarget): string => `${source.name} ${target.key}`;

/** Real questions, one after another: who reaches whom. */
export function ReachMatrix({ session }: { readonly session: Session }) {
  const say = useSay();
  const store = useBoardStore();
  const sending = useBoard((board) => board.sending);
  const [matrix, setMatrix] = useState<Matrix | undefined>();
  const [running, setRunning] = useState(false);
  const [port, setPort] = useState("");
  const stopped = useRef(false);
  const run = async (): Promise<void> => {
    const { cast, world } = { cast: store.getState().cast, world: session.world };
    if (cast === undefined) return;
    world.moveToEnd();
    const sources = reachSources(cast);
    const targets = reachTargets(cast, world);
    const before = matrix?.cells;
    const cells = new Map<string, ReachCell>();
    const asked = /^\d{1,5}$/.test(port) ? Number(port) : undefined;
    stopped.current = false;
    // Asked anew each time: a click may have come while an answer was awaited.
    const isStopped = (): boolean => stopped.current;
    setRunning(true);
    store.getState().set({ playing: false });
    for (const source of sources)
      for (const target of targets) {
        if (isStopped() || cells.size >= MOST_CELLS || target.netns === source.netns) continue;
        const action = reachAction(cast, world, source, target, asked);
        const from = session.reader.length;
        const done = action === undefined ? undefined : await session.act(action, deedOf(action));
        if (done?.ok !== true) continue;
        cells.set(keyOf(source, target), reachCell(session.reader, from, source, target, cast));
        setMatrix({ sources, targets, cells: new Map(cells), before });
      }
    setRunning(false);
  };
  return (
    <section className="reach" aria-label={say("dock.compare")}>
      <div className="compare-bar">
        <h3>{say("dock.compare")}</h3>
        <label>
          {say("reach.port")}{" "}
          <input
            value={port}
            size={5}
            inputMode="numeric"
            placeholder="ping"
            onChange={(e) => setPort(e.target.value)}
          />
        </label>
        {running ? (
          <button type="button" onClick={() => (stopped.current = true)}>
            {say("reach.stop")}
          </button>
        ) : (
          <button type="button" className="primary" disabled={sending} onClick={() => void run()}>
            {say(matrix === undefined ? "reach.run" : "reach.again")}
          </button>
        )}
        <span role="status">{matrix !== undefined && <Summary matrix={matrix} />}</span>
      </div>
      {matrix !== undefined && <Table matrix={matrix} />}
    </section>
  );
}

function differs(matrix: Matrix, key: string): boolean {
  const old = matrix.before?.get(key);
  return old !== undefined && old.verdict !== matrix.cells.get(key)?.verdict;
}

function Summary({ matrix }: { readonly matrix: Matrix }) {
  const say = useSay();
  const keys = [...matrix.cells.keys()];
  const good = keys.filter((key) => matrix.cells.get(key)?.verdict === "answered").length;
  const changed = keys.filter((key) => differs(matrix, key)).length;
  return (
    <>
      {say("reach.count", { good, count: keys.length })}
      {matrix.before !== undefined && ` · ${say("reach.changed", { changed })}`}
    </>
  );
}

const SIGNS = { answered: "✓", refused: "⊘", dropped: "✕", silent: "?" } as const;

function Table({ matrix }: { readonly matrix: Matrix }) {
  const say = useSay();
  const store = useBoardStore();
  const { sources, targets, cells, before } = matrix;
  return (
    <div className="reach-table" role="group" tabIndex={0} aria-label={say("dock.compare")}>
      <table>
        <thead>
          <tr>
            <td>{say("reach.corner")}</td>
            {targets.map(({ key, name, kind }) => (
              <th key={key} scope="col" className={`reach-${kind}`} title={key}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={source.netns}>
              <th scope="row">{source.name}</th>
              {targets.map((target) => {
                const key = keyOf(source, target);
                const cell = cells.get(key);
                if (cell === undefined) return <td key={key} />;
                const isNew = differs(matrix, key);
                const told = say("reach.cell", {
                  from: source.name,
                  to: target.name,
                  verdict: say(`flows.${cell.verdict}`),
                  reason:
                    cell.reason === "" ? "" : say("flows.where", { reason: cell.reason, place: cell.place }),
                });
                const was = before?.get(key)?.verdict;
                const more =
                  isNew && was !== undefined
                    ? ` (${say("reach.was", { verdict: say(`flows.${was}`) })})`
                    : "";
                return (
                  <td key={key} className={`flow-${cell.verdict} ${isNew ? "is-new" : ""}`}>
                    <button
                      type="button"
                      aria-label={told + more}
                      title={told + more}
                      onClick={() => void store.getState().showRecord(cell.index)}
                    >
                      {SIGNS[cell.verdict]}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
