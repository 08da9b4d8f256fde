interface TabOptions {
  readonly minWidth: number;
  readonly padding: number;
}

/**
 * Elastic tabstops: a column is as wide as its widest cell in consecutive lines that have it. The last cell of a line
 * ends the line and belongs to no column. Models: Go's text/tabwriter with a space as the padding character.
 */
export function tabWrite(text: string, options: TabOptions): string {
  const trailing = text.endsWith("\n");
  const lines = (trailing ? text.slice(0, -1) : text).split("\n").map((line) => line.split("\t"));
  const widths: number[] = [];
  const out: string[] = [];

  const print = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const cells = lines[i]!;
      let line = "";
      for (const [column, cell] of cells.entries()) {
        line += cell;
        if (column < cells.length - 1)
          line += " ".repeat(Math.max(0, (widths[column] ?? 0) - lengthOf(cell)));
      }
      out[i] = line;
    }
  };

  const format = (from: number, to: number): void => {
    const column = widths.length;
    let printed = from;
    for (let i = from; i < to; i++) {
      if (column >= lines[i]!.length - 1) continue;
      print(printed, i);
      let width = options.minWidth;
      let end = i;
      while (end < to && column < lines[end]!.length - 1) {
        width = Math.max(width, lengthOf(lines[end]![column]!) + options.padding);
        end++;
      }
      widths.push(width);
      format(i, end);
      widths.pop();
      printed = end;
      i = end - 1;
    }
    print(printed, to);
  };

  format(0, lines.length);
  return out.join("\n") + (trailing ? "\n" : "");
}

function lengthOf(cell: string): number {
  return Array.from(cell).length;
}
