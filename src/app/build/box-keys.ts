import type { Scenario } from "../../scenario/schema.ts";
import { type Subject, subjectTitle } from "./subject.ts";

/** Names of the boxes on the board that stand for what is chosen. */
export function boxKeys(scenario: Scenario, subjects: readonly Subject[]): readonly string[] {
  return subjects.flatMap((subject) =>
    subject.kind === "object" || subject.kind === "cluster" ? [] : [subjectTitle(scenario, subject)],
  );
}
