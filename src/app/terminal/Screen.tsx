import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef } from "react";
import { useBoard, useSay } from "../board-context.ts";
import type { Hub } from "./hub.ts";

/** The colours of the terminal are those of the page: one a kind. */
const ANSI = {
  red: "--drop",
  green: "--transport",
  yellow: "--app",
  blue: "--l3",
  magenta: "--nat",
  cyan: "--l2",
} as const;

function themeOfPage(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const named = Object.entries(ANSI).flatMap(([name, variable]) => [
    [name, colour(variable)],
    [`bright${name.charAt(0).toUpperCase()}${name.slice(1)}`, colour(variable)],
  ]);
  return {
    background: colour("--surface"),
    foreground: colour("--ink"),
    cursor: colour("--accent"),
    cursorAccent: colour("--surface"),
    selectionBackground: colour("--l3-soft"),
    selectionForeground: colour("--ink"),
    black: colour("--ink"),
    brightBlack: colour("--ink-3"),
    white: colour("--ink-2"),
    brightWhite: colour("--ink"),
    ...Object.fromEntries(named),
  };
}

/** What this engine says when it does not do what the real tool would: nobody shall take it for the tool's own words. */
const REFUSED = /flannelgraph: [^\r\n]+|[^\r\n]+: not modelled(?=\r)/g;

export function withRefusals(text: string): string {
  return text.replace(REFUSED, (words) => `\x1b[7;35m ${words} \x1b[0m`);
}

/** Keys that the page keeps for itself, or that mean copying and pasting. */
function isForPage(event: KeyboardEvent, terminal: Terminal): boolean {
  if (event.type !== "keydown") return false;
  if (event.key === "F6" || event.key === "F2" || (event.key === "Tab" && event.shiftKey)) return true;
  const letter = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : "";
  if (letter === "v") return true;
  const copies = letter === "c" && (event.shiftKey || terminal.hasSelection());
  if (!copies) return false;
  void navigator.clipboard.writeText(terminal.getSelection()).catch(() => undefined);
  terminal.clearSelection();
  event.preventDefault();
  return true;
}

interface ScreenProps {
  readonly hub: Hub;
  readonly id: number;
  readonly label: string;
  readonly active: boolean;
  /** F6: the focus goes on to the terminals' tabs. */
  readonly leave: () => void;
}

/** One terminal: keys go to the engine, which edits lines and echoes as a real one does; nothing is decided here. */
export default function Screen({ hub, id, label, active, leave }: ScreenProps) {
  const say = useSay();
  const theme = useBoard((board) => board.theme);
  const presenting = useBoard((board) => board.presenting);
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<{ readonly terminal: Terminal; readonly fit: FitAddon }>(undefined);
  const name = say("terminal.screen", { place: label });

  useEffect(() => {
    const home = box.current;
    if (home === null) return undefined;
    const terminal = new Terminal({
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-code"),
      fontSize: 13,
      lineHeight: 1.2,
      cursorBlink: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      screenReaderMode: true,
      minimumContrastRatio: 4.5,
      scrollback: 5000,
      theme: themeOfPage(),
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(home);
    held.current = { terminal, fit };
    terminal.attachCustomKeyEventHandler((event) => !isForPage(event, terminal));
    terminal.onData((text) => hub.input(id, text));
    terminal.onResize(({ cols, rows }) => hub.resize(id, cols, rows));
    const detach = hub.attach(id, (text) => terminal.write(withRefusals(text)));
    const observer = new ResizeObserver(() => {
      if (home.clientHeight > 0) fit.fit();
    });
    observer.observe(home);
    // Widths are measured with the typeface that is there: again when the page's own has come.
    void document.fonts.load('13px "JetBrains Mono Variable"').then(() => {
      terminal.options.fontFamily = `${terminal.options.fontFamily ?? ""} `;
      if (home.clientHeight > 0) fit.fit();
    });
    return () => {
      observer.disconnect();
      detach();
      terminal.dispose();
      held.current = undefined;
    };
  }, [hub, id]);

  useEffect(() => {
    held.current?.terminal.textarea?.setAttribute("aria-label", name);
  }, [name]);

  useEffect(() => {
    const terminal = held.current?.terminal;
    if (terminal === undefined) return;
    terminal.options.theme = themeOfPage();
    terminal.options.fontSize = presenting ? 18 : 13;
    held.current?.fit.fit();
  }, [theme, presenting]);

  useEffect(() => {
    if (active) held.current?.terminal.focus();
  }, [active]);

  return (
    <div
      ref={box}
      className="terminal-screen"
      role="group"
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key === "F6") leave();
        else if (event.key !== "F2" && event.key !== "Tab") event.stopPropagation();
      }}
    />
  );
}
