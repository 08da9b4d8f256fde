import type { Scenario } from "../schema.ts";

/** What joins the pods of different nodes. */
export const PLUGINS = [
  "flannel-vxlan",
  "flannel-host-gw",
  "flannel-ipip",
  "flannel-wireguard",
  "flannel-ipsec",
  "flannel-udp",
  "calico",
  "kindnet",
  "none",
] as const;
export type Plugin = (typeof PLUGINS)[number];

export const isFlannel = (yaml: string): boolean => yaml.includes("kube-flannel-ds");
export const isCalico = (yaml: string): boolean => yaml.includes("calico-node");

/** Which plugin a scenario has; undefined for a backend of flannel's that is not in the list. */
export function pluginOf({ manifests, cluster }: Scenario): Plugin | undefined {
  const flannel = manifests.find(({ yaml }) => isFlannel(yaml));
  if (flannel !== undefined) {
    const backend = /"Type":\s*"([a-z-]+)"/.exec(flannel.yaml)?.[1];
    return PLUGINS.find((plugin) => plugin === `flannel-${backend ?? ""}`);
  }
  if (manifests.some(({ yaml }) => isCalico(yaml))) return "calico";
  return /disableDefaultCNI:\s*true/.test(cluster ?? "") ? "none" : "kindnet";
}
