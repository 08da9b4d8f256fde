import { utf8Decode } from "../../base/utf8.ts";

/** A key as readline names what it does; `text` is a character to insert. */
export type Key =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "control"; readonly name: ControlKey };

export type ControlKey =
  | "accept"
  | "interrupt"
  | "delete-or-eof"
  | "erase"
  | "delete"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "start"
  | "end"
  | "up"
  | "down"
  | "kill-to-end"
  | "kill-to-start"
  | "kill-word-back"
  | "kill-shell-word-back"
  | "kill-word"
  | "yank"
  | "last-argument"
  | "transpose"
  | "clear"
  | "complete"
  | "search"
  | "abort"
  | "unknown";

/** readline's default emacs bindings, readline(3), by control character. */
const CONTROLS: Readonly<Record<number, ControlKey>> = {
  0x01: "start",
  0x02: "left",
  0x03: "interrupt",
  0x04: "delete-or-eof",
  0x05: "end",
  0x06: "right",
  0x07: "abort",
  0x08: "erase",
  0x09: "complete",
  0x0a: "accept",
  0x0b: "kill-to-end",
  0x0c: "clear",
  0x0d: "accept",
  0x0e: "down",
  0x10: "up",
  0x12: "search",
  0x14: "transpose",
  0x15: "kill-to-start",
  0x17: "kill-shell-word-back",
  0x19: "yank",
  0x7f: "erase",
};

/** What follows an escape: xterm's keys (ctlseqs: PC-Style Function Keys) and readline's Meta keys. */
const ESCAPES: readonly (readonly [RegExp, ControlKey])[] = [
  [/^\x1b(?:\[|O)A/, "up"],
  [/^\x1b(?:\[|O)B/, "down"],
  [/^\x1b(?:\[|O)C/, "right"],
  [/^\x1b(?:\[|O)D/, "left"],
  [/^\x1b(?:\[|O)H|^\x1b\[[17]~/, "start"],
  [/^\x1b(?:\[|O)F|^\x1b\[[48]~/, "end"],
  [/^\x1b\[3~/, "delete"],
  [/^\x1b\[1;[35]C|^\x1bf/, "word-right"],
  [/^\x1b\[1;[35]D|^\x1bb/, "word-left"],
  [/^\x1bd/, "kill-word"],
  [/^\x1b[\x7f\x08]/, "kill-word-back"],
  [/^\x1b[._]/, "last-argument"],
  [/^\x1b\[[0-9;]*[ -/]*[@-~]|^\x1bO.|^\x1b[^[O]|^\x1b$/, "unknown"],
];

/** The first key of what was typed, and how many bytes it is. `bytes` is not empty. */
export function nextKey(bytes: Uint8Array): { readonly key: Key; readonly length: number } {
  const first = bytes[0]!;
  if (first === 0x1b) return escaped(bytes);
  const name = CONTROLS[first];
  if (name !== undefined) return { key: { kind: "control", name }, length: 1 };
  if (first < 0x20) return { key: { kind: "control", name: "unknown" }, length: 1 };
  let length = 1;
  while (length < bytes.length && (bytes[length]! & 0xc0) === 0x80) length++;
  return { key: { kind: "text", text: utf8Decode(bytes.subarray(0, length)) }, length };
}

function escaped(bytes: Uint8Array): { readonly key: Key; readonly length: number } {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  for (const [pattern, name] of ESCAPES) {
    const match = pattern.exec(text);
    if (match !== null) return { key: { kind: "control", name }, length: match[0].length };
  }
  return { key: { kind: "control", name: "unknown" }, length: 1 };
}
