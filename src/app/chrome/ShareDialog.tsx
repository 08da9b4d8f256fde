import "../styles/gallery.css";
import { useEffect, useId, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { titleOf, useDesk, useWork } from "../desk-context.ts";
import { COMFORTABLE_LINK } from "../document/share.ts";
import { saveScenario } from "../document/file.ts";
import { savePng, saveSvg } from "../export/save.ts";
import { Dialog } from "./Dialog.tsx";

/** The link, the snippet for other pages, the file: ways in which a scenario leaves this page. */
export default function ShareDialog() {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const scenario = useWork((work) => work.scenario);
  const language = useBoard((board) => board.language);
  // What was done before the window was opened.
  const [moment] = useState(() => desk.moment());
  const [withMoment, setWithMoment] = useState(true);
  const [readOnly, setReadOnly] = useState(false);
  const [link, setLink] = useState("");
  useEffect(() => {
    let isCurrent = true;
    void desk.link(withMoment ? moment : undefined).then((made) => {
      if (isCurrent) setLink(made);
    });
    return () => {
      isCurrent = false;
    };
  }, [desk, scenario, moment, withMoment]);
  const shown = readOnly ? link.replace("#", "?read#") : link;
  const frame = `<iframe src="${link.replace("#", "?embed#")}" width="100%" height="640" title="Flannelgraph"></iframe>`;
  return (
    <Dialog
      title={say("share.title")}
      className="share"
      onClose={() => store.getState().set({ dialog: undefined })}
    >
      <p>{say("share.text")}</p>
      {moment !== undefined && (
        <label className="check">
          <input type="checkbox" checked={withMoment} onChange={() => setWithMoment(!withMoment)} />
          {moment.story === undefined
            ? say("share.moment.now", { count: moment.deeds.length })
            : say("share.moment", { hop: moment.story.hop + 1, count: moment.deeds.length })}
        </label>
      )}
      <label className="check">
        <input type="checkbox" checked={readOnly} onChange={() => setReadOnly(!readOnly)} />
        {say("share.readonly")}
      </label>
      <Field label={say("share.link")} text={shown} />
      <p className={shown.length > COMFORTABLE_LINK ? "warning" : "hint-line"} role="status">
        {say(shown.length > COMFORTABLE_LINK ? "share.long" : "share.length", { length: shown.length })}
      </p>
      <Field label={say("share.frame")} text={frame} />
      <div className="dialog-actions">
        {scenario !== undefined && (
          <button type="button" onClick={() => saveScenario(scenario, titleOf(scenario, language))}>
            {say("share.file")}
          </button>
        )}
        {scenario !== undefined && <Pictures title={titleOf(scenario, language)} />}
      </div>
    </Dialog>
  );
}

/** A text to take away. */
function Field({ label, text }: { readonly label: string; readonly text: string }) {
  const say = useSay();
  const id = useId();
  const [copied, setCopied] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(text),
      () => undefined,
    );
  };
  return (
    <div className="share-field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} readOnly rows={3} value={text} onFocus={(event) => event.target.select()} />
      <button type="button" onClick={copy} aria-label={`${say("inspector.copy")}: ${label}`}>
        {say(copied === text ? "inspector.copied" : "inspector.copy")}
      </button>
    </div>
  );
}

/** The board as a picture, and on paper. */
function Pictures({ title }: { readonly title: string }) {
  const say = useSay();
  const store = useBoardStore();
  return (
    <>
      <button type="button" onClick={() => saveSvg(store.getState(), title)}>
        {say("share.svg")}
      </button>
      <button type="button" onClick={() => void savePng(store.getState(), title)}>
        {say("share.png")}
      </button>
      <button
        type="button"
        onClick={() => {
          store.getState().set({ dialog: undefined });
          // The page makes the sheet when it is told to print (export/print.ts), once that is here.
          void import("../export/print.ts").then(() => window.print());
        }}
      >
        {say("share.print")}
      </button>
    </>
  );
}
