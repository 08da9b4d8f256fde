/** The characters of a text, each a code point. */
export function characters(text: string): string[] {
  return Array.from(text);
}

/** Columns that a character takes on a terminal: wide East Asian ones and emoji two, combining ones none. Models: wcwidth(3), coarsely. */
export function charWidth(char: string): number {
  const c = char.codePointAt(0) ?? 0;
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return 2;
  if (c < 0x300) return 1;
  if (/^\p{Mn}|^\u200b/u.test(char)) return 0;
  return WIDE.some(([from, to]) => c >= from && c <= to) ? 2 : 1;
}

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** How a character is shown: control characters as ^X. */
export function shown(char: string): string {
  const c = char.codePointAt(0) ?? 0;
  if (c < 0x20) return `^${String.fromCharCode(c + 64)}`;
  return c === 0x7f ? "^?" : char;
}

export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}
