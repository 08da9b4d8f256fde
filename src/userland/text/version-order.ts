/** filevercmp (gnulib), as `sort -V` and `ls -v` order: runs of digits as numbers, `~` before everything. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i]!)) || (j < b.length && !isDigit(b[j]!))) {
      const order = rank(i < a.length ? a[i] : undefined) - rank(j < b.length ? b[j] : undefined);
      if (order !== 0) return order;
      i++;
      j++;
    }
    const left = /^\d*/.exec(a.slice(i))![0];
    const right = /^\d*/.exec(b.slice(j))![0];
    const order = compareDigits(left.replace(/^0+/, ""), right.replace(/^0+/, ""));
    if (order !== 0) return order;
    i += left.length;
    j += right.length;
  }
  return a < b ? -1 : 1;
}

function isDigit(c: string): boolean {
  return c >= "0" && c <= "9";
}

function compareDigits(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `~` first, then the end, digits, letters, and everything else. */
function rank(c: string | undefined): number {
  if (c === "~") return -2;
  if (c === undefined) return -1;
  if (isDigit(c)) return 0;
  return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256;
}
