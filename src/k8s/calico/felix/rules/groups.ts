import { linesHash } from "../hash.ts";
import { type Direction, groupChain, policyChain } from "./names.ts";
import { type Chain, jump, markClear, markNotClear, RETURN, type Rule } from "./rule.ts";
import type { RulesConfig } from "./config.ts";

export interface GroupedPolicy {
  readonly name: string;
  /** In its normal form. */
  readonly selector: string;
  readonly title: string;
}

/** Policies one after the other that select the same endpoints: from two on they have a chain of their own. */
export interface PolicyGroup {
  readonly tier: string;
  readonly direction: Direction;
  readonly selector: string;
  readonly policies: readonly GroupedPolicy[];
}

/** Models: endpointManager.groupPolicies. */
export function groupPolicies(
  tier: string,
  direction: Direction,
  policies: readonly GroupedPolicy[],
): readonly PolicyGroup[] {
  const groups: { selector: string; policies: GroupedPolicy[] }[] = [];
  for (const policy of policies) {
    const last = groups.at(-1);
    if (last?.selector === policy.selector) last.policies.push(policy);
    else groups.push({ selector: policy.selector, policies: [policy] });
  }
  return groups.map((group) => ({ tier, direction, ...group }));
}

function idOf({ tier, direction, selector, policies }: PolicyGroup): string {
  const bound = direction === "ingress" ? "inbound" : "outbound";
  const names = policies.map(({ name }) => name);
  return linesHash([tier, selector, bound, String(names.length), ...names]);
}

export const isInlined = ({ policies }: PolicyGroup): boolean => policies.length === 1;

/** The chain that leads through the policies of a group. */
export function groupChainName(group: PolicyGroup): string {
  return groupChain(group.direction, idOf(group));
}

/** Where the chain of an endpoint jumps for a group. */
export function groupTarget(group: PolicyGroup): string {
  const [first] = group.policies;
  if (!isInlined(group) || first === undefined) return groupChainName(group);
  return policyChain(group.direction, { tier: group.tier, name: first.name });
}

/** After so many policies the verdict is looked at. */
const RETURN_STRIDE = 5;

/** Models: PolicyGroupToIptablesChains. */
export function groupChains({ marks }: RulesConfig, group: PolicyGroup): readonly Chain[] {
  if (isInlined(group)) return [];
  const verdict = (marks.pass | marks.accept) >>> 0;
  const rules = group.policies.flatMap(({ name, title }, i): readonly Rule[] => {
    const first = i % RETURN_STRIDE === 0;
    const target = policyChain(group.direction, { tier: group.tier, name });
    const back: readonly Rule[] =
      first && i > 0
        ? [{ match: [markNotClear(verdict)], action: RETURN, comments: ["Return on verdict"] }]
        : [];
    const match = first ? [] : [markClear(verdict)];
    return [...back, { match, action: jump(target), owner: title }];
  });
  return [{ name: groupChainName(group), rules }];
}
