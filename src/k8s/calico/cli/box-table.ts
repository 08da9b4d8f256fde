/** A table in a box, heads centred and numbers to the right. Models: olekukonko/tablewriter v0.0.5. */
export function boxTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+\n`;
  const line = (cells: readonly string[]): string => `|${cells.map((cell) => ` ${cell} `).join("|")}|\n`;
  const head = heads.map((text, i) => {
    const gap = (widths[i] ?? 0) - text.length;
    return " ".repeat(Math.floor(gap / 2)) + text + " ".repeat(Math.ceil(gap / 2));
  });
  const body = rows.map((row) =>
    row.map((cell, i) =>
      /^-?\d+(\.\d+)?%?$/.test(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
    ),
  );
  return rule + line(head) + rule + body.map(line).join("") + rule;
}
