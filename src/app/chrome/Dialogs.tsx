import { useBoard, useSay } from "../board-context.ts";
import { useDesk, useWork } from "../desk-context.ts";
import { late } from "./late.tsx";
import { Sentence } from "../Sentence.tsx";

const GalleryDialog = late(() => import("../gallery/GalleryDialog.tsx"));
const YamlDialog = late(() => import("../build/YamlDialog.tsx"));
const CommandDialog = late(() => import("../build/CommandDialog.tsx"));
const FindDialog = late(() => import("../board/FindDialog.tsx"));
const ShareDialog = late(() => import("./ShareDialog.tsx"));

/** The window that is open, if one is, and what the document has to say. */
export function Dialogs() {
  const open = useBoard((board) => board.dialog);
  return (
    <>
      {open === "find" && <FindDialog />}
      {open === "share" && <ShareDialog />}
      {open === "yaml" && <YamlDialog />}
      {open === "commands" && <CommandDialog />}
      {open === "gallery" && <GalleryDialog />}
      <Message />
    </>
  );
}

/** Stays until it is closed: it tells of something that did not happen as asked. */
function Message() {
  const say = useSay();
  const desk = useDesk();
  const message = useWork((work) => work.message);
  if (message === undefined) return null;
  return (
    <div className="message" role="alert">
      <p>
        <Sentence phrase={message} plain />
      </p>
      <button type="button" onClick={() => desk.document.tell(undefined)}>
        {say("app.close")}
      </button>
    </div>
  );
}
