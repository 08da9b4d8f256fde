import { compareText } from "../../../../formats/json.ts";
import {
  ANYWHERE,
  type HostEndpoint,
  type Policy,
  type PolicyRule,
  type Profile,
  type Workload,
} from "../model/types.ts";
import { parseSelector, type Selector, selects } from "../selector/parse.ts";
import type { RuleSet } from "../rules/policy.ts";
import { labelsOf, type Labelled } from "./labels.ts";
import { type Member, setMembers } from "./members.ts";
import { type ParsedRule, parseRule, type SetSpec } from "./parsed.ts";
import type { Snapshot } from "./snapshot.ts";

/** A policy with its selector and rules read. */
export interface ParsedPolicy extends RuleSet {
  readonly policy: Policy;
  readonly tier: string;
  /** Undefined: the selector cannot be read, and selects nothing. */
  readonly selector: Selector | undefined;
  readonly sets: readonly SetSpec[];
}

export interface ParsedProfile extends RuleSet {
  readonly sets: readonly SetSpec[];
}

/** The policies of one tier that are about an endpoint, in their order. */
export interface TierPolicies {
  readonly name: string;
  readonly defaultAction: "Deny" | "Pass";
  readonly ingress: readonly ParsedPolicy[];
  readonly egress: readonly ParsedPolicy[];
}

/** Tiers by the place where they are asked. Models: tierInfoToProtoTierInfo. */
export interface EndpointTiers {
  readonly normal: readonly TierPolicies[];
  readonly untracked: readonly TierPolicies[];
  readonly preDnat: readonly TierPolicies[];
  readonly forward: readonly TierPolicies[];
}

export interface ActiveWorkload {
  readonly workload: Workload;
  readonly tiers: EndpointTiers;
}

export interface ActiveHostEndpoint {
  readonly endpoint: HostEndpoint;
  readonly tiers: EndpointTiers;
}

/** What one node has to enforce. */
export interface Active {
  readonly workloads: readonly ActiveWorkload[];
  readonly hostEndpoints: readonly ActiveHostEndpoint[];
  readonly policies: readonly ParsedPolicy[];
  readonly profiles: readonly ParsedProfile[];
  readonly sets: ReadonlyMap<string, { readonly withPorts: boolean; readonly members: readonly Member[] }>;
}

function parseRules(rules: readonly PolicyRule[], sets: SetSpec[]): readonly ParsedRule[] {
  return rules.flatMap((rule) => {
    const parsed = parseRule(rule);
    sets.push(...parsed.sets);
    return parsed.rule ?? [];
  });
}

const parsedPolicies = new WeakMap<Policy, ParsedPolicy>();
const parsedProfiles = new WeakMap<Profile, ParsedProfile>();

export function parsePolicy(policy: Policy): ParsedPolicy {
  const known = parsedPolicies.get(policy);
  if (known !== undefined) return known;
  const sets: SetSpec[] = [];
  const selector = parseSelector(policy.selector);
  const { name, title, tier } = policy;
  const parsed: ParsedPolicy = {
    policy,
    name,
    title,
    tier,
    selector: selector.ok ? selector.value : undefined,
    ingress: parseRules(policy.ingress, sets),
    egress: parseRules(policy.egress, sets),
    sets,
  };
  parsedPolicies.set(policy, parsed);
  return parsed;
}

export function parseProfile(profile: Profile): ParsedProfile {
  const known = parsedProfiles.get(profile);
  if (known !== undefined) return known;
  const sets: SetSpec[] = [];
  const { name, title } = profile;
  const ingress = parseRules(profile.ingress, sets);
  const parsed: ParsedProfile = { name, title, ingress, egress: parseRules(profile.egress, sets), sets };
  parsedProfiles.set(profile, parsed);
  return parsed;
}

/** By order, then by name. Models: PolKVLess. */
function sortedPolicies(policies: readonly Policy[]): readonly ParsedPolicy[] {
  return policies
    .map(parsePolicy)
    .sort((a, b) =>
      a.policy.order === b.policy.order ? compareText(a.name, b.name) : a.policy.order - b.policy.order,
    );
}

const ordered = new WeakMap<Snapshot, ReadonlyMap<string, readonly ParsedPolicy[]>>();

/** Tiers in their order, those that nobody made last. Models: TierLess. */
function policiesByTier(snapshot: Snapshot): ReadonlyMap<string, readonly ParsedPolicy[]> {
  const known = ordered.get(snapshot);
  if (known !== undefined) return known;
  const rank = (name: string): number => snapshot.tiers.get(name)?.order ?? Infinity;
  const made = (name: string): number => (snapshot.tiers.has(name) ? 0 : 1);
  const names = [...new Set(snapshot.policies.map(({ tier }) => tier))].sort((a, b) => {
    if (made(a) !== made(b)) return made(a) - made(b);
    return rank(a) === rank(b) ? compareText(a, b) : rank(a) - rank(b);
  });
  const sorted = sortedPolicies(snapshot.policies);
  const map = new Map(names.map((name) => [name, sorted.filter(({ tier }) => tier === name)]));
  ordered.set(snapshot, map);
  return map;
}

function tierOf(
  snapshot: Snapshot,
  name: string,
  policies: readonly ParsedPolicy[],
  passes: boolean,
): readonly TierPolicies[] {
  const of = (direction: "ingress" | "egress"): readonly ParsedPolicy[] =>
    policies.filter(({ policy }) => policy.types.includes(direction));
  const [ingress, egress] = [of("ingress"), of("egress")];
  if (ingress.length === 0 && egress.length === 0) return [];
  const defaultAction = passes ? "Pass" : (snapshot.tiers.get(name)?.defaultAction ?? "Deny");
  return [{ name, defaultAction, ingress, egress }];
}

/** Models: felix/calc PolicyResolver. */
function tiersOf(snapshot: Snapshot, item: Labelled): EndpointTiers {
  const labels = labelsOf(item, snapshot.profiles);
  const all = [...policiesByTier(snapshot)].map(([name, policies]) => {
    const own = policies.filter(({ selector }) => selector !== undefined && selects(selector, labels));
    return { name, own };
  });
  const pick = (wanted: (policy: Policy) => boolean, passes = false): readonly TierPolicies[] =>
    all.flatMap(({ name, own }) =>
      tierOf(
        snapshot,
        name,
        own.filter(({ policy }) => wanted(policy)),
        passes,
      ),
    );
  const plain = ({ doNotTrack, preDnat }: Policy): boolean => !doNotTrack && !preDnat;
  return {
    normal: pick(plain),
    untracked: pick(({ doNotTrack }) => doNotTrack, true),
    preDnat: pick(({ doNotTrack, preDnat }) => !doNotTrack && preDnat, true),
    forward: pick((policy) => plain(policy) && policy.applyOnForward),
  };
}

/** Every policy once. */
function policiesIn(endpoints: readonly { readonly tiers: EndpointTiers }[]): readonly ParsedPolicy[] {
  const found = new Set<ParsedPolicy>();
  for (const { tiers } of endpoints)
    for (const { ingress, egress } of [
      ...tiers.normal,
      ...tiers.untracked,
      ...tiers.preDnat,
      ...tiers.forward,
    ])
      for (const policy of [...ingress, ...egress]) found.add(policy);
  return [...found];
}

/**
 * What a node must enforce: the policies and profiles that are about its endpoints, and the sets that these ask.
 *
 * Models: felix/calc ActiveRulesCalculator, PolicyResolver, RuleScanner.
 */
export function calculate(snapshot: Snapshot, node: string): Active {
  const workloads = snapshot.workloads
    .filter((workload) => workload.node === node)
    .map((workload) => ({ workload, tiers: tiersOf(snapshot, workload) }));
  const hostEndpoints = snapshot.hostEndpoints
    .filter((endpoint) => endpoint.node === node)
    .map((endpoint) => ({ endpoint, tiers: tiersOf(snapshot, endpoint) }));
  const policies = policiesIn([...workloads, ...hostEndpoints]);
  const names = new Set([
    ...workloads.flatMap(({ workload }) => workload.profiles),
    ...hostEndpoints.flatMap(({ endpoint }) => endpoint.profiles),
  ]);
  const profiles = [...names].map((name) => parseProfile(snapshot.profiles.get(name) ?? missing(name)));
  const specs = [...policies, ...profiles].flatMap(({ sets }) => sets);
  const sets = new Map(
    specs.map(
      (spec) => [spec.id, { withPorts: spec.withPorts, members: setMembers(spec, snapshot) }] as const,
    ),
  );
  return { workloads, hostEndpoints, policies, profiles, sets };
}

const absent = new Map<string, Profile>();

/** A profile that is not there denies. Models: DummyDropRules. */
function missing(name: string): Profile {
  let profile = absent.get(name);
  if (profile === undefined) {
    const deny: PolicyRule = { action: "deny", source: ANYWHERE, destination: ANYWHERE };
    profile = { name, title: `missing profile ${name}`, labels: {}, ingress: [deny], egress: [deny] };
    absent.set(name, profile);
  }
  return profile;
}
