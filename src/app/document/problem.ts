import { type Phrase, phrase } from "../model/explain/phrase.ts";
import type { ShareProblem } from "./share.ts";

/** Why a link or a file is not opened, in the reader's words; what is open stays. */
export function problemPhrase({ reason, detail }: ShareProblem, from: "link" | "file"): Phrase {
  return phrase(`share.problem.${from}.${reason === "older" || reason === "form" ? "newer" : reason}`, {
    detail,
  });
}
