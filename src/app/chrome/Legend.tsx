import { useEffect, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";

const TONES = ["app", "transport", "l3", "l2", "tunnel", "nat", "wire", "drop"] as const;
const SIGNS = ["token", "stitched", "pause", "walked", "back", "tunnel", "service", "lost"] as const;

/** What colours and shapes mean. */
export function Legend() {
  const say = useSay();
  const store = useBoardStore();
  const open = useBoard((board) => board.legend);
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && box.current?.open === false) box.current.showModal();
    if (!open) box.current?.close();
  }, [open]);
  const close = (): void => store.getState().set({ legend: false });
  return (
    <dialog ref={box} className="legend" aria-label={say("app.legend")} onClose={close}>
      <div className="legend-head">
        <h2>{say("app.legend")}</h2>
        <button type="button" onClick={close}>
          {say("app.close")}
        </button>
      </div>
      <p>{say("legend.colours")}</p>
      <ul className="legend-tones">
        {TONES.map((tone) => (
          <li key={tone} className={`tone-${tone}`}>
            {say(`tone.${tone}`)}
          </li>
        ))}
      </ul>
      <ul className="legend-signs">
        {SIGNS.map((sign) => (
          <li key={sign}>
            <i className={`sign sign-${sign}`} aria-hidden="true" />
            {say(`legend.${sign}`)}
          </li>
        ))}
      </ul>
      <p>{say("legend.keys")}</p>
    </dialog>
  );
}

/** Keys that work wherever the focus is; none of them is a letter. */
export function useBoardKeys(): void {
  const store = useBoardStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      // Editors and terminals have a search of their own.
      if (isFind && target.closest(".cm-editor, .xterm, dialog") === null) {
        event.preventDefault();
        store.getState().set({ dialog: "find" });
        return;
      }
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      const { legend, subjects, set, restart } = store.getState();
      if (event.key === "F1" || (event.key === "F2" && subjects.length !== 1)) set({ legend: !legend });
      else if (event.key === "F9") void restart();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
}
