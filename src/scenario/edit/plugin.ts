import type { Scenario } from "../schema.ts";
import { isCalico, isFlannel, type Plugin } from "./plugins.ts";
import { addNode, clusterFacts, withKindnet, withoutKindnet } from "./cluster.ts";

/** What charon proves itself with: flanneld wants 96 hexadecimal digits at least. */
const PSK = "f1a22e16".repeat(12);

/** The plugins' own manifests, which are large and come when they are asked for. */
export interface PluginTexts {
  readonly flannel: string;
  readonly calico: string;
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
