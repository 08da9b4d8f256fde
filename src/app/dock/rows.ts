import { type RefObject, useEffect, useState } from "react";

/** Height of a row in lists of which only the part in view is drawn. */
export const ROW_HEIGHT = 22;
/** Rows above and below the window that are drawn too. */
const SPARE = 8;

export interface RowWindow {
  /** The rows to draw: from `first`, before `last`. */
  readonly first: number;
  readonly last: number;
  readonly onScroll: (event: React.UIEvent<HTMLElement>) => void;
  /** Arrows, pages, Home and End: the row to go to, or undefined for other keys. */
  readonly target: (event: React.KeyboardEvent, at: number) => number | undefined;
}

/** The rows of a long list that are drawn: those in view, and some beside them. */
export function windowOf(
  count: number,
  { top, height }: { readonly top: number; readonly height: number },
  rowHeight = ROW_HEIGHT,
): { readonly first: number; readonly last: number } {
  const first = Math.floor(top / rowHeight) - SPARE;
  return {
    // A list that has become shorter is drawn although the box has not scrolled back yet.
    first: Math.max(0, Math.min(first, count - 1)),
    last: Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE),
  };
}

/** A long list in a box that scrolls; `wanted` (a row, or -1) is brought into view when it changes. */
export function useRows(
  box: RefObject<HTMLElement | null>,
  count: number,
  wanted: number,
  rowHeight = ROW_HEIGHT,
): RowWindow {
  const [view, setView] = useState({ top: 0, height: 200 });
  useEffect(() => {
    const element = box.current;
    if (element === null || wanted < 0) return;
    const top = wanted * rowHeight;
    if (top < element.scrollTop || top + 2 * rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTo({ top: Math.max(0, top - element.clientHeight / 2) });
  }, [box, wanted, rowHeight]);
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
    ...windowOf(count, view, rowHeight),
    onScroll: ({ currentTarget }) =>
      setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight }),
    target: (event, at) => {
      const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
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
