import "../styles/dialog.css";
import { useStore } from "zustand";
import { useSay } from "../board-context.ts";
import { type ClockSpeed, type Hub, SPEEDS } from "./hub.ts";

/** Virtual time as the terminals see it: passes while something runs, at a chosen speed, or stands still. */
export function ClockBar({ hub }: { readonly hub: Hub }) {
  const say = useSay();
  const { playing, runOn, speed, now, ticking } = useStore(hub.store);
  return (
    <div className="world-clock" role="group" aria-label={say("clock.label")}>
      <button type="button" aria-pressed={!playing} onClick={() => hub.setClock({ playing: !playing })}>
        {say(playing ? "clock.pause" : "clock.go")}
      </button>
      <output className={ticking ? "is-ticking" : ""} title={say("clock.now")}>
        {(now / 1e9).toFixed(1)} s
      </output>
      <label>
        <span>{say("clock.speed")}</span>
        <select
          value={speed}
          onChange={(event) => hub.setClock({ speed: Number(event.target.value) as ClockSpeed })}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={runOn}
          onChange={(event) => hub.setClock({ runOn: event.target.checked })}
        />
        <span>{say("clock.runOn")}</span>
      </label>
    </div>
  );
}
