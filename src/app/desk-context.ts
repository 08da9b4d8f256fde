import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { must } from "../base/result.ts";
import type { Scenario } from "../scenario/schema.ts";
import { useBoard } from "./board-context.ts";
import type { Desk } from "./document/desk.ts";
import type { DocumentState } from "./document/document.ts";
import type { Language } from "./i18n/text.ts";

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  return must(useContext(DeskContext), "desk above this component");
}

/** The open scenario and what became of it. */
export function useWork<T>(selector: (state: DocumentState) => T): T {
  return useStore(useDesk().document.store, selector);
}

/** What a scenario is called in a language. */
export function titleOf({ name, story }: Scenario, language: Language): string {
  return story?.title[language === "en" ? "en" : "zh"] ?? name;
}

/** What the open scenario is called. */
export function useTitle(): string {
  const language = useBoard((board) => board.language);
  return useWork(({ scenario }) => (scenario === undefined ? "" : titleOf(scenario, language)));
}
