import type { EntryBreak, Site } from "./entry.ts";
import { elementEntries, memberEntries, nftRuleEntries, ruleEntries } from "./filtering.ts";
import { addressEntries, fdbEntries, linkEntries, neighbourEntries, settingEntries } from "./links.ts";
import { policyEntries, routeEntries } from "./routing.ts";
import { serverEntries } from "./servers.ts";

/** Everything in a place's tables that can be taken away and put back, what others need before them. */
export function allEntries(site: Site): readonly EntryBreak[] {
  return [
    ...settingEntries(site),
    ...linkEntries(site),
    ...addressEntries(site),
    ...routeEntries(site),
    ...policyEntries(site),
    ...neighbourEntries(site),
    ...fdbEntries(site),
    ...memberEntries(site),
    ...serverEntries(site),
    ...ruleEntries(site),
    ...elementEntries(site),
    ...nftRuleEntries(site),
  ];
}
