import type { Profile } from "../model/types.ts";
import type { Labels } from "../selector/ast.ts";

/** Something under labels, that has more of them from its profiles. */
export interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
}

/** Its own labels come first. Models: felix/labelindex. */
export function labelsOf(item: Labelled, profiles: ReadonlyMap<string, Profile>): Labels {
  return (name) => {
    if (Object.hasOwn(item.labels, name)) return item.labels[name];
    for (const profile of item.profiles) {
      const labels = profiles.get(profile)?.labels;
      if (labels !== undefined && Object.hasOwn(labels, name)) return labels[name];
    }
    return undefined;
  };
}
