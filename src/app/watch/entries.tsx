import "../styles/entries.css";
import { createContext, type ReactNode, useContext, useId, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { IS_READ_ONLY } from "../mode.ts";
import type { Break, Edit } from "../model/entries/entry.ts";
import type { Phrase } from "../model/explain/phrase.ts";

interface Scope {
  /** What can be done to entries, by their names. */
  readonly entries: ReadonlyMap<string, Break>;
  /** The one that is being changed. */
  readonly open: string | undefined;
  readonly setOpen: (name: string | undefined) => void;
}

const EntryContext = createContext<Scope>({
  entries: new Map<string, Break>(),
  open: undefined,
  setOpen: () => undefined,
});

/** Within it, tables offer to change their entries and to take them away. */
export function EntryScope({
  entries,
  children,
}: {
  readonly entries: ReadonlyMap<string, Break>;
  readonly children: ReactNode;
}) {
  const [open, setOpen] = useState<string | undefined>();
  return <EntryContext value={{ entries, open, setOpen }}>{children}</EntryContext>;
}

const buttonOf = (name: string): string => `entry ${name}`;

/** Changes one entry, takes it away, or turns one setting round, by the command that does it; the bar over the board undoes it. */
export function EntryTools({ name, only }: { readonly name: string; readonly only?: "edit" }) {
  const say = useSay();
  const store = useBoardStore();
  const sending = useBoard((board) => board.sending);
  const { entries, open, setOpen } = useContext(EntryContext);
  const one = entries.get(name);
  if (one === undefined || IS_READ_ONLY) return null;
  const label = say(one.label, one.values);
  const { edit, command } = one;
  return (
    <span className="entry-tools">
      {edit !== undefined && (
        <button
          type="button"
          id={buttonOf(name)}
          className="entry-button"
          disabled={sending}
          aria-expanded={open === name}
          aria-label={say("entry.edit", { label: only === undefined ? label : edit.head.trim() })}
          title={`${edit.head}${edit.text}${edit.end ?? ""}`}
          onClick={() => setOpen(open === name ? undefined : name)}
        >
          ✎
        </button>
      )}
      {only === undefined && (
        <button
          type="button"
          className="entry-button"
          disabled={sending}
          aria-label={label}
          title={`${label}\n${command}`}
          onClick={() => void store.getState().breakIt(one)}
        >
          {name.startsWith("sysctl/") ? "⇄" : "✕"}
        </button>
      )}
    </span>
  );
}

/** Whether an entry's line is open, for tables that make room for it. */
export function useIsOpen(): (name: string) => boolean {
  const { open, entries } = useContext(EntryContext);
  return (name) => open === name && entries.get(name)?.edit !== undefined;
}

/** The line of an entry that is being changed. */
export function EntryField({ name }: { readonly name: string }) {
  const { entries, open, setOpen } = useContext(EntryContext);
  const one = entries.get(name);
  if (open !== name || one?.edit === undefined) return null;
  const close = (): void => {
    setOpen(undefined);
    const goal = document.getElementById(buttonOf(name)) ?? document.querySelector<HTMLElement>(".panel");
    goal?.focus();
  };
  return <Line one={one} edit={one.edit} close={close} />;
}

function Line({
  one,
  edit,
  close,
}: {
  readonly one: Break;
  readonly edit: Edit;
  readonly close: () => void;
}) {
  const say = useSay();
  const store = useBoardStore();
  const sending = useBoard((board) => board.sending);
  const id = useId();
  const [text, setText] = useState(edit.text);
  const [problem, setProblem] = useState<Phrase | undefined>();
  const run = async (): Promise<void> => {
    const why = await store.getState().editIt(one, text);
    setProblem(why);
    if (why === undefined) close();
  };
  const onKey = (event: React.KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void run();
  };
  return (
    <form
      className="entry-field"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <label htmlFor={id}>{say("entry.line", { place: one.at })}</label>
      <code>{edit.head}</code>
      <textarea
        id={id}
        autoFocus
        rows={Math.min(6, Math.ceil((text.length + 1) / 44))}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
      />
      {edit.end !== undefined && <code>{edit.end}</code>}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="entry-problem" role="alert">
          {say(problem.key, problem.values)}
        </p>
      )}
      <span className="entry-actions">
        <button type="submit" disabled={sending}>
          {say("entry.run")}
        </button>
        <button type="button" onClick={close}>
          {say("entry.cancel")}
        </button>
      </span>
    </form>
  );
}
