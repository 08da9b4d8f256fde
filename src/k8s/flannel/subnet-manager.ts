import { err, ok, type Result } from "../../base/result.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { formatIpv4, formatPrefix, inPrefix, type Ipv4Prefix } from "../../wire/address.ts";
import type { ApiClient, Node } from "../api/index.ts";
import type { LeaseAttributes } from "./backend.ts";
import type { NetworkConfig } from "./config.ts";
import type { Klog } from "./klog.ts";
import { type AnnotationKeys, type Lease, type LeaseEvent, nodeToLease, podCidr } from "./lease.ts";

/** Go's `%#+v` of a map of strings. */
function goMap(map: Readonly<Record<string, string>> | undefined): string {
  if (map === undefined) return "map[string]string(nil)";
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(map[key])}`);
  return `map[string]string{${entries.join(", ")}}`;
}

/** Whether a node's range is part of the network that flannel is told of. */
export function holds(network: Ipv4Prefix, subnet: Ipv4Prefix): boolean {
  return network.length <= subnet.length && inPrefix(subnet.address, network.address, network.length);
}

/** The node with its lease in the annotations. */
export function leaseAnnotations(node: Node, keys: AnnotationKeys, attributes: LeaseAttributes): Node {
  const has = node.metadata.annotations ?? {};
  const overwrite = has[keys.publicIpOverwrite] ?? "";
  const annotations = {
    ...has,
    [keys.backendType]: attributes.backendType,
    [keys.backendData]: attributes.backendData,
    [keys.publicIp]: overwrite === "" ? formatIpv4(attributes.publicIp) : overwrite,
    [keys.managed]: "true",
  };
  return { ...node, metadata: { ...node.metadata, annotations } };
}

/** The node whose condition NetworkUnavailable is False. */
export function networkAvailable(node: Node, now: string): Node {
  const others = (node.status?.conditions ?? []).filter(({ type }) => type !== "NetworkUnavailable");
  const condition = {
    type: "NetworkUnavailable",
    status: "False" as const,
    reason: "FlannelIsUp",
    message: "Flannel is running on this node",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  return { ...node, status: { ...node.status, conditions: [...others, condition] } };
}

/** Where flanneld gets its own range from and hears of the others'. */
export interface SubnetManager {
  readonly name: string;
  /** The next event about another node. */
  next(own: Lease): Task<LeaseEvent>;
  /** The VTEP's MAC of an earlier run; empty when it is not kept. */
  storedMac(): Task<string>;
  storedPublicIp(): Task<string>;
  acquireLease(attributes: LeaseAttributes, config: NetworkConfig): Task<Result<Lease, string>>;
  /** The network works: whoever waits for that may be told. */
  completeLease(now: string): void;
  stop(): void;
}

/**
 * Leases kept in the annotations of Node objects (`--kube-subnet-mgr`).
 *
 * Models: flannel pkg/subnet/kube.
 */
export class KubeSubnetManager implements SubnetManager {
  readonly arrived = new Signal();
  private readonly client: ApiClient;
  private readonly log: Klog;
  private readonly nodeName: string;
  private readonly prefix: string;
  private readonly keys: AnnotationKeys;
  private readonly events: { readonly event: LeaseEvent; readonly podCidrs: readonly string[] }[] = [];
  private readonly leases = new Map<string, Lease>();
  private stopWatch: (() => void) | null = null;

  constructor(client: ApiClient, log: Klog, nodeName: string, prefix: string, keys: AnnotationKeys) {
    this.client = client;
    this.log = log;
    this.nodeName = nodeName;
    this.prefix = prefix;
    this.keys = keys;
  }

  get name(): string {
    return `Kubernetes Subnet Manager - ${this.nodeName}`;
  }

  watch(): void {
    this.stopWatch = this.client.watch("Node", ({ type, object, before }) => {
      if (object.metadata.annotations?.[this.keys.managed] !== "true") return;
      if (before !== undefined && !this.changed(before, object)) return;
      const lease = nodeToLease(object, this.keys);
      if (!lease.ok) return;
      const event: LeaseEvent = { type: type === "DELETED" ? "removed" : "added", lease: lease.value };
      this.events.push({ event, podCidrs: object.spec?.podCIDRs ?? [] });
      this.arrived.fire();
    });
  }

  stop(): void {
    this.stopWatch?.();
  }

  /** The next event about another node. */
  *next(own: Lease): Task<LeaseEvent> {
    for (;;) {
      const next = this.events.shift();
      if (next === undefined) {
        yield* this.arrived.wait();
        continue;
      }
      if (next.podCidrs.length > 0) {
        const text = `Creating the node lease for IPv4. This is the n.Spec.PodCIDRs: [${next.podCidrs.join(" ")}]`;
        yield* this.log.info("kube.go:561", text);
      }
      const key = formatPrefix(next.event.lease.subnet);
      if (key === formatPrefix(own.subnet)) continue;
      const known = this.leases.get(key);
      if (next.event.type === "added") this.leases.set(key, next.event.lease);
      else this.leases.delete(key);
      return next.event.type === "removed" && known !== undefined
        ? { type: "removed", lease: known }
        : next.event;
    }
  }

  *storedMac(): Task<string> {
    const data = (yield* this.annotations("kube.go:710"))?.[`${this.prefix}/backend-data`] ?? "";
    return /:"([^"]*)"?\}?$/.exec(data)?.[1] ?? "";
  }

  *storedPublicIp(): Task<string> {
    return (yield* this.annotations("kube.go:743"))?.[this.keys.nodePublicIp] ?? "";
  }

  *acquireLease(attributes: LeaseAttributes, config: NetworkConfig): Task<Result<Lease, string>> {
    const node = this.client.get("Node", "", this.nodeName);
    if (node === undefined)
      return err(
        `timeout contacting kube-api, failed to patch node "${this.nodeName}". Error: context deadline exceeded`,
      );
    if ((node.spec?.podCIDR ?? "") === "") return err(`node "${this.nodeName}" pod cidr not assigned`);
    const subnet = podCidr(node);
    if (!subnet.ok) return subnet;
    yield* this.annotate(node, attributes);
    const { network } = config;
    if (network !== undefined && holds(network, subnet.value))
      return ok({ ...attributes, node: this.nodeName, subnet: subnet.value });
    const range = network === undefined ? "0.0.0.0/0" : formatPrefix(network);
    return err(
      `subnet "${range}" specified in the flannel net config doesn't contain "${formatPrefix(subnet.value)}" PodCIDR of the "${this.nodeName}" node`,
    );
  }

  /** Sets the condition NetworkUnavailable to False. */
  completeLease(now: string): void {
    this.client.updateStatus("Node", "", this.nodeName, (node) => networkAvailable(node, now));
  }

  private *annotate(node: Node, attributes: LeaseAttributes): Task<void> {
    const has = node.metadata.annotations ?? {};
    const overwrite = has[this.keys.publicIpOverwrite] ?? "";
    if (overwrite !== "" && has[this.keys.publicIp] !== overwrite) {
      const text = `Overriding public ip with '${overwrite}' from node annotation '${this.keys.publicIpOverwrite}'`;
      yield* this.log.info("kube.go:438", text);
    }
    this.client.updateStatus("Node", "", this.nodeName, (current) =>
      leaseAnnotations(current, this.keys, attributes),
    );
  }

  private *annotations(place: string): Task<Readonly<Record<string, string>> | undefined> {
    const node = this.client.get("Node", "", this.nodeName);
    if (node === undefined) {
      const text = `Failed to get node for backend data: nodes "${this.nodeName}" not found`;
      yield* this.log.error(place === "kube.go:710" ? "kube.go:703" : "kube.go:738", text);
      return undefined;
    }
    const { annotations } = node.metadata;
    if (annotations !== undefined)
      yield* this.log.info(place, `List of node(${this.nodeName}) annotations: ${goMap(annotations)}`);
    return annotations;
  }

  /** Models: handleUpdateLeaseEvent: only what the backend wrote counts. */
  private changed(before: Node, after: Node): boolean {
    const { backendData, backendType, publicIp } = this.keys;
    return [backendData, backendType, publicIp].some(
      (key) => before.metadata.annotations?.[key] !== after.metadata.annotations?.[key],
    );
  }
}
