import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef } from "react";
import { useBoard, useSay } from "../board-context.ts";
import { Emulator } from "./emulator.ts";
import type { Hub } from "./hub.ts";

interface ScreenProps {
  readonly hub: Hub;
  readonly id: number;
  readonly label: string;
  readonly active: boolean;
  /** F6: the focus goes on to the terminals' tabs. */
  readonly leave: () => void;
}

/** One terminal: keys go to the engine, which edits lines and echoes as a real one does. */
export default function Screen({ hub, id, label, active, leave }: ScreenProps) {
  const say = useSay();
  const theme = useBoard((board) => board.theme);
  const presenting = useBoard((board) => board.presenting);
  const box = useRef<HTMLDivElement>(null);
  const emulator = useRef<Emulator>(undefined);
  const name = say("terminal.screen", { place: label });

  useEffect(() => {
    if (box.current === null) return undefined;
    const made = new Emulator(box.current, {
      keys: (text) => hub.input(id, text),
      size: (columns, rows) => hub.resize(id, columns, rows),
    });
    emulator.current = made;
    const detach = hub.attach(id, (text) => made.write(text));
    return () => {
      detach();
      made.dispose();
      emulator.current = undefined;
    };
  }, [hub, id]);

  useEffect(() => emulator.current?.name(name), [name]);
  useEffect(() => emulator.current?.paint(presenting), [theme, presenting]);
  useEffect(() => {
    if (active) emulator.current?.focus();
  }, [active]);

  return (
    <div
      ref={box}
      className="terminal-screen"
      role="group"
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key === "F6") leave();
        else if (event.key !== "F1" && event.key !== "F2" && event.key !== "Tab") event.stopPropagation();
      }}
    />
  );
}
