import {
  COMMON_CHAIN,
  DEFAULT_CHAIN,
  FORWARD_CHAIN,
  INPUT_CHAIN,
  OUTPUT_CHAIN,
  podChain,
  policyChain,
  TAIL_CHAIN,
} from "./names.ts";
import { comment, identity, type Plan } from "./plan.ts";
import { localPods, type PodInfo, type PolicyInfo, resolvePolicies, type Snapshot } from "./policies.ts";
import { PASSED, PolicyRules } from "./policy-rules.ts";

/** The bit that says: all policies of this pod let the packet pass. */
const ALLOWED = "0x20000/0x20000";

function policyJump(policy: PolicyInfo, address: string, version: string): string {
  const side = { both: "", ingress: `-d ${address} `, egress: `-s ${address} ` }[policy.types];
  return `${side}${comment(identity(policy, "policy"))} -j ${policyChain(policy, version)}`;
}

/**
 * The chain that packets of one pod pass. Each rule of the first part was put before those that were there, so the
 * order of the policies is turned round.
 *
 * Models: setupPodNetpolRules, dropUnmarkedTrafficRules.
 */
function podRules(pod: PodInfo, policies: readonly PolicyInfo[], version: string): readonly string[] {
  const { address } = pod;
  const own = policies.filter(({ targets }) => targets.some((target) => target.address === address));
  const without = (direction: "ingress" | "egress"): boolean =>
    own.every(({ types }) => types !== "both" && types !== direction);
  return [
    `${comment("common netpol rules")} -j ${COMMON_CHAIN}`,
    `${comment("from local node")} -m addrtype --src-type LOCAL -d ${address} -j ACCEPT`,
    ...(without("egress") ? [`-s ${address} ${comment("default egress")} -j ${DEFAULT_CHAIN}`] : []),
    ...(without("ingress") ? [`-d ${address} ${comment("default ingress")} -j ${DEFAULT_CHAIN}`] : []),
    ...own.map((policy) => policyJump(policy, address, version)).reverse(),
    `${comment(identity(pod, "log-drop"))} -m mark ! --mark ${PASSED} -m limit --limit 10/minute --limit-burst 10 -j NFLOG --nflog-group 100`,
    `${comment(identity(pod, "reject"))} -m mark ! --mark ${PASSED} -j REJECT`,
    "-j MARK --set-mark 0/0x10000",
    `${comment("set netpol-ok mark")} -j MARK --set-mark ${ALLOWED}`,
  ];
}

/** Where packets find the chain of a pod. Models: interceptPodInboundTraffic, interceptPodOutboundTraffic. */
function intercept(pod: PodInfo, chain: string, top: ReadonlyMap<string, string[]>): void {
  const bridged = "-m physdev --physdev-is-bridged";
  const [inward, outward] = [comment(identity(pod, "in")), comment(identity(pod, "out"))];
  const add = (to: string, text: string): void => void top.get(to)?.push(`${text} -j ${chain}`);
  add(FORWARD_CHAIN, `${inward} -d ${pod.address}`);
  add(OUTPUT_CHAIN, `${inward} -d ${pod.address}`);
  add(FORWARD_CHAIN, `${bridged} ${inward} -d ${pod.address}`);
  for (const to of [INPUT_CHAIN, FORWARD_CHAIN, OUTPUT_CHAIN]) add(to, `${outward} -s ${pod.address}`);
  add(FORWARD_CHAIN, `${bridged} ${outward} -s ${pod.address}`);
}

/** The last two rules of each top chain. */
export const TAIL_RULES: readonly string[] = [
  `${comment("rule to explicitly handle traffic for network policies ACCEPT/REJECT decision")} -j ${TAIL_CHAIN}`,
  `${comment("rule to explicitly ACCEPT traffic that comply to network policies")} -m mark --mark ${ALLOWED} -j ACCEPT`,
];

/** KUBE-NWPLCY-TAIL without --netpol-default-deny. */
export const TAIL_CHAIN_RULE = `${comment("accept netpol-ok")} -m mark --mark ${ALLOWED} -j ACCEPT`;

/** What one sync of a node's rules comes to. Models: fullPolicySync. */
export function compile(snapshot: Snapshot, nodeIp: string, version: string): Plan {
  const policies = resolvePolicies(snapshot);
  const rules = new PolicyRules();
  for (const policy of policies) rules.add(policy, version);
  const chains = new Map(rules.chains);
  const top = new Map<string, string[]>([INPUT_CHAIN, FORWARD_CHAIN, OUTPUT_CHAIN].map((name) => [name, []]));
  for (const pod of localPods(snapshot, nodeIp)) {
    const chain = podChain(pod, version);
    chains.set(chain, podRules(pod, policies, version));
    intercept(pod, chain, top);
  }
  for (const list of top.values()) list.push(...TAIL_RULES);
  return { sets: rules.sets, chains, top };
}
