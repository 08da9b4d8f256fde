import { characters } from "./width.ts";

/** A line that is being edited: its characters, the cursor, and what was killed last. Knows no screen. */
export class LineBuffer {
  private chars: string[] = [];
  cursor = 0;
  private killed: string[] = [];

  get text(): string {
    return this.chars.join("");
  }

  get length(): number {
    return this.chars.length;
  }

  get before(): string {
    return this.chars.slice(0, this.cursor).join("");
  }

  get atEnd(): boolean {
    return this.cursor === this.chars.length;
  }

  set(text: string, cursor?: number): void {
    this.chars = characters(text);
    this.cursor = Math.min(cursor ?? this.chars.length, this.chars.length);
  }

  insert(text: string): void {
    const added = characters(text);
    this.chars.splice(this.cursor, 0, ...added);
    this.cursor += added.length;
  }

  move(by: number): void {
    this.cursor = Math.max(0, Math.min(this.chars.length, this.cursor + by));
  }

  /** Takes out what lies between the cursor and `to`; `keep` for yanking. */
  cut(to: number, keep: boolean): void {
    const from = Math.max(0, Math.min(this.cursor, to));
    const end = Math.min(this.chars.length, Math.max(this.cursor, to));
    const gone = this.chars.splice(from, end - from);
    this.cursor = from;
    if (keep && gone.length > 0) this.killed = gone;
  }

  yank(): void {
    this.insert(this.killed.join(""));
  }

  transpose(): void {
    if (this.cursor === 0 || this.chars.length < 2) return;
    if (this.atEnd) this.cursor--;
    const [a, b] = [this.chars[this.cursor - 1]!, this.chars[this.cursor]!];
    this.chars.splice(this.cursor - 1, 2, b, a);
    this.cursor++;
  }

  /** Where the word before the cursor begins: letters and digits, or whatever is no blank for `shell`. */
  wordStart(shell = false): number {
    const part = shell ? /\S/ : /[\p{L}\p{N}]/u;
    let at = this.cursor;
    while (at > 0 && !part.test(this.chars[at - 1]!)) at--;
    while (at > 0 && part.test(this.chars[at - 1]!)) at--;
    return at;
  }

  wordEnd(): number {
    const part = /[\p{L}\p{N}]/u;
    let at = this.cursor;
    while (at < this.chars.length && !part.test(this.chars[at]!)) at++;
    while (at < this.chars.length && part.test(this.chars[at]!)) at++;
    return at;
  }
}
