import "../styles/watch.css";
import { useEffect, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { breaksFor } from "../model/breaks.ts";
import { shown } from "./BreakPanel.tsx";

/** Lines that a menu has at most; the inspector has the rest. */
const MOST = 9;
/** Pixels that a menu may need, and those that it keeps from the edge of the window. */
const TALLEST = 620;
const EDGE = 8;

/** Where a box was asked for its menu: by the right button, or by the menu key. */
export default function BreakMenu() {
  const say = useSay();
  const store = useBoardStore();
  const menu = useBoard((board) => board.menu);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (menu === undefined) return undefined;
    const back = document.activeElement;
    box.current?.querySelector<HTMLElement>("button")?.focus();
    const away = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false)
        store.getState().set({ menu: undefined });
    };
    window.addEventListener("pointerdown", away);
    return () => {
      window.removeEventListener("pointerdown", away);
      if (back instanceof HTMLElement) back.focus();
    };
  }, [menu, store]);
  if (menu === undefined || session === undefined || cast === undefined) return null;
  const all = breaksFor(session.world, cast, menu.selection).flatMap(({ breaks }) => breaks);
  const close = (): void => store.getState().set({ menu: undefined });
  const onKey = (event: React.KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") close();
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const items = [...(box.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    items.at((at + by) % items.length)?.focus();
  };
  const { x, y, selection } = menu;
  const top = Math.max(EDGE, Math.min(y, window.innerHeight - TALLEST));
  const device = selection.index === 0 ? "" : ` ${cast.deviceName(selection.netns, selection.index)}`;
  return (
    <div
      ref={box}
      className="break-menu"
      role="menu"
      aria-label={say("break.title")}
      style={{ left: Math.min(x, window.innerWidth - 360), top, maxHeight: window.innerHeight - top - EDGE }}
      onKeyDown={onKey}
    >
      <p>
        <strong>
          {cast.name(selection.netns)}
          {device}
        </strong>
      </p>
      {all.slice(0, MOST).map((one) => (
        <button
          key={one.command}
          type="button"
          role="menuitem"
          onClick={() => {
            close();
            void store.getState().breakIt(one);
          }}
        >
          <span>{say(one.label, one.values)}</span>
          <code>{shown(one)}</code>
        </button>
      ))}
      <button
        type="button"
        role="menuitem"
        onClick={() => {
          close();
          store.getState().select(selection);
        }}
      >
        {say("break.more")}
      </button>
    </div>
  );
}
