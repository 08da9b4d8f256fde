import { usePieces } from "./board-context.ts";
import type { Phrase } from "./model/explain/phrase.ts";

/** A sentence whose values are set as code. */
export function Sentence({ phrase, plain = false }: { readonly phrase: Phrase; readonly plain?: boolean }) {
  const pieces = usePieces();
  return (
    <>
      {pieces(phrase.key, phrase.values).map(({ text, isValue }, i) =>
        isValue && !plain ? <code key={i}>{text}</code> : <span key={i}>{text}</span>,
      )}
    </>
  );
}
