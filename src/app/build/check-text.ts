import { parseKindConfig } from "../../formats/kind.ts";
import { parseManifest } from "../../formats/manifest.ts";
import { partsOf, refOf } from "../../scenario/edit/objects.ts";

/** What is wrong with a text, and on which line (from 1). */
export interface TextProblem {
  readonly line: number;
  readonly message: string;
}

/** Looks over manifests before they are applied: what kubectl would refuse to read, or could not name. */
export function checkManifest(text: string): readonly TextProblem[] {
  let first = 1;
  return partsOf(text).flatMap((part): readonly TextProblem[] => {
    const line = first;
    first += part.split("\n").length;
    const { documents, error } = parseManifest(part);
    if (error !== undefined)
      return [{ line: line - 1 + error.line, message: `${error.kubectl}: ${error.remedy}` }];
    return documents.flatMap(({ value }): readonly TextProblem[] => {
      if (refOf(value) !== undefined) return [];
      const missing = ["apiVersion", "kind", "metadata"].filter((key) => value[key] === undefined);
      return [{ line, message: `${missing.length === 0 ? "metadata.name" : missing.join(", ")}: missing` }];
    });
  });
}

export function checkCluster(text: string): readonly TextProblem[] {
  const read = parseKindConfig(text);
  if (read.ok) return [];
  const { line, path, message } = read.error;
  return [{ line: line ?? lineOf(text, path), message }];
}

/** Where the last key of a path is written. */
function lineOf(text: string, path: string): number {
  const key = path.split(/[.[\]]+/).findLast((part) => part !== "" && !/^\d+$/.test(part));
  const at = text.split("\n").findIndex((line) => key !== undefined && line.includes(`${key}:`));
  return Math.max(1, at + 1);
}
