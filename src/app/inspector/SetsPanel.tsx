import "../styles/story.css";
import { useState } from "react";
import { useSay } from "../board-context.ts";
import type { SetView } from "../model/sets.ts";
import { EntryField, EntryTools } from "../watch/entries.tsx";

/** Members that are listed at a time. */
const MOST = 50;

/** The sets and maps that rules look into, each closed until somebody opens it. */
export function SetsPanel({ sets }: { readonly sets: readonly SetView[] }) {
  return (
    <section className="chains">
      {sets.map((set) => (
        <SetOf key={set.key} set={set} />
      ))}
    </section>
  );
}

function SetOf({ set }: { readonly set: SetView }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [most, setMost] = useState(MOST);
  const { tool, of, name, members } = set;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span>
          {tool} {of} · <strong>{name}</strong>
        </span>
        <em>{say("chains.set", { count: members.length })}</em>
      </summary>
      {open && (
        <ol>
          {members.slice(0, most).map(({ entry, text }) => (
            <li key={entry} className="is-member">
              <code>{text}</code>
              <EntryTools name={entry} />
              <EntryField name={entry} />
            </li>
          ))}
        </ol>
      )}
      {open && members.length > most && (
        <button type="button" onClick={() => setMost(most + MOST)}>
          {say("chains.more", { count: members.length - most })}
        </button>
      )}
    </details>
  );
}
