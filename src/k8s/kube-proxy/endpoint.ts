import { formatAddress, isV4, numericAddress, type Address } from "../../formats/iptables/address.ts";
import type { EndpointSlice } from "../api/index.ts";
import { isExternal, type ProxyFamily, type ServicePort } from "./service-port.ts";

/** One address and port behind a service port. Models: kubernetes pkg/proxy/endpoint.go. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** On this node. */
  readonly local: boolean;
  /** Nodes and zones that topology-aware routing wants it used from. */
  readonly nodeHints?: readonly string[];
  readonly zoneHints?: readonly string[];
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function endpointText({ address, port }: Pick<Endpoint, "address" | "port">): string {
  return isV4(address) ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
}

/** The Service that a slice belongs to: `namespace/name`. */
export function sliceService(slice: EndpointSlice): string {
  const name = slice.metadata.labels?.["kubernetes.io/service-name"] ?? "";
  return `${slice.metadata.namespace ?? "default"}/${name}`;
}

type SliceEndpoint = NonNullable<EndpointSlice["endpoints"]>[number];

interface Named {
  readonly endpoint: Endpoint;
  readonly text: string;
}

/** What was made of the endpoints of slices: those that come again in the next version of a slice are not made anew. */
export class MadeEndpoints {
  private readonly known = new WeakMap<SliceEndpoint, Map<number, Named | undefined>>();

  get(endpoint: SliceEndpoint, port: number, make: () => Endpoint | undefined): Named | undefined {
    let ports = this.known.get(endpoint);
    if (ports === undefined) {
      ports = new Map();
      this.known.set(endpoint, ports);
    }
    if (!ports.has(port)) {
      const made = make();
      ports.set(port, made && { endpoint: made, text: endpointText(made) });
    }
    return ports.get(port);
  }
}

/** The endpoints of one family in a Service's slices, by port name, in the order of their texts. */
export function endpointsByPort(
  family: ProxyFamily,
  slices: readonly EndpointSlice[],
  node: string,
  known: MadeEndpoints,
): ReadonlyMap<string, readonly Endpoint[]> {
  const type = family === "ip" ? "IPv4" : "IPv6";
  const byPort = new Map<string, Map<string, Named>>();
  for (const slice of slices) {
    if (slice.addressType !== type) continue;
    for (const port of slice.ports ?? []) {
      const { name = "", port: number } = port;
      if (number === undefined) continue;
      const found = byPort.get(name) ?? new Map<string, Named>();
      byPort.set(name, found);
      for (const endpoint of slice.endpoints ?? []) {
        const made = known.get(endpoint, number, () => endpointOf(family, endpoint, number, node));
        if (made !== undefined) found.set(made.text, made);
      }
    }
  }
  return new Map([...byPort].map(([name, found]) => [name, sorted([...found.values()])]));
}

function endpointOf(
  family: ProxyFamily,
  endpoint: SliceEndpoint,
  port: number,
  node: string,
): Endpoint | undefined {
  const address = numericAddress(family, endpoint.addresses[0] ?? "");
  if (address === undefined) return undefined;
  const { conditions, hints } = endpoint;
  const ready = conditions?.ready ?? true;
  return {
    address,
    port,
    ready,
    serving: conditions?.serving ?? ready,
    terminating: conditions?.terminating ?? false,
    local: endpoint.nodeName === node,
    ...(hints?.forNodes === undefined ? {} : { nodeHints: hints.forNodes.map(({ name }) => name) }),
    ...(hints?.forZones === undefined ? {} : { zoneHints: hints.forZones.map(({ name }) => name) }),
  };
}

function sorted(endpoints: readonly Named[]): readonly Endpoint[] {
  return endpoints.toSorted((a, b) => (a.text < b.text ? -1 : 1)).map(({ endpoint }) => endpoint);
}

/** Which endpoints a service port uses here. */
export interface Choice {
  /** For traffic of policy Cluster. */
  readonly cluster: readonly Endpoint[];
  /** For traffic of policy Local. */
  readonly local: readonly Endpoint[];
  /** Either of them, each once. */
  readonly reachable: readonly Endpoint[];
  /** Any node has one that could be used. */
  readonly any: boolean;
}

/** Where this node is, for topology-aware routing. */
export interface NodePlace {
  readonly name: string;
  readonly zone?: string;
}

/**
 * Ready endpoints; when there are none, those that end but still serve. Cluster endpoints also serve this node's own
 * traffic to an external address of policy Local. Models: CategorizeEndpoints.
 */
export function choose(endpoints: readonly Endpoint[], port: ServicePort, node: NodePlace): Choice {
  const usesCluster = !port.internalLocal || isExternal(port);
  const usesLocal = port.internalLocal || (port.externalLocal && isExternal(port));
  const ready = endpoints.filter((e) => e.ready);
  const ending = endpoints.filter((e) => !e.ready && e.serving && e.terminating);
  const near = usesCluster ? nearest(ready, node) : [];
  const cluster = !usesCluster
    ? []
    : near.length > 0
      ? near
      : endpoints.filter((e) => e.serving && e.terminating);
  if (!usesLocal) return { cluster, local: [], reachable: cluster, any: cluster.length > 0 };
  const localReady = ready.filter((e) => e.local);
  const local = localReady.length > 0 ? localReady : ending.filter((e) => e.local);
  const any = cluster.length > 0 || ready.length > 0 || ending.length > 0;
  if (!usesCluster) return { cluster, local, reachable: local, any };
  return { cluster, local, reachable: [...cluster, ...local.filter((e) => !cluster.includes(e))], any };
}

/** Those that hints keep for this node, or for its zone, when every endpoint carries such hints. Models: topologyModeFromHints. */
function nearest(ready: readonly Endpoint[], node: NodePlace): readonly Endpoint[] {
  if (ready.length === 0) return ready;
  const byNode = ready.filter((e) => e.nodeHints?.includes(node.name) === true);
  if (byNode.length > 0 && ready.every((e) => e.nodeHints !== undefined)) return byNode;
  const { zone } = node;
  if (zone === undefined || ready.some((e) => e.zoneHints === undefined)) return ready;
  const byZone = ready.filter((e) => e.zoneHints?.includes(zone) === true);
  return byZone.length > 0 ? byZone : ready;
}
