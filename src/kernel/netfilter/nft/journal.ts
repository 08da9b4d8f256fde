import type { NftRow } from "../../../trace/rows.ts";
import type { NftTable } from "./table.ts";

/** The row of a chain or set, as the journal has it; null when there is none. Counters and clocks are left out. */
export function rowOf(table: NftTable | undefined, kind: "chain" | "set", name: string): NftRow | null {
  if (kind === "chain") {
    const chain = table?.chains.get(name);
    if (chain === undefined) return null;
    return {
      ...(chain.base === undefined ? {} : { base: chain.base }),
      rules: chain.rules.map((rule) => ({ id: rule.id, handle: rule.handle, ...rule.spec })),
    };
  }
  const set = table?.sets.get(name);
  return set === undefined
    ? null
    : { set: set.spec, elements: [...set.entries()].map((entry) => entry.element) };
}
