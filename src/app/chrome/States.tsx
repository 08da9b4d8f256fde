import { useWork } from "../desk-context.ts";
import { useBoardStore, useSay } from "../board-context.ts";

/** While the engine builds the world. */
export function Opening({ records, word }: { readonly records: number; readonly word: string }) {
  const say = useSay();
  const rebuild = useWork((work) => work.rebuild);
  return (
    <div className="state" role="status">
      <div className="loom" aria-hidden="true" />
      <h2>{say("opening.title")}</h2>
      {rebuild !== undefined && <p className="state-because">{say(`rebuild.${rebuild}`)}</p>}
      <p className="state-word">{records === 0 ? say("opening.start") : word}</p>
      <p>{say("opening.records", { count: records })}</p>
      <p className="state-hint">{say("opening.hint")}</p>
    </div>
  );
}

/** The engine died, or would not open the scenario. */
export function Stopped({
  kind,
  message,
}: {
  readonly kind: "crashed" | "failed";
  readonly message: string;
}) {
  const say = useSay();
  const store = useBoardStore();
  return (
    <div className="state" role="alert">
      <h2>{say(kind === "crashed" ? "crash.title" : "failed.title")}</h2>
      {kind === "crashed" && <p>{say("crash.text")}</p>}
      <details open={kind === "failed"}>
        <summary>{say("crash.details")}</summary>
        <pre>{message}</pre>
      </details>
      <button type="button" className="primary" onClick={() => void store.getState().restart()}>
        {say("crash.restart")}
      </button>
    </div>
  );
}
