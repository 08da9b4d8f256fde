import { isMap, isSeq, parseDocument } from "yaml";
import { isList, isRecord } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { Scenario } from "../schema.ts";
import { objectsOf, replaceObject } from "./objects.ts";

/** What a cluster without a configuration file of its own begins with. */
export const NEW_CLUSTER = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  disableDefaultCNI: true
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/16
nodes:
- role: control-plane
- role: worker
`;

export const PROXY_MODES = ["iptables", "nftables", "ipvs", "none"] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

export interface ClusterNode {
  /** kind's name for it. */
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly labels: Readonly<Record<string, string>>;
}

export interface ClusterFacts {
  readonly nodes: readonly ClusterNode[];
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly proxyMode: ProxyMode;
}

/** What was read of each document: it is asked for each of its nodes, and there may be thousands. */
const known = new WeakMap<Scenario, { readonly facts: ClusterFacts | undefined }>();

/** What a kind configuration says, with kind's defaults; undefined when there is none or it cannot be read. */
export function clusterFacts(scenario: Scenario): ClusterFacts | undefined {
  let read = known.get(scenario);
  if (read === undefined) known.set(scenario, (read = { facts: readFacts(scenario) }));
  return read.facts;
}

function readFacts({ cluster }: Scenario): ClusterFacts | undefined {
  const value = cluster === undefined ? undefined : parseManifest(cluster).documents[0]?.value;
  if (value === undefined) return undefined;
  const networking = isRecord(value["networking"]) ? value["networking"] : {};
  const listed = isList(value["nodes"]) ? value["nodes"] : [{ role: "control-plane" }];
  const prefix = typeof value["name"] === "string" ? value["name"] : "kind";
  const count = { "control-plane": 0, worker: 0 };
  const nodes = listed.map((node): ClusterNode => {
    const role = isRecord(node) && node["role"] === "worker" ? "worker" : "control-plane";
    const nth = ++count[role];
    return { role, name: `${prefix}-${role}${nth > 1 ? nth : ""}`, labels: labelsOf(node) };
  });
  const subnet = (key: string, usual: string): string => {
    const text = networking[key];
    return typeof text === "string" ? text : usual;
  };
  const mode = networking["kubeProxyMode"];
  return {
    nodes,
    podSubnet: subnet("podSubnet", "10.244.0.0/16"),
    serviceSubnet: subnet("serviceSubnet", "10.96.0.0/16"),
    proxyMode: PROXY_MODES.find((each) => each === mode) ?? "iptables",
  };
}

function labelsOf(node: unknown): Readonly<Record<string, string>> {
  const labels = isRecord(node) ? node["labels"] : undefined;
  if (!isRecord(labels)) return {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}

/** Changes the configuration's text where it is meant, and nowhere else: comments stay. */
function changed(scenario: Scenario, path: readonly (string | number)[], value: unknown): Scenario {
  const document = parseDocument(scenario.cluster ?? NEW_CLUSTER);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  return { ...scenario, cluster: document.toString({ indentSeq: false }) };
}

export function setProxyMode(scenario: Scenario, mode: ProxyMode): Scenario {
  return changed(scenario, ["networking", "kubeProxyMode"], mode);
}

export function setSubnet(scenario: Scenario, which: "podSubnet" | "serviceSubnet", cidr: string): Scenario {
  const moved = changed(scenario, ["networking", which], cidr);
  if (which === "serviceSubnet") return moved;
  // flannel reads the range from its own configuration.
  const before = clusterFacts(scenario)?.podSubnet ?? "";
  const manifests = moved.manifests.map((file) =>
    file.yaml.includes("net-conf.json")
      ? { ...file, yaml: file.yaml.replace(`"Network": "${before}"`, `"Network": "${cidr}"`) }
      : file,
  );
  return { ...moved, manifests };
}

/** kind's own plugin is not modelled: a cluster has another one, or none. */
export function withoutKindnet(scenario: Scenario): Scenario {
  return changed(scenario, ["networking", "disableDefaultCNI"], true);
}

/** kind's own plugin, which a cluster has unless it is told not to. */
export function withKindnet(scenario: Scenario): Scenario {
  return changed(scenario, ["networking", "disableDefaultCNI"], false);
}

export function setNodeLabels(
  scenario: Scenario,
  index: number,
  labels: Readonly<Record<string, string>>,
): Scenario {
  const isEmpty = Object.keys(labels).length === 0;
  return changed(scenario, ["nodes", index, "labels"], isEmpty ? undefined : labels);
}

/** One worker more; a scenario without a cluster gets one. */
export function addNode(scenario: Scenario): Scenario {
  const document = parseDocument(scenario.cluster ?? NEW_CLUSTER);
  const nodes = document.get("nodes");
  const worker = document.createNode({ role: "worker" });
  if (scenario.cluster === undefined) return { ...scenario, cluster: NEW_CLUSTER };
  if (isSeq(nodes)) nodes.add(worker);
  else document.set("nodes", document.createNode([{ role: "control-plane" }, { role: "worker" }]));
  const next = { ...scenario, cluster: document.toString({ indentSeq: false }) };
  return attachNewNode(next);
}

/** A node more on an underlay of its own needs a plug there, beside the others. */
function attachNewNode(scenario: Scenario): Scenario {
  const { underlay } = scenario;
  const last = underlay?.nodes.at(-1);
  if (underlay === undefined || last === undefined) return scenario;
  const [address = "", length = "24"] = last.address.split("/");
  const taken = new Set([
    ...underlay.nodes.map((node) => node.address.split("/")[0]),
    ...(scenario.machines ?? []).flatMap((machine) =>
      machine.interfaces.flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0])),
    ),
  ]);
  const base = address.split(".").slice(0, 3).join(".");
  let host = Number(address.split(".")[3] ?? 0) + 1;
  while (taken.has(`${base}.${host}`)) host++;
  const { name: _, ...like } = last;
  const node = { ...like, address: `${base}.${host}/${length}` };
  return { ...scenario, underlay: { ...underlay, nodes: [...underlay.nodes, node] } };
}

/** Whether a node can be taken away: a cluster keeps one control plane. */
export function canRemoveNode(facts: ClusterFacts, index: number): boolean {
  const node = facts.nodes[index];
  if (node === undefined) return false;
  return node.role === "worker" || facts.nodes.filter(({ role }) => role === "control-plane").length > 1;
}

/**
 * One node fewer. kind numbers its nodes, so those behind it get the names before theirs; pods that were put on a node by
 * name follow theirs, and those of the lost node are left to the scheduler.
 */
export function removeNode(scenario: Scenario, index: number): Scenario {
  const facts = clusterFacts(scenario);
  if (facts === undefined || !canRemoveNode(facts, index)) return scenario;
  const document = parseDocument(scenario.cluster ?? "");
  const nodes = document.get("nodes");
  if (!isSeq(nodes)) return scenario;
  nodes.delete(index);
  let next: Scenario = { ...scenario, cluster: document.toString({ indentSeq: false }) };
  if (scenario.underlay !== undefined && scenario.underlay.nodes.length > 0)
    next = {
      ...next,
      underlay: { ...scenario.underlay, nodes: scenario.underlay.nodes.toSpliced(index, 1) },
    };
  const now = clusterFacts(next)?.nodes ?? [];
  const renamed = new Map(
    facts.nodes.map(({ name }, i) => [name, i === index ? undefined : now[i < index ? i : i - 1]?.name]),
  );
  return moveNamedPods(next, renamed);
}

function moveNamedPods(scenario: Scenario, names: ReadonlyMap<string, string | undefined>): Scenario {
  return objectsOf(scenario).reduce((current, object) => {
    const spec = object.value["spec"];
    const node = isRecord(spec) ? spec["nodeName"] : undefined;
    if (object.kind !== "Pod" || typeof node !== "string" || !names.has(node)) return current;
    const target = names.get(node);
    if (target === node) return current;
    const document = parseDocument(object.text);
    if (!isMap(document.contents)) return current;
    if (target === undefined) document.deleteIn(["spec", "nodeName"]);
    else document.setIn(["spec", "nodeName"], target);
    return replaceObject(current, object, document.toString({ indentSeq: false }));
  }, scenario);
}
