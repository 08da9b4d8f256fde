import { concat } from "../../base/bytes.ts";
import { utf8Encode } from "../../base/utf8.ts";

/** Puts bytes and text together: what `\xff` writes is one byte, not the UTF-8 of a character. */
export class ByteText {
  private readonly parts: Uint8Array[] = [];
  private pending = "";

  text(text: string): void {
    this.pending += text;
  }

  byte(value: number): void {
    if (value < 0x80) this.pending += String.fromCharCode(value);
    else {
      this.flush();
      this.parts.push(Uint8Array.of(value & 255));
    }
  }

  bytes(): Uint8Array {
    this.flush();
    return concat(this.parts);
  }

  private flush(): void {
    if (this.pending !== "") this.parts.push(utf8Encode(this.pending));
    this.pending = "";
  }
}

const NAMED: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** How octal escapes are written: `\0nnn` by `echo -e` and `%b`, `\nnn` in a format of printf. */
export type OctalStyle = "zero" | "plain" | "both";

/**
 * Writes what the escape at `text[at]`, a backslash, stands for, and answers the index after it; "stop" for `\c`, which
 * ends all output.
 */
export function writeEscape(out: ByteText, text: string, at: number, octal: OctalStyle): number | "stop" {
  const c = text[at + 1];
  if (c === undefined) {
    out.text("\\");
    return at + 1;
  }
  if (c === "c" && octal !== "plain") return "stop";
  const named = NAMED[c];
  if (named !== undefined) {
    out.text(named);
    return at + 2;
  }
  const rest = text.slice(at + 1);
  const digits =
    octal === "zero"
      ? /^0([0-7]{0,3})/.exec(rest)
      : octal === "both"
        ? (/^0([0-7]{0,3})/.exec(rest) ?? /^([0-7]{1,3})/.exec(rest))
        : /^([0-7]{1,3})/.exec(rest);
  if (digits !== null) {
    out.byte(parseInt(`0${digits[1]!}`, 8) & 255);
    return at + 1 + digits[0].length;
  }
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex !== null) {
    out.byte(parseInt(hex[1]!, 16));
    return at + 1 + hex[0].length;
  }
  const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
  if (unicode !== null) {
    const point = parseInt(unicode[1] ?? unicode[2] ?? "0", 16);
    out.text(String.fromCodePoint(Math.min(point, 0x10ffff)));
    return at + 1 + unicode[0].length;
  }
  if (octal === "plain" && (c === '"' || c === "'" || c === "?")) {
    out.text(c);
    return at + 2;
  }
  out.text(`\\${c}`);
  return at + 2;
}

/** Text with its escapes carried out; `stopped` when `\c` ended it. */
export function writeEscaped(out: ByteText, text: string, octal: OctalStyle): { readonly stopped: boolean } {
  for (let i = 0; i < text.length;) {
    const next = text.indexOf("\\", i);
    if (next < 0) {
      out.text(text.slice(i));
      break;
    }
    out.text(text.slice(i, next));
    const after = writeEscape(out, text, next, octal);
    if (after === "stop") return { stopped: true };
    i = after;
  }
  return { stopped: false };
}
