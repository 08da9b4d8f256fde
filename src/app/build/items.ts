import { PLUGINS } from "../../scenario/edit/plugins.ts";

/** What lies in the palette. */
export const ITEMS = {
  cluster: ["node", "pod", "service", "deployment", "policy", "ingress"],
  linux: ["namespace", "bridge", "cable", "docker", "container"],
  underlay: ["switch", "router", "balancer", "internet", "client"],
  plugin: PLUGINS,
  proxy: ["iptables", "ipvs", "nftables"],
} as const;

export type Section = keyof typeof ITEMS;
export type Item = (typeof ITEMS)[Section][number];
