import { matches, objectSelector } from "../../formats/selector.ts";
import { formatIpv4, type Ipv4, mask, parsePrefix } from "../../wire/address.ts";
import type { ApiClient, ObjectOf, Pod } from "../api/index.ts";
import type { QueuedFlow } from "./packet.ts";

type NetworkPolicy = ObjectOf<"NetworkPolicy">;
type Spec = NonNullable<NetworkPolicy["spec"]>;
type IngressRule = NonNullable<Spec["ingress"]>[number];
type Peer = NonNullable<IngressRule["from"]>[number];
type Port = NonNullable<IngressRule["ports"]>[number];

/** One side of a connection attempt. */
interface Side {
  /** Undefined: no pod of the cluster. */
  readonly pod: Pod | undefined;
  readonly address: Ipv4;
  readonly port: number;
}

const namespaceOf = (pod: Pod): string => pod.metadata.namespace ?? "default";

function inBlock({ cidr, except = [] }: NonNullable<Peer["ipBlock"]>, address: Ipv4): boolean {
  const holds = (text: string): boolean => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && ((address ^ prefix.address) & mask(prefix.length)) === 0;
  };
  return holds(cidr) && !except.some(holds);
}

/** Numbers, names that the pod itself gives, ranges. Models: evaluatePorts. */
function portFits(ports: readonly Port[], pod: Pod | undefined, port: number, protocol: string): boolean {
  if (ports.length === 0) return true;
  const declared = pod?.spec.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.some(({ port: wanted, endPort, protocol: wantedProtocol = "TCP" }) => {
    if (wantedProtocol !== protocol) return false;
    if (wanted === undefined) return true;
    const number = Number(wanted);
    if (Number.isNaN(number))
      return declared.some(
        (each) =>
          each.name === wanted && each.containerPort === port && (each.protocol ?? "TCP") === protocol,
      );
    return port === number || (endPort !== undefined && port > number && port <= endPort);
  });
}

/**
 * What the policies say about a connection attempt, asked packet by packet. Models: kube-network-policies
 * pkg/networkpolicy, PolicyEngine with StandardNetworkPolicy.
 */
export class PolicyEngine {
  private readonly client: ApiClient;
  private readonly node: string;
  private readonly pods = new Map<string, Pod>();
  private readonly byAddress = new Map<string, Set<string>>();
  private readonly policies = new Map<string, NetworkPolicy>();
  private readonly stops: (() => void)[];

  /** `changed` hears of everything that may change which local pods have policies. */
  constructor(client: ApiClient, node: string, changed: () => void) {
    this.client = client;
    this.node = node;
    this.stops = [
      client.watch("Pod", ({ type, object }) => {
        this.keep(type === "DELETED" ? undefined : object, object.metadata.uid);
        if (object.spec.nodeName === node && this.policiesOf(object).length > 0) changed();
      }),
      client.watch("NetworkPolicy", ({ type, object }) => {
        if (type === "DELETED") this.policies.delete(object.metadata.uid);
        else this.policies.set(object.metadata.uid, object);
        if (this.targets(object).length > 0) changed();
      }),
    ];
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private keep(pod: Pod | undefined, uid: string): void {
    const addresses = (of: Pod | undefined): readonly string[] =>
      of === undefined || of.spec.hostNetwork === true ? [] : (of.status?.podIPs ?? []).map(({ ip }) => ip);
    for (const address of addresses(this.pods.get(uid))) this.byAddress.get(address)?.delete(uid);
    if (pod === undefined) this.pods.delete(uid);
    else this.pods.set(uid, pod);
    for (const address of addresses(pod)) {
      const known = this.byAddress.get(address) ?? new Set<string>();
      known.add(uid);
      this.byAddress.set(address, known);
    }
  }

  /** The pod that has an address, a running one first. */
  private podAt(address: Ipv4): Pod | undefined {
    const pods = [...(this.byAddress.get(formatIpv4(address)) ?? [])].flatMap(
      (uid) => this.pods.get(uid) ?? [],
    );
    return pods.find(({ status }) => status?.phase === "Running") ?? pods[0];
  }

  /** The policies that select a pod. */
  private policiesOf(pod: Pod): readonly NetworkPolicy[] {
    return [...this.policies.values()].filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespaceOf(pod) &&
        matches(objectSelector(spec?.podSelector ?? {}), pod.metadata.labels),
    );
  }

  /** The pods of this node that a policy selects. */
  private targets({ metadata, spec }: NetworkPolicy): readonly Pod[] {
    const selector = objectSelector(spec?.podSelector ?? {});
    return [...this.pods.values()].filter(
      (pod) =>
        pod.spec.nodeName === this.node &&
        namespaceOf(pod) === metadata.namespace &&
        matches(selector, pod.metadata.labels),
    );
  }

  /** Addresses of this node's pods that some policy selects: whose packets are asked about. Models: ManagedIPs. */
  managedAddresses(): readonly string[] {
    const found = new Set<string>();
    for (const policy of this.policies.values())
      for (const pod of this.targets(policy)) for (const { ip } of pod.status?.podIPs ?? []) found.add(ip);
    return [...found];
  }

  /** First what the sender may, then what the receiver lets in. Models: EvaluatePacket. */
  allows({ source, destination, sourcePort, destinationPort, protocol }: QueuedFlow): boolean {
    const from: Side = { pod: this.podAt(source), address: source, port: sourcePort };
    const to: Side = { pod: this.podAt(destination), address: destination, port: destinationPort };
    return (
      this.direction("Egress", from.pod, to, to, protocol) &&
      this.direction("Ingress", to.pod, from, to, protocol)
    );
  }

  /** Models: EvaluatePolicyDirection: without a policy of this type everything is allowed, else one must allow it. */
  private direction(
    type: "Ingress" | "Egress",
    subject: Pod | undefined,
    other: Side,
    target: Side,
    protocol: string,
  ): boolean {
    if (subject === undefined) return true;
    const policies = this.policiesOf(subject).filter(
      ({ spec }) => spec?.policyTypes?.includes(type) === true,
    );
    if (policies.length === 0) return true;
    return policies.some(({ metadata, spec }) => {
      const rules =
        type === "Ingress"
          ? (spec?.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
          : (spec?.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
      return rules.some(
        ({ peers, ports }) =>
          portFits(ports, target.pod, target.port, protocol) &&
          (peers.length === 0 || peers.some((peer) => this.isPeer(peer, other, metadata.namespace ?? ""))),
      );
    });
  }

  private isPeer(peer: Peer, { pod, address }: Side, home: string): boolean {
    const { ipBlock, podSelector, namespaceSelector } = peer;
    if (ipBlock !== undefined) return inBlock(ipBlock, address);
    if (pod === undefined) return false;
    if (podSelector !== undefined && !matches(objectSelector(podSelector), pod.metadata.labels)) return false;
    if (namespaceSelector === undefined) return podSelector !== undefined && namespaceOf(pod) === home;
    const namespace = this.client.get("Namespace", "", namespaceOf(pod));
    return matches(objectSelector(namespaceSelector), namespace?.metadata.labels);
  }
}
