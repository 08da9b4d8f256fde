import { formatIpv4 } from "../../../wire/address.ts";
import { ApiClient, type ApiStore } from "../../api/index.ts";
import {
  type BgpConfigurationSpec,
  type BgpPeerSpec,
  CalicoClient,
  type CalicoNode,
  type Pool,
  pools,
  readNode,
  selects,
} from "../api/index.ts";

/** A BGP neighbour of this node. Models: confd's bgpPeer. */
export interface Peer {
  readonly ip: string;
  readonly as: string;
  /** undefined: 179. */
  readonly port: number | undefined;
  readonly source: string;
  /** It is a node of the cluster. */
  readonly calicoNode: boolean;
  readonly rrClusterId: string;
  readonly keepNextHop: boolean;
  readonly nextHopMode: string;
}

/** What a node's bird.cfg is made of. */
export interface BgpModel {
  readonly node: CalicoNode;
  readonly nodes: readonly CalicoNode[];
  readonly pools: readonly Pool[];
  readonly globalAs: string;
  readonly meshEnabled: boolean;
  readonly listenPort: number | undefined;
  readonly bindMode: string;
  readonly ignoredInterfaces: readonly string[];
  readonly logLevel: string;
  /** Service ranges that this node tells its neighbours. */
  readonly staticRoutes: readonly string[];
  readonly blocks: readonly { readonly cidr: string; readonly state: string }[];
  readonly globalPeers: readonly Peer[];
  readonly nodePeers: readonly Peer[];
}

const DEFAULT_AS = "64512";
const EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";

function ipOf(node: CalicoNode): string | undefined {
  return node.ipv4 === undefined ? undefined : formatIpv4(node.ipv4.address);
}

function nodePeer(node: CalicoNode, spec: BgpPeerSpec, globalAs: string, port: number | undefined): Peer[] {
  const ip = ipOf(node);
  if (ip === undefined) return [];
  return [
    {
      ip,
      as: node.asNumber ?? globalAs,
      port,
      source: spec.sourceAddress ?? "UseNodeIP",
      calicoNode: false,
      rrClusterId: node.routeReflectorClusterId ?? "",
      keepNextHop: spec.keepOriginalNextHop ?? false,
      nextHopMode: spec.nextHopMode ?? "Auto",
    },
  ];
}

/** The neighbours that a BGPPeer names. */
function namedPeers(
  spec: BgpPeerSpec,
  nodes: readonly CalicoNode[],
  globalAs: string,
  listenPort: number | undefined,
): readonly Peer[] {
  if ((spec.peerSelector ?? "") !== "")
    return nodes
      .filter(({ labels }) => selects(spec.peerSelector ?? "", labels))
      .flatMap((node) => nodePeer(node, spec, globalAs, listenPort));
  const [ip = "", port] = (spec.peerIP ?? "").split(":");
  if (ip === "") return [];
  const known = nodes.some((node) => ipOf(node) === ip);
  return [
    {
      ip,
      as: String(spec.asNumber ?? globalAs),
      port: port === undefined ? (known ? listenPort : undefined) : Number(port),
      source: spec.sourceAddress ?? "UseNodeIP",
      calicoNode: known,
      rrClusterId: "",
      keepNextHop: spec.keepOriginalNextHop ?? false,
      nextHopMode: spec.nextHopMode ?? "Auto",
    },
  ];
}

const isGlobal = (spec: BgpPeerSpec): boolean => (spec.nodeSelector ?? "") === "" && (spec.node ?? "") === "";

function choosesNode(spec: BgpPeerSpec, node: CalicoNode): boolean {
  if ((spec.nodeSelector ?? "") !== "") return selects(spec.nodeSelector ?? "", node.labels);
  return (spec.node ?? "") === "" || spec.node === node.name;
}

/** Whether a BGPPeer names this node as the far end, so that it needs the peering turned round. */
function namesNode(spec: BgpPeerSpec, node: CalicoNode, globalAs: string): boolean {
  if ((spec.peerSelector ?? "") !== "") return selects(spec.peerSelector ?? "", node.labels);
  const [ip = ""] = (spec.peerIP ?? "").split(":");
  return ipOf(node) === ip && (node.asNumber ?? globalAs) === String(spec.asNumber ?? globalAs);
}

/** Adds what is not there yet under its address and port. */
function collect(into: Map<string, Peer>, peers: readonly Peer[], unless?: ReadonlyMap<string, Peer>): void {
  for (const peer of peers) {
    const key = `${peer.ip} ${peer.port ?? 0}`;
    if (!into.has(key) && unless?.has(key) !== true) into.set(key, peer);
  }
}

/** Models: updatePeersV1: global peers, this node's, and the other direction of peerings between nodes. */
function peersOf(
  specs: readonly BgpPeerSpec[],
  node: CalicoNode,
  nodes: readonly CalicoNode[],
  globalAs: string,
  port: number | undefined,
): { globalPeers: readonly Peer[]; nodePeers: readonly Peer[] } {
  const global = new Map<string, Peer>();
  const own = new Map<string, Peer>();
  for (const spec of specs) if (isGlobal(spec)) collect(global, namedPeers(spec, nodes, globalAs, port));
  for (const spec of specs)
    if (!isGlobal(spec) && choosesNode(spec, node))
      collect(own, namedPeers(spec, nodes, globalAs, port), global);
  for (const spec of specs) {
    if (!namesNode(spec, node, globalAs)) continue;
    const others = nodes.filter((each) => choosesNode(spec, each));
    collect(
      own,
      others.flatMap((each) => nodePeer(each, spec, globalAs, port)),
      global,
    );
  }
  const sorted = (peers: Map<string, Peer>): Peer[] =>
    [...peers.values()].toSorted((a, b) => (a.ip < b.ip ? -1 : 1));
  return { globalPeers: sorted(global), nodePeers: sorted(own) };
}

function serviceRanges(spec: BgpConfigurationSpec | undefined, node: CalicoNode): readonly string[] {
  if (node.labels[EXCLUDE_LABEL] !== undefined || spec === undefined) return [];
  const lists = [spec.serviceClusterIPs, spec.serviceExternalIPs, spec.serviceLoadBalancerIPs];
  return lists.flatMap((list) => list ?? []).flatMap(({ cidr }) => cidr ?? []);
}

/** Everything that confd reads, for one node; undefined as long as the node has no address. */
export function readBgpModel(store: ApiStore, name: string): BgpModel | undefined {
  const api = new ApiClient(store, `confd ${name}`);
  const calico = new CalicoClient(store, `confd ${name}`);
  const nodes = api.list("Node").map(readNode);
  const node = nodes.find((each) => each.name === name);
  if (node?.ipv4 === undefined) return undefined;
  const global = calico.get("BGPConfiguration", "default")?.spec;
  const own = calico.get("BGPConfiguration", `node.${name}`)?.spec;
  const globalAs = String(global?.asNumber ?? DEFAULT_AS);
  const listenPort = own?.listenPort ?? global?.listenPort;
  const specs = calico.list("BGPPeer").map(({ spec }) => spec);
  return {
    node,
    nodes,
    pools: pools(calico).filter(({ disabled }) => !disabled),
    globalAs,
    meshEnabled: global?.nodeToNodeMeshEnabled ?? true,
    listenPort,
    bindMode: own?.bindMode ?? global?.bindMode ?? "",
    ignoredInterfaces: own?.ignoredInterfaces ?? global?.ignoredInterfaces ?? [],
    logLevel: (own?.logSeverityScreen ?? global?.logSeverityScreen ?? "info").toLowerCase(),
    staticRoutes: serviceRanges(global, node),
    blocks: calico
      .list("BlockAffinity")
      .filter(({ spec }) => spec.node === name && (spec.type ?? "host") === "host")
      .map(({ spec }) => ({ cidr: spec.cidr, state: spec.state })),
    ...peersOf(specs, node, nodes, globalAs, listenPort),
  };
}
