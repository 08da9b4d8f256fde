import type { CalicoObject, EntityRule, PolicyRule as StoredRule, PolicySpec } from "../../api/index.ts";
import { formatPrefix, network, parsePrefix } from "../../../../wire/address.ts";
import { entitySelector, narrowed, parsePort } from "./entity.ts";
import { namespaceProfile } from "./kubernetes.ts";
import {
  ANYWHERE,
  DEFAULT_TIER,
  type HostEndpoint,
  LABELS,
  NAMESPACE_PREFIX,
  type NetworkSet,
  type Policy,
  type PolicyRule,
  type RuleAction,
  SERVICE_ACCOUNT_PREFIX,
  type Side,
  type Tier,
} from "./types.ts";

const ACTIONS: Readonly<Record<StoredRule["action"], RuleAction>> = {
  Allow: "allow",
  Deny: "deny",
  Log: "log",
  Pass: "pass",
};

/** Addresses become networks of one; those of IPv6 stay as they are. */
function netText(text: string): string {
  if (text.includes(":")) return text;
  const prefix = parsePrefix(text.includes("/") ? text : `${text}/32`);
  if (prefix === undefined) return text;
  return formatPrefix({ address: network(prefix.address, prefix.length), length: prefix.length });
}

const portList = (ports: EntityRule["ports"]): Side["ports"] =>
  (ports ?? []).flatMap((port) => parsePort(String(port)) ?? []);

function sideOf(rule: EntityRule | undefined, home: string): Side {
  if (rule === undefined) return ANYWHERE;
  const { selector = "", notSelector = "", namespaceSelector = "", services } = rule;
  const { name = "", namespace = home } = services ?? {};
  return {
    nets: (rule.nets ?? []).map(netText),
    notNets: (rule.notNets ?? []).map(netText),
    selector: entitySelector({ ...rule, selector, notSelector, namespaceSelector }, home),
    notSelector,
    ports: portList(rule.ports),
    notPorts: portList(rule.notPorts),
    service: name === "" ? "" : `${namespace}/${name}`,
  };
}

function icmpOf(icmp: StoredRule["icmp"]): PolicyRule["icmp"] {
  if (icmp?.type === undefined) return undefined;
  return icmp.code === undefined ? { type: icmp.type } : { type: icmp.type, code: icmp.code };
}

/** Models: libcalico-go RuleAPIV3ToBackend. */
function ruleOf(rule: StoredRule, home: string): PolicyRule {
  const icmp = icmpOf(rule.icmp);
  const notIcmp = icmpOf(rule.notICMP);
  return {
    action: ACTIONS[rule.action],
    ...(rule.ipVersion === undefined ? {} : { ipVersion: rule.ipVersion }),
    ...(rule.protocol === undefined ? {} : { protocol: String(rule.protocol).toLowerCase() }),
    ...(rule.notProtocol === undefined ? {} : { notProtocol: String(rule.notProtocol).toLowerCase() }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(notIcmp === undefined ? {} : { notIcmp }),
    source: sideOf(rule.source, home),
    destination: sideOf(rule.destination, home),
  };
}

const FIXED_TIERS: readonly (readonly [prefix: string, tier: string])[] = [
  ["knp.default.", DEFAULT_TIER],
  ["kanp.adminnetworkpolicy.", "adminnetworkpolicy"],
  ["kbanp.baselineadminnetworkpolicy.", "baselineadminnetworkpolicy"],
  ["ossg.", DEFAULT_TIER],
];

/** The word before the first dot of a policy's name. Models: libcalico-go/lib/names TierFromPolicyName. */
export function tierOfName(name: string): string {
  const fixed = FIXED_TIERS.find(([prefix]) => name.startsWith(prefix));
  if (fixed !== undefined) return fixed[1];
  return name.includes(".") ? (name.split(".")[0] ?? DEFAULT_TIER) : DEFAULT_TIER;
}

/** Policies of the default tier are known without its name. Models: names.ClientTieredPolicyName. */
const shownName = (name: string): string => name.replace(/^default\./, "");

/** None given is both: defaults are filled in by who creates the policy. Models: felix/calc ExtractPolicyMetadata. */
function typesOf({ types = [] }: PolicySpec): Policy["types"] {
  if (types.length === 0) return ["ingress", "egress"];
  return types.map((type) => (type === "Ingress" ? "ingress" : "egress"));
}

function common(name: string, home: string, spec: PolicySpec) {
  return {
    tier: tierOfName(name),
    order: spec.order ?? Infinity,
    ingress: (spec.ingress ?? []).map((rule) => ruleOf(rule, home)),
    egress: (spec.egress ?? []).map((rule) => ruleOf(rule, home)),
    types: typesOf(spec),
  };
}

/** Models: ConvertNetworkPolicyV3ToV1Value. */
export function policyOfNamespace({ metadata, spec }: CalicoObject<"NetworkPolicy">): Policy {
  const { name, namespace = "default" } = metadata;
  const own = `${LABELS.namespace} == '${namespace}'`;
  const { selector = "", serviceAccountSelector = "" } = spec;
  const inNamespace = selector === "" ? own : `(${selector}) && ${own}`;
  return {
    ...common(name, namespace, spec),
    name: `${namespace}/${name}`,
    title: `NetworkPolicy.projectcalico.org ${namespace}/${shownName(name)}`,
    selector: narrowed(inNamespace, serviceAccountSelector, SERVICE_ACCOUNT_PREFIX),
    doNotTrack: false,
    preDnat: false,
    applyOnForward: false,
  };
}

/** Models: ConvertGlobalNetworkPolicyV3ToV1Value. */
export function globalPolicy({ metadata, spec }: CalicoObject<"GlobalNetworkPolicy">): Policy {
  const { name } = metadata;
  const { namespaceSelector = "", serviceAccountSelector = "", doNotTrack = false, preDNAT = false } = spec;
  let { selector = "" } = spec;
  if (namespaceSelector !== "")
    selector = narrowed(selector, namespaceSelector, NAMESPACE_PREFIX).replaceAll(
      "all()",
      `has(${LABELS.namespace})`,
    );
  if (serviceAccountSelector !== "")
    selector = narrowed(selector, serviceAccountSelector, SERVICE_ACCOUNT_PREFIX).replaceAll(
      "all()",
      `has(${LABELS.serviceAccount})`,
    );
  return {
    ...common(name, "", spec),
    name,
    title: `GlobalNetworkPolicy ${shownName(name)}`,
    selector,
    doNotTrack,
    preDnat: preDNAT,
    applyOnForward: spec.applyOnForward ?? false,
  };
}

export function tierOf({ metadata, spec }: CalicoObject<"Tier">): Tier {
  return { name: metadata.name, order: spec.order ?? Infinity, defaultAction: spec.defaultAction ?? "Deny" };
}

export function hostEndpointOf({ metadata, spec }: CalicoObject<"HostEndpoint">): HostEndpoint {
  return {
    name: metadata.name,
    node: spec.node ?? "",
    device: spec.interfaceName ?? "",
    addresses: spec.expectedIPs ?? [],
    labels: metadata.labels ?? {},
    profiles: spec.profiles ?? [],
    ports: (spec.ports ?? []).map(({ name, protocol, port }) => ({
      name,
      protocol: String(protocol).toLowerCase(),
      port,
    })),
  };
}

/** One in a namespace inherits its labels. Models: networksetprocessor.go. */
export function networkSetOf(
  object: CalicoObject<"NetworkSet"> | CalicoObject<"GlobalNetworkSet">,
): NetworkSet {
  const { name, namespace = "", labels = {} } = object.metadata;
  const nets = (object.spec.nets ?? []).map(netText);
  if (namespace === "") return { name, nets, labels, profiles: [] };
  return {
    name: `${namespace}/${name}`,
    nets,
    labels: { ...labels, [LABELS.namespace]: namespace },
    profiles: [namespaceProfile(namespace)],
  };
}
