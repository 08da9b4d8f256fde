import * as v from "valibot";
import { err, ok, type Result } from "../base/result.ts";
import { type Scenario, SCENARIO_VERSION, scenarioSchema } from "./schema.ts";

/** The largest document that is read, in UTF-16 units of its JSON: some thirty times a cluster of forty pods. */
export const LARGEST_DOCUMENT = 2_000_000;

/** Why something is no scenario: a closed set, and where in the document. */
export interface ScenarioProblem {
  readonly reason: "json" | "shape" | "newer" | "older" | "large";
  /** Path and what is wrong there, or the parser's words; empty when the reason says it all. */
  readonly detail: string;
}

/** Reads a document that came from outside: a link, a file, the browser's store. Nothing unknown is taken over. */
export function readScenario(value: unknown): Result<Scenario, ScenarioProblem> {
  const version =
    typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (typeof version === "number" && version !== SCENARIO_VERSION)
    return err({ reason: version > SCENARIO_VERSION ? "newer" : "older", detail: String(version) });
  const read = v.safeParse(scenarioSchema, value);
  if (read.success) return ok(read.output);
  const [issue] = read.issues;
  const path = v.getDotPath(issue);
  return err({ reason: "shape", detail: path === null ? issue.message : `${path}: ${issue.message}` });
}

/** The same from JSON. */
export function parseScenario(text: string): Result<Scenario, ScenarioProblem> {
  if (text.length > LARGEST_DOCUMENT) return err({ reason: "large", detail: String(text.length) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return err({ reason: "json", detail: error instanceof Error ? error.message : "" });
  }
  return readScenario(value);
}
