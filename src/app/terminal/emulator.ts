import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";

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
  const named = Object.entries(ANSI).flatMap(([name, variable]): [string, string][] => [
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
    ...Object.fromEntries<string>(named),
  };
}

/** What this engine says when it does not do what the real tool would: nobody shall take it for the tool's own words. */
const REFUSED = /flannelgraph: [^\r\n]+|[^\r\n]+: not modelled(?=\r)/g;

export function withRefusals(text: string): string {
  return text.replace(REFUSED, (words) => `\x1b[7;35m ${words} \x1b[0m`);
}

const FONT_SIZE = 13;
const FONT_SIZE_PRESENTING = 18;

/** xterm.js in an element of the page. It decides nothing: keys go out, text comes in. */
export class Emulator {
  private readonly home: HTMLElement;
  private readonly terminal: Terminal;
  private readonly fit = new FitAddon();
  private readonly observer: ResizeObserver;

  constructor(
    home: HTMLElement,
    heard: { readonly keys: (text: string) => void; readonly size: (columns: number, rows: number) => void },
  ) {
    this.home = home;
    this.terminal = new Terminal({
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-code"),
      fontSize: FONT_SIZE,
      lineHeight: 1.2,
      cursorBlink: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      screenReaderMode: true,
      minimumContrastRatio: 4.5,
      scrollback: 5000,
      theme: themeOfPage(),
    });
    this.terminal.loadAddon(this.fit);
    this.terminal.open(home);
    this.terminal.attachCustomKeyEventHandler((event) => !this.isForPage(event));
    this.terminal.onData(heard.keys);
    this.terminal.onResize(({ cols, rows }) => heard.size(cols, rows));
    this.observer = new ResizeObserver(() => this.fill());
    this.observer.observe(home);
    // Widths are measured with the typeface that is there: again when the page's own has come.
    void document.fonts.load(`${FONT_SIZE}px "JetBrains Mono Variable"`).then(() => {
      this.terminal.options.fontFamily = `${this.terminal.options.fontFamily ?? ""} `;
      this.fill();
    });
  }

  write(text: string): void {
    this.terminal.write(withRefusals(text));
  }

  focus(): void {
    this.terminal.focus();
  }

  name(label: string): void {
    this.terminal.textarea?.setAttribute("aria-label", label);
  }

  /** Takes the page's colours and size as they are now. */
  paint(presenting: boolean): void {
    this.terminal.options.theme = themeOfPage();
    this.terminal.options.fontSize = presenting ? FONT_SIZE_PRESENTING : FONT_SIZE;
    this.fill();
  }

  dispose(): void {
    this.observer.disconnect();
    this.terminal.dispose();
  }

  private fill(): void {
    if (this.home.clientHeight > 0) this.fit.fit();
  }

  /** Keys that the page keeps for itself, or that mean copying and pasting. */
  private isForPage(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return false;
    if (
      event.key === "F6" ||
      event.key === "F1" ||
      event.key === "F2" ||
      (event.key === "Tab" && event.shiftKey)
    )
      return true;
    const letter = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : "";
    if (letter === "v") return true;
    const copies = letter === "c" && (event.shiftKey || this.terminal.hasSelection());
    if (!copies) return false;
    void navigator.clipboard.writeText(this.terminal.getSelection()).catch(() => undefined);
    this.terminal.clearSelection();
    event.preventDefault();
    return true;
  }
}
