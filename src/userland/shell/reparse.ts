import { parse, type Word, type WordPart } from "unbash";
import { Unit } from "./unit.ts";

/** Text that was made while the script ran, parsed as part of a script of its own. */
export interface Reparsed<T> {
  readonly value: T;
  /** What the positions in `value` refer to. */
  readonly text: string;
  /** How many lines of `text` come before the first of the value. */
  readonly linesBefore: number;
}

const LIMIT = 2000;

class Cache<T> {
  private readonly known = new Map<string, Reparsed<T>>();
  private readonly make: (text: string) => Reparsed<T>;

  constructor(make: (text: string) => Reparsed<T>) {
    this.make = make;
  }

  get(text: string): Reparsed<T> {
    let found = this.known.get(text);
    if (found === undefined) {
      if (this.known.size > LIMIT) this.known.clear();
      found = this.make(text);
      this.known.set(text, found);
    }
    return found;
  }
}

const words = new Cache<Word>((text) => {
  const source = `: ${text}`;
  const command = parse(source).commands[0]?.command;
  const first = command?.type === "Command" ? command.suffix[0] : undefined;
  const literal: Word = { type: "Word", text, value: text, pos: 0, end: 0 };
  return {
    value: first?.type === "Word" && first.end === source.length ? first : literal,
    text: source,
    linesBefore: 0,
  };
});

const DELIMITER = "__FLANNELGRAPH_END__";

const quoted = new Cache<readonly WordPart[]>((text) => {
  const source = `: <<${DELIMITER}\n${text}\n${DELIMITER}\n`;
  const command = parse(source).commands[0]?.command;
  const document = command?.type === "Command" ? command.suffix[0] : undefined;
  if (document?.type !== "HereDoc") return { value: [], text: source, linesBefore: 1 };
  const parts = document.body.parts;
  const body = document.body.text.slice(0, -1);
  if (parts === undefined || parts.length === 0)
    return {
      value: [{ type: "Literal", pos: 0, end: 0, text: body, value: body }],
      text: source,
      linesBefore: 1,
    };
  const last = parts[parts.length - 1]!;
  if (last.type !== "Literal") return { value: parts, text: source, linesBefore: 1 };
  const trimmed = { ...last, value: last.value.replace(/\n$/, ""), text: last.text.replace(/\n$/, "") };
  return { value: [...parts.slice(0, -1), trimmed], text: source, linesBefore: 1 };
});

/** A word that brace expansion or an array assignment has cut out. */
export function parseWord(text: string): Reparsed<Word> {
  return words.get(text);
}

/** Text in which `$`, backquotes and backslashes count as they do between double quotes; the quotes themselves do not. */
export function parseQuoted(text: string): Reparsed<readonly WordPart[]> {
  return quoted.get(text);
}

/** The unit in which reparsed text runs: messages keep the script's name and line. */
export function unitOf(reparsed: Reparsed<unknown>, path: string, line: number): Unit {
  return new Unit(reparsed.text, path, line - reparsed.linesBefore);
}
