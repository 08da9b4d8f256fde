import { type RefObject, useEffect, useState } from "react";

/** Height of a row in lists of which only the part in view is drawn. */
export const ROW_HEIGHT = 22;
/** Rows above and below the window that are drawn too. */
const SPARE = 8;

export interface RowWindow {
  /** The rows to draw: from `first`, before `last`. */
  readonly first: number;
  readonly last: number;
  readonly onScroll: (event: React.UIEvent<HTMLDivElement>) => void;
  /** Arrows, pages, Home and End: the row to go to, or undefined for other keys. */
  readonly target: (event: React.KeyboardEvent, at: number) => number | undefined;
}

/** A long list in a box that scrolls; `wanted` (a row, or -1) is brought into view when it changes. */
export function useRows(box: RefObject<HTMLDivElement | null>, count: number, wanted: number): RowWindow {
  const [view, setView] = useState({ top: 0, height: 200 });
  useEffect(() => {
    const element = box.current;
    if (element === null || wanted < 0) return;
    const top = wanted * ROW_HEIGHT;
    if (top < element.scrollTop || top + 2 * ROW_HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTo({ top: Math.max(0, top - element.clientHeight / 2) });
  }, [box, wanted]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setView({ top: element.scrollTop, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return {
    first: Math.max(0, Math.floor(view.top / ROW_HEIGHT) - SPARE),
    last: Math.min(count, Math.ceil((view.top + view.height) / ROW_HEIGHT) + SPARE),
    onScroll: ({ currentTarget }) =>
      setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight }),
    target: (event, at) => {
      const page = Math.max(1, Math.floor(view.height / ROW_HEIGHT) - 2);
      const moves: Readonly<Record<string, number>> = {
        ArrowDown: at + 1,
        ArrowUp: at < 0 ? count - 1 : at - 1,
        PageDown: at + page,
        PageUp: at - page,
        Home: 0,
        End: count - 1,
      };
      const to = moves[event.key];
      if (to === undefined) return undefined;
      event.preventDefault();
      event.stopPropagation();
      return Math.max(0, Math.min(count - 1, to));
    },
  };
}
