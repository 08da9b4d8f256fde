import "../styles/printed.css";
import { useEffect } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { loadLateWords } from "../i18n/text.ts";

/** What a question for the shell printed, as a terminal would show it; folded while a packet of it is followed on the board. */
export default function Printed() {
  const say = useSay();
  const store = useBoardStore();
  const printed = useBoard((board) => board.printed);
  const hasStory = useBoard((board) => board.story !== undefined);
  useEffect(() => void loadLateWords(), []);
  if (printed === undefined) return null;
  const { command, text, status } = printed;
  return (
    <section className="printed" aria-label={say("printed.label")}>
      <button
        type="button"
        className="printed-close"
        aria-label={say("app.close")}
        onClick={() => store.getState().set({ printed: undefined })}
      >
        ✕
      </button>
      <details open={!hasStory}>
        <summary>
          <code>{command}</code>
        </summary>
        <pre role="status" tabIndex={0}>
          {text.split("\n").map((line, i) => (
            <span key={i} className={/ {3}/.test(line) ? "" : "wraps"}>
              {line}
              {"\n"}
            </span>
          ))}
        </pre>
        {status !== 0 && <p className="hint-line">{say("printed.status", { status })}</p>}
      </details>
    </section>
  );
}
