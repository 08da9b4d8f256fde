import { en, type TextKey } from "./en.ts";

export type Language = "en" | "zh-CN";

type Dictionary = Readonly<Record<TextKey, string>>;

/** English: what is there from the start, and what has come since. */
let english: Readonly<Partial<Record<TextKey, string>>> = en;
/** The other languages that are here. */
const dictionaries = new Map<Language, Dictionary>();

/** Called when words have come. */
const listeners = new Set<() => void>();
let arrivals = 0;
let late: Promise<void> | undefined;

/** Fetches a language's words; until then they are English. */
export async function loadLanguage(language: Language): Promise<void> {
  if (language === "en" || dictionaries.has(language)) return;
  const { zhCn } = await import("./zh-cn.ts");
  dictionaries.set("zh-CN", zhCn);
}

/** Fetches the rest of English, once. */
export function loadLateWords(): Promise<void> {
  late ??= import("./en-late.ts").then(({ enLate }) => {
    english = { ...en, ...enLate };
    arrivals++;
    for (const tell of listeners) tell();
  });
  return late;
}

/** For who draws words: a number that changes when more of them are here. */
export const wordsHere = (): number => arrivals;

export function onWords(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

function words(language: Language, key: TextKey): string {
  const found = dictionaries.get(language)?.[key] ?? english[key];
  if (found !== undefined) return found;
  // Words that cannot be fetched now are asked for again with the next page.
  loadLateWords().catch(() => undefined);
  return "";
}

export type Values = Readonly<Record<string, string | number>>;

/** A piece of a sentence: words of the language, or a value that was filled in. */
export interface Piece {
  readonly text: string;
  readonly isValue: boolean;
}

/** A sentence cut at its values, so that they can be set in another typeface. */
export function pieces(language: Language, key: TextKey, values: Values = {}): readonly Piece[] {
  return words(language, key)
    .split(/(\{\w+\})/)
    .flatMap((part): Piece[] => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part === "" ? [] : [{ text: part, isValue: false }];
      return [{ text: String(values[name] ?? ""), isValue: true }];
    });
}

export function format(language: Language, key: TextKey, values: Values = {}): string {
  return pieces(language, key, values)
    .map(({ text }) => text)
    .join("");
}

/** The language of the reader's browser: Chinese in any form, else English. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const tag of languages) {
    if (/^zh\b/i.test(tag)) return "zh-CN";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}
