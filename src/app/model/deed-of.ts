import type { Scenario } from "../../scenario/schema.ts";
import type { PreparedProbe } from "../../scenario/story.ts";
import type { Cast } from "./cast.ts";
import type { Deed } from "./deeds.ts";
import type { Probe, Repeat } from "./probe.ts";

interface Asked {
  readonly from: number;
  readonly probe: Probe;
  readonly target: string;
  readonly repeat?: Repeat | undefined;
  readonly prepared?: PreparedProbe | undefined;
}

/** A question as a deed: one of the scenario's by its number, one that a panel has made by its command, else in its own words. */
export function deedOf(
  { from, probe, target, repeat, prepared }: Asked,
  cast: Cast,
  scenario: Scenario | undefined,
): Deed {
  const number = scenario?.probes?.findIndex((each) => each === prepared) ?? -1;
  if (number >= 0) return { kind: "prepared", number };
  if (prepared !== undefined) return { kind: "type", at: prepared.from, command: prepared.target };
  return { kind: "ask", from: cast.place(from)?.label ?? "", probe, target, repeat };
}
