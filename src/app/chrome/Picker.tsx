import "../styles/edit.css";
import { useId, useRef, useState } from "react";
import { useRows } from "../dock/rows.ts";
import { Dialog } from "./Dialog.tsx";

/** Height of a line (`styles/edit.css`): only those in view are drawn. */
const LINE = 36;

/** A dialog with a search field over a list: arrows choose, Enter takes. The field's text belongs to whoever opens it. */
export function Picker<T>({
  title,
  hint,
  text,
  onText,
  shown,
  keyOf,
  draw,
  onPick,
  onClose,
  children,
}: {
  readonly title: string;
  readonly hint: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly shown: readonly T[];
  readonly keyOf: (item: T, index: number) => React.Key;
  readonly draw: (item: T) => React.ReactNode;
  readonly onPick: (item: T) => void;
  readonly onClose: () => void;
  /** What is said below the list. */
  readonly children: React.ReactNode;
}) {
  const id = useId();
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const pick = (item: T | undefined): void => {
    if (item === undefined) return;
    onClose();
    onPick(item);
  };
  const rows = useRows(list, shown.length, at, LINE);
  const onKey = (event: React.KeyboardEvent): void => {
    // Home and End are the text field's.
    const next = /^(Arrow|Page)(Up|Down)$/.test(event.key) ? rows.target(event, at) : undefined;
    if (next !== undefined) setAt(next);
    else if (event.key === "Enter") pick(shown[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={title} className="commands" onClose={onClose}>
      <input
        type="search"
        data-first
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={`${id}-${at}`}
        aria-label={title}
        placeholder={hint}
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={title} onScroll={rows.onScroll}>
        <li role="presentation" className="spacer" style={{ height: rows.first * LINE }} />
        {shown.slice(rows.first, rows.last).map((item, k) => (
          <Line
            key={keyOf(item, rows.first + k)}
            id={`${id}-${rows.first + k}`}
            at={rows.first + k}
            count={shown.length}
            isChosen={rows.first + k === at}
            onClick={() => pick(item)}
          >
            {draw(item)}
          </Line>
        ))}
        <li role="presentation" className="spacer" style={{ height: (shown.length - rows.last) * LINE }} />
      </ul>
      {children}
    </Dialog>
  );
}

/** A line of the list, which says its place among all of them. */
function Line(props: {
  readonly id: string;
  readonly at: number;
  readonly count: number;
  readonly isChosen: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) {
  const { id, at, count, isChosen, onClick, children } = props;
  return (
    <li
      id={id}
      role="option"
      aria-selected={isChosen}
      aria-posinset={at + 1}
      aria-setsize={count}
      onClick={onClick}
    >
      {children}
    </li>
  );
}
