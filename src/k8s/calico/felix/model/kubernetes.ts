import { compareText } from "../../../../formats/json.ts";
import { formatPrefix, network, parsePrefix } from "../../../../wire/address.ts";
import type { Namespace, ObjectOf } from "../../../api/index.ts";
import { entitySelector, parsePort } from "./entity.ts";
import {
  ANYWHERE,
  DEFAULT_TIER,
  LABELS,
  NAMESPACE_PREFIX,
  type Policy,
  type PolicyRule,
  type PortMatch,
  type Ports,
  type Profile,
  SERVICE_ACCOUNT_PREFIX,
} from "./types.ts";

type NetworkPolicy = ObjectOf<"NetworkPolicy">;
type Spec = NonNullable<NetworkPolicy["spec"]>;
type Peer = NonNullable<NonNullable<Spec["ingress"]>[number]["from"]>[number];
type PolicyPort = NonNullable<NonNullable<Spec["ingress"]>[number]["ports"]>[number];
type LabelSelector = NonNullable<Peer["podSelector"]>;

/** Where all policies of Kubernetes stand among Calico's. */
const ORDER = 1000;
const POLICY_PREFIX = "knp.default.";

const OPERATORS: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in { '${values}' }`,
  NotIn: (key, values) => `${key} not in { '${values}' }`,
  Exists: (key) => `has(${key})`,
  DoesNotExist: (key) => `! has(${key})`,
};

/** In Calico's language; empty where there is no selector of namespaces. Models: k8sSelectorToCalico. */
function selectorText(selector: LabelSelector | undefined, of: "pods" | "namespaces"): string {
  const parts = of === "pods" ? [`${LABELS.orchestrator} == 'k8s'`] : [];
  if (selector === undefined) return parts.join("");
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const labels = Object.entries(matchLabels).sort(([a], [b]) => compareText(a, b));
  if (of === "namespaces" && labels.length === 0 && matchExpressions.length === 0) return "all()";
  for (const [key, value] of labels) parts.push(`${key} == '${value}'`);
  for (const { key, operator, values = [] } of matchExpressions)
    parts.push(OPERATORS[operator]?.(key, values.join("', '")) ?? "");
  return parts.join(" && ");
}

/** The network that an address with a length is in. */
function networkText(cidr: string): string {
  const prefix = parsePrefix(cidr);
  if (prefix === undefined) return cidr;
  return formatPrefix({ address: network(prefix.address, prefix.length), length: prefix.length });
}

interface PeerFields {
  readonly selector: string;
  readonly namespaceSelector: string;
  readonly nets: readonly string[];
  readonly notNets: readonly string[];
}

/** Models: k8sPeerToCalicoFields. */
function peerFields(peer: Peer | undefined): PeerFields {
  const none = { selector: "", namespaceSelector: "", nets: [], notNets: [] };
  if (peer === undefined) return none;
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (ipBlock !== undefined)
    return { ...none, nets: [networkText(ipBlock.cidr)], notNets: (ipBlock.except ?? []).map(networkText) };
  return {
    ...none,
    selector: selectorText(podSelector, "pods"),
    namespaceSelector: selectorText(namespaceSelector, "namespaces"),
  };
}

/** The fewest ranges that cover the same ports; names come first. Models: SimplifyPorts. */
export function simplifyPorts(ports: readonly PortMatch[]): readonly PortMatch[] {
  const numbers = new Set<number>();
  let count = 0;
  for (const port of ports)
    if (typeof port !== "string") {
      for (let n = port.first; n <= port.last; n++) numbers.add(n);
      count += port.last - port.first + 1;
    }
  if (ports.length <= 1 || count <= 1) return ports;
  const ranges: { first: number; last: number }[] = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && n === range.last + 1) range.last = n;
    else ranges.push({ first: n, last: n });
  }
  return [...ports.filter((port) => typeof port === "string"), ...ranges];
}

function portOf({ port, endPort }: PolicyPort): PortMatch | Ports | undefined {
  if (port === undefined) return undefined;
  return parsePort(endPort === undefined ? String(port) : `${port}:${endPort}`);
}

/** Ports by protocol in the order of its name; no list is every port, the empty name every protocol. Models: k8sRuleToCalico. */
function portsByProtocol(ports: readonly PolicyPort[]): readonly (readonly [string, readonly PortMatch[]])[] {
  if (ports.length === 0) return [["", []]];
  const by = new Map<string, PortMatch[] | "all">();
  for (const port of ports) {
    const { protocol = "TCP" } = port;
    const known = by.get(protocol);
    const match = portOf(port);
    if (match === undefined) by.set(protocol, "all");
    else if (known === undefined) by.set(protocol, [match]);
    else if (known !== "all") known.push(match);
  }
  return [...by]
    .sort(([a], [b]) => compareText(a, b))
    .map(([protocol, list]) => [protocol, list === "all" ? [] : simplifyPorts(list)] as const);
}

/** A rule for each protocol and peer. */
function rulesOf(
  home: string,
  peers: readonly Peer[],
  ports: readonly PolicyPort[],
  direction: "ingress" | "egress",
): readonly PolicyRule[] {
  const all: readonly (Peer | undefined)[] = peers.length === 0 ? [undefined] : peers;
  return portsByProtocol(ports).flatMap(([protocol, list]) =>
    all.map((peer): PolicyRule => {
      const { nets, notNets, ...entity } = peerFields(peer);
      const selector = entitySelector({ ...entity, notSelector: "" }, home);
      const other = { ...ANYWHERE, nets, notNets, selector };
      return {
        action: "allow",
        ...(protocol === "" ? {} : { protocol: protocol.toLowerCase() }),
        source: direction === "ingress" ? other : ANYWHERE,
        destination: { ...(direction === "egress" ? other : ANYWHERE), ports: list },
      };
    }),
  );
}

/** Models: libcalico-go K8sNetworkPolicyToCalico, ConvertNetworkPolicyV3ToV1Value. */
export function policyFromKubernetes({ metadata, spec = {} }: NetworkPolicy): Policy {
  const { name, namespace = "default" } = metadata;
  const { policyTypes = [], ingress = [], egress = [] } = spec;
  const types = (["ingress", "egress"] as const).filter((type) =>
    policyTypes.some((given) => given.toLowerCase() === type),
  );
  return {
    tier: DEFAULT_TIER,
    name: `${namespace}/${POLICY_PREFIX}${name}`,
    title: `NetworkPolicy ${namespace}/${name}`,
    order: ORDER,
    selector: `(${selectorText(spec.podSelector ?? {}, "pods")}) && ${LABELS.namespace} == '${namespace}'`,
    ingress: ingress.flatMap(({ from = [], ports = [] }) => rulesOf(namespace, from, ports, "ingress")),
    egress: egress.flatMap(({ to = [], ports = [] }) => rulesOf(namespace, to, ports, "egress")),
    types: types.length === 0 ? ["ingress"] : types,
    doNotTrack: false,
    preDnat: false,
    applyOnForward: false,
  };
}

function inherited(
  prefix: string,
  labels: Readonly<Record<string, string>> | undefined,
  name: string,
): Readonly<Record<string, string>> {
  const entries = Object.entries(labels ?? {}).map(([key, value]) => [prefix + key, value] as const);
  return { ...Object.fromEntries(entries), [prefix + LABELS.name]: name };
}

export const namespaceProfile = (namespace: string): string => `kns.${namespace}`;
export const serviceAccountProfile = (namespace: string, name: string): string => `ksa.${namespace}.${name}`;

const ALLOW: PolicyRule = { action: "allow", source: ANYWHERE, destination: ANYWHERE };

/** Where no policy decides, a namespace lets everything in and out. Models: NamespaceToProfile. */
export function profileOfNamespace({ metadata: { name, labels } }: Namespace): Profile {
  return {
    name: namespaceProfile(name),
    title: `namespace ${name}`,
    labels: inherited(NAMESPACE_PREFIX, labels, name),
    ingress: [ALLOW],
    egress: [ALLOW],
  };
}

/** Models: ServiceAccountToProfile. */
export function profileOfServiceAccount({ metadata }: ObjectOf<"ServiceAccount">): Profile {
  const { name, namespace = "default", labels } = metadata;
  return {
    name: serviceAccountProfile(namespace, name),
    title: `service account ${namespace}/${name}`,
    labels: inherited(SERVICE_ACCOUNT_PREFIX, labels, name),
    ingress: [],
    egress: [],
  };
}
