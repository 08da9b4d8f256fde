import "../styles/watch.css";
import { useEffect, useMemo } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { choicesAt } from "../model/predict.ts";

/** Asks where the packet goes next, and only then lets it go. */
export default function PredictBar() {
  const say = useSay();
  const store = useBoardStore();
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const cast = useBoard((board) => board.cast);
  const predict = useBoard((board) => board.predict);
  const choices = useMemo(
    () => (story === undefined || cast === undefined ? [] : choicesAt(story, cursor, cast)),
    [story, cursor, cast],
  );
  const guess = predict?.guess;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const number = Number(event.key);
      const isField =
        event.target instanceof HTMLElement && event.target.closest("input, textarea, select") !== null;
      if (isField || event.ctrlKey || event.altKey || event.metaKey) return;
      const choice = Number.isInteger(number) ? choices[number - 1] : undefined;
      if (choice === undefined) return;
      event.preventDefault();
      store.getState().guess(number - 1, choice.isRight);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store, choices]);
  if (predict === undefined || choices.length === 0) return null;
  const { right, asked } = predict.score;
  const told =
    guess === undefined
      ? "predict.ask"
      : choices[guess]?.isRight === true
        ? "predict.right"
        : "predict.wrong";
  return (
    <div className="predict" role="group" aria-label={say("predict.label")}>
      <strong role="status">{say(told)}</strong>
      {choices.map((choice, i) => {
        const isShown = guess !== undefined && (choice.isRight || guess === i);
        const mark = isShown ? (choice.isRight ? "is-right" : "is-wrong") : "";
        return (
          <button
            key={`${choice.place}/${choice.label}`}
            type="button"
            className={mark}
            disabled={guess !== undefined}
            aria-keyshortcuts={String(i + 1)}
            onClick={() => store.getState().guess(i, choice.isRight)}
          >
            <kbd>{i + 1}</kbd> {choice.place} {choice.label !== "" && <code>{choice.label}</code>}
            {isShown && <span> {choice.isRight ? "✓" : "✕"}</span>}
          </button>
        );
      })}
      {guess !== undefined && (
        <button type="button" className="primary" onClick={() => store.getState().step(1)}>
          {say("transport.step")}
        </button>
      )}
      <span className="predict-score">{say("predict.score", { right, asked })}</span>
    </div>
  );
}
