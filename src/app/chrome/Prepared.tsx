import "../styles/prepared.css";
import { useRef } from "react";
import type { PreparedProbe } from "../../scenario/story.ts";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { preparedFrom } from "../model/prepared.ts";
import { phrase } from "../model/explain/phrase.ts";

/**
 * The questions that the scenario has prepared: the first at hand, all of them in a list. What was asked stays in sight with
 * what to look at, and the one after it is at hand.
 */
export default function Prepared({ probes }: { readonly probes: readonly PreparedProbe[] }) {
  const say = useSay();
  const store = useBoardStore();
  const words = useBoard((board) => (board.language === "en" ? "en" : "zh"));
  const story = useBoard((board) => board.story);
  const errand = useBoard((board) => board.errand);
  const list = useRef<HTMLDetailsElement>(null);
  const ask = (probe: PreparedProbe): void => {
    if (list.current !== null) list.current.open = false;
    const { session, send, set } = store.getState();
    const from = session === undefined ? undefined : preparedFrom(session.world, probe);
    if (from === undefined) set({ notice: phrase("probe.gone", { place: probe.from }) });
    else void send({ from, probe: "ping", target: probe.target, prepared: probe });
  };
  const at = probes.findIndex((probe) => probe === errand?.prepared);
  const [asked, next] = at < 0 ? [undefined, probes[0]] : [probes[at], probes[at + 1]];
  return (
    <>
      {story === undefined && asked === undefined && next !== undefined && (
        <button type="button" className="primary first" onClick={() => ask(next)}>
          <strong>{next.title[words]}</strong>
          <small>{next.look?.[words] ?? say("probe.prepared.first")}</small>
        </button>
      )}
      {probes.length > 1 && (
        <details
          ref={list}
          className={asked === undefined ? "prepared" : "prepared has-asked"}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || list.current?.open !== true) return;
            list.current.open = false;
            list.current.querySelector("summary")?.focus();
          }}
        >
          <summary>
            {asked === undefined ? (
              say("probe.prepared", { count: probes.length })
            ) : (
              <span>
                <strong>
                  {at + 1}/{probes.length} {asked.title[words]}
                </strong>
                {asked.look !== undefined && <small>{asked.look[words]}</small>}
              </span>
            )}
          </summary>
          <ol>
            {probes.map((probe, i) => (
              <li key={i}>
                <button
                  type="button"
                  {...(i === at && { "aria-current": "true" })}
                  onClick={() => ask(probe)}
                >
                  <strong>{probe.title[words]}</strong>
                  {probe.look !== undefined && <small>{probe.look[words]}</small>}
                </button>
              </li>
            ))}
          </ol>
        </details>
      )}
      {asked !== undefined && next !== undefined && (
        <button type="button" title={next.title[words]} onClick={() => ask(next)}>
          {say("probe.prepared.next")}
        </button>
      )}
    </>
  );
}
