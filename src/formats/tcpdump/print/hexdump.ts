import { hexNumber } from "./printer.ts";

/** How `-x`, `-X` and `-A` show bytes. */

const ROW = 16;

function printable(byte: number): string {
  return byte > 32 && byte < 127 ? String.fromCharCode(byte) : ".";
}

/** `\n<indent>0x0000:  4500 007d ...` in rows of 16 bytes; with `ascii`, the characters behind them. */
export function hexDump(bytes: Uint8Array, from: number, to: number, ascii: boolean, indent = "\t"): string {
  let text = "";
  for (let o = from; o < to; o += ROW) {
    const end = Math.min(o + ROW, to);
    let row = "";
    let characters = "";
    for (let i = o; i < end; i++) {
      if ((i - o) % 2 === 0) row += " ";
      row += hexNumber(bytes[i]!, 2);
      characters += printable(bytes[i]!);
    }
    text += `\n${indent}0x${hexNumber(o - from, 4)}: ${ascii ? `${row.padEnd(40)}  ${characters}` : row}`;
  }
  return text;
}

/** `-A`: the bytes as text. A carriage return is left out before a line feed and at the end. */
export function asciiDump(bytes: Uint8Array, from: number, to: number): string {
  let text = from < to ? "\n" : "";
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === 13 && (i + 1 === to || bytes[i + 1] === 10)) continue;
    const plain = (byte >= 32 && byte < 127) || byte === 9 || byte === 10;
    text += plain ? String.fromCharCode(byte) : ".";
  }
  return text;
}
