import { type Direction, namedPortSet, peerSet, policyChain, selectedSet } from "./names.ts";
import { comment, identity, type SetEntry, type SetType, type WantedSet } from "./plan.ts";
import type { PolicyInfo, PortMatch, RuleInfo } from "./policies.ts";

/** The bit that says: a policy of this pod lets the packet pass. */
export const PASSED = "0x10000/0x10000";

const plain = (texts: readonly string[]): SetEntry[] => texts.map((text) => ({ text, nomatch: false }));

/** The sets and rules of the policies' own chains. Models: syncNetworkPolicyChains. */
export class PolicyRules {
  readonly sets = new Map<string, WantedSet>();
  readonly chains = new Map<string, readonly string[]>();

  add(policy: PolicyInfo, version: string): void {
    const rules: string[] = [];
    for (const direction of ["ingress", "egress"] as const) {
      if (policy.types !== "both" && policy.types !== direction) continue;
      const selected = selectedSet(policy, direction);
      this.set(selected, "hash:ip", plain(policy.targets.map(({ address }) => address)));
      for (const [number, rule] of policy[direction].entries())
        new OneRule(this, policy, direction, number, selected, rules).write(rule);
    }
    this.chains.set(policyChain(policy, version), rules);
  }

  /** A set that the sync filled already keeps its type. */
  set(name: string, type: SetType, entries: readonly SetEntry[]): void {
    this.sets.set(name, { type: this.sets.get(name)?.type ?? type, entries });
  }
}

/** One item of `ingress` or `egress`. Models: processIngressRules, processEgressRules. */
class OneRule {
  private readonly all: PolicyRules;
  private readonly policy: PolicyInfo;
  private readonly direction: Direction;
  private readonly number: number;
  /** The set of the pods that the policy selects. */
  private readonly selected: string;
  private readonly out: string[];

  constructor(
    all: PolicyRules,
    policy: PolicyInfo,
    direction: Direction,
    number: number,
    selected: string,
    out: string[],
  ) {
    this.all = all;
    this.policy = policy;
    this.direction = direction;
    this.number = number;
    this.selected = selected;
    this.out = out;
  }

  write({ peers, ports }: RuleInfo): void {
    if (peers === "any") {
      if (ports === "any") this.rule("any", undefined);
      else this.ports("any", undefined, ports, true);
      return;
    }
    if (peers.pods.length > 0) this.pods(peers.pods, ports);
    if (peers.blocks.length > 0) {
      const set = peerSet(this.policy, this.direction, this.number, "ipblock");
      this.all.set(
        set,
        "hash:net",
        peers.blocks.map(({ network, nomatch }) => ({ text: network, nomatch })),
      );
      // An egress rule has no use for named ports beside a block: nobody there has named them.
      if (ports === "any") this.rule("cidr", set);
      else this.ports("cidr", set, ports, this.direction === "ingress");
    }
  }

  /** As in the original, `ports` that come to nothing (a name that no pod has) open every port to these peers. */
  private pods(addresses: readonly string[], ports: RuleInfo["ports"]): void {
    const set = peerSet(this.policy, this.direction, this.number, "pod");
    this.all.set(set, "hash:ip", plain(addresses));
    const none = ports !== "any" && ports.numeric.length === 0 && ports.named.length === 0;
    if (ports === "any" || none) this.rule("pods", set);
    else this.ports("pods", set, ports, true);
  }

  private ports(
    kind: string,
    peers: string | undefined,
    { numeric, named }: Exclude<RuleInfo["ports"], "any">,
    withNames: boolean,
  ): void {
    for (const port of numeric) this.rule(kind, peers, port);
    if (!withNames) return;
    for (const [i, port] of named.entries()) {
      const anywhere = this.direction === "egress" && kind === "any";
      const set = namedPortSet(this.policy, this.direction, this.number, i);
      if (!anywhere) this.all.set(set, kind === "cidr" ? "hash:net" : "hash:ip", plain(port.addresses));
      this.rule(`${kind} np`, peers, port, anywhere ? undefined : set);
    }
  }

  /** `named`: the set of the pods behind a named port, in the place of the destination. */
  private rule(kind: string, peers: string | undefined, port?: PortMatch, named?: string): void {
    const { direction, selected } = this;
    const [source, target] =
      direction === "ingress" ? [peers, named ?? selected] : [selected, named ?? peers];
    const parts = [
      comment(identity(this.policy, `${direction} ${kind}`)),
      ...(source === undefined ? [] : [`-m set --match-set ${source} src`]),
      ...(target === undefined ? [] : [`-m set --match-set ${target} dst`]),
      ...portParts(port),
    ];
    const text = parts.join(" ");
    this.out.push(`${text} -j MARK --set-xmark ${PASSED}`, `${text} -m mark --mark ${PASSED} -j RETURN`);
  }
}

function portParts(match: PortMatch | undefined): readonly string[] {
  if (match === undefined) return [];
  const { protocol, port, endPort } = match;
  if (port === "") return [`-p ${protocol}`];
  return [`-p ${protocol}`, `--dport ${port}${endPort === undefined ? "" : `:${endPort}`}`];
}
