import { matches, objectSelector } from "../../formats/selector.ts";
import { parseIpv4 } from "../../wire/address.ts";
import type { Namespace, ObjectOf, Pod } from "../api/index.ts";
import type { Direction, Named } from "./names.ts";

export type NetworkPolicy = ObjectOf<"NetworkPolicy">;
type Spec = NonNullable<NetworkPolicy["spec"]>;
type IngressRule = NonNullable<Spec["ingress"]>[number];
type EgressRule = NonNullable<Spec["egress"]>[number];
type Peer = NonNullable<IngressRule["from"]>[number];
type Port = NonNullable<IngressRule["ports"]>[number];

/** What the watches have told, each kind in the order of namespace and name. */
export interface Snapshot {
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
  readonly policies: readonly NetworkPolicy[];
}

/** A pod that rules can be about. */
export interface PodInfo extends Named {
  readonly address: string;
  readonly hostIp: string;
  readonly pod: Pod;
}

/** `protocol` as iptables has it; an empty `port` is every port. */
export interface PortMatch {
  readonly protocol: string;
  readonly port: string;
  readonly endPort?: number;
}

/** One number that a named port stands for, and the pods where it does. */
export interface NamedEndpoints extends PortMatch {
  readonly addresses: readonly string[];
}

export interface Block {
  readonly network: string;
  /** An exception. */
  readonly nomatch: boolean;
}

export interface RuleInfo {
  /** "any" without `from` or `to`. */
  readonly peers: "any" | { readonly pods: readonly string[]; readonly blocks: readonly Block[] };
  /** "any" without `ports`. */
  readonly ports:
    "any" | { readonly numeric: readonly PortMatch[]; readonly named: readonly NamedEndpoints[] };
}

export interface PolicyInfo extends Named {
  readonly types: "both" | Direction;
  readonly targets: readonly PodInfo[];
  readonly ingress: readonly RuleInfo[];
  readonly egress: readonly RuleInfo[];
}

const FINISHED: readonly (string | undefined)[] = ["Failed", "Succeeded", "Completed"];

/** It has a network of its own, and an IPv4 address in it. Models: isNetPolActionable, getPodIPv4Address. */
export function podInfo(pod: Pod): PodInfo | undefined {
  const { metadata, spec, status } = pod;
  if (FINISHED.includes(status?.phase) || spec.hostNetwork === true) return undefined;
  const address = status?.podIPs?.map(({ ip }) => ip).find((ip) => parseIpv4(ip) !== undefined);
  if (address === undefined) return undefined;
  const { name, namespace = "default" } = metadata;
  return { namespace, name, address, hostIp: status?.hostIP ?? "", pod };
}

/** Pods by namespace and label. */
class PodLister {
  readonly all: readonly PodInfo[];
  private readonly namespaces: readonly Namespace[];

  constructor({ pods, namespaces }: Snapshot) {
    this.all = pods.flatMap((pod) => podInfo(pod) ?? []);
    this.namespaces = namespaces;
  }

  in(namespace: string, selector: Spec["podSelector"]): readonly PodInfo[] {
    const wanted = objectSelector(selector);
    return this.all.filter((of) => of.namespace === namespace && matches(wanted, of.pod.metadata.labels));
  }

  /** Models: evalPodPeer. */
  peers(home: string, { namespaceSelector, podSelector }: Peer): readonly PodInfo[] {
    if (namespaceSelector !== undefined) {
      const wanted = objectSelector(namespaceSelector);
      return this.namespaces
        .filter(({ metadata }) => matches(wanted, metadata.labels))
        .flatMap(({ metadata }) => this.in(metadata.name, podSelector));
    }
    return podSelector === undefined ? [] : this.in(home, podSelector);
  }
}

/** A set of networks holds none of length 0: two halves stand for it. IPv6 blocks are nothing to IPv4's rules. */
function halves(cidr: string, nomatch: boolean): readonly Block[] {
  const networks = cidr.endsWith("/0") ? ["0.0.0.0/1", "128.0.0.0/1"] : [cidr];
  return networks.map((network) => ({ network, nomatch }));
}

/** Models: evalIPBlockPeer. */
function blocksOf({ ipBlock, podSelector, namespaceSelector }: Peer): readonly Block[] {
  if (ipBlock === undefined || podSelector !== undefined || namespaceSelector !== undefined) return [];
  if (ipBlock.cidr.includes(":")) return [];
  return [...halves(ipBlock.cidr, false), ...(ipBlock.except ?? []).flatMap((cidr) => halves(cidr, true))];
}

/** The named ports of some pods: what number each stands for, and where. Models: grabNamedPortFromPod. */
function namedPorts(pods: readonly PodInfo[], name: string, protocol: string): readonly NamedEndpoints[] {
  const byNumber = new Map<number, string[]>();
  for (const { pod, address } of pods) {
    for (const port of pod.spec.containers.flatMap(({ ports = [] }) => ports)) {
      if (port.name !== name || (port.protocol ?? "TCP") !== protocol) continue;
      const known = byNumber.get(port.containerPort);
      if (known === undefined) byNumber.set(port.containerPort, [address]);
      else known.push(address);
    }
  }
  return [...byNumber].map(([port, addresses]) => ({
    protocol: protocol.toLowerCase(),
    port: String(port),
    addresses,
  }));
}

function isName(port: Port["port"]): port is string {
  return typeof port === "string" && !/^\d+$/.test(port);
}

/** Models: processNetworkPolicyPorts. A name that no pod has comes to nothing. */
function portsOf(ports: readonly Port[], pods: readonly PodInfo[]): RuleInfo["ports"] {
  if (ports.length === 0) return "any";
  const numeric: PortMatch[] = [];
  const named: NamedEndpoints[] = [];
  for (const { port, endPort, protocol = "TCP" } of ports) {
    if (isName(port)) {
      named.push(...namedPorts(pods, port, protocol));
      continue;
    }
    const end = port !== undefined && endPort !== undefined && endPort >= port ? { endPort } : {};
    numeric.push({ protocol: protocol.toLowerCase(), port: port === undefined ? "" : String(port), ...end });
  }
  return { numeric, named };
}

function peersOf(lister: PodLister, home: string, peers: readonly Peer[]): RuleInfo["peers"] {
  if (peers.length === 0) return "any";
  return {
    pods: peers.flatMap((peer) => lister.peers(home, peer)).map(({ address }) => address),
    blocks: peers.flatMap((peer) => blocksOf(peer)),
  };
}

/** A named port of an egress rule is looked up at its peers; without peers, at the pods of the policy's namespace. */
function egressRule(lister: PodLister, home: string, { to = [], ports = [] }: EgressRule): RuleInfo {
  const behind = to.length === 0 ? lister.in(home, {}) : to.flatMap((peer) => lister.peers(home, peer));
  return { peers: peersOf(lister, home, to), ports: portsOf(ports, behind) };
}

function typesOf(types: readonly string[]): PolicyInfo["types"] {
  if (!types.includes("Egress")) return "ingress";
  return types.includes("Ingress") ? "both" : "egress";
}

/** Every policy with the pods that it is about at this moment. Models: buildNetworkPoliciesInfo. */
export function resolvePolicies(snapshot: Snapshot): readonly PolicyInfo[] {
  const lister = new PodLister(snapshot);
  return snapshot.policies.map(({ metadata, spec = {} }) => {
    const { name, namespace = "default" } = metadata;
    const targets = lister.in(namespace, spec.podSelector);
    return {
      namespace,
      name,
      types: typesOf(spec.policyTypes ?? []),
      targets,
      ingress: (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({
        peers: peersOf(lister, namespace, from),
        ports: portsOf(ports, targets),
      })),
      egress: (spec.egress ?? []).map((rule) => egressRule(lister, namespace, rule)),
    };
  });
}

/** The pods of the node with this address. */
export function localPods(snapshot: Snapshot, nodeIp: string): readonly PodInfo[] {
  return snapshot.pods.flatMap((pod) => podInfo(pod) ?? []).filter(({ hostIp }) => hostIp === nodeIp);
}
