import { type Scenario, SCENARIO_VERSION, type ScenarioInput, scenarioSchema } from "../schema.ts";
import type { Translated } from "../story.ts";
import { type GalleryId, TITLES } from "./titles.ts";
import * as v from "valibot";

type Written = Omit<ScenarioInput, "version" | "name" | "seed" | "story" | "manifests"> & {
  readonly seed?: number;
  readonly text: Translated;
  readonly manifests?: ScenarioInput["manifests"];
};

/** A scenario of the gallery, with its title and everything that has a default filled in. */
export function scenario(id: GalleryId, { text, ...written }: Written): Scenario {
  const title = TITLES[id];
  return v.parse(scenarioSchema, {
    version: SCENARIO_VERSION,
    name: title.en,
    seed: 1,
    manifests: [],
    ...written,
    story: { title, text },
  });
}

export interface KindShape {
  readonly workers: number;
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly kubeProxyMode?: "iptables" | "ipvs" | "nftables";
  /** kubeadm's ClusterConfiguration, as a patch. */
  readonly patch?: string;
}

/** A kind configuration: a control plane, workers, and room for a network plugin. */
export function kind({ workers, podSubnet, serviceSubnet, kubeProxyMode, patch }: KindShape): string {
  const proxy = kubeProxyMode === undefined ? "" : `  kubeProxyMode: ${kubeProxyMode}\n`;
  const patches =
    patch === undefined ? "" : `kubeadmConfigPatches:\n- |\n${patch.trimEnd().replace(/^/gm, "  ")}\n`;
  return `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  disableDefaultCNI: true
  podSubnet: ${podSubnet ?? "10.244.0.0/16"}
  serviceSubnet: ${serviceSubnet ?? "10.96.0.0/16"}
${proxy}${patches}nodes:
- role: control-plane
${"- role: worker\n".repeat(workers)}`;
}

/** kube-flannel.yml with another range or another backend in its net-conf.json. */
export function flannelWith(
  yaml: string,
  change: { readonly network?: string; readonly backend?: string },
): string {
  const { network = "10.244.0.0/16", backend = "vxlan" } = change;
  return yaml
    .replace('"Network": "10.244.0.0/16"', `"Network": "${network}"`)
    .replace('"Type": "vxlan"', `"Type": "${backend}"`);
}

/** A pod that stands where it is told to, with a server that says its name, or with tools only. */
export function pod(
  name: string,
  node: string,
  labels: Readonly<Record<string, string>> = { app: name },
): string {
  const lines = Object.entries(labels).map(([key, value]) => `    ${key}: ${value}\n`);
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels:
${lines.join("")}spec:
  nodeName: ${node}
  containers:
  - name: ${name}
    image: nginx:1.29
    ports:
    - containerPort: 80
`;
}

/** Several documents of one file. */
export function documents(...parts: readonly string[]): string {
  return parts.join("---\n");
}
