import type { Scenario } from "../schema.ts";
import { addNode, clusterFacts, withKindnet, withoutKindnet } from "./cluster.ts";

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

/** What charon proves itself with: flanneld wants 96 hexadecimal digits at least. */
const PSK = "f1a22e16".repeat(12);

/** The plugins' own manifests, which are large and come when they are asked for. */
export interface PluginTexts {
  readonly flannel: string;
  readonly calico: string;
}

const isFlannel = (yaml: string): boolean => yaml.includes("kube-flannel-ds");
const isCalico = (yaml: string): boolean => yaml.includes("calico-node");

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

/** Another plugin: its manifest first, as its pods carry all others. */
export function setPlugin(scenario: Scenario, plugin: Plugin, texts: PluginTexts): Scenario {
  const rest = scenario.manifests.filter(({ yaml }) => !isFlannel(yaml) && !isCalico(yaml));
  const next = withoutKindnet(scenario);
  const network = clusterFacts(next)?.podSubnet ?? "10.244.0.0/16";
  const flannel = (backend: string, more = ""): Scenario => {
    const yaml = texts.flannel
      .replace(/"Network": "[^"]*"/, `"Network": "${network}"`)
      .replace(/"Type": "[^"]*"/, `"Type": "${backend}"${more}`);
    return { ...next, manifests: [{ name: "kube-flannel.yml", yaml }, ...rest] };
  };
  switch (plugin) {
    case "flannel-vxlan":
      return flannel("vxlan");
    case "flannel-host-gw":
      return flannel("host-gw");
    case "flannel-ipip":
      return flannel("ipip");
    case "flannel-wireguard":
      return flannel("wireguard");
    case "flannel-ipsec":
      return flannel("ipsec", `, "PSK": "${PSK}"`);
    case "flannel-udp":
      return flannel("udp");
    case "calico":
      return { ...next, manifests: [{ name: "calico.yaml", yaml: texts.calico }, ...rest] };
    case "kindnet":
      return { ...withKindnet(scenario), manifests: rest };
    case "none":
      return { ...next, manifests: rest };
  }
}

/** A cluster of one worker with flannel, where there was none. */
export function addCluster(scenario: Scenario, texts: PluginTexts): Scenario {
  return setPlugin(addNode(scenario), "flannel-vxlan", texts);
}
