import { useEffect, useMemo, useRef, useState } from "react";
import type { Scenario } from "../../scenario/schema.ts";
import { type Say, useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useRows } from "../dock/rows.ts";
import { matching } from "../model/find.ts";
import { allSubjects, sameSubject, type Subject, subjectTitle } from "./subject.ts";

/** Height of a line (`styles/edit.css`): only those in view are drawn. */
const LINE = 32;
/** A list of more than these can be narrowed down by typing. */
const MANY = 30;

function kindOf(subject: Subject, say: Say): string {
  return subject.kind === "object" ? subject.ref.kind : say(`form.kind.${subject.kind}`);
}

/** Everything in the document that has a name. */
export function Outline({ scenario }: { readonly scenario: Scenario }) {
  const say = useSay();
  const isChosen = useBoard((board) => board.subjects.length > 0);
  const all = useMemo(() => allSubjects(scenario), [scenario]);
  const [isOpen, setOpen] = useState(!isChosen);
  // It makes way for the form of what is chosen, and comes back with nothing chosen.
  const [before, setBefore] = useState(isChosen);
  if (before !== isChosen) {
    setBefore(isChosen);
    setOpen(!isChosen);
  }
  return (
    <details className="outline" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say("form.outline", { count: all.length })}</summary>
      {isOpen && <Lines scenario={scenario} all={all} />}
    </details>
  );
}

function Lines({ scenario, all }: { readonly scenario: Scenario; readonly all: readonly Subject[] }) {
  const say = useSay();
  const [text, setText] = useState("");
  const named = useMemo(
    () =>
      all.map((subject) => ({ subject, kind: kindOf(subject, say), title: subjectTitle(scenario, subject) })),
    // `say` speaks the language, in which the list is drawn anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [all, scenario],
  );
  const shown = useMemo(() => matching(named, text, ({ kind, title }) => `${kind} ${title}`), [named, text]);
  const list = useRef<HTMLUListElement>(null);
  const [at, setAt] = useState(-1);
  const rows = useRows(list, shown.length, at, LINE);
  const isDrawn = at >= rows.first && at < rows.last;
  useEffect(() => {
    // What was scrolled to is drawn only when the list has heard of it.
    if (isDrawn)
      list.current?.querySelector<HTMLElement>(`[data-line="${at}"]`)?.focus({ preventScroll: true });
  }, [at, isDrawn]);
  const onKey = (event: React.KeyboardEvent): void => {
    const line = Number((event.target as HTMLElement).dataset["line"]);
    const next = Number.isNaN(line) || event.altKey ? undefined : rows.target(event, line);
    if (next !== undefined) setAt(next);
  };
  return (
    <>
      {all.length > MANY && (
        <input
          type="search"
          aria-label={say("form.outline.search")}
          placeholder={say("find.hint")}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(-1);
          }}
        />
      )}
      <ul ref={list} onScroll={rows.onScroll} onKeyDown={onKey}>
        <li role="presentation" className="spacer" style={{ height: rows.first * LINE }} />
        {shown.slice(rows.first, rows.last).map(({ subject, kind, title }, k) => (
          <li key={rows.first + k} aria-posinset={rows.first + k + 1} aria-setsize={shown.length}>
            <Line subject={subject} kind={kind} title={title} line={rows.first + k} />
          </li>
        ))}
        <li role="presentation" className="spacer" style={{ height: (shown.length - rows.last) * LINE }} />
      </ul>
    </>
  );
}

function Line(props: {
  readonly subject: Subject;
  readonly kind: string;
  readonly title: string;
  readonly line: number;
}) {
  const { subject, kind, title, line } = props;
  const store = useBoardStore();
  const isChosen = useBoard(({ subjects }) => subjects.some((each) => sameSubject(each, subject)));
  return (
    <button
      type="button"
      data-line={line}
      aria-pressed={isChosen}
      onClick={(event) => {
        const { subjects, set } = store.getState();
        set({ subjects: event.shiftKey ? [...subjects, subject] : [subject] });
      }}
    >
      <span>{kind}</span> <strong>{title}</strong>
    </button>
  );
}
