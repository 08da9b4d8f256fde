import { useMemo, useState } from "react";
import { useSay } from "../board-context.ts";
import { matching } from "../model/find.ts";
import { Picker } from "./Picker.tsx";

/** One of many things, in groups. */
export interface Choice {
  readonly key: string;
  /** "" for none. */
  readonly group: string;
  readonly name: string;
}

/** A native list is at hand on every device, while one can read it. */
const MOST_OPTIONS = 400;

/** A list to choose one of and then one more: the browser's own, or of very many a search over a list that is drawn in part. */
export function ChooseOne(props: {
  readonly label: string;
  readonly prompt: string;
  readonly choices: readonly Choice[];
  readonly disabled?: boolean;
  readonly onPick: (key: string) => void;
}) {
  const { label, prompt, choices, disabled = false, onPick } = props;
  const [isOpen, setOpen] = useState(false);
  if (choices.length <= MOST_OPTIONS) return <Native {...props} />;
  return (
    <>
      <button
        type="button"
        className="small"
        aria-haspopup="dialog"
        aria-label={label}
        disabled={disabled}
        onClick={() => setOpen(true)}
      >
        {prompt}
      </button>
      {isOpen && <Search title={label} choices={choices} onPick={onPick} onClose={() => setOpen(false)} />}
    </>
  );
}

function Search(props: {
  readonly title: string;
  readonly choices: readonly Choice[];
  readonly onPick: (key: string) => void;
  readonly onClose: () => void;
}) {
  const { title, choices, onPick, onClose } = props;
  const say = useSay();
  const [text, setText] = useState("");
  const shown = useMemo(
    () => matching(choices, text, ({ group, name }) => `${group} ${name}`),
    [choices, text],
  );
  return (
    <Picker
      title={title}
      hint={say("find.hint")}
      text={text}
      onText={setText}
      shown={shown}
      keyOf={({ key }) => key}
      draw={({ group, name }) => (
        <>
          <span>{group}</span> {name}
        </>
      )}
      onPick={({ key }) => onPick(key)}
      onClose={onClose}
    >
      <p className="hint-line" role="status">
        {say("find.count", { shown: shown.length, count: choices.length })}
      </p>
    </Picker>
  );
}

function Native(props: {
  readonly label: string;
  readonly prompt: string;
  readonly choices: readonly Choice[];
  readonly disabled?: boolean;
  readonly onPick: (key: string) => void;
}) {
  const { label, prompt, choices, disabled = false, onPick } = props;
  const groups = useMemo(() => {
    const found = new Map<string, Choice[]>();
    for (const choice of choices) {
      const own = found.get(choice.group);
      if (own === undefined) found.set(choice.group, [choice]);
      else own.push(choice);
    }
    return found;
  }, [choices]);
  const options = (own: readonly Choice[]) =>
    own.map(({ key, name }) => (
      <option key={key} value={key}>
        {name}
      </option>
    ));
  return (
    <select
      aria-label={label}
      value="-"
      disabled={disabled}
      onChange={(event) => {
        if (event.target.value !== "-") onPick(event.target.value);
      }}
    >
      <option value="-">{prompt}</option>
      {[...groups].map(([group, own]) =>
        group === "" ? (
          options(own)
        ) : (
          <optgroup key={group} label={group}>
            {options(own)}
          </optgroup>
        ),
      )}
    </select>
  );
}
