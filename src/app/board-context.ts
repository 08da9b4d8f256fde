import { createContext, useContext, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { format, onWords, pieces, type Piece, type Values, wordsHere } from "./i18n/text.ts";
import type { TextKey } from "./i18n/en.ts";
import { must } from "../base/result.ts";
import type { Board, BoardStore } from "./store.ts";

export const BoardContext = createContext<BoardStore | undefined>(undefined);

export function useBoardStore(): BoardStore {
  return must(useContext(BoardContext), "board store above this component");
}

export function useBoard<T>(selector: (board: Board) => T): T {
  return useStore(useBoardStore(), selector);
}

export type Say = (key: TextKey, values?: Values) => string;

/** The page's words in the reader's language. */
export function useSay(): Say {
  useSyncExternalStore(onWords, wordsHere);
  const language = useBoard((board) => board.language);
  return (key, values) => format(language, key, values);
}

/** A sentence in pieces, so that values can be set as code. */
export function usePieces(): (key: TextKey, values?: Values) => readonly Piece[] {
  useSyncExternalStore(onWords, wordsHere);
  const language = useBoard((board) => board.language);
  return (key, values) => pieces(language, key, values);
}
