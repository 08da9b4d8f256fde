import { useEffect } from "react";
import { useBoardStore } from "../board-context.ts";
import type { Board } from "../store.ts";

const KEYS: Readonly<Record<string, (board: Board, far: boolean) => void>> = {
  ArrowRight: (board, far) => (far ? board.stepPlace(1) : board.step(1)),
  ArrowLeft: (board, far) => (far ? board.stepPlace(-1) : board.step(-1)),
  ArrowUp: (board) => board.step(1),
  ArrowDown: (board) => board.step(-1),
  PageUp: (board) => board.stepPlace(1),
  PageDown: (board) => board.stepPlace(-1),
  Home: (board) => {
    board.play(false);
    board.goTo(0);
  },
  End: (board) => {
    board.play(false);
    board.goTo(Infinity);
  },
  " ": (board) => board.play(!board.playing),
};

/** Keys that move the packet wherever the focus is, unless something there needs them itself. */
export function useTransportKeys(): void {
  const store = useBoardStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      const isField = target.closest("input, select, textarea, [role=tab]") !== null;
      const isButton = target.closest("button, a, summary, .react-flow__node") !== null;
      const act = KEYS[event.key];
      if (act === undefined || isField || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === " " && isButton) return;
      if (target.closest(".panel") !== null && /^(Arrow(Up|Down)|Page|Home|End| )/.test(event.key)) return;
      if (store.getState().story === undefined) return;
      event.preventDefault();
      act(store.getState(), event.shiftKey);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
}
