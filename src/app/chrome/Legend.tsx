import "../styles/dialog.css";
import "../styles/legend.css";
import { useEffect, useRef } from "react";
import { useBoardStore, useSay } from "../board-context.ts";

const TONES = ["app", "transport", "l3", "l2", "tunnel", "nat", "wire", "drop"] as const;
const SIGNS = [
  "token",
  "stitched",
  "pause",
  "walked",
  "back",
  "tunnel",
  "service",
  "lost",
  "copies",
] as const;

/** What colours and shapes mean. */
export default function Legend() {
  const say = useSay();
  const store = useBoardStore();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (box.current?.open === false) box.current.showModal();
  }, []);
  const close = (): void => store.getState().set({ legend: false });
  return (
    <dialog ref={box} className="legend" aria-label={say("app.legend")} onClose={close}>
      <div className="legend-head">
        <h2>{say("app.legend")}</h2>
        <button type="button" onClick={() => box.current?.close()}>
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
