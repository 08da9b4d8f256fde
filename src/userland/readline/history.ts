/** What HISTSIZE is when nobody says so. */
const MOST = 500;

/** The lines that were typed, oldest first. */
export class History {
  readonly lines: string[] = [];
  /** Number of `lines[0]`. */
  first = 1;

  /** Remembers a line; HISTCONTROL=ignoreboth, as Debian's root has it. */
  add(line: string): void {
    if (line === "" || line.startsWith(" ") || line === this.lines.at(-1)) return;
    this.lines.push(line);
    if (this.lines.length <= MOST) return;
    this.lines.shift();
    this.first++;
  }

  clear(): void {
    this.lines.length = 0;
    this.first = 1;
  }

  /** The last line at or before `from` that contains `text`. */
  search(text: string, from: number): number | undefined {
    for (let at = Math.min(from, this.lines.length - 1); at >= 0; at--)
      if (this.lines[at]!.includes(text)) return at;
    return undefined;
  }

  /** History expansion, bash(1): `!!`, `!n`, `!-n`, `!text`, `!$`. Undefined: the event that `missing` names is not there. */
  expand(line: string): { readonly text: string; readonly changed: boolean } | { readonly missing: string } {
    let out = "";
    let quote = "";
    let changed = false;
    for (let at = 0; at < line.length; at++) {
      const char = line[at]!;
      if (char === "\\" && quote !== "'") {
        out += char + (line[++at] ?? "");
        continue;
      }
      if (char === "'" && quote !== '"') quote = quote === "'" ? "" : "'";
      else if (char === '"' && quote !== "'") quote = quote === '"' ? "" : '"';
      const event = char === "!" && quote !== "'" ? EVENT.exec(line.slice(at)) : null;
      if (event === null) {
        out += char;
        continue;
      }
      const found = this.event(event[1]!);
      if (found === undefined) return { missing: event[0] };
      out += found;
      changed = true;
      at += event[0].length - 1;
    }
    return { text: out, changed };
  }

  private event(word: string): string | undefined {
    const last = this.lines.at(-1);
    if (word === "!") return last;
    if (word === "$") return last?.split(/\s+/).at(-1);
    if (/^\d+$/.test(word)) return this.lines[Number(word) - this.first];
    if (/^-\d+$/.test(word)) return this.lines.at(Number(word));
    return this.lines.findLast((line) => line.startsWith(word));
  }
}

const EVENT = /^!(!|\$|-?\d+|[A-Za-z_./][^\s;&|()<>"']*)/;
