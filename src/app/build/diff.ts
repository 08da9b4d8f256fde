/** A line of a comparison. */
export interface DiffLine {
  readonly sign: " " | "+" | "-";
  readonly text: string;
}

/** Lines beyond which a comparison is not worth its time: then all is shown as exchanged. */
const LARGEST = 3000;

/** What changes from one text to another, by the longest common run of lines; `around` unchanged ones are shown beside each change. */
export function diffLines(before: string, after: string, around = 3): readonly DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const all = a.length * b.length > LARGEST * LARGEST ? exchanged(a, b) : compared(a, b);
  const isNear = (at: number): boolean =>
    all.slice(Math.max(0, at - around), at + around + 1).some(({ sign }) => sign !== " ");
  return all.filter(({ sign }, at) => sign !== " " || isNear(at));
}

function exchanged(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  return [
    ...a.map((text): DiffLine => ({ sign: "-", text })),
    ...b.map((text): DiffLine => ({ sign: "+", text })),
  ];
}

function compared(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: " ", text: a[i++]! });
      j++;
    } else if (i < a.length && (j >= b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      lines.push({ sign: "-", text: a[i++]! });
    else lines.push({ sign: "+", text: b[j++]! });
  }
  return lines;
}
