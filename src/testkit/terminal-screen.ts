import { charWidth } from "../userland/readline/width.ts";

/** What a terminal of so many columns shows after the text that was written to it: enough of ECMA-48 for a shell. */
export class TerminalScreen {
  private readonly columns: number;
  private lines: (string | undefined)[][] = [[]];
  private row = 0;
  private column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    for (let at = 0; at < text.length;) {
      const escape = /^\x1b\[([0-9;?]*)([A-Za-z])/.exec(text.slice(at, at + 20));
      if (escape !== null) {
        this.control(escape[2]!, Number(escape[1] === "" ? 1 : escape[1]), escape[1] === "");
        at += escape[0].length;
        continue;
      }
      const char = String.fromCodePoint(text.codePointAt(at)!);
      at += char.length;
      this.put(char);
    }
  }

  /** Lines without the blanks at their ends. */
  text(): string {
    const lines = this.lines.map((line) =>
      Array.from(line, (c) => c ?? " ")
        .join("")
        .trimEnd(),
    );
    return lines.join("\n").trimEnd();
  }

  /** Row and column, from 0. */
  cursor(): readonly [number, number] {
    return [this.row, this.column];
  }

  private put(char: string): void {
    if (char === "\r") this.column = 0;
    else if (char === "\b") this.column = Math.max(0, Math.min(this.column, this.columns - 1) - 1);
    else if (char === "\t") this.column = Math.min(this.columns - 1, (this.column & ~7) + 8);
    else if (char === "\n") this.down();
    else if (char >= " ") {
      const width = charWidth(char);
      if (this.column + width > this.columns) {
        this.column = 0;
        this.down();
      }
      this.line()[this.column] = char;
      if (width === 2) this.line()[this.column + 1] = "";
      this.column += width;
    }
  }

  private down(): void {
    this.row++;
    while (this.lines.length <= this.row) this.lines.push([]);
  }

  private line(): (string | undefined)[] {
    return this.lines[this.row]!;
  }

  private control(letter: string, count: number, isDefault: boolean): void {
    const here = Math.min(this.column, this.columns - 1);
    if (letter === "A") this.row = Math.max(0, this.row - count);
    else if (letter === "B") for (let i = 0; i < count; i++) this.down();
    else if (letter === "C") this.column = Math.min(this.columns - 1, here + count);
    else if (letter === "D") this.column = Math.max(0, here - count);
    else if (letter === "H") [this.row, this.column] = [0, 0];
    else if (letter === "J" && isDefault) {
      this.lines.length = this.row + 1;
      this.line().length = Math.min(this.line().length, this.column);
    } else if (letter === "J") this.lines = Array.from({ length: this.row + 1 }, () => []);
  }
}
