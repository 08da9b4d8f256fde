import { err, ok, type Result } from "../../base/result.ts";
import { GoIptables, ruleOf } from "../../container/iptables.ts";
import type { NetApi, XtOperation, XtRule, XtRuleInfo } from "../../kernel/uapi/index.ts";
import { hash } from "../kube-proxy/names.ts";
import {
  COMMON_CHAIN,
  DEFAULT_CHAIN,
  INPUT_CHAIN,
  isPodChain,
  isSyncedChain,
  TAIL_CHAIN,
  TOP_CHAINS,
} from "./names.ts";
import { comment, type Plan } from "./plan.ts";
import { TAIL_CHAIN_RULE, TAIL_RULES } from "./pod-rules.ts";
import { PASSED } from "./policy-rules.ts";

const COMMON_RULES: readonly string[] = [
  `${comment("rule to drop invalid state for pod")} -m conntrack --ctstate INVALID -j DROP`,
  `${comment("rule for stateful firewall for pod")} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  `${comment("allow icmp echo requests")} -p icmp --icmp-type echo-request -j ACCEPT`,
  `${comment("allow icmp destination unreachable messages")} -p icmp --icmp-type destination-unreachable -j ACCEPT`,
  `${comment("allow icmp time exceeded messages")} -p icmp --icmp-type time-exceeded -j ACCEPT`,
];
const DEFAULT_RULE = `${comment("rule to mark traffic matching a network policy")} -j MARK --set-xmark ${PASSED}`;

/** The ranges that kube-router is told on its command line. */
export interface ServiceRanges {
  readonly clusterIps: readonly string[];
  /** `30000:32767`. */
  readonly nodePorts: string;
  readonly externalIps: readonly string[];
  readonly loadBalancerIps: readonly string[];
}

/**
 * A rule that is known by a hash at the end of its comment. `words` are the arguments as kube-router has them.
 *
 * Models: addUUIDForRuleSpec.
 */
function marked(chain: string, words: readonly string[]): string {
  const id = hash(chain + words.join(""), 16);
  const at = words.indexOf("--comment") + 1;
  return words.map((word, i) => (i === at ? `"${word} - ${id}"` : word)).join(" ");
}

/** The first rules of KUBE-ROUTER-INPUT: what goes to Services and to the node's ports is not a pod's. */
function inputRules({
  clusterIps,
  nodePorts,
  externalIps,
  loadBalancerIps,
}: ServiceRanges): readonly string[] {
  const range = (text: string, cidr: string): string =>
    marked(INPUT_CHAIN, ["-m", "comment", "--comment", text, "-d", cidr, "-j", "RETURN"]);
  const ports = (protocol: string): string =>
    marked(INPUT_CHAIN, [
      ...["-p", protocol, "-m", "comment", "--comment"],
      `allow LOCAL ${protocol.toUpperCase()} traffic to node ports`,
      ...["-m", "addrtype", "--dst-type", "LOCAL", "-m", "multiport", "--dports", nodePorts, "-j", "RETURN"],
    ]);
  return [
    ...clusterIps.map((cidr) => range("allow traffic to primary/secondary cluster IP range", cidr)),
    ...["tcp", "udp", "sctp"].map(ports),
    ...externalIps.map((cidr) => range(`allow traffic to external IP range: ${cidr}`, cidr)),
    ...loadBalancerIps.map((cidr) => range(`allow traffic to load balancer IP range: ${cidr}`, cidr)),
  ];
}

/** kube-router's part of the filter table. Models: NetworkPolicyControllerIptables. */
export class PolicyTable {
  private readonly net: NetApi;
  private readonly ranges: ServiceRanges;
  private readonly iptables: GoIptables;

  constructor(net: NetApi, ranges: ServiceRanges) {
    this.net = net;
    this.ranges = ranges;
    this.iptables = new GoIptables(net);
  }

  private rules(chain: string): readonly XtRuleInfo[] {
    return this.net.xtables.chain("ip", "filter", chain)?.rules ?? [];
  }

  /** Puts a rule where it belongs; false when it was there. Models: ensureRuleAtPosition. */
  private ensureAt(chain: string, number: number, spec: string): boolean {
    const rule = ruleOf("ip", "filter", spec);
    const text = JSON.stringify(rule);
    const at = this.rules(chain).findIndex((info) => JSON.stringify(info.rule) === text) + 1;
    if (at === number) return false;
    const steps: XtOperation[] = [{ op: "insert", chain, number, rule }];
    if (at > 0) steps.push({ op: "delete", chain, number: at + 1 });
    this.net.xtables.commit("ip", "filter", steps);
    return true;
  }

  /** Models: ensureTopLevelChains, ensureDefaultNetworkPolicyChain, ensureCommonPolicyChain. The result tells what was missing. */
  ensureFixed(): readonly string[] {
    const made: string[] = [];
    for (const [builtIn, chain] of TOP_CHAINS) {
      if (!this.iptables.chainExists("filter", chain)) made.push(chain);
      this.iptables.newChain("filter", chain);
      const words = ["-m", "comment", "--comment", "kube-router netpol", "-j", chain];
      this.ensureAt(builtIn, 1, marked(builtIn, words));
    }
    for (const [i, spec] of inputRules(this.ranges).entries()) this.ensureAt(INPUT_CHAIN, i + 1, spec);
    this.iptables.newChain("filter", DEFAULT_CHAIN);
    this.iptables.appendUnique("filter", DEFAULT_CHAIN, DEFAULT_RULE);
    this.iptables.newChain("filter", COMMON_CHAIN);
    for (const spec of COMMON_RULES) this.iptables.appendUnique("filter", COMMON_CHAIN, spec);
    return made;
  }

  /** KUBE-NWPLCY-TAIL: anew when the agent starts, later only when it has gone. */
  ensureTail(anew: boolean): boolean {
    const missing = !this.iptables.chainExists("filter", TAIL_CHAIN);
    if (!missing && !anew) return false;
    this.iptables.clearChain("filter", TAIL_CHAIN);
    this.iptables.append("filter", TAIL_CHAIN, TAIL_CHAIN_RULE);
    return missing;
  }

  /**
   * One change of the whole table, as iptables-restore of what iptables-save gave: new chains come, those of earlier
   * syncs go with the rules that lead to them, and every counter begins again.
   */
  restore(plan: Plan): Result<void, string> {
    const chains = this.net.xtables.table("ip", "filter")?.chains ?? [];
    const stale = chains.filter(({ name }) => isSyncedChain(name) && !plan.chains.has(name));
    const steps: XtOperation[] = [];
    for (const chain of plan.chains.keys()) steps.push({ op: "new-chain", chain });
    for (const [chain, specs] of [...plan.chains, ...this.topRules(plan)])
      for (const spec of specs)
        steps.push({
          op: "append",
          chain,
          rule: typeof spec === "string" ? ruleOf("ip", "filter", spec) : spec,
        });
    const flushed = [...plan.top.keys(), ...stale.map(({ name }) => name)];
    const removed = stale.map(({ name }): XtOperation => ({ op: "delete-chain", chain: name }));
    const zeroed = chains
      .filter(({ name, absent }) => absent !== true && !stale.some((old) => old.name === name))
      .map(({ name }): XtOperation => ({ op: "zero", chain: name }));
    const done = this.net.xtables.commit("ip", "filter", [
      ...flushed.map((chain): XtOperation => ({ op: "flush", chain })),
      ...removed,
      ...steps,
      ...zeroed,
    ]);
    return done.ok
      ? ok(undefined)
      : err(`iptables-restore: line ${done.error.step + 1} failed: ${done.error.errno}`);
  }

  /** The top chains: what is there for good, or somebody else's, before what the sync adds. */
  private topRules(plan: Plan): readonly (readonly [string, readonly (string | XtRule)[]])[] {
    const tail = TAIL_RULES.map((spec) => JSON.stringify(ruleOf("ip", "filter", spec)));
    return [...plan.top].map(([chain, specs]) => {
      const kept = this.rules(chain)
        .map(({ rule }) => rule)
        .filter(({ target }) => target?.kind !== "jump" || !isPodChain(target.chain))
        .filter((rule) => !tail.includes(JSON.stringify(rule)));
      return [chain, [...kept, ...specs]] as const;
    });
  }

  /** Everything goes but KUBE-NWPLCY-TAIL, which the original forgets. Models: Cleanup. */
  remove(): void {
    for (const [builtIn, chain] of TOP_CHAINS) this.iptables.deleteJumps("filter", builtIn, chain);
    const own = (this.net.xtables.table("ip", "filter")?.chains ?? [])
      .map(({ name }) => name)
      .filter((name) => /^KUBE-(ROUTER|NWPLCY|POD-FW)-/.test(name) && name !== TAIL_CHAIN);
    this.net.xtables.commit("ip", "filter", [
      ...own.map((chain): XtOperation => ({ op: "flush", chain })),
      ...own.map((chain): XtOperation => ({ op: "delete-chain", chain })),
    ]);
  }
}
