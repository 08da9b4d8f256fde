import "../styles/prepared.css";
import { useRef } from "react";
import type { PreparedProbe } from "../../scenario/story.ts";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { preparedFrom } from "../model/prepared.ts";
import { phrase } from "../model/explain/phrase.ts";

/** The questions that the scenario has prepared: the first at hand, all of them in a list. */
export default function Prepared({ probes }: { readonly probes: readonly PreparedProbe[] }) {
  const say = useSay();
  const store = useBoardStore();
  const words = useBoard((board) => (board.language === "en" ? "en" : "zh"));
  const story = useBoard((board) => board.story);
  const list = useRef<HTMLDetailsElement>(null);
  const ask = (probe: PreparedProbe): void => {
    if (list.current !== null) list.current.open = false;
    const { session, send, set } = store.getState();
    const from = session === undefined ? undefined : preparedFrom(session.world, probe);
    if (from === undefined) set({ notice: phrase("probe.gone", { place: probe.from }) });
    else void send({ from, probe: "ping", target: probe.target, prepared: probe });
  };
  const [first] = probes;
  return (
    <>
      {story === undefined && first !== undefined && (
        <button type="button" className="primary first" onClick={() => ask(first)}>
          <strong>{first.title[words]}</strong>
          <small>{first.look?.[words] ?? say("probe.prepared.first")}</small>
        </button>
      )}
      {probes.length > 1 && (
        <details
          ref={list}
          className="prepared"
          onKeyDown={(event) => {
            if (event.key !== "Escape" || list.current?.open !== true) return;
            list.current.open = false;
            list.current.querySelector("summary")?.focus();
          }}
        >
          <summary>{say("probe.prepared", { count: probes.length })}</summary>
          <ol>
            {probes.map((probe, i) => (
              <li key={i}>
                <button type="button" onClick={() => ask(probe)}>
                  <strong>{probe.title[words]}</strong>
                  {probe.look !== undefined && <small>{probe.look[words]}</small>}
                </button>
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}
