import type { Scenario } from "../schema.ts";
import { addNode, clusterFacts, withoutKindnet } from "./cluster.ts";

/** What joins the pods of different nodes. */
export const PLUGINS = ["flannel-vxlan", "flannel-host-gw", "calico", "none"] as const;
export type Plugin = (typeof PLUGINS)[number];

/** The plugins' own manifests, which are large and come when they are asked for. */
export interface PluginTexts {
  readonly flannel: string;
  readonly calico: string;
}

const isFlannel = (yaml: string): boolean => yaml.includes("kube-flannel-ds");
const isCalico = (yaml: string): boolean => yaml.includes("calico-node");

/** Which plugin a scenario has; undefined for one that is none of ours. */
export function pluginOf({ manifests, cluster }: Scenario): Plugin | undefined {
  const flannel = manifests.find(({ yaml }) => isFlannel(yaml));
  if (flannel !== undefined) {
    const backend = /"Type":\s*"([a-z-]+)"/.exec(flannel.yaml)?.[1];
    return backend === "vxlan" ? "flannel-vxlan" : backend === "host-gw" ? "flannel-host-gw" : undefined;
  }
  if (manifests.some(({ yaml }) => isCalico(yaml))) return "calico";
  return /disableDefaultCNI:\s*true/.test(cluster ?? "") ? "none" : undefined;
}

/** Another plugin: its manifest first, as its pods carry all others. */
export function setPlugin(scenario: Scenario, plugin: Plugin, texts: PluginTexts): Scenario {
  const rest = scenario.manifests.filter(({ yaml }) => !isFlannel(yaml) && !isCalico(yaml));
  const next = withoutKindnet(scenario);
  const network = clusterFacts(next)?.podSubnet ?? "10.244.0.0/16";
  const flannel = (backend: string): Scenario["manifests"][number] => ({
    name: "kube-flannel.yml",
    yaml: texts.flannel
      .replace(/"Network": "[^"]*"/, `"Network": "${network}"`)
      .replace(/"Type": "[^"]*"/, `"Type": "${backend}"`),
  });
  switch (plugin) {
    case "flannel-vxlan":
      return { ...next, manifests: [flannel("vxlan"), ...rest] };
    case "flannel-host-gw":
      return { ...next, manifests: [flannel("host-gw"), ...rest] };
    case "calico":
      return { ...next, manifests: [{ name: "calico.yaml", yaml: texts.calico }, ...rest] };
    case "none":
      return { ...next, manifests: rest };
  }
}

/** A cluster of one worker with flannel, where there was none. */
export function addCluster(scenario: Scenario, texts: PluginTexts): Scenario {
  return setPlugin(addNode(scenario), "flannel-vxlan", texts);
}
