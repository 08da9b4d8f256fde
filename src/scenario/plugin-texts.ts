import type { PluginTexts } from "./edit/plugin.ts";
import calico from "./data/calico.yaml?raw";
import flannel from "./data/kube-flannel.yml?raw";

/** The network plugins' manifests. Large: fetched when a plugin is chosen. */
export const texts: PluginTexts = { flannel, calico };
