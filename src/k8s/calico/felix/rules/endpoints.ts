import type { RulesConfig } from "./config.ts";
import { type Direction, ENDPOINT, endpointChain, FAILSAFE_IN, FAILSAFE_OUT, profileChain } from "./names.ts";
import { groupTarget, type PolicyGroup } from "./groups.ts";
import {
  ACCEPT,
  type Action,
  actionName,
  type Chain,
  clearMark,
  jump,
  markClear,
  markSet,
  NOTRACK,
  RETURN,
  type Rule,
  setMark,
} from "./rule.ts";

/** A tier's policies about one endpoint. */
export interface TierGroups {
  readonly name: string;
  readonly defaultAction: "Deny" | "Pass";
  readonly ingress: readonly PolicyGroup[];
  readonly egress: readonly PolicyGroup[];
}

export interface EndpointRules {
  readonly device: string;
  /** `pod x/a`. */
  readonly title: string;
  readonly tiers: readonly TierGroups[];
  readonly profiles: readonly string[];
}

/** normal: of the filter table; untracked: raw; preDnat: mangle; forward: applyOnForward. */
type Kind = "normal" | "untracked" | "preDnat" | "forward";

interface Shape {
  readonly prefix: string;
  readonly direction: Direction;
  readonly kind: Kind;
  readonly allow: Action;
  readonly failsafe?: string;
  /** A pod could hide packets from policies inside such. */
  readonly dropTunnels?: boolean;
}

function conntrackRules(config: RulesConfig, allow: Action): readonly Rule[] {
  const established = ["-m conntrack --ctstate RELATED,ESTABLISHED"];
  return [
    ...(allow === ACCEPT ? [] : [{ match: established, action: setMark(config.marks.accept) }]),
    { match: established, action: allow },
    ...(config.dropInvalid ? [{ match: ["-m conntrack --ctstate INVALID"], action: config.deny }] : []),
  ];
}

function tunnelDrops({ deny, vxlanPort, ...config }: RulesConfig): readonly Rule[] {
  const vxlan: Rule = {
    match: [`-p 17 -m multiport --destination-ports ${vxlanPort}`],
    action: deny,
    comments: [`${actionName(deny)} VXLAN encapped packets originating in workloads`],
  };
  const ipip: Rule = {
    match: ["-p 4"],
    action: deny,
    comments: [`${actionName(deny)} IPinIP encapped packets originating in workloads`],
  };
  return [
    ...(config.allowVxlanFromWorkloads ? [] : [vxlan]),
    ...(config.allowIpipFromWorkloads ? [] : [ipip]),
  ];
}

/** Who is to be named for a packet that no policy of a tier allowed. */
function tierOwner(
  title: string,
  tier: string,
  direction: Direction,
  groups: readonly PolicyGroup[],
): string {
  const names = groups.flatMap(({ policies }) => policies.map((policy) => policy.title));
  return `${title}, ${direction}: ${names.join(", ")} (tier ${tier})`;
}

function tierRules(config: RulesConfig, of: EndpointRules, tier: TierGroups, shape: Shape): readonly Rule[] {
  const { marks, deny } = config;
  const groups = tier[shape.direction];
  if (groups.length === 0) return [];
  const jumps = groups.flatMap((group): readonly Rule[] => [
    { match: [markClear(marks.pass)], action: jump(groupTarget(group)) },
    ...(shape.kind === "untracked" ? [{ match: [markSet(marks.accept)], action: NOTRACK }] : []),
    { match: [markSet(marks.accept)], action: RETURN, comments: ["Return if policy accepted"] },
  ]);
  const end: Rule = {
    match: [markClear(marks.pass)],
    action: deny,
    comments: [`End of tier ${tier.name}. ${actionName(deny)} if no policies passed packet`],
    owner: tierOwner(of.title, tier.name, shape.direction, groups),
  };
  const denies = (shape.kind === "normal" || shape.kind === "forward") && tier.defaultAction !== "Pass";
  return [
    { action: clearMark(marks.pass), comments: [`Start of tier ${tier.name}`] },
    ...jumps,
    ...(denies ? [end] : []),
  ];
}

/** The profiles decide where no policy has. */
function profileRules(config: RulesConfig, of: EndpointRules, direction: Direction): readonly Rule[] {
  const { marks, deny } = config;
  return [
    ...of.profiles.flatMap((profile): readonly Rule[] => [
      { action: jump(profileChain(direction, profile)) },
      { match: [markSet(marks.accept)], action: RETURN, comments: ["Return if profile accepted"] },
    ]),
    { action: deny, comments: [`${actionName(deny)} if no profiles matched`] },
  ];
}

/** Models: endpointIptablesChain, without limits of packets and connections. */
function chain(config: RulesConfig, of: EndpointRules, shape: Shape): Chain {
  const { marks } = config;
  const { kind } = shape;
  const open: readonly Rule[] = [
    { action: setMark(marks.accept), comments: ["Allow forwarded traffic by default"] },
    { action: RETURN, comments: ["Return for accepted forward traffic"] },
  ];
  const rules: readonly Rule[] = [
    ...(kind === "untracked" ? [] : conntrackRules(config, shape.allow)),
    ...(shape.failsafe === undefined ? [] : [{ action: jump(shape.failsafe) }]),
    { action: clearMark((marks.accept | marks.pass) >>> 0) },
    ...(shape.dropTunnels === true ? tunnelDrops(config) : []),
    ...of.tiers.flatMap((tier) => tierRules(config, of, tier, shape)),
    ...(kind === "forward" && of.tiers.length === 0 ? open : []),
    ...(kind === "normal" ? profileRules(config, of, shape.direction) : []),
  ];
  const name = endpointChain(shape.prefix, of.device);
  return { name, rules: rules.map((rule) => ({ owner: of.title, ...rule })) };
}

/** What goes to a pod, and what comes from it. Models: WorkloadEndpointToIptablesChains. */
export function workloadChains(config: RulesConfig, of: EndpointRules): readonly Chain[] {
  const allow = config.filterAllow;
  const to = { prefix: ENDPOINT.toWorkload, direction: "ingress", kind: "normal", allow } as const;
  const from = { prefix: ENDPOINT.fromWorkload, direction: "egress", kind: "normal", allow } as const;
  return [chain(config, of, to), chain(config, of, { ...from, dropTunnels: true })];
}

/** Models: HostEndpointToFilterChains. */
export function hostFilterChains(
  config: RulesConfig,
  normal: EndpointRules,
  forward: EndpointRules,
): readonly Chain[] {
  const allow = config.filterAllow;
  return [
    chain(config, normal, {
      prefix: ENDPOINT.toHost,
      direction: "egress",
      kind: "normal",
      allow,
      failsafe: FAILSAFE_OUT,
    }),
    chain(config, normal, {
      prefix: ENDPOINT.fromHost,
      direction: "ingress",
      kind: "normal",
      allow,
      failsafe: FAILSAFE_IN,
    }),
    chain(config, forward, { prefix: ENDPOINT.toHostForward, direction: "egress", kind: "forward", allow }),
    chain(config, forward, {
      prefix: ENDPOINT.fromHostForward,
      direction: "ingress",
      kind: "forward",
      allow,
    }),
  ];
}

/** Models: HostEndpointToMangleEgressChains. */
export function hostMangleEgress(config: RulesConfig, of: EndpointRules): Chain {
  const { toHost: prefix } = ENDPOINT;
  const shape = {
    prefix,
    direction: "egress",
    kind: "normal",
    allow: RETURN,
    failsafe: FAILSAFE_OUT,
  } as const;
  return chain(config, of, shape);
}

/** Models: HostEndpointToMangleIngressChains. */
export function hostMangleIngress(config: RulesConfig, of: EndpointRules): Chain {
  const { fromHost: prefix } = ENDPOINT;
  return chain(config, of, {
    prefix,
    direction: "ingress",
    kind: "preDnat",
    allow: config.mangleAllow,
    failsafe: FAILSAFE_IN,
  });
}

/** Models: HostEndpointToRawChains. */
export function hostRawChains(config: RulesConfig, of: EndpointRules): readonly Chain[] {
  const kind = "untracked";
  return [
    chain(config, of, {
      prefix: ENDPOINT.toHost,
      direction: "egress",
      kind,
      allow: ACCEPT,
      failsafe: FAILSAFE_OUT,
    }),
    chain(config, of, {
      prefix: ENDPOINT.fromHost,
      direction: "ingress",
      kind,
      allow: ACCEPT,
      failsafe: FAILSAFE_IN,
    }),
  ];
}
