import "../styles/edit.css";
import "../styles/far.css";
import { useEffect, useMemo, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { Picker } from "../chrome/Picker.tsx";
import { loadLateWords } from "../i18n/text.ts";
import { findable, search } from "../model/find.ts";
import { Health } from "../model/health.ts";

/** Lines that are shown at once: more are narrowed down by typing on. */
const MOST = 60;

/** Finds a node, a pod or an address on the board, and goes there. */
export default function FindDialog() {
  const say = useSay();
  const store = useBoardStore();
  const cast = useBoard((board) => board.cast);
  const session = useBoard((board) => board.session);
  const [text, setText] = useState("");
  useEffect(() => void loadLateWords(), []);
  const all = useMemo(
    () => (cast === undefined || session === undefined ? [] : findable(cast, new Health(session.world))),
    [cast, session],
  );
  const hits = useMemo(() => search(all, text), [all, text]);
  const shown = hits.slice(0, MOST);
  return (
    <Picker
      title={say("find.title")}
      hint={say("find.hint")}
      text={text}
      onText={setText}
      shown={shown}
      keyOf={(_, i) => i}
      draw={(found) => (
        <>
          <span>{say(`find.${found.kind}`, { node: found.on })}</span> {found.name}{" "}
          <code>{found.address}</code>
        </>
      )}
      onPick={({ netns, kind, name }) =>
        void store.getState().flyTo(netns, kind === "pod" ? name : undefined)
      }
      onClose={() => store.getState().set({ dialog: undefined })}
    >
      <p className="hint-line" role="status">
        {shown.length === 0 && say("find.nothing")}
        {hits.length > shown.length && say("find.more", { count: hits.length - shown.length })}
      </p>
    </Picker>
  );
}
