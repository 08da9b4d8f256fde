import { parseQuantity } from "../../formats/quantity.ts";
import type { Container, Node, Pod } from "../api/index.ts";
import { controllerOf } from "../api/pods.ts";

/** Resources in the scheduler's units. */
export interface Amounts {
  /** Thousandths of a core. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** What a pod means for a node, worked out once. */
export interface PodDemand {
  readonly pod: Pod;
  readonly requests: Amounts;
  /** As above, with what is assumed of containers that ask for nothing: 100m and 200Mi. */
  readonly scored: Amounts;
  readonly hostPorts: readonly HostPort[];
  /** The same for all demands of the same size. */
  readonly size: string;
  /** Its controller: pods of one controller are spread. */
  readonly group: string;
  /** It has wishes about the node's labels, or demands. */
  readonly choosy: boolean;
}

interface HostPort {
  readonly port: number;
  readonly protocol: string;
  readonly ip: string;
}

const ASSUMED: Amounts = { cpuMilli: 100, memoryBytes: 200 * 2 ** 20 };

function amount(container: Container, name: string): number {
  return parseQuantity(container.resources?.requests?.[name] ?? "0") ?? 0;
}

function requestsOf(container: Container): Amounts {
  return {
    cpuMilli: Math.ceil(amount(container, "cpu") * 1000 - 1e-6),
    memoryBytes: amount(container, "memory"),
  };
}

function assumed({ cpuMilli, memoryBytes }: Amounts): Amounts {
  return {
    cpuMilli: cpuMilli === 0 ? ASSUMED.cpuMilli : cpuMilli,
    memoryBytes: memoryBytes === 0 ? ASSUMED.memoryBytes : memoryBytes,
  };
}

const NOTHING: Amounts = { cpuMilli: 0, memoryBytes: 0 };
const plus = (a: Amounts, b: Amounts): Amounts => ({
  cpuMilli: a.cpuMilli + b.cpuMilli,
  memoryBytes: a.memoryBytes + b.memoryBytes,
});
const most = (a: Amounts, b: Amounts): Amounts => ({
  cpuMilli: Math.max(a.cpuMilli, b.cpuMilli),
  memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
});

/** The containers together, or the largest init container. Models: component-helpers/resource PodRequests. */
export function demandOf(pod: Pod): PodDemand {
  const total = (measure: (container: Container) => Amounts): Amounts => {
    const running = pod.spec.containers.map(measure).reduce(plus, NOTHING);
    return (pod.spec.initContainers ?? []).map(measure).reduce(most, running);
  };
  const hostPorts = pod.spec.containers
    .flatMap((container) => container.ports ?? [])
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({
      port: port.hostPort ?? 0,
      protocol: port.protocol ?? "TCP",
      ip: port.hostIP ?? "0.0.0.0",
    }));
  const { nodeSelector, affinity } = pod.spec;
  const [requests, scored] = [total(requestsOf), total((container) => assumed(requestsOf(container)))];
  return {
    pod,
    size: `${requests.cpuMilli} ${requests.memoryBytes} ${scored.cpuMilli} ${scored.memoryBytes}`,
    choosy: nodeSelector !== undefined || affinity?.nodeAffinity !== undefined,
    requests,
    scored,
    hostPorts,
    group: controllerOf(pod)?.uid ?? pod.metadata.uid,
  };
}

/** Which nodes the pods of one controller are on. */
export class Groups {
  private readonly byGroup = new Map<string, Map<NodeInfo, number>>();

  of(group: string): ReadonlyMap<NodeInfo, number> | undefined {
    return this.byGroup.get(group);
  }

  count(group: string, node: NodeInfo, change: number): void {
    const nodes = this.byGroup.get(group) ?? new Map<NodeInfo, number>();
    const members = (nodes.get(node) ?? 0) + change;
    if (members === 0) nodes.delete(node);
    else nodes.set(node, members);
    if (nodes.size === 0) this.byGroup.delete(group);
    else this.byGroup.set(group, nodes);
  }
}

/** One node as the scheduler's cache holds it: sums instead of lists. Models: scheduler framework NodeInfo. */
export class NodeInfo {
  node: Node;
  /** Neither cordoned nor tainted: whoever fits by size may come. */
  open = true;
  cpuMilli = 0;
  memoryBytes = 0;
  maxPods = 0;
  usedCpuMilli = 0;
  usedMemoryBytes = 0;
  scoredCpuMilli = 0;
  scoredMemoryBytes = 0;
  readonly pods = new Map<string, PodDemand>();
  /** How much room the score gave to the last demand's size; null after a change. */
  roomScore: { readonly size: string; readonly score: number } | null = null;
  /** Pods of the group that is being placed: set and cleared by the score. */
  siblings = 0;

  private readonly groups: Groups;

  constructor(node: Node, groups: Groups) {
    this.node = node;
    this.groups = groups;
    this.set(node);
  }

  set(node: Node): void {
    this.node = node;
    this.roomScore = null;
    this.open = node.spec?.unschedulable !== true && (node.spec?.taints ?? []).length === 0;
    const room = node.status?.allocatable ?? {};
    this.cpuMilli = Math.round((parseQuantity(room["cpu"] ?? "0") ?? 0) * 1000);
    this.memoryBytes = parseQuantity(room["memory"] ?? "0") ?? 0;
    this.maxPods = parseQuantity(room["pods"] ?? "110") ?? 110;
  }

  add(demand: PodDemand): void {
    const { uid } = demand.pod.metadata;
    if (this.pods.has(uid)) this.remove(uid);
    this.pods.set(uid, demand);
    this.count(demand, 1);
  }

  remove(uid: string): void {
    const demand = this.pods.get(uid);
    if (demand === undefined) return;
    this.pods.delete(uid);
    this.count(demand, -1);
  }

  /** The node is gone: its pods are no siblings of anybody's. */
  leave(): void {
    for (const uid of [...this.pods.keys()]) this.remove(uid);
  }

  portsClash(wanted: readonly HostPort[]): boolean {
    if (wanted.length === 0) return false;
    const any = (ip: string): boolean => ip === "" || ip === "0.0.0.0";
    return [...this.pods.values()].some(({ hostPorts }) =>
      hostPorts.some((held) =>
        wanted.some(
          (each) =>
            each.port === held.port &&
            each.protocol === held.protocol &&
            (any(each.ip) || any(held.ip) || each.ip === held.ip),
        ),
      ),
    );
  }

  private count({ requests, scored, group }: PodDemand, sign: 1 | -1): void {
    this.usedCpuMilli += sign * requests.cpuMilli;
    this.usedMemoryBytes += sign * requests.memoryBytes;
    this.scoredCpuMilli += sign * scored.cpuMilli;
    this.scoredMemoryBytes += sign * scored.memoryBytes;
    this.roomScore = null;
    this.groups.count(group, this, sign);
  }
}
