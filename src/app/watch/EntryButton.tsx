import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { IS_READ_ONLY } from "../mode.ts";
import type { Break } from "../model/breaks.ts";

/** Takes one entry away, or turns one setting round, by the command that does it; the bar over the board undoes it. */
export function EntryButton({ one }: { readonly one: Break | undefined }) {
  const say = useSay();
  const store = useBoardStore();
  const sending = useBoard((board) => board.sending);
  if (one === undefined || IS_READ_ONLY) return null;
  const isSetting = one.entry?.startsWith("sysctl/") === true;
  const label = say(one.label, one.values);
  return (
    <button
      type="button"
      className="entry-button"
      disabled={sending}
      aria-label={label}
      title={`${label}\n${one.command}`}
      onClick={() => void store.getState().breakIt(one)}
    >
      {isSetting ? "⇄" : "✕"}
    </button>
  );
}
