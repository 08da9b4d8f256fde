import type { Task } from "../../sim/task.ts";
import { writeText } from "../os/io.ts";
import type { Tty } from "../os/tty.ts";
import { LineBuffer } from "./buffer.ts";
import type { History } from "./history.ts";
import { type ControlKey, type Key, nextKey } from "./keys.ts";
import { Screen } from "./screen.ts";
import { textWidth, characters } from "./width.ts";

/** What could stand in the place of the word that ends at the cursor. */
export interface Completions {
  /** How many characters before the cursor it replaces. */
  readonly length: number;
  /** Whole words, with the blank or slash that follows the only one. */
  readonly words: readonly { readonly text: string; readonly shown: string }[];
}

export interface ReadlineOptions {
  readonly prompt: string;
  readonly history?: History;
  readonly complete?: (before: string) => Completions;
  /** Whether something goes on in the background meanwhile. */
  readonly jobs?: () => boolean;
}

/** What came of it: a line, ^C, or ^D on an empty line (or no terminal any more). */
export type ReadlineResult =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "interrupt" }
  | { readonly kind: "end" };

/** More completions than this are not listed unasked, readline's completion-query-items. */
const MOST_SHOWN = 100;

/** readline(3) in emacs mode: one line from the terminal, edited with its keys. */
export function* readline(tty: Tty, options: ReadlineOptions): Task<ReadlineResult> {
  tty.setRaw(true);
  tty.prompting = { jobs: options.jobs ?? (() => false) };
  try {
    return yield* new Editor(tty, options).run();
  } finally {
    tty.prompting = undefined;
    tty.setRaw(false);
  }
}

class Editor {
  private readonly tty: Tty;
  private readonly options: ReadlineOptions;
  private readonly buffer = new LineBuffer();
  private readonly screen: Screen;
  /** Lines of the history as they stand in this editing, the one that is being typed last. */
  private readonly lines: string[];
  private at: number;
  private lastKey: ControlKey | "text" = "text";
  /** ^R: what is searched for, and where it was found. */
  private search: { text: string; found: number; readonly saved: string } | undefined;
  private argument = 0;

  constructor(tty: Tty, options: ReadlineOptions) {
    this.tty = tty;
    this.options = options;
    this.screen = new Screen(tty.columns);
    this.lines = [...(options.history?.lines ?? []), ""];
    this.at = this.lines.length - 1;
  }

  *run(): Task<ReadlineResult> {
    yield* this.write(this.screen.begin(this.options.prompt));
    for (;;) {
      const bytes = yield* this.tty.readOrResize();
      if (bytes === null) return { kind: "end" };
      if (bytes === "resized") {
        yield* this.write(this.screen.resize(this.tty.columns, this.buffer.text, this.buffer.cursor));
        continue;
      }
      for (let at = 0; at < bytes.length;) {
        const { key, length } = nextKey(bytes.subarray(at));
        at += length;
        const result = yield* this.press(key);
        if (result === undefined) continue;
        this.tty.unread(bytes.subarray(at));
        return result;
      }
      yield* this.refresh();
    }
  }

  private *press(key: Key): Task<ReadlineResult | undefined> {
    if (this.search !== undefined && this.searching(key)) return undefined;
    if (key.kind === "text") {
      this.buffer.insert(key.text);
      this.lastKey = "text";
      return undefined;
    }
    const { name } = key;
    switch (name) {
      case "accept":
        yield* this.refresh();
        yield* this.write(this.screen.finish());
        return { kind: "line", text: this.buffer.text };
      case "interrupt":
        yield* this.refresh();
        yield* this.write(`^C${this.screen.finish()}`);
        return { kind: "interrupt" };
      case "delete-or-eof":
        if (this.buffer.length === 0) return { kind: "end" };
        this.buffer.cut(this.buffer.cursor + 1, false);
        break;
      case "complete":
        yield* this.complete();
        break;
      case "clear":
        yield* this.write(`\x1b[H\x1b[2J${this.screen.begin(this.options.prompt)}`);
        break;
      case "unknown":
      case "abort":
        break;
      default:
        this.edit(name);
    }
    this.lastKey = name;
    return undefined;
  }

  /** Keys that only change the line. */
  private edit(name: ControlKey): void {
    const { buffer } = this;
    const actions: Partial<Record<ControlKey, () => void>> = {
      erase: () => buffer.cut(buffer.cursor - 1, false),
      delete: () => buffer.cut(buffer.cursor + 1, false),
      left: () => buffer.move(-1),
      right: () => buffer.move(1),
      "word-left": () => (buffer.cursor = buffer.wordStart()),
      "word-right": () => (buffer.cursor = buffer.wordEnd()),
      start: () => (buffer.cursor = 0),
      end: () => (buffer.cursor = buffer.length),
      up: () => this.recall(-1),
      down: () => this.recall(1),
      "kill-to-end": () => buffer.cut(buffer.length, true),
      "kill-to-start": () => buffer.cut(0, true),
      "kill-word-back": () => buffer.cut(buffer.wordStart(), true),
      "kill-shell-word-back": () => buffer.cut(buffer.wordStart(true), true),
      "kill-word": () => buffer.cut(buffer.wordEnd(), true),
      yank: () => buffer.yank(),
      transpose: () => buffer.transpose(),
      "last-argument": () => this.lastArgument(),
      search: () => (this.search = { text: "", found: this.lines.length - 1, saved: buffer.text }),
    };
    actions[name]?.();
  }

  private recall(by: 1 | -1): void {
    const next = this.at + by;
    if (next < 0 || next >= this.lines.length) return;
    this.lines[this.at] = this.buffer.text;
    this.at = next;
    this.buffer.set(this.lines[next]!);
  }

  /** The last word of the line before; pressed again, of the one before that. */
  private lastArgument(): void {
    const lines = this.options.history?.lines ?? [];
    const isAgain = this.lastKey === "last-argument";
    this.argument = isAgain ? this.argument + 1 : 1;
    const word = (n: number): string => lines.at(-n)?.split(/\s+/).at(-1) ?? "";
    if (this.argument > lines.length) return;
    if (isAgain) this.buffer.cut(this.buffer.cursor - characters(word(this.argument - 1)).length, false);
    this.buffer.insert(word(this.argument));
  }

  /** A key while ^R searches; false when it ends the search and means what it always means. */
  private searching(key: Key): boolean {
    const search = this.search!;
    const { history } = this.options;
    const look = (from: number): void => {
      const found = history?.search(search.text, from);
      if (found === undefined) return;
      search.found = found;
      const line = history?.lines[found] ?? "";
      this.buffer.set(line, characters(line.slice(0, line.indexOf(search.text))).length);
    };
    if (key.kind === "text") {
      search.text += key.text;
      look(search.found);
      return true;
    }
    if (key.name === "search") {
      look(search.found - 1);
      return true;
    }
    if (key.name === "erase") {
      search.text = characters(search.text).slice(0, -1).join("");
      look(this.lines.length - 1);
      return true;
    }
    this.search = undefined;
    if (key.name !== "abort") return false;
    this.buffer.set(search.saved);
    return true;
  }

  private *complete(): Task<void> {
    const found = this.options.complete?.(this.buffer.before);
    if (found === undefined || found.words.length === 0) return;
    const { words, length } = found;
    const [only] = words;
    const before = characters(this.buffer.before);
    const typed = before.slice(before.length - length).join("");
    const text = words.length === 1 ? only!.text : commonStart(words.map((word) => word.text.trimEnd()));
    if (text.length > typed.length || words.length === 1) {
      this.buffer.cut(this.buffer.cursor - length, false);
      this.buffer.insert(text);
    } else if (this.lastKey === "complete") yield* this.list(words.map((word) => word.shown));
  }

  private *list(words: readonly string[]): Task<void> {
    const shown = words.slice(0, MOST_SHOWN);
    const more = words.length - shown.length;
    const text = inColumns(shown, this.tty.columns) + (more > 0 ? `... ${more} more\n` : "");
    yield* this.write(`${this.screen.finish()}${text}${this.screen.begin(this.options.prompt)}`);
  }

  private *refresh(): Task<void> {
    const { text, cursor } = this.buffer;
    const prompt =
      this.search === undefined
        ? (this.options.prompt.split("\n").at(-1) ?? "")
        : `(reverse-i-search)\`${this.search.text}': `;
    const out = this.screen.show(prompt, text, cursor);
    if (out !== "") yield* this.write(out);
  }

  private *write(text: string): Task<void> {
    yield* writeText(this.tty.file, text);
  }
}

function commonStart(words: readonly string[]): string {
  let [start = ""] = words;
  for (const word of words) while (!word.startsWith(start)) start = start.slice(0, -1);
  return start;
}

/** As ls and readline fill a screen: down the columns, all of one width, two blanks between. */
export function inColumns(words: readonly string[], width: number): string {
  const column = Math.max(1, ...words.map(textWidth)) + 2;
  const across = Math.max(1, Math.floor((width + 1) / column));
  const rows = Math.ceil(words.length / across);
  let out = "";
  for (let row = 0; row < rows; row++) {
    const line = words.filter((_, i) => i % rows === row);
    out += `${line.map((word, i) => (i === line.length - 1 ? word : word + " ".repeat(column - textWidth(word)))).join("")}\n`;
  }
  return out;
}
