import { charWidth, shown, characters } from "./width.ts";

interface Spot {
  readonly row: number;
  readonly column: number;
}

/** Where the cursor is after `text` has been written from column 0 of a terminal so many columns wide. */
function spotAfter(text: string, columns: number): Spot {
  let row = 0;
  let column = 0;
  for (const char of text) {
    if (char === "\n") {
      row++;
      column = 0;
      continue;
    }
    const width = charWidth(char);
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
    if (column === columns) {
      row++;
      column = 0;
    }
  }
  return { row, column };
}

/** Text that moves a cursor over the screen without a trace: colours in a prompt. */
const INVISIBLE = /\x1b\[[0-9;?]*[A-Za-z]|[\x01\x02]/g;

/**
 * What to write so that a terminal shows a prompt and a line with the cursor at its place. It remembers what it wrote last
 * and writes no more than what changed where that is easy: readers of the screen are not told the same twice.
 */
export class Screen {
  private columns: number;
  private prompt = "";
  private text = "";
  private at: Spot = { row: 0, column: 0 };

  constructor(columns: number) {
    this.columns = columns;
  }

  /** A fresh prompt on a line of its own. */
  begin(prompt: string): string {
    const lines = prompt.split("\n");
    this.prompt = lines.at(-1) ?? "";
    this.text = "";
    this.at = this.spot("");
    return prompt;
  }

  show(prompt: string, text: string, cursor: number): string {
    const chars = characters(text);
    const before = chars.slice(0, cursor).join("");
    const target = this.spot(before, prompt);
    const appended = prompt === this.prompt && text.startsWith(this.text) && cursor === chars.length;
    const wasAtEnd = this.isAt(this.spot(this.text));
    if (prompt === this.prompt && text === this.text) {
      const out = this.moveTo(target);
      this.at = target;
      return out;
    }
    if (appended && wasAtEnd) {
      const out = chars.slice(characters(this.text).length).map(shown).join("");
      this.text = text;
      this.at = target;
      return out + (target.column === 0 ? " \r" : "");
    }
    return this.redraw(prompt, text, target);
  }

  /** The terminal has another width: what is on it is written anew. */
  resize(columns: number, text: string, cursor: number): string {
    const up = this.goUp();
    this.columns = columns;
    this.at = { row: 0, column: 0 };
    return up + this.redraw(this.prompt, text, this.spot(characters(text).slice(0, cursor).join("")));
  }

  /** Behind the text, on a new line. */
  finish(): string {
    const end = this.spot(this.text);
    const out = this.moveTo(end);
    this.at = { row: 0, column: 0 };
    return `${out}\n`;
  }

  private redraw(prompt: string, text: string, target: Spot): string {
    const up = this.goUp();
    this.prompt = prompt;
    this.text = text;
    this.at = this.spot(text);
    const wrap = this.at.column === 0 && this.at.row > 0 ? " \r" : "";
    const written = `${up}${prompt}${characters(text).map(shown).join("")}${wrap}`;
    const out = written + this.moveTo(target);
    this.at = target;
    return out;
  }

  private goUp(): string {
    return `${this.at.row > 0 ? `\x1b[${this.at.row}A` : ""}\r\x1b[J`;
  }

  private spot(text: string, prompt = this.prompt): Spot {
    return spotAfter(prompt.replace(INVISIBLE, "") + text, this.columns);
  }

  private isAt(spot: Spot): boolean {
    return this.at.row === spot.row && this.at.column === spot.column;
  }

  private moveTo({ row, column }: Spot): string {
    const rows = row - this.at.row;
    const vertical = rows === 0 ? "" : `\x1b[${Math.abs(rows)}${rows > 0 ? "B" : "A"}`;
    const columns = column - this.at.column;
    if (columns === 0) return vertical;
    return `${vertical}\x1b[${Math.abs(columns)}${columns > 0 ? "C" : "D"}`;
  }
}
