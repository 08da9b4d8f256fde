import { useId, useRef, useState } from "react";
import { Dialog } from "./Dialog.tsx";

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
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, to));
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at - 1);
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
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={title}>
        {shown.map((item, i) => (
          <li
            key={keyOf(item, i)}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === at}
            onClick={() => pick(item)}
          >
            {draw(item)}
          </li>
        ))}
      </ul>
      {children}
    </Dialog>
  );
}
