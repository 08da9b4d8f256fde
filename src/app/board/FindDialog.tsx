import "../styles/edit.css";
import "../styles/far.css";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { Dialog } from "../chrome/Dialog.tsx";
import { loadLateWords } from "../i18n/text.ts";
import { findable, type Found, search } from "../model/find.ts";
import { Health } from "../model/health.ts";

/** Lines that are shown at once: more are narrowed down by typing on. */
const MOST = 60;

/** Finds a node, a pod or an address on the board, and goes there. */
export default function FindDialog() {
  const say = useSay();
  const store = useBoardStore();
  const id = useId();
  const cast = useBoard((board) => board.cast);
  const session = useBoard((board) => board.session);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => void loadLateWords(), []);
  const all = useMemo(
    () => (cast === undefined || session === undefined ? [] : findable(cast, new Health(session.world))),
    [cast, session],
  );
  const hits = useMemo(() => search(all, text), [all, text]);
  const shown = hits.slice(0, MOST);
  const close = (): void => store.getState().set({ dialog: undefined });
  const go = (found: Found | undefined): void => {
    if (found === undefined) return;
    close();
    void store.getState().flyTo(found.netns, found.kind === "pod" ? found.name : undefined);
  };
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, to));
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at - 1);
    else if (event.key === "Enter") go(shown[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={say("find.title")} className="commands" onClose={close}>
      <input
        type="search"
        data-first
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={`${id}-${at}`}
        aria-label={say("find.title")}
        placeholder={say("find.hint")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={say("find.title")}>
        {shown.map((found, i) => (
          <li key={i} id={`${id}-${i}`} role="option" aria-selected={i === at} onClick={() => go(found)}>
            <span>{say(`find.${found.kind}`, { node: found.on })}</span> {found.name}{" "}
            <code>{found.address}</code>
          </li>
        ))}
      </ul>
      <p className="hint-line" role="status">
        {shown.length === 0 && say("find.nothing")}
        {hits.length > shown.length && say("find.more", { count: hits.length - shown.length })}
      </p>
    </Dialog>
  );
}
