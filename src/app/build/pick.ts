import type { Desk } from "../document/desk.ts";
import type { Box } from "../model/layout/scene.ts";
import type { BoardStore } from "../store.ts";
import { subjectOfBox } from "./drag.ts";
import { sameSubject, type Subject } from "./subject.ts";
import { Workbench } from "./workbench.ts";

/** A click on the board: chooses the part of the scenario that is meant, adds it to the choice, or ends a cable there. */
export function pick(desk: Desk, store: BoardStore, box: Box, isMore: boolean): void {
  const { scenario } = desk.document.state;
  const { cast, connecting, subjects, set } = store.getState();
  if (scenario === undefined || cast === undefined) return;
  const subject = subjectOfBox(scenario, cast, box);
  if (connecting !== undefined) {
    if (subject !== undefined && !sameSubject(subject, connecting))
      new Workbench(desk, store).join(connecting, subject);
    return;
  }
  set({ subjects: chosen(subjects, subject, isMore) });
}

function chosen(
  before: readonly Subject[],
  subject: Subject | undefined,
  isMore: boolean,
): readonly Subject[] {
  if (subject === undefined) return isMore ? before : [];
  if (!isMore) return [subject];
  const without = before.filter((each) => !sameSubject(each, subject));
  return without.length === before.length ? [...before, subject] : without;
}
