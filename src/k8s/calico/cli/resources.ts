import { isList, isRecord, type JsonRecord, jsonText } from "../../../formats/json.ts";
import { formatPrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiStore, type Node, type Pod } from "../../api/index.ts";
import {
  CalicoClient,
  type CalicoKind,
  NODE_ANNOTATIONS,
  readNode,
  resourceId,
  vethName,
} from "../api/index.ts";

export const API_VERSION = "projectcalico.org/v3";

/** An object as calicoctl shows it and takes it. */
export interface Resource {
  readonly kind: string;
  readonly metadata: JsonRecord;
  readonly spec: JsonRecord;
}

interface Column {
  readonly head: string;
  readonly cell: (resource: Resource) => string;
}

/** A kind that calicoctl knows. */
export interface ResourceKind {
  readonly kind: string;
  readonly names: readonly string[];
  readonly namespaced: boolean;
  /** Heads of the short table and of `-o wide`. */
  readonly short: readonly string[];
  readonly wide: readonly string[];
  readonly columns: Readonly<Record<string, Column["cell"]>>;
}

const field =
  (name: string, otherwise = "") =>
  (resource: Resource): string => {
    const value = resource.spec[name];
    return value === undefined ? otherwise : jsonText(value);
  };
const joined =
  (name: string) =>
  ({ spec }: Resource): string => {
    const value = spec[name];
    return isList(value) ? value.map(jsonText).join(",") : "";
  };
const nameOf = ({ metadata }: Resource): string => jsonText(metadata["name"]);

function kind(
  name: string,
  names: string,
  short: string,
  wide: string,
  columns: ResourceKind["columns"] = {},
  namespaced = false,
): ResourceKind {
  const all = {
    NAME: nameOf,
    NAMESPACE: ({ metadata }: Resource) => jsonText(metadata["namespace"]),
    ...columns,
  };
  return {
    kind: name,
    names: [name.toLowerCase(), ...names.split(" ")],
    namespaced,
    short: short.split(" "),
    wide: wide.split(" "),
    columns: all,
  };
}

function bgpOf({ spec }: Resource): JsonRecord {
  return isRecord(spec["bgp"]) ? spec["bgp"] : {};
}

const POLICY: ResourceKind["columns"] = {
  TIER: field("tier"),
  ORDER: field("order", "<nil>"),
  SELECTOR: field("selector"),
};

function peerNode({ spec }: Resource): string {
  const node = jsonText(spec["node"]);
  const selector = jsonText(spec["nodeSelector"]);
  return node !== "" ? node : selector !== "" ? selector : "(global)";
}

/** What `calicoctl get` knows, with its columns. Models: calicoctl/resourcemgr. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  kind("Node", "nodes no nos", "NAME", "NAME ASN IPV4 IPV6", {
    ASN: (resource) =>
      jsonText(bgpOf(resource)["asNumber"] ?? `(${jsonText(resource.metadata["defaultAs"])})`),
    IPV4: (resource) => jsonText(bgpOf(resource)["ipv4Address"]),
    IPV6: () => "",
  }),
  kind(
    "IPPool",
    "ippools ipp ipps pool pools",
    "NAME CIDR SELECTOR",
    "NAME CIDR NAT IPIPMODE VXLANMODE DISABLED DISABLEBGPEXPORT SELECTOR ASSIGNMENTMODE",
    {
      CIDR: field("cidr"),
      NAT: field("natOutgoing", "false"),
      IPIPMODE: field("ipipMode", "Never"),
      VXLANMODE: field("vxlanMode", "Never"),
      DISABLED: field("disabled", "false"),
      DISABLEBGPEXPORT: field("disableBGPExport", "false"),
      SELECTOR: field("nodeSelector"),
      ASSIGNMENTMODE: field("assignmentMode", "Automatic"),
    },
  ),
  kind(
    "WorkloadEndpoint",
    "workloadendpoints wep weps",
    "WORKLOAD NODE NETWORKS INTERFACE",
    "NAME WORKLOAD NODE NETWORKS INTERFACE PROFILES NATS",
    {
      WORKLOAD: field("pod"),
      NODE: field("node"),
      NETWORKS: joined("ipNetworks"),
      INTERFACE: field("interfaceName"),
      PROFILES: joined("profiles"),
      NATS: () => "",
    },
    true,
  ),
  kind("BGPPeer", "bgppeers bgpp bgpps bp bps", "NAME PEERIP NODE ASN", "NAME PEERIP NODE ASN", {
    PEERIP: field("peerIP"),
    NODE: peerNode,
    ASN: field("asNumber", "0"),
  }),
  kind(
    "BGPConfiguration",
    "bgpconfigurations bgpconfig bgpconfigs",
    "NAME LOGSEVERITY MESHENABLED ASNUMBER",
    "NAME LOGSEVERITY MESHENABLED ASNUMBER",
    {
      LOGSEVERITY: field("logSeverityScreen"),
      MESHENABLED: field("nodeToNodeMeshEnabled", "-"),
      ASNUMBER: field("asNumber", "-"),
    },
  ),
  kind("FelixConfiguration", "felixconfigurations felixconfig felixconfigs", "NAME", "NAME"),
  kind(
    "NetworkPolicy",
    "networkpolicies policy np policies pol pols",
    "NAME TIER",
    "NAME TIER ORDER SELECTOR",
    POLICY,
    true,
  ),
  kind(
    "GlobalNetworkPolicy",
    "globalnetworkpolicies gnp gnps",
    "NAME TIER",
    "NAME TIER ORDER SELECTOR",
    POLICY,
  ),
  kind("HostEndpoint", "hostendpoints hep heps", "NAME NODE", "NAME NODE INTERFACE IPS PROFILES", {
    NODE: field("node"),
    INTERFACE: field("interfaceName"),
    IPS: joined("expectedIPs"),
    PROFILES: joined("profiles"),
  }),
  kind("NetworkSet", "networksets netset netsets", "NAME", "NAME NETS", { NETS: joined("nets") }, true),
  kind("GlobalNetworkSet", "globalnetworksets gns", "NAME", "NAME NETS", { NETS: joined("nets") }),
  kind("IPReservation", "ipreservations", "NAME CIDRS", "NAME CIDRS", { CIDRS: joined("reservedCIDRs") }),
  kind("Tier", "tiers", "NAME ORDER", "NAME ORDER DEFAULTACTION", {
    ORDER: field("order", "<nil>"),
    DEFAULTACTION: field("defaultAction", "Deny"),
  }),
  kind("ClusterInformation", "clusterinformations clusterinfo clusterinfos", "NAME", "NAME"),
];

export function kindNamed(name: string): ResourceKind | undefined {
  return RESOURCE_KINDS.find(({ names }) => names.includes(name.toLowerCase()));
}

export const isPolicy = (kindName: string): boolean =>
  kindName === "NetworkPolicy" || kindName === "GlobalNetworkPolicy";

/** A policy's stored name begins with its tier. Models: names.TieredPolicyName. */
export function storedName(kindName: string, name: string): string {
  return isPolicy(kindName) && !name.includes(".") ? `default.${name}` : name;
}

/** Models: conversion of the Kubernetes Node to Calico's. */
function nodeResource(node: Node, defaultAs: string): Resource {
  const { ipv4, ipipTunnelAddr: _, asNumber, routeReflectorClusterId } = readNode(node);
  const { name, creationTimestamp, resourceVersion, uid, labels, annotations = {} } = node.metadata;
  const ipipTunnel = annotations[NODE_ANNOTATIONS.ipipTunnelAddr];
  const vxlanTunnel = annotations[NODE_ANNOTATIONS.vxlanTunnelAddr];
  const address = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  const bgp = {
    ...(asNumber !== undefined && { asNumber: Number(asNumber) }),
    ...(ipv4 !== undefined && { ipv4Address: formatPrefix(ipv4) }),
    ...(ipipTunnel !== undefined && { ipv4IPIPTunnelAddr: ipipTunnel }),
    ...(routeReflectorClusterId !== undefined && { routeReflectorClusterID: routeReflectorClusterId }),
  };
  return {
    kind: "Node",
    metadata: { creationTimestamp, labels, name, resourceVersion, uid, defaultAs },
    spec: {
      ...(address !== undefined && { addresses: [{ address, type: "InternalIP" }] }),
      ...(Object.keys(bgp).length > 0 && { bgp }),
      ...(vxlanTunnel !== undefined && { ipv4VXLANTunnelAddr: vxlanTunnel }),
      orchRefs: [{ nodeName: name, orchestrator: "k8s" }],
    },
  };
}

const doubled = (text: string): string => text.replaceAll("-", "--");

/** A pod with a Calico address. Models: conversion podToDefaultWorkloadEndpoint. */
function workloadEndpoint(pod: Pod): readonly Resource[] {
  const { name, namespace = "default", annotations = {}, labels = {}, creationTimestamp, uid } = pod.metadata;
  const address = annotations["cni.projectcalico.org/podIP"] ?? "";
  const node = pod.spec.nodeName;
  const over = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (address === "" || node === undefined || pod.spec.hostNetwork === true || over) return [];
  const account = pod.spec.serviceAccountName ?? "default";
  return [
    {
      kind: "WorkloadEndpoint",
      metadata: {
        creationTimestamp,
        labels: {
          ...labels,
          "projectcalico.org/namespace": namespace,
          "projectcalico.org/orchestrator": "k8s",
          "projectcalico.org/serviceaccount": account,
        },
        name: `${doubled(node)}-k8s-${doubled(name)}-eth0`,
        namespace,
        uid,
      },
      spec: {
        containerID: annotations["cni.projectcalico.org/containerID"],
        endpoint: "eth0",
        interfaceName: vethName(namespace, name),
        ipNetworks: [address],
        node,
        orchestrator: "k8s",
        pod: name,
        profiles: [`kns.${namespace}`, `ksa.${namespace}.${account}`],
      },
    },
  ];
}

/** Everything of a kind, in the order of names. */
export function listResources(store: ApiStore, { kind: name }: ResourceKind): readonly Resource[] {
  const api = new ApiClient(store, "calicoctl");
  const calico = new CalicoClient(store, "calicoctl");
  if (name === "Node") {
    const as = String(calico.get("BGPConfiguration", "default")?.spec.asNumber ?? 64512);
    return api.list("Node").map((node) => nodeResource(node, as));
  }
  if (name === "WorkloadEndpoint") return api.list("Pod").flatMap(workloadEndpoint);
  const id = resourceId(name as CalicoKind);
  if (!store.resources().some((resource) => resource.id === id)) return [];
  return store.list(id).map((object) => {
    const spec: unknown = "spec" in object ? object.spec : {};
    const { annotations, ...rest } = object.metadata;
    const given = annotations?.["projectcalico.org/name"];
    const body = isRecord(spec) ? spec : {};
    return {
      kind: name,
      metadata: { ...rest, name: given ?? object.metadata.name },
      spec: isPolicy(name) ? { tier: "default", ...body } : body,
    };
  });
}

/** As it is printed with -o yaml and -o json. */
export function asTree({ kind: name, metadata, spec }: Resource): JsonRecord {
  const { generation: _, defaultAs: __, ...rest } = metadata;
  return { apiVersion: API_VERSION, kind: name, metadata: rest, spec };
}
