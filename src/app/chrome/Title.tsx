import { useState } from "react";
import { useSay } from "../board-context.ts";
import { useDesk, useTitle, useWork } from "../desk-context.ts";
import { IS_READ_ONLY } from "../mode.ts";

/** The open scenario's name, which a click changes, and whether the work on it is safe. */
export function Title() {
  const say = useSay();
  const desk = useDesk();
  const title = useTitle();
  const saving = useWork((work) => work.saving);
  const [draft, setDraft] = useState<string>();
  const finish = (): void => {
    const { scenario } = desk.document.state;
    const name = draft?.trim().slice(0, 120) ?? "";
    setDraft(undefined);
    if (scenario === undefined || name === "" || name === title) return;
    const { story } = scenario;
    desk.document.edit({
      ...scenario,
      name,
      ...(story !== undefined && { story: { ...story, title: { en: name, zh: name } } }),
    });
  };
  if (IS_READ_ONLY) return <span className="scenario">{title}</span>;
  return (
    <span className="scenario">
      {draft === undefined ? (
        <button type="button" className="title" title={say("work.rename")} onClick={() => setDraft(title)}>
          {title}
        </button>
      ) : (
        <input
          autoFocus
          aria-label={say("work.rename")}
          value={draft}
          maxLength={120}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={finish}
          onKeyDown={(event) => {
            if (event.key === "Enter") finish();
            if (event.key === "Escape") setDraft(undefined);
          }}
        />
      )}
      {saving !== "untouched" && (
        <span className={`saving saving-${saving}`} role="status">
          {say(`work.${saving}`)}
        </span>
      )}
    </span>
  );
}
