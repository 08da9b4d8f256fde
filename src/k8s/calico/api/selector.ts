import { ok, type Result } from "../../../base/result.ts";
import { parseSelector as parse, selects as holds } from "../felix/selector/parse.ts";

/** Labels of a thing that a selector is held against. */
export type Labels = Readonly<Record<string, string>>;

/** A selector expression: `has(env) && tier in {'a', 'b'}`. */
export interface CalicoSelector {
  readonly text: string;
  matches(labels: Labels): boolean;
}

/** Reads a selector; an empty one matches everything. Models: libcalico-go/lib/selector. */
export function parseSelector(text: string): Result<CalicoSelector, string> {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  return ok({
    text,
    matches: (labels) =>
      holds(parsed.value, (name) => (Object.hasOwn(labels, name) ? labels[name] : undefined)),
  });
}

/** Whether the labels fit; a selector that cannot be read fits nothing. */
export function selects(text: string, labels: Labels): boolean {
  const selector = parseSelector(text);
  return selector.ok && selector.value.matches(labels);
}
