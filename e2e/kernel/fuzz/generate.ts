// A seed and a list of feature groups make a lab: the same ones always the same lab.
import { Chance, Draft, type RandomLab } from "./draft.ts";
import { bridgeNetfilterOff, filterRules, markRules, natRules, serviceRules } from "./netfilter.ts";
import { aListing, listeners, slotLines, tcpServers } from "./probes.ts";
import { buildTopology } from "./topology.ts";
import { aFault, someSettings } from "./variations.ts";

/** What a group adds to the draft of a lab, after its network stands. */
export type Feature = (draft: Draft) => void;

export const features: Readonly<Record<string, Feature>> = {
  filter: filterRules,
  mark: markRules,
  nat: natRules,
  service: serviceRules,
  bridgenf: bridgeNetfilterOff,
  tcp: tcpServers,
};

/** Groups that labs draw from unless others are named. */
export const usualGroups: readonly string[] = [];

export function generate(seed: number, groups: readonly string[] = usualGroups): RandomLab {
  const draft = new Draft(new Chance(seed));
  const { chance, setup, probe } = draft;
  buildTopology(draft);
  setup.push(...someSettings(draft));
  for (const group of groups) {
    const feature = features[group];
    if (feature === undefined) throw new Error(`no feature group "${group}"`);
    if (groups.length === 1 || chance.happens(0.5)) feature(draft);
  }
  const faultAt = chance.pick(["setup", "probe", "never", "never"]);
  if (faultAt === "setup") setup.push(...aFault(draft));
  const servers = listeners(draft);
  setup.push(...servers);
  if (servers.length > 0) setup.push("sleep 0.3");
  const slots = chance.pick([1, 2, 2, 3, 3, 3]);
  const faultSlot = chance.between(0, slots - 1);
  probe.push(
    ...slotLines(draft, slots, (slot) => (faultAt === "probe" && slot === faultSlot ? aFault(draft) : [])),
  );
  probe.push(...Array.from({ length: chance.between(2, 5) }, () => aListing(draft)));
  return { seed, setup, probe };
}
