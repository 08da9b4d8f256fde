import type { NftChain } from "./chain.ts";
import { referencesOf } from "./references.ts";
import type { NftTable } from "./table.ts";

function jumpsOf(chain: NftChain | undefined): readonly string[] {
  return chain?.rules.flatMap((rule) => referencesOf(rule.spec.statements).chains) ?? [];
}

/**
 * Whether a rule in `chain` that jumps to `targets` would have packets walk in a circle. Circles that no base chain leads
 * to are allowed: nobody walks them. Models: nft_table_validate. Not modelled: that 16 jumps are the most.
 */
export function makesLoop(table: NftTable, chain: NftChain, targets: readonly string[]): boolean {
  if (targets.length === 0) return false;
  const done = new Set<string>();
  const path = new Set([chain.name]);
  const circles = (name: string): boolean => {
    if (path.has(name)) return true;
    if (done.has(name)) return false;
    path.add(name);
    const found = jumpsOf(table.chains.get(name)).some(circles);
    path.delete(name);
    done.add(name);
    return found;
  };
  return targets.some(circles) && isWalked(table, chain);
}

/** Whether packets come to the chain at all. */
function isWalked(table: NftTable, chain: NftChain): boolean {
  const found = new Set<string>();
  const names = [...table.chains.values()].filter(({ base }) => base !== undefined).map(({ name }) => name);
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === chain.name) return true;
    if (found.has(name)) continue;
    found.add(name);
    names.push(...jumpsOf(table.chains.get(name)));
  }
  return false;
}
