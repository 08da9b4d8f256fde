import type { Scenario } from "../../scenario/schema.ts";
import type { Mark } from "../model/health.ts";
import type { Room } from "../model/topology.ts";
import type { Selection } from "../store.ts";
import { boxKeys } from "./box-keys.ts";
import { podSubject, sameSubject, type Subject } from "./subject.ts";

/** What of a large board is chosen, or looked at in the inspector, as its tiles ask. */
export interface FarChosen {
  readonly room: (room: Room) => boolean;
  readonly pod: (mark: Mark) => boolean;
}

/** Undefined while nothing is chosen, so that tiles need not ask. */
export function farChosen(
  scenario: Scenario | undefined,
  subjects: readonly Subject[],
  selection: Selection | undefined,
): FarChosen | undefined {
  const looked = selection === undefined || selection.netns === 0 ? undefined : selection.netns;
  if (looked === undefined && (scenario === undefined || subjects.length === 0)) return undefined;
  const names = new Set(scenario === undefined ? [] : boxKeys(scenario, subjects));
  const refs = subjects.flatMap((subject) => (subject.kind === "object" ? [subject.ref] : []));
  return {
    room: ({ netns, name }) => netns === looked || names.has(name),
    pod: ({ netns, namespace, name }) => {
      if (netns !== undefined && netns === looked) return true;
      // Reading the scenario's objects for each of ten thousand pods would take too long: few can be meant.
      if (!refs.some((ref) => ref.namespace === namespace && name.startsWith(ref.name))) return false;
      const own = scenario === undefined ? undefined : podSubject(scenario, namespace, name);
      return own !== undefined && subjects.some((subject) => sameSubject(subject, own));
    },
  };
}
