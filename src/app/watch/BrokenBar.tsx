import "../styles/watch.css";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { shown } from "./BreakPanel.tsx";

/** What is broken at the moment, the newest last, each with its way back. */
export default function BrokenBar() {
  const say = useSay();
  const store = useBoardStore();
  const broken = useBoard((board) => board.broken);
  const mended = useBoard((board) => board.mended);
  const sending = useBoard((board) => board.sending);
  const again = mended !== undefined && (
    <button
      type="button"
      disabled={sending}
      title={shown(mended)}
      aria-label={say("broken.redoOne", { command: shown(mended) })}
      onClick={() => void store.getState().breakAgain()}
    >
      {say("broken.redo")}
    </button>
  );
  if (broken.length === 0) return again === false ? null : <div className="mended">{again}</div>;
  return (
    <div className="broken" role="group" aria-label={say("broken.label")}>
      <strong>{say("broken.title")}</strong>
      {broken.map((one, i) => (
        <span key={`${i} ${one.command}`} className="broken-one">
          <code>{shown(one)}</code>
          {one.undo === undefined ? (
            <em>{say(/^break\.(flow|socket)$/.test(one.label) ? "broken.anew" : "broken.heals")}</em>
          ) : (
            <button
              type="button"
              disabled={sending}
              title={one.undo}
              aria-label={say("broken.undoOne", { command: shown(one) })}
              onClick={() => void store.getState().mend(one)}
            >
              {say("broken.undo")}
            </button>
          )}
        </span>
      ))}
      {again}
      <button type="button" onClick={() => store.getState().set({ panel: "compare" })}>
        {say("dock.compare")}
      </button>
    </div>
  );
}
