import "../styles/watch.css";
import { useId, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { type Break, type BreakGroup, breaksFor } from "../model/breaks.ts";
import type { Selection } from "../store.ts";

/** Few are buttons; a long list is one to choose from. */
const MOST_BUTTONS = 4;

/** What can be broken here, each as the command that does it. */
export default function BreakPanel({ selection }: { readonly selection: Selection }) {
  const say = useSay();
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  // Rows are read at the cursor; what is broken changes them.
  useBoard((board) => board.cursor);
  useBoard((board) => board.broken);
  if (session === undefined || cast === undefined) return null;
  const groups = breaksFor(session.world, cast, selection);
  if (groups.length === 0) return null;
  return (
    <details className="breaks">
      <summary>{say("break.title")}</summary>
      {groups.map((group) =>
        group.breaks.length <= MOST_BUTTONS ? (
          <Buttons key={group.title} group={group} />
        ) : (
          <Chooser key={group.title} group={group} />
        ),
      )}
    </details>
  );
}

/** The command as it is shown: what only serves to bring it back is left out. */
export function shown({ command, at }: Pick<Break, "command" | "at">): string {
  const plain = command.replace(/^[^;]* > \S+; /, "");
  return at === "" ? plain : `${at}# ${plain}`;
}

function Buttons({ group }: { readonly group: BreakGroup }) {
  const say = useSay();
  const store = useBoardStore();
  const sending = useBoard((board) => board.sending);
  return (
    <div className="break-group" role="group" aria-label={say(group.title)}>
      <h4>{say(group.title)}</h4>
      {group.breaks.map((one) => (
        <button
          key={one.command}
          type="button"
          disabled={sending}
          onClick={() => void store.getState().breakIt(one)}
        >
          <span>{say(one.label, one.values)}</span>
          <code>{shown(one)}</code>
        </button>
      ))}
    </div>
  );
}

function Chooser({ group }: { readonly group: BreakGroup }) {
  const say = useSay();
  const store = useBoardStore();
  const id = useId();
  const sending = useBoard((board) => board.sending);
  const [at, setAt] = useState(0);
  const one = group.breaks[at] ?? group.breaks[0];
  if (one === undefined) return null;
  return (
    <div className="break-group" role="group" aria-label={say(group.title)}>
      <h4>
        <label htmlFor={id}>{say(group.title)}</label>
      </h4>
      <select id={id} value={at} onChange={(event) => setAt(Number(event.target.value))}>
        {group.breaks.map((choice, i) => (
          <option key={choice.command} value={i}>
            {say(choice.label, choice.values)}
          </option>
        ))}
      </select>
      <button type="button" disabled={sending} onClick={() => void store.getState().breakIt(one)}>
        <span>{say("break.do")}</span>
        <code>{shown(one)}</code>
      </button>
    </div>
  );
}
