import { en, type TextKey } from "./en.ts";

export type Language = "en" | "zh-CN";

type Dictionary = Readonly<Record<TextKey, string>>;

/** The languages that are here; English always is. */
const dictionaries = new Map<Language, Dictionary>([["en", en]]);

/** Fetches a language's words; until then they are English. */
export async function loadLanguage(language: Language): Promise<void> {
  if (dictionaries.has(language)) return;
  const { zhCn } = await import("./zh-cn.ts");
  dictionaries.set("zh-CN", zhCn);
}

export type Values = Readonly<Record<string, string | number>>;

/** A piece of a sentence: words of the language, or a value that was filled in. */
export interface Piece {
  readonly text: string;
  readonly isValue: boolean;
}

/** A sentence cut at its values, so that they can be set in another typeface. */
export function pieces(language: Language, key: TextKey, values: Values = {}): readonly Piece[] {
  return (dictionaries.get(language) ?? en)[key].split(/(\{\w+\})/).flatMap((part): Piece[] => {
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
