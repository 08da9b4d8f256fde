import { prefixMask } from "../../../formats/iptables/address.ts";
import type { XtMatch, XtRule } from "../../../kernel/uapi/index.ts";
import { ipv4 } from "../../../wire/address.ts";
import { ACCEPT, comment, DROP, jump, MASQUERADE_MARK, reject } from "../iptables/build.ts";
import type { Chains, StaticJump } from "../iptables/chain-writer.ts";
import { detect } from "../local-detector.ts";
import type { ProxyConfig } from "../proxier.ts";
import { type SetContents, type SetName, SETS } from "./sets.ts";

const RETURN: Pick<XtRule, "target"> = { target: { kind: "RETURN" } };
const MARK_MASQ = jump("KUBE-MARK-MASQ");
const MARKED = { kind: "mark", mark: MASQUERADE_MARK, mask: MASQUERADE_MARK } as const;
const TO_LOCAL: XtMatch = { kind: "addrtype", dest: { types: ["LOCAL"] } };
/** Neither from a bridge's port nor from this node: from outside. */
const FROM_OUTSIDE: readonly XtMatch[] = [
  { kind: "physdev", isIn: { invert: true } },
  { kind: "addrtype", source: { types: ["LOCAL"], invert: true } },
];

/** In the order in which they are ensured, each at the top. Models: iptablesJumpChain of pkg/proxy/ipvs. */
export const JUMPS: readonly StaticJump[] = (
  [
    ["nat", "OUTPUT", "KUBE-SERVICES", "kubernetes service portals"],
    ["nat", "PREROUTING", "KUBE-SERVICES", "kubernetes service portals"],
    ["nat", "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules"],
    ["filter", "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules"],
    ["filter", "INPUT", "KUBE-NODE-PORT", "kubernetes health check rules"],
    ["filter", "INPUT", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"],
    ["filter", "FORWARD", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"],
    ["filter", "INPUT", "KUBE-IPVS-FILTER", "kubernetes ipvs access filter"],
    ["filter", "OUTPUT", "KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter"],
  ] as const
).map(([table, from, chain, text]) => ({ table, from, rule: { matches: [comment(text)], ...jump(chain) } }));

type Dim = "src" | "dst";

function inSet(name: SetName, ...dims: readonly Dim[]): XtMatch {
  return { kind: "set", name, dims };
}

/** The set's comment, and the set. */
function said(name: SetName, ...dims: readonly Dim[]): XtMatch[] {
  return [comment(SETS[name][1]), inSet(name, ...dims)];
}

/**
 * The chains of both tables: the sets say which services there are, so the rules are few and stay the same.
 * Models: writeIptablesRules of pkg/proxy/ipvs.
 */
export function ipvsChains(config: ProxyConfig, sets: SetContents): { filter: Chains; nat: Chains } {
  const has = (name: SetName): boolean => (sets.get(name)?.size ?? 0) > 0;
  return {
    nat: new Map([
      ["KUBE-SERVICES", services(config, has)],
      ["KUBE-POSTROUTING", postrouting(has)],
      ["KUBE-NODE-PORT", nodePorts(has)],
      ["KUBE-LOAD-BALANCER", loadBalancers(has)],
      [
        "KUBE-MARK-MASQ",
        [{ matches: [], target: { kind: "MARK", value: MASQUERADE_MARK, mask: MASQUERADE_MARK } }],
      ],
    ]),
    filter: new Map([
      ["KUBE-FORWARD", FORWARD],
      ["KUBE-NODE-PORT", [{ matches: said("KUBE-HEALTH-CHECK-NODE-PORT", "dst"), ...ACCEPT }]],
      ["KUBE-PROXY-FIREWALL", firewall(has)],
      ["KUBE-SOURCE-RANGES-FIREWALL", sourceRanges(has)],
      ["KUBE-IPVS-FILTER", access(config)],
      // Its rules ask the match `ipvs`, which is not modelled: this node's own traffic to a load balancer whose source
      // ranges leave the node out is not dropped.
      ["KUBE-IPVS-OUT-FILTER", []],
    ]),
  };
}

type Has = (name: SetName) => boolean;

function services(config: ProxyConfig, has: Has): readonly XtRule[] {
  const loopback = { address: ipv4(0x7f000000), mask: prefixMask("ip", 8) };
  const rules: XtRule[] = [{ source: loopback, matches: [], ...RETURN }];
  if (has("KUBE-LOAD-BALANCER"))
    rules.push({ matches: said("KUBE-LOAD-BALANCER", "dst", "dst"), ...jump("KUBE-LOAD-BALANCER") });
  if (has("KUBE-CLUSTER-IP")) rules.push(masqueradeClusterIps(config));
  if (has("KUBE-EXTERNAL-IP")) {
    const matches = said("KUBE-EXTERNAL-IP", "dst", "dst");
    rules.push({ matches, ...MARK_MASQ }, ...externalIps(matches));
  }
  if (has("KUBE-EXTERNAL-IP-LOCAL")) rules.push(...externalIps(said("KUBE-EXTERNAL-IP-LOCAL", "dst", "dst")));
  rules.push({ matches: [TO_LOCAL], ...jump("KUBE-NODE-PORT") });
  // IPVS takes it up in INPUT; what else the nat table holds must not touch it.
  for (const name of ["KUBE-CLUSTER-IP", "KUBE-LOAD-BALANCER"] as const)
    if (has(name)) rules.push({ matches: [inSet(name, "dst", "dst")], ...ACCEPT });
  return rules;
}

function masqueradeClusterIps({ masqueradeAll, detector }: ProxyConfig): XtRule {
  const matches = said("KUBE-CLUSTER-IP", "dst", "dst");
  if (masqueradeAll) return { matches, ...MARK_MASQ };
  if (detector !== undefined) return { ...detect(detector, false), matches, ...MARK_MASQ };
  // Without it only what comes from a virtual address is known to be the node's own.
  return { matches: said("KUBE-CLUSTER-IP", "src", "dst"), ...MARK_MASQ };
}

function externalIps(matches: readonly XtMatch[]): XtRule[] {
  return [
    { matches: [...matches, ...FROM_OUTSIDE], ...ACCEPT },
    { matches: [...matches, TO_LOCAL], ...ACCEPT },
  ];
}

function postrouting(has: Has): readonly XtRule[] {
  const hairpin: XtRule = {
    matches: said("KUBE-LOOP-BACK", "dst", "dst", "src"),
    target: { kind: "MASQUERADE", range: {} },
  };
  return [
    ...(has("KUBE-LOOP-BACK") ? [hairpin] : []),
    { matches: [{ ...MARKED, invert: true }], ...RETURN },
    { matches: [], target: { kind: "MARK", value: MASQUERADE_MARK, mask: 0 } },
    {
      matches: [comment("kubernetes service traffic requiring SNAT")],
      target: { kind: "MASQUERADE", range: { randomFully: true } },
    },
  ];
}

function nodePorts(has: Has): readonly XtRule[] {
  const of = (name: SetName, protocol: number, target: Pick<XtRule, "target">, ...dims: Dim[]): XtRule[] =>
    has(name) ? [{ protocol: { number: protocol }, matches: said(name, ...dims), ...target }] : [];
  return [
    ...of("KUBE-NODE-PORT-LOCAL-TCP", 6, RETURN, "dst"),
    ...of("KUBE-NODE-PORT-TCP", 6, MARK_MASQ, "dst"),
    ...of("KUBE-NODE-PORT-LOCAL-UDP", 17, RETURN, "dst"),
    ...of("KUBE-NODE-PORT-UDP", 17, MARK_MASQ, "dst"),
    ...of("KUBE-NODE-PORT-LOCAL-SCTP-HASH", 132, RETURN, "dst", "dst"),
    ...of("KUBE-NODE-PORT-SCTP-HASH", 132, MARK_MASQ, "dst", "dst"),
  ];
}

function loadBalancers(has: Has): readonly XtRule[] {
  const local: XtRule = { matches: said("KUBE-LOAD-BALANCER-LOCAL", "dst", "dst"), ...RETURN };
  return [...(has("KUBE-LOAD-BALANCER-LOCAL") ? [local] : []), { matches: [], ...MARK_MASQ }];
}

const FORWARD: readonly XtRule[] = [
  { matches: [comment("kubernetes forwarding rules"), MARKED], ...ACCEPT },
  {
    matches: [
      comment("kubernetes forwarding conntrack rule"),
      { kind: "conntrack", state: { states: ["RELATED", "ESTABLISHED"] } },
    ],
    ...ACCEPT,
  },
];

function firewall(has: Has): readonly XtRule[] {
  const guarded = {
    matches: said("KUBE-LOAD-BALANCER-FW", "dst", "dst"),
    ...jump("KUBE-SOURCE-RANGES-FIREWALL"),
  };
  return has("KUBE-LOAD-BALANCER-FW") ? [guarded] : [];
}

function sourceRanges(has: Has): readonly XtRule[] {
  const allow = (name: SetName): XtRule[] =>
    has(name) ? [{ matches: said(name, "dst", "dst", "src"), ...RETURN }] : [];
  return [
    ...allow("KUBE-LOAD-BALANCER-SOURCE-CIDR"),
    ...allow("KUBE-LOAD-BALANCER-SOURCE-IP"),
    { matches: [], ...DROP },
  ];
}

/** A virtual address is a local one: nothing but its services may be reached by it. */
function access(config: ProxyConfig): readonly XtRule[] {
  const services = [
    "KUBE-LOAD-BALANCER",
    "KUBE-CLUSTER-IP",
    "KUBE-EXTERNAL-IP",
    "KUBE-EXTERNAL-IP-LOCAL",
  ] as const;
  const fresh: XtMatch = { kind: "conntrack", state: { states: ["NEW"] } };
  return [
    ...services.map((name): XtRule => ({ matches: [inSet(name, "dst", "dst")], ...RETURN })),
    { matches: [inSet("KUBE-HEALTH-CHECK-NODE-PORT", "dst")], ...RETURN },
    { matches: [fresh, inSet("KUBE-IPVS-IPS", "dst")], ...reject(config.family) },
  ];
}
