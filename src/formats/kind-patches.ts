import { err, ok, type Result } from "../base/result.ts";
import { parseIpv4 } from "../wire/address.ts";
import { isRecord, type JsonRecord, jsonText } from "./json.ts";

/** What kubeadm configuration patches change in the cluster, as far as the model knows it. */
export interface KubeadmEffect {
  /** Labels that the kubelet registers its node with. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** The pod CIDR that a node gets is this long. */
  readonly nodeCidrMaskSize?: number;
  readonly kubeProxyMode?: string;
  readonly dnsDomain?: string;
  /** --cluster-dns of the kubelets. */
  readonly clusterDns?: readonly string[];
  /** --service-node-port-range. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
}

export const NO_EFFECT: KubeadmEffect = { nodeLabels: {} };

/** The settings that are understood: `Kind.path` to what they do. */
const SETTINGS: Readonly<
  Record<string, (effect: KubeadmEffect, value: string) => KubeadmEffect | undefined>
> = {
  "InitConfiguration.nodeRegistration.kubeletExtraArgs.node-labels": nodeLabels,
  "JoinConfiguration.nodeRegistration.kubeletExtraArgs.node-labels": nodeLabels,
  "ClusterConfiguration.controllerManager.extraArgs.node-cidr-mask-size": maskSize,
  "ClusterConfiguration.controllerManager.extraArgs.node-cidr-mask-size-ipv4": maskSize,
  "ClusterConfiguration.apiServer.extraArgs.service-node-port-range": nodePorts,
  "ClusterConfiguration.networking.dnsDomain": (effect, value) => ({ ...effect, dnsDomain: value }),
  "InitConfiguration.nodeRegistration.kubeletExtraArgs.cluster-dns": clusterDns,
  "JoinConfiguration.nodeRegistration.kubeletExtraArgs.cluster-dns": clusterDns,
  "KubeletConfiguration.clusterDNS": clusterDns,
  "KubeProxyConfiguration.mode": (effect, value) => ({ ...effect, kubeProxyMode: value }),
};

function nodeLabels(effect: KubeadmEffect, value: string): KubeadmEffect {
  const pairs = value.split(",").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { ...effect, nodeLabels: { ...effect.nodeLabels, ...Object.fromEntries(pairs) } };
}

/** The flag's words between commas, or the field's JSON list. */
function clusterDns(effect: KubeadmEffect, value: string): KubeadmEffect | undefined {
  const servers = value.match(/[^\s,"[\]]+/g) ?? [];
  return servers.every((server) => parseIpv4(server) !== undefined)
    ? { ...effect, clusterDns: servers }
    : undefined;
}

/** `20000-32767`, or `30000+2767`: a first port and how many more. Models: k8s.io/apimachinery pkg/util/net PortRange. */
function nodePorts(effect: KubeadmEffect, value: string): KubeadmEffect | undefined {
  const [, from = "", sign, to = ""] = /^(\d+)([-+])(\d+)$/.exec(value) ?? [];
  if (sign === undefined) return undefined;
  const first = Number(from);
  const last = sign === "+" ? first + Number(to) : Number(to);
  return last < first || last > 65_535 ? undefined : { ...effect, nodePorts: { first, last } };
}

function maskSize(effect: KubeadmEffect, value: string): KubeadmEffect {
  return { ...effect, nodeCidrMaskSize: Number(value) };
}

/** Applies one patch document; the error is the path of the first setting that is not understood. */
export function applyKubeadmPatch(effect: KubeadmEffect, patch: JsonRecord): Result<KubeadmEffect, string> {
  const kind = typeof patch["kind"] === "string" ? patch["kind"] : "";
  let result = effect;
  for (const [path, value] of leaves(patch, kind)) {
    if (path === `${kind}.kind` || path === `${kind}.apiVersion`) continue;
    const setting = SETTINGS[path];
    const next = setting?.(result, value);
    if (next === undefined) return err(path);
    result = next;
  }
  return ok(result);
}

function leaves(value: unknown, path: string): (readonly [string, string])[] {
  if (isRecord(value)) return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
  // kubeadm v1beta4 writes extraArgs as a list of names and values.
  if (Array.isArray(value) && value.every((item) => isRecord(item) && typeof item["name"] === "string")) {
    return value.flatMap((item: JsonRecord) => leaves(item["value"], `${path}.${String(item["name"])}`));
  }
  return [[path, jsonText(value)]];
}
