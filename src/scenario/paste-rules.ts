import { describeSavedProblem, parseSaved } from "../formats/iptables/save-file.ts";
import { parseNft } from "../formats/nft/command.ts";
import { NftError } from "../formats/nft/lexer.ts";
import { servicePort } from "../formats/services.ts";

/** A line of a pasted ruleset that was left out, and the tool's own words for it. */
export interface LeftOut {
  readonly line: number;
  readonly text: string;
  readonly why: "rule" | "set";
  readonly message: string;
}

export interface Readable {
  readonly kept: string;
  readonly omitted: readonly LeftOut[];
}

/** Rules with mistakes that are looked for; a text with more of them is something else. */
const MOST_MISTAKES = 200;

/** The lines of a text, of which some are taken out and named. */
class Lines {
  readonly omitted: LeftOut[] = [];
  readonly lines: string[];

  constructor(text: string) {
    this.lines = text.split(/\r?\n/);
  }

  get text(): string {
    return this.lines.join("\n");
  }

  leaveOut(line: number, why: LeftOut["why"], message: string): void {
    this.omitted.push({ line, text: (this.lines[line - 1] ?? "").trim(), why, message });
    this.lines[line - 1] = "";
  }

  result(): Readable {
    return { kept: this.lines.filter((line) => line.trim() !== "").join("\n"), omitted: this.omitted };
  }
}

/** What `iptables-save` or `ip6tables-save` printed, as far as it can be read; the other rules are taken out and named. */
export function readSaved(text: string, sets: ReadonlySet<string>, family: "ip" | "ip6"): Readable {
  const all = new Lines(text);
  const { lines } = all;
  lines.forEach((line, i) => {
    const set = /--(?:match|add|del)-set (\S+)/.exec(line)?.[1];
    if (set !== undefined && !sets.has(set)) all.leaveOut(i + 1, "set", set);
  });
  for (let i = 0; i < MOST_MISTAKES; i++) {
    const read = parseSaved(all.text, family);
    if (read.ok) break;
    const { line } = read.error;
    if ((lines[line - 1] ?? "") === "") {
      // The end is missing: a table that was cut off is closed.
      lines.push("COMMIT");
      continue;
    }
    all.leaveOut(line, "rule", describeSavedProblem(read.error).replace(/^line \d+: /, ""));
  }
  return all.result();
}

/**
 * `nft list ruleset` as far as it can be read, on a node with these devices. Tables that iptables-nft manages are those of
 * `iptables-save` once more: with `hasSaved` they are not taken twice.
 */
export function readNft(text: string, devices: readonly string[], hasSaved: boolean): Readable {
  const all = new Lines(text);
  if (hasSaved) withoutManaged(all.lines);
  const index = (name: string): number | undefined => {
    const at = devices.indexOf(name);
    return at < 0 ? undefined : at + 2;
  };
  const world = {
    names: { index, interfaceName: (at: number) => devices[at - 2], service: servicePort },
    set: () => undefined,
    hint: () => undefined,
    absent: () => undefined,
    ruleAt: () => undefined,
  };
  for (let i = 0; i < MOST_MISTAKES; i++) {
    try {
      parseNft(all.text, world);
      break;
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      const line = all.text.slice(0, error.from).split("\n").length;
      if ((all.lines[line - 1] ?? "").trim() === "") break;
      leaveOutBlock(all, line, error.message.replace(/^flannelgraph: /, ""));
    }
  }
  return all.result();
}

function withoutManaged(lines: string[]): void {
  lines.forEach((line, i) => {
    const [, table] = /^# Warning: table (\S+ \S+) is managed by iptables-nft/.exec(line) ?? [];
    if (table === undefined) return;
    const first = lines.findIndex((each, at) => at > i && each.startsWith(`table ${table} {`));
    const last = lines.findIndex((each, at) => at > first && each.startsWith("}"));
    if (first >= 0) lines.fill("", first, last < 0 ? undefined : last + 1);
  });
}

/** A line, and all of the block that it opens. */
function leaveOutBlock(all: Lines, first: number, message: string): void {
  let depth = 0;
  for (let line = first; line <= all.lines.length; line++) {
    const text = all.lines[line - 1] ?? "";
    depth += (text.match(/\{/g)?.length ?? 0) - (text.match(/\}/g)?.length ?? 0);
    if (line === first) all.leaveOut(line, "rule", message);
    else all.lines[line - 1] = "";
    if (depth <= 0) return;
  }
}
